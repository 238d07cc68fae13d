import { describe, expect, it } from 'vitest'
import { DerivedBench, lockPoints, plugPoints } from '../support/derived-bench.ts'
import { lifeFaults, readHomie4 } from '../support/homie4-reader.ts'
import { settle } from '../support/virtual-clock.ts'

const on = { homie4: true }
const elsewhere = { mqtt: { url: 'mqtt://broker.example' } }
const switchOf = (id: string) => `tuya-main-${id}/switch-1/switch-1`
const hidden = plugPoints.map((one) => (one.code === 'switch_1' ? { ...one, hidden: true as const } : one))

async function begun(bench: DerivedBench, ids: readonly string[]): Promise<DerivedBench> {
  for (const id of ids) bench.add(id)
  await bench.up()
  bench.derived.everythingRead()
  for (const id of ids) bench.report(id, { switch_1: true })
  await bench.clock.advance(1_000)
  return bench
}

const running = (...ids: readonly string[]) => begun(new DerivedBench(on, elsewhere), ids)

/** What a strict reader finds wrong with all that was said and is held. */
function faults(bench: DerivedBench): readonly string[] {
  const held = new Map(Object.entries(bench.homie4()).map(([path, text]) => [`homie/${path}`, text]))
  const said = bench.link4.published.map(({ topic, payload, retain }) => [topic, payload, retain] as const)
  return [...readHomie4(held).faults, ...lifeFaults(said)]
}

describe('the tree of Homie 4', () => {
  it('is said when its connection is up, and follows values and presence at once', async () => {
    const bench = await running('a')
    expect(bench.homie4()).toMatchObject({
      'tuya-main-a/$homie': '4.0.0',
      'tuya-main-a/$state': 'ready',
      [switchOf('a')]: 'true',
    })
    bench.report('a', { switch_1: false })
    bench.add('a', undefined, { online: false })
    expect(bench.homie4()).toMatchObject({ 'tuya-main-a/$state': 'lost', [switchOf('a')]: 'false' })
    await bench.clock.advance(1_000)
    expect(faults(bench)).toEqual([])
  })

  it('does not connect while nobody wants it', async () => {
    const bench = new DerivedBench({}, elsewhere).add('a')
    await bench.up()
    await bench.clock.advance(60_000)
    expect(bench.connector.links).toEqual([])
  })

  it('stands beside that of Homie 5, each whole and on a connection of its own', async () => {
    const bench = await begun(new DerivedBench({ homie4: true, homie5: true }, elsewhere), ['a'])
    expect(bench.derived.names).toEqual(['homie5', 'homie4'])
    expect(bench.homie()).toMatchObject({ 'tuya-main/$state': 'ready', 'tuya-main--a/$state': 'ready' })
    expect(bench.homie4()).toMatchObject({ 'tuya-main-a/$state': 'ready', [switchOf('a')]: 'true' })
    bench.publish({ homie5: false })
    await bench.clock.advance(5_000)
    expect(Object.keys(bench.homie4()).filter((topic) => topic.startsWith('5/'))).toEqual([])
    expect(bench.homie4()).toHaveProperty(switchOf('a'), 'true')
    expect(bench.derived.names).toEqual(['homie4'])
  })

  it('a device is told of when its whole specification is known, and not before', async () => {
    const bench = await running()
    bench.undescribed('a')
    await bench.clock.advance(1_000)
    expect(bench.homie4()).toEqual({})
    bench.describe('a')
    await bench.clock.advance(1_000)
    expect(bench.homie4()).toHaveProperty('tuya-main-a/$state', 'ready')
    expect(faults(bench)).toEqual([])
  })

  it('a device that goes leaves nothing behind', async () => {
    const bench = await running('a', 'b')
    bench.inventory.removeDevice('a')
    await bench.clock.advance(1_000)
    const held = Object.keys(bench.homie4())
    expect(held.filter((topic) => topic.startsWith('tuya-main-a'))).toEqual([])
    expect(held).toContain('tuya-main-b/$state')
    expect(faults(bench)).toEqual([])
  })

  it('a correction that hides a point takes its property back', async () => {
    const bench = await running('a')
    bench.describe('a', hidden)
    await bench.clock.advance(1_000)
    expect(Object.keys(bench.homie4()).filter((topic) => topic.startsWith(switchOf('a')))).toEqual([])
    expect(faults(bench)).toEqual([])
  })

  it('what may be commanded is settable after a change of the rights, and is not before', async () => {
    const bench = new DerivedBench(on, elsewhere).add('door', lockPoints, { category: 'jtmspro' })
    await bench.up()
    const settable = () => Object.keys(bench.homie4()).some((topic) => topic.endsWith('/$settable'))
    expect(settable()).toBe(false)
    Object.assign(bench.config, { operations: { ...bench.config.operations, allow: ['lock'] } })
    bench.derived.settingsChanged()
    await bench.clock.advance(1_000)
    expect(settable()).toBe(true)
  })

  it('a large home waits in the inventory and not in our memory while the broker is slow', async () => {
    const bench = new DerivedBench(on, elsewhere)
    for (let i = 0; i < 300; i++) bench.add(`d${i}`)
    bench.connector.prepare = (link) => {
      link.obliging = false
    }
    await bench.up()
    const told = () => bench.link4.published.filter(({ topic }) => topic.endsWith('/$homie')).length
    expect(told()).toBeLessThan(10)
    // Told when its turn comes, as it is by then.
    bench.add('d299', undefined, { name: 'renamed' })
    await bench.clock.advance(1_000)
    for (let i = 0; i < 20_000 && bench.link4.unanswered.length > 0; i++) bench.link4.unanswered[0]?.answer()
    expect(told()).toBe(300)
    expect(bench.link4.on('homie/tuya-main-d299/$name')).toEqual(['renamed'])
    expect(faults(bench)).toEqual([])
  })
})

describe('a device of Homie 4 and its Will', () => {
  it('has a connection of its own that says it is lost when the bridge dies', async () => {
    const bench = await running('a', 'b')
    expect(bench.vouchers.map(([, will]) => will)).toEqual([
      'homie/tuya-main-a/$state lost',
      'homie/tuya-main-b/$state lost',
    ])
  })

  it('says its state once more when the connection came anew, as the Will has spoken meanwhile', async () => {
    const bench = await running('a', 'b')
    const from = bench.link4.published.length
    bench.vouchers[0]?.[0].drop()
    await bench.clock.advance(5_000)
    expect(bench.vouchers).toHaveLength(2)
    const said = bench.link4.published.slice(from).map(({ topic, payload }) => `${topic} ${payload}`)
    expect(said).toEqual(['homie/tuya-main-a/$state ready'])
  })

  it('keeps its client id, whichever devices there are besides', async () => {
    const idOf = async (ids: readonly string[]) => {
      const bench = await running(...ids)
      const made = bench.connector.made(/^-homie4-/).find(([, { will }]) => will?.topic.includes('-a/'))
      return made?.[1].suffix
    }
    expect(await idOf(['a', 'b'])).toBe(await idOf(['c', 'b', 'a']))
  })

  it('has none beyond the limit, is told all the same, and gets one when another goes', async () => {
    const ids = Array.from({ length: 5 }, (_, i) => `d${i}`)
    const bench = await begun(new DerivedBench({ ...on, homie4Connections: 3 }, elsewhere), ids)
    expect(bench.vouchers).toHaveLength(3)
    for (const id of ids) expect(bench.homie4()).toHaveProperty(`tuya-main-${id}/$state`, 'ready')
    bench.inventory.removeDevice('d0')
    await bench.clock.advance(1_000)
    expect(bench.vouchers.map(([, will]) => will)).toEqual(
      ['d1', 'd2', 'd3'].map((id) => `homie/tuya-main-${id}/$state lost`),
    )
  })

  it('has 64 at most by default, and none where none are wanted', async () => {
    const ids = Array.from({ length: 70 }, (_, i) => `d${i}`)
    expect((await running(...ids)).vouchers).toHaveLength(64)
    const none = await begun(new DerivedBench({ ...on, homie4Connections: 0 }, elsewhere), ['a'])
    expect(none.connector.links).toHaveLength(1)
  })

  it('has none with the broker inside, which ends together with the bridge', async () => {
    const bench = await begun(new DerivedBench(on), ['a'])
    expect(bench.connector.links).toHaveLength(1)
    expect(bench.homie4()).toHaveProperty('tuya-main-a/$state', 'ready')
  })

  it('a broker with no room for it is asked again, less and less often, and the tree stands meanwhile', async () => {
    const bench = new DerivedBench(on, elsewhere)
    let asked = 0
    bench.connector.prepare = (_, n) => {
      if (n === 1) return
      asked++
      throw new Error('no room')
    }
    await begun(bench, ['a', 'b'])
    expect(bench.homie4()).toHaveProperty('tuya-main-b/$state', 'ready')
    await bench.clock.advance(600_000)
    expect(asked).toBeGreaterThan(10)
    expect(asked).toBeLessThan(60)
    bench.connector.prepare = () => {}
    await bench.clock.advance(60_000)
    expect(bench.vouchers).toHaveLength(2)
  })
})

describe('a connection of Homie 4 that ends', () => {
  it('comes back, and everything is said again, but for what went meanwhile', async () => {
    const bench = await running('a', 'b')
    bench.link4.drop()
    await settle()
    bench.inventory.removeDevice('a')
    bench.describe('b', hidden)
    await bench.clock.advance(60_000)
    expect(bench.link4.on('homie/tuya-main-b/$state')).toContain('ready')
    const held = Object.keys(bench.homie4())
    expect(held.filter((topic) => topic.startsWith('tuya-main-a'))).toEqual([])
    expect(held.filter((topic) => topic.startsWith(switchOf('b')))).toEqual([])
  })

  it('together with all others, as when the broker starts anew, leaves no device without its Will', async () => {
    const bench = await running('a', 'b')
    for (const link of bench.connector.links) link.drop()
    await bench.clock.advance(60_000)
    expect(bench.vouchers).toHaveLength(2)
    expect(bench.homie4()).toMatchObject({ 'tuya-main-a/$state': 'ready', 'tuya-main-b/$state': 'ready' })
  })

  it('is made anew with the settings of the broker, and so are those that vouch', async () => {
    const bench = await running('a')
    const [before] = bench.vouchers
    bench.derived.renew()
    await bench.clock.advance(60_000)
    expect(before?.[0].isOver).toBe(true)
    expect(bench.vouchers).toHaveLength(1)
    expect(bench.link4.on(`homie/${switchOf('a')}`)).toEqual(['true'])
  })
})

describe('Homie 4 that is switched off', () => {
  it('leaves nothing behind: no topic, no connection, no Will, no timer', async () => {
    const bench = await running('a')
    const [voucher] = bench.vouchers
    bench.publish({ homie4: false })
    await bench.clock.advance(5_000)
    expect(bench.homie4()).toEqual({})
    expect(bench.link4.closed).toBe(true)
    expect(voucher?.[0].closed).toBe(true)
    expect(bench.clock.waiting).toBe(0)
  })

  it('while the broker is away, is taken back when it is back', async () => {
    const bench = await running('a')
    let isAway = true
    bench.connector.prepare = () => {
      if (isAway) throw new Error('nobody is there')
    }
    bench.link4.drop()
    await settle()
    bench.publish({ homie4: false })
    await bench.clock.advance(60_000)
    expect(bench.homie4()).not.toEqual({})
    isAway = false
    await bench.clock.advance(60_000)
    expect(bench.homie4()).toEqual({})
    expect(bench.clock.waiting).toBe(0)
  })

  it('and on again is said anew', async () => {
    const bench = await running('a')
    bench.publish({ homie4: false })
    await bench.clock.advance(5_000)
    bench.publish(on)
    await bench.clock.advance(5_000)
    expect(bench.homie4()).toHaveProperty(switchOf('a'), 'true')
    expect(bench.vouchers).toHaveLength(1)
  })
})

describe('what an earlier run left of Homie 4', () => {
  const old = {
    'tuya-main-a/$state': 'lost',
    [switchOf('a')]: 'true',
    'tuya-main-gone/$homie': '4.0.0',
    'tuya-main-gone/$state': 'lost',
    'tuya-main-gone/x/x': '1',
  }
  const topics = Object.keys(old).map((topic) => `homie/${topic}`)

  it('goes when everything was read, what makes it a device first, but for what this run says too', async () => {
    const bench = new DerivedBench(on, elsewhere).add('a')
    bench.report('a', { switch_1: false })
    bench.adopt(topics)
    await bench.up()
    expect(bench.homie4(old)).toHaveProperty('tuya-main-gone/$state')
    bench.derived.everythingRead()
    await bench.clock.advance(1_000)
    const gone = bench.link4.published.filter(({ topic }) => topic.includes('gone'))
    expect(
      gone.map(({ topic, payload }) => `${topic.replace('homie/tuya-main-gone/', '')} ${payload}`),
    ).toEqual(['$homie ', '$state ', 'x/x '])
    expect(bench.homie4(old)).toHaveProperty(switchOf('a'), 'false')
  })

  it('stays for a device that is still to be described', async () => {
    const bench = new DerivedBench(on, elsewhere).undescribed('a')
    bench.adopt([...topics, 'homie/tuya-main-a/former/former'])
    await bench.up()
    bench.derived.everythingRead()
    const before = { ...old, 'tuya-main-a/former/former': '1' }
    expect(bench.homie4(before)).toMatchObject({ [switchOf('a')]: 'true' })
    bench.describe('a')
    await bench.clock.advance(1_000)
    expect(bench.homie4(before)).toHaveProperty('tuya-main-a/$homie')
    expect(bench.homie4(before)).not.toHaveProperty('tuya-main-a/former/former')
  })

  it('goes at once where the tree is off by now, and nothing of Homie 5 with it', async () => {
    const bench = new DerivedBench({ homie5: true }, elsewhere).add('a')
    await bench.up()
    bench.adopt(topics)
    await bench.clock.advance(5_000)
    expect(Object.keys(bench.homie4(old)).filter((topic) => !topic.startsWith('5/'))).toEqual([])
    expect(bench.homie()).toHaveProperty('tuya-main--a/$state', 'ready')
    expect(bench.link4.closed).toBe(true)
  })
})

describe('a property of Homie 4 that is written', () => {
  const say = (bench: DerivedBench, payload: string, retain = false) =>
    bench.link4.hear(`homie/${switchOf('a')}/set`, payload, retain)

  it('is a command of our own, and what becomes of it is told where it fails', async () => {
    const bench = await running('a')
    say(bench, 'false')
    expect(bench.commands).toMatchObject([{ topic: 'tuya/cmd/device/a/dp/switch_1', payload: 'false' }])
    bench.commands[0]?.told?.('accepted' as never, undefined as never)
    bench.commands[0]?.told?.('failed' as never, { reason: 'lan/timeout' } as never)
    expect(bench.troubles).toEqual(['lan/timeout'])
    expect(Object.keys(bench.homie4()).filter((topic) => topic.includes('$target'))).toEqual([])
  })

  it('is refused where it was retained, which is taken back, or is no value of it', async () => {
    const bench = await running('a')
    say(bench, 'false', true)
    say(bench, 'perhaps')
    expect(bench.commands).toEqual([])
    expect(bench.troubles).toEqual(['command/retained', 'command/bad-value'])
    expect(bench.link4.on(`homie/${switchOf('a')}/set`)).toEqual([''])
  })

  it('is none of our business where the device is somebody else’s, retained or not', async () => {
    const bench = await begun(new DerivedBench({ homie4: true, homie5: true }, elsewhere), ['a'])
    const [[link5] = []] = bench.connector.made(/^-homie$/)
    for (const retain of [false, true]) {
      bench.link4.hear('homie/somebody/lamp/power/set', 'true', retain)
      bench.link4.hear('homie/5/tuya-main--a/switch-1/set', 'true', retain)
      link5?.hear('homie/5/somebody/lamp/power/set', 'true', retain)
    }
    expect(bench.troubles).toEqual([])
    expect(bench.commands).toEqual([])
    for (const { published } of bench.connector.links)
      expect(published.filter(({ topic }) => topic.endsWith('/set'))).toEqual([])
  })
})

it('says goodbye for each device when the bridge ends: what is known stays, and no Will speaks', async () => {
  const bench = await running('a', 'b')
  const vouchers = bench.vouchers.map(([link]) => link)
  await bench.clock.during(bench.derived.stop())
  expect(bench.homie4()).toMatchObject({
    'tuya-main-a/$state': 'disconnected',
    'tuya-main-b/$state': 'disconnected',
    [switchOf('a')]: 'true',
  })
  expect(vouchers.map(({ closed }) => closed)).toEqual([true, true])
  expect(bench.link4.closed).toBe(true)
  expect(bench.clock.waiting).toBe(0)
})

it('I-7: what an earlier run left of thousands of devices goes as the broker takes it, over one connection', async () => {
  const bench = await running('a')
  bench.adopt(
    Array.from({ length: 2_600 }, (_, device) =>
      Array.from({ length: 40 }, (_, i) => `homie/tuya-main-gone${device}/light/$attribute${i}`),
    ).flat(),
  )
  await bench.clock.advance(5_000)
  expect(bench.connector.made(/^-homie4$/)).toHaveLength(1)
  const cleared = bench.link4.published.filter(
    ({ topic, payload }) => topic.includes('gone') && payload === '',
  )
  expect(new Set(cleared.map(({ topic }) => topic)).size).toBe(104_000)
  expect(cleared).toHaveLength(104_000)
})
