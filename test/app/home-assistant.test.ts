import { describe, expect, it } from 'vitest'
import { DerivedBench, documentTopic, plugPoints } from '../support/derived-bench.ts'
import { homeOf, roomOf } from '../support/device.ts'

const on = { homeassistant: true }

async function running(...ids: readonly string[]): Promise<DerivedBench> {
  const bench = new DerivedBench(on)
  for (const id of ids) bench.add(id)
  bench.derived.everythingRead()
  await bench.found()
  return bench
}

describe('what Home Assistant is told of the house', () => {
  it('a device is told of when its whole specification is known, and not before', async () => {
    const bench = new DerivedBench(on).undescribed('a')
    expect(await bench.found()).toEqual(['bridge'])
    bench.inventory.setSpecification('a', { source: 'cloud', partial: true, points: new Map() })
    expect(await bench.found()).toEqual([])
    bench.describe('a')
    expect(await bench.found()).toEqual(['a'])
  })

  it('one thing at a time, however many there are', async () => {
    const bench = new DerivedBench(on)
    for (let i = 0; i < 20; i++) bench.add(`d${i}`)
    await bench.found(50)
    expect(await bench.found(100)).toHaveLength(10)
    await bench.found()
    expect(Object.keys(bench.documents)).toHaveLength(21)
  })

  it('gateways come before what stands behind them, where both are known from the start', async () => {
    const bench = new DerivedBench()
    bench.add('child', plugPoints, { gatewayId: 'hub' }).add('hub')
    bench.publish(on)
    expect(await bench.found()).toEqual(['bridge', 'hub', 'child'])
  })

  it.each([
    ['a name', { name: 'Coffee' }],
    ['a category', { category: 'kg' }],
    ['a room', { roomId: 'r1' }],
    ['a gateway', { gatewayId: 'hub' }],
    ['a product', { product: { id: 'p1', name: 'Better lamp' } }],
  ] as const)('another document follows from %s that changes', async (_what, change) => {
    const bench = await running('a')
    bench.inventory.setRoom(roomOf('r1'))
    bench.add('a', undefined, change)
    expect(await bench.found()).toEqual(['a'])
  })

  it('nothing follows from values, or from a device that comes and goes', async () => {
    const bench = await running('a')
    bench.report('a', { switch_1: true, cur_power: 5 })
    bench.add('a', undefined, { online: false })
    expect(await bench.found()).toEqual([])
  })

  it('a room that is renamed is the place of its devices, and of no others', async () => {
    const bench = await running('a', 'b')
    bench.inventory.setRoom(roomOf('r1', { name: 'Kitchen' }))
    bench.inventory.placeIn('r1', ['a'])
    await bench.found()
    bench.inventory.setRoom(roomOf('r1', { name: 'Galley' }))
    expect(await bench.found()).toEqual(['a'])
    expect(bench.documents['a']?.device).toMatchObject({ suggested_area: 'Galley' })
  })

  it('firmware that becomes known is an entity more', async () => {
    const bench = await running('a')
    bench.inventory.firmware.set('a', [{ kind: 1 } as never])
    expect(await bench.found()).toEqual(['a'])
    expect(bench.documents['a']?.components).toHaveProperty('firmware')
  })

  it('scenes and automations stand in one document a home, which goes with the last of them', async () => {
    const bench = await running()
    const scene = { id: 's1', name: 'Movie', homeId: 'h1', enabled: true, valid: true, actions: [] }
    bench.inventory.scenes.set([scene] as never)
    expect(await bench.found()).toEqual(['scenes_h1'])
    expect(Object.keys(bench.documents['scenes_h1']?.components ?? {})).toEqual([
      'scene_s1',
      'scene_s1_enabled',
    ])
    bench.inventory.scenes.remove('s1')
    expect(await bench.found()).toEqual(['-scenes_h1'])
  })

  it('a home that is gone takes its documents and its devices with it', async () => {
    const bench = await running('a')
    bench.inventory.setHome(homeOf('h2'))
    const scene = { id: 's1', name: 'Movie', homeId: 'h1', enabled: true, valid: true, actions: [] }
    bench.inventory.scenes.set([scene] as never)
    await bench.found()
    bench.inventory.removeHome('h1')
    expect((await bench.found()).sort()).toEqual(['-a', '-scenes_h1'])
    expect(Object.keys(bench.documents)).toEqual(['bridge'])
  })
})

describe('a correction of the rules while the bridge runs', () => {
  it('removes what is hidden, and renames what stays', async () => {
    const bench = await running('a')
    bench.describe(
      'a',
      plugPoints.map((one) =>
        one.code === 'child_lock'
          ? { ...one, hidden: true as const }
          : one.code === 'switch_1'
            ? { ...one, name: 'Coffee' }
            : one,
      ),
    )
    expect(await bench.found()).toEqual(['a'])
    expect(bench.documents['a']?.components).toMatchObject({
      child_lock: { platform: 'switch' },
      switch_1: { name: 'Coffee' },
    })
    expect(Object.keys(bench.documents['a']?.components['child_lock'] ?? {})).toEqual(['platform'])
  })

  it('makes another entity of a point', async () => {
    const bench = await running('a')
    bench.describe(
      'a',
      plugPoints.map((one) => (one.code === 'child_lock' ? { ...one, ability: 'button' as const } : one)),
    )
    await bench.found()
    expect(bench.documents['a']?.components['child_lock']).toMatchObject({ platform: 'button' })
  })
})

describe('Home Assistant that comes up', () => {
  const birth = { topic: 'homeassistant/status', retain: false, dup: false }
  const born = (bench: DerivedBench, word = 'online') =>
    bench.derived.take({ ...birth, payload: Buffer.from(word) })

  it('is told everything once more, within ten seconds and at a pace', async () => {
    const bench = await running('a', 'b')
    expect(born(bench)).toBe(true)
    expect(await bench.found(4_900)).toEqual([])
    expect(await bench.found(5_000)).toEqual(['bridge', 'a', 'b'])
    expect(await bench.found(60_000)).toEqual([])
  })

  it('is told nothing when it goes, and nothing while discovery is off', async () => {
    const bench = await running('a')
    born(bench, 'offline')
    expect(await bench.found(20_000)).toEqual([])
    bench.publish({ homeassistant: false })
    await bench.found()
    born(bench)
    expect(await bench.found(20_000)).toEqual([])
  })

  it('is not told again of a device that was removed meanwhile', async () => {
    const bench = await running('a', 'b')
    born(bench)
    bench.inventory.removeDevice('a')
    expect(await bench.found(20_000)).toEqual(['-a', 'bridge', 'b'])
  })

  it('is listened to while discovery is on, and by the prefix that is set', () => {
    expect(new DerivedBench(on).derived.listensTo).toEqual(['homeassistant/status'])
    expect(new DerivedBench().derived.listensTo).toEqual([])
    expect(new DerivedBench({ ...on, homeassistantPrefix: 'ha' }).derived.listensTo).toEqual(['ha/status'])
  })
})

describe('what an earlier run left for Home Assistant', () => {
  const left = (...names: readonly string[]) => names.map(documentTopic)

  it('stays where this run says it too, and goes otherwise when everything was read', async () => {
    const bench = new DerivedBench(on).add('a')
    bench.adopt(left('a', 'gone'))
    expect(await bench.found()).toEqual(['bridge', 'a'])
    bench.derived.everythingRead()
    expect(await bench.found()).toEqual(['-gone'])
  })

  it('stays for a device that is still to be described: what people made of its entities is not lost', async () => {
    const bench = new DerivedBench(on).undescribed('slow')
    bench.adopt(left('slow'))
    bench.derived.everythingRead()
    expect(await bench.found()).toEqual(['bridge'])
    bench.describe('slow')
    expect(await bench.found()).toEqual(['slow'])
  })

  it('goes with a device that is removed before it was ever described', async () => {
    const bench = new DerivedBench(on).undescribed('slow')
    bench.adopt(left('slow'))
    bench.derived.everythingRead()
    bench.inventory.removeDevice('slow')
    expect(await bench.found()).toEqual(['-slow', 'bridge'])
  })

  it('waits for lists of scenes that are still to be read', async () => {
    const bench = new DerivedBench(on)
    bench.adopt(left('scenes_h1'))
    bench.inventory.setHome(homeOf('h1', { name: 'Renamed' }))
    expect(await bench.found()).toEqual(['bridge'])
    bench.derived.everythingRead()
    expect(await bench.found()).toEqual(['-scenes_h1'])
  })

  it('goes at once where discovery is off by now, described or not', async () => {
    const bench = new DerivedBench().add('a').undescribed('slow')
    bench.adopt(left('a', 'slow', 'gone'))
    expect(await bench.found()).toEqual(['-a', '-slow', '-gone'])
  })
})
