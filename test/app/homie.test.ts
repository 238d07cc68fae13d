import { describe, expect, it } from 'vitest'

import { DerivedBench, lockPoints, plugPoints } from '../support/derived-bench.ts'
import { settle } from '../support/virtual-clock.ts'

const on = { homie5: true }
const switchOf = (id: string) => `tuya-main--${id}/switch-1/switch-1`

async function running(...ids: readonly string[]): Promise<DerivedBench> {
  const bench = new DerivedBench(on)
  for (const id of ids) bench.add(id)
  await bench.up()
  bench.derived.everythingRead()
  for (const id of ids) bench.report(id, { switch_1: true })
  await bench.clock.advance(1_000)
  return bench
}

/** The devices that the root lists. */
function children(bench: DerivedBench): unknown {
  return JSON.parse(bench.homie()['tuya-main/$description'] ?? '{}').children
}

describe('the tree of Homie', () => {
  it('is said when its connection is up, and follows values, presence and totals at once', async () => {
    const bench = await running('a')
    expect(bench.homie()).toMatchObject({
      'tuya-main/$state': 'ready',
      'tuya-main--a/$state': 'ready',
      [switchOf('a')]: 'true',
    })
    bench.report('a', { switch_1: false })
    bench.add('a', undefined, { online: false })
    expect(bench.homie()).toMatchObject({ 'tuya-main--a/$state': 'lost', [switchOf('a')]: 'false' })
  })

  it('4.5: a device is ready as soon as one of the ways says that it is there', async () => {
    const bench = await running('a')
    bench.add('a', undefined, { online: false })
    expect(bench.homie()['tuya-main--a/$state']).toBe('lost')
    bench.inventory.setLan('a', true)
    expect(bench.homie()['tuya-main--a/$state']).toBe('ready')
    bench.add('a', undefined, { online: true })
    bench.add('a', undefined, { online: false })
    expect(bench.homie()['tuya-main--a/$state']).toBe('ready')
    bench.inventory.setLan('a', false)
    expect(bench.homie()['tuya-main--a/$state']).toBe('lost')
  })

  it('I-2: says no value before the broker has the document that dates it', async () => {
    const bench = await running('a')
    bench.said.isAway = true
    bench.report('a', { switch_1: false })
    await bench.clock.advance(1_000)
    expect(bench.homie()[switchOf('a')]).toBe('true')
    bench.report('a', { switch_1: true })
    bench.report('a', { switch_1: false, child_lock: true })
    bench.said.arrive()
    expect(bench.homie()).toMatchObject({ [switchOf('a')]: 'false' })
    expect(bench.homie()).not.toHaveProperty('tuya-main--a/child-lock/child-lock')
    bench.said.arrive()
    expect(bench.homie()).toMatchObject({
      [switchOf('a')]: 'false',
      'tuya-main--a/child-lock/child-lock': 'true',
    })
  })

  it('I-2: nor where its connection comes anew, or is the first', async () => {
    const bench = await running('a')
    bench.said.isAway = true
    bench.report('a', { switch_1: false })
    bench.add('b')
    bench.link.drop()
    await bench.clock.advance(60_000)
    expect(bench.link.on(`homie/5/${switchOf('a')}`)).toEqual(['true'])
    expect(children(bench)).toEqual(['tuya-main--a'])
    for (let i = 0; i < 3; i++) bench.said.arrive()
    await bench.clock.advance(1_000)
    expect(bench.homie()[switchOf('a')]).toBe('false')
    expect(children(bench)).toEqual(['tuya-main--a', 'tuya-main--b'])
  })

  it('knows what was said when it is switched on later', async () => {
    const bench = new DerivedBench()
    bench.add('a')
    bench.report('a', { switch_1: true })
    await bench.up()
    bench.publish(on)
    await bench.clock.advance(1_000)
    expect(bench.homie()[switchOf('a')]).toBe('true')
    expect(bench.said.hurried).toEqual(['a'])
  })

  it('does not connect while nobody wants it', async () => {
    const bench = new DerivedBench()
    bench.add('a')
    await bench.up()
    await bench.clock.advance(60_000)
    expect(bench.connector.links).toEqual([])
  })

  it('a burst of changes of descriptions is told once, when it has been quiet for a moment', async () => {
    const bench = await running('a')
    const before = bench.link.on('homie/5/tuya-main--a/$description').length
    for (const name of ['x', 'y', 'z']) bench.add('a', undefined, { name })
    expect(bench.link.on('homie/5/tuya-main--a/$description')).toHaveLength(before)
    await bench.clock.advance(250)
    expect(bench.link.on('homie/5/tuya-main--a/$description')).toHaveLength(before + 1)
    expect(JSON.parse(bench.homie()['tuya-main--a/$description'] ?? '{}').name).toBe('z')
  })

  it('a device is told of when its whole specification is known, and not before', async () => {
    const bench = await running()
    bench.undescribed('a')
    await bench.clock.advance(1_000)
    expect(bench.homie()).not.toHaveProperty('tuya-main--a/$state')
    bench.describe('a')
    await bench.clock.advance(1_000)
    expect(children(bench)).toEqual(['tuya-main--a'])
  })

  it('a device that goes leaves nothing behind, and the root forgets it first', async () => {
    const bench = await running('a', 'b')
    const from = bench.link.published.length
    bench.inventory.removeDevice('a')
    expect(bench.link.published[from]?.topic).toBe('homie/5/tuya-main/$state')
    expect(Object.keys(bench.homie()).filter((topic) => topic.startsWith('tuya-main--a'))).toEqual([])
    expect(children(bench)).toEqual(['tuya-main--b'])
  })

  it('a correction that hides a point takes its property back', async () => {
    const bench = await running('a')
    expect(bench.homie()).toHaveProperty(switchOf('a'))
    bench.describe(
      'a',
      plugPoints.map((one) => (one.code === 'switch_1' ? { ...one, hidden: true as const } : one)),
    )
    await bench.clock.advance(1_000)
    expect(bench.homie()).not.toHaveProperty(switchOf('a'))
  })

  it('what may be commanded is settable after a change of the rights, and is not before', async () => {
    const bench = new DerivedBench(on)
    bench.add('door', lockPoints, { category: 'jtmspro' })
    await bench.up()
    const settable = () => /"settable":true/.test(bench.homie()['tuya-main--door/$description'] ?? '')
    expect(settable()).toBe(false)
    Object.assign(bench.config, { operations: { ...bench.config.operations, allow: ['lock'] } })
    bench.derived.settingsChanged()
    await bench.clock.advance(1_000)
    expect(settable()).toBe(true)
  })
})

describe('a connection of Homie that ends', () => {
  it('comes back, and everything is said again', async () => {
    const bench = await running('a')
    bench.link.drop()
    await bench.clock.advance(60_000)
    expect(bench.connector.links).toHaveLength(2)
    expect(bench.link.on(`homie/5/${switchOf('a')}`)).toEqual(['true'])
  })

  it('takes back afterwards what went while it was away: devices, properties, alerts', async () => {
    const bench = await running('a', 'b')
    bench.link.drop()
    await settle()
    bench.inventory.removeDevice('a')
    bench.describe(
      'b',
      plugPoints.map((one) => (one.code === 'switch_1' ? { ...one, hidden: true as const } : one)),
    )
    await bench.clock.advance(60_000)
    const held = Object.keys(bench.homie())
    expect(held.filter((topic) => topic.startsWith('tuya-main--a'))).toEqual([])
    expect(held).not.toContain(switchOf('b'))
    expect(held).toContain('tuya-main--b/$state')
  })

  it('takes back again what the broker had not heard when it ended, and then never again', async () => {
    const bench = await running('a', 'b')
    bench.link.obliging = false
    bench.inventory.removeDevice('a')
    bench.link.drop()
    await bench.clock.advance(60_000)
    expect(bench.link.on('homie/5/tuya-main--a/$state')).toEqual([''])
    bench.link.drop()
    await bench.clock.advance(60_000)
    expect(bench.connector.links).toHaveLength(3)
    expect(bench.link.on('homie/5/tuya-main--a/$state')).toEqual([])
  })
})

it('a connection of Homie is made anew with the settings of the broker', async () => {
  const bench = await running('a')
  bench.derived.renew()
  await bench.clock.advance(60_000)
  expect(bench.connector.links).toHaveLength(2)
  expect(bench.link.on(`homie/5/${switchOf('a')}`)).toEqual(['true'])
})

describe('Homie that is switched off', () => {
  it('leaves nothing behind, and its connection ends', async () => {
    const bench = await running('a')
    bench.publish({ homie5: false })
    await bench.clock.advance(5_000)
    expect(bench.homie()).toEqual({})
    expect(bench.link.closed).toBe(true)
    bench.report('a', { switch_1: false })
    expect(bench.homie()).toEqual({})
  })

  it('while the broker is away, is taken back when it is back', async () => {
    const bench = await running('a')
    let isAway = true
    bench.connector.prepare = () => {
      if (isAway) throw new Error('nobody is there')
    }
    bench.link.drop()
    await settle()
    bench.publish({ homie5: false })
    await bench.clock.advance(60_000)
    expect(bench.homie()).not.toEqual({})
    isAway = false
    await bench.clock.advance(60_000)
    expect(bench.homie()).toEqual({})
    expect(bench.link.closed).toBe(true)
    expect(bench.clock.waiting).toBe(0)
  })

  it('and on again is said anew', async () => {
    const bench = await running('a')
    bench.publish({ homie5: false })
    await bench.clock.advance(5_000)
    bench.publish(on)
    await bench.clock.advance(5_000)
    expect(bench.homie()).toMatchObject({ 'tuya-main/$state': 'ready', [switchOf('a')]: 'true' })
  })

  it.each(['at once', 'while it is swept'])(
    'and on again %s, says nothing before the broker has all that was taken back',
    async (when) => {
      const bench = await running('a')
      if (when === 'at once') bench.link.obliging = false
      else {
        bench.connector.prepare = (link) => {
          link.limits = { ...link.limits }
          queueMicrotask(() => {
            link.obliging = false
          })
        }
        bench.link.drop()
      }
      bench.publish({ homie5: false })
      await bench.clock.advance(when === 'at once' ? 100 : 5_000)
      const sweeping = bench.link
      expect(sweeping.unanswered.length).toBeGreaterThan(0)
      bench.connector.prepare = () => {}
      bench.publish(on)
      await bench.clock.advance(100)
      expect(bench.link).toBe(sweeping)
      while (sweeping.unanswered[0]) sweeping.unanswered[0].answer()
      await bench.clock.advance(1_000)
      expect(bench.link).not.toBe(sweeping)
      expect(bench.homie()).toMatchObject({ 'tuya-main/$state': 'ready', [switchOf('a')]: 'true' })
    },
  )

  it('and on again while its broker is away is one connection, not two', async () => {
    const bench = await running('a')
    let isAway = true
    bench.connector.prepare = () => {
      if (isAway) throw new Error('nobody is there')
    }
    bench.link.drop()
    bench.publish({ homie5: false })
    await bench.clock.advance(10_000)
    bench.publish(on)
    isAway = false
    await bench.clock.advance(120_000)
    expect(bench.connector.links.filter(({ closed }) => !closed)).toHaveLength(2)
    expect(bench.homie()).toHaveProperty(switchOf('a'), 'true')
  })
})

describe('what an earlier run left of Homie', () => {
  const old = {
    'tuya-main/$state': 'lost',
    'tuya-main--a/$state': 'ready',
    [switchOf('a')]: 'true',
    'tuya-main--gone/$state': 'ready',
    'tuya-main--gone/x/x': '1',
  }
  const topics = Object.keys(old).map((topic) => `homie/5/${topic}`)

  it('goes when everything was read, but for what this run says too', async () => {
    const bench = new DerivedBench(on).add('a')
    bench.report('a', { switch_1: false })
    bench.adopt(topics)
    await bench.up()
    expect(bench.homie(old)).toHaveProperty('tuya-main--gone/$state')
    bench.derived.everythingRead()
    await bench.clock.advance(1_000)
    expect(Object.keys(bench.homie(old)).filter((topic) => topic.includes('gone'))).toEqual([])
    expect(bench.homie(old)).toHaveProperty(switchOf('a'), 'false')
  })

  it('stays for a device that is still to be described, and what that does not have any more goes then', async () => {
    const bench = new DerivedBench(on).undescribed('a')
    bench.adopt([...topics, 'homie/5/tuya-main--a/former/former'])
    await bench.up()
    bench.derived.everythingRead()
    const before = { ...old, 'tuya-main--a/former/former': '1' }
    expect(bench.homie(before)).toMatchObject({ 'tuya-main--a/$state': 'ready', [switchOf('a')]: 'true' })
    bench.describe('a')
    await bench.clock.advance(1_000)
    expect(bench.homie(before)).toHaveProperty('tuya-main--a/$description')
    expect(bench.homie(before)).not.toHaveProperty('tuya-main--a/former/former')
  })

  it('goes with a device that is removed before it was described', async () => {
    const bench = new DerivedBench(on).undescribed('a')
    bench.adopt(topics)
    await bench.up()
    bench.derived.everythingRead()
    bench.inventory.removeDevice('a')
    expect(Object.keys(bench.homie(old)).filter((topic) => topic.includes('--'))).toEqual([])
  })

  it('goes at once where the tree is off by now, over a connection that ends', async () => {
    const bench = new DerivedBench()
    bench.adopt(topics)
    await bench.clock.advance(5_000)
    expect(bench.homie(old)).toEqual({})
    expect(bench.link.closed).toBe(true)
    expect(bench.link.published[0]?.topic).toMatch(/\$state$/)
  })

  it('keeps nothing alive when the bridge ends while the broker is away', async () => {
    const bench = new DerivedBench()
    bench.connector.prepare = () => {
      throw new Error('nobody is there')
    }
    bench.adopt(topics)
    await bench.clock.advance(10_000)
    await bench.clock.during(bench.derived.stop())
    expect(bench.clock.waiting).toBe(0)
  })
})

describe('a property that is written', () => {
  const say = (bench: DerivedBench, payload: string, retain = false) =>
    bench.link.hear(`homie/5/${switchOf('a')}/set`, payload, retain)

  it('is a command of our own, and a target once that was accepted', async () => {
    const bench = await running('a')
    say(bench, 'false')
    expect(bench.commands).toMatchObject([{ topic: 'tuya/cmd/device/a/dp/switch_1', payload: 'false' }])
    bench.commands[0]?.told?.('accepted' as never, undefined as never)
    expect(bench.homie()).toHaveProperty(`${switchOf('a')}/$target`, 'false')
  })

  it('is refused where it was retained, which is taken back, or is no value of it', async () => {
    const bench = await running('a')
    say(bench, 'false', true)
    say(bench, 'perhaps')
    bench.link.hear('homie/5/tuya-main--nobody/x/y/set', '1')
    expect(bench.commands).toEqual([])
    expect(bench.troubles).toEqual(['command/retained', 'command/bad-value', 'command/bad-value'])
    expect(bench.link.on(`homie/5/${switchOf('a')}/set`)).toEqual([''])
  })
})

it('says goodbye when the bridge ends: what is known stays', async () => {
  const bench = await running('a')
  await bench.clock.during(bench.derived.stop())
  expect(bench.homie()).toMatchObject({ 'tuya-main/$state': 'disconnected', [switchOf('a')]: 'true' })
  expect(bench.link.closed).toBe(true)
})
