import { describe, expect, it } from 'vitest'
import { speakingBench } from '../support/broker-bench.ts'
import { device, specification } from '../support/mirrored.ts'
import { sceneOf } from '../support/rule.ts'
import type { Speaker } from '../support/speaker.ts'
import { until } from '../support/until.ts'

const bench = speakingBench()

function store(topic: string, payload: unknown): void {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  bench.broker.say(`tuya/${topic}`, text, { retain: true, qos: 1 })
}

/** What the bridge itself has published, without its canary and the marker of its scan. */
const published = () => bench.broker.published.filter(({ topic }) => topic !== 'tuya/bridge/probe')
const stored = () => [...bench.broker.stored.keys()].map((topic) => topic.slice('tuya/'.length)).sort()

describe('the first connection', () => {
  it('looks around, then subscribes, proves itself, says online, and then everything else', async () => {
    const speaker = bench.speak()
    speaker.furnish(2, 3)
    speaker.start()
    await speaker.quiet()
    expect(bench.broker.connects.map(({ clientId }) => clientId)).toEqual([
      'dp2mqtt-main-scan',
      'dp2mqtt-main',
    ])
    expect(bench.broker.connects[1]?.will).toMatchObject({ topic: 'tuya/bridge/state', qos: 1, retain: true })
    expect(bench.broker.subscribed.slice(1).map(({ topic, qos }) => [topic, qos])).toEqual([
      ['tuya/cmd/#', 2],
      ['tuya/bridge/probe', 1],
    ])
    expect(published()[0]).toMatchObject({
      topic: 'tuya/bridge/state',
      payload: 'online',
      retain: true,
      qos: 1,
    })
    expect(bench.broker.stored).toEqual(speaker.truth)
  })

  it.each([4, 5] as const)(
    'MQTT %s: properties are set where the version has them',
    async (protocolVersion) => {
      const speaker = bench.speak({ protocolVersion }).start()
      speaker.furnish(1, 1)
      await speaker.quiet()
      const [state] = published().filter(({ topic }) => topic === 'tuya/bridge/state')
      const [value] = published().filter(({ topic }) => topic.endsWith('/dp/point_0'))
      if (protocolVersion === 4)
        expect([state?.properties, value?.properties]).toEqual([undefined, undefined])
      else {
        expect(state?.properties).toMatchObject({ contentType: 'text/plain', payloadFormatIndicator: true })
        expect(value?.properties).toMatchObject({
          contentType: 'application/json',
          userProperties: { bridge: 'main', source: 'queue', timeMs: expect.stringMatching(/^\d{13}$/) },
        })
      }
    },
  )

  it('removes stored commands and obeys none of them', async () => {
    store('cmd/device/a/dp/x', 'true')
    const speaker = bench.speak().start()
    await speaker.quiet()
    expect(stored()).toEqual(['bridge/state'])
    expect(speaker.commands).toEqual([])
    expect(speaker.logLines.join()).toContain('retained commands were found')
  })

  it('leaves stored commands where it is told to', async () => {
    store('cmd/device/a/dp/x', 'true')
    const speaker = bench.speak({ config: { commands: { clearRetained: false } } }).start()
    await speaker.quiet()
    expect(stored()).toContain('cmd/device/a/dp/x')
  })

  it('clears the old base after a move, and nothing that is not ours there', async () => {
    const config = { mqtt: { base: 'tuya/new', oldBase: 'tuya/old' } }
    for (const topic of ['old/state/device/a', 'old/bridge/state', 'old/cmd/device/a', 'old/foreign'])
      store(topic, 'x')
    const speaker = bench.speak({ config }).start()
    await speaker.quiet()
    expect(stored()).toEqual(['new/bridge/state', 'old/foreign'])
  })

  it('learns how new every value was that an earlier run published', async () => {
    store('state/device/a', { meta: { x: { timeMs: 5_000_000 }, y: 'nonsense' }, dp: { x: 1 } })
    store('state/device/b', 'no JSON')
    const speaker = bench.speak().start()
    await speaker.quiet()
    const { inventory } = speaker
    inventory.setHome({ id: '1', name: 'Home' })
    inventory.setDevices([device('a')])
    inventory.setSpecification('a', specification(['x', 'y']))
    const report = (timeMs: number) =>
      inventory.apply({
        deviceId: 'a',
        source: 'queue',
        receivedMs: timeMs,
        points: [
          { code: 'x', raw: timeMs, timeMs },
          { code: 'y', raw: timeMs, timeMs },
        ],
      })
    report(4_999_999)
    await speaker.time.pass(200)
    await speaker.quiet()
    expect(JSON.parse(bench.broker.stored.get('tuya/state/device/a') ?? '')['dp']).toEqual({ y: 4_999_999 })
    report(5_000_000)
    await speaker.time.pass(200)
    await speaker.quiet()
    expect(JSON.parse(bench.broker.stored.get('tuya/state/device/a') ?? '')['dp']).toMatchObject({
      x: 5_000_000,
    })
  })

  it('what an earlier run published after its last snapshot stands until somebody confirms it', async () => {
    const meta = { x: { timeMs: 2_000 }, y: { timeMs: 2_000 }, z: { timeMs: 2_000 } }
    const raw = { z: 30 }
    store('state/device/a', { receivedMs: 2_000, dp: { x: 2, y: 2, z: 'three' }, raw, meta })
    const speaker = bench.speak()
    const { inventory } = speaker
    inventory.setHome({ id: '1', name: 'Home' })
    inventory.setDevices([device('a')])
    inventory.setSpecification('a', specification(['x', 'y', 'z']))
    const report = (source: 'snapshot' | 'queue', points: object, timeMs: number) =>
      inventory.apply({
        deviceId: 'a',
        source,
        receivedMs: timeMs,
        points: Object.entries(points).map(([code, value]) => ({ code, raw: value, timeMs })),
      })
    report('snapshot', { x: 1 }, 1_000)
    report('snapshot', { y: 3 }, 3_000)
    speaker.start()
    await speaker.quiet()
    const said = published().filter(({ topic }) => topic === 'tuya/state/device/a')
    expect(said.map(({ payload }) => JSON.parse(payload).dp)).toEqual(said.map(() => ({ x: 2, y: 3, z: 30 })))
    expect(said.length).toBeGreaterThan(0)
    expect(published().filter(({ topic, payload }) => topic.endsWith('/dp/x') && payload !== '2')).toEqual([])
    const document = () => JSON.parse(bench.broker.stored.get('tuya/state/device/a') ?? '')
    expect(document()).toMatchObject({ stale: true, meta: { x: { timeMs: 2_000, stale: true } } })
    report('queue', { x: 4 }, 4_000)
    await speaker.time.pass(200)
    await speaker.quiet()
    expect(document()).toMatchObject({ dp: { x: 4 }, meta: { x: { timeMs: 4_000, source: 'queue' } } })
  })

  it('learns who had which name, from every page of them', async () => {
    store('meta/index/names', { device: { lamp: 'b', __proto__: 'c' }, scene: {}, automation: {} })
    store('meta/index/names/2', { device: { 'lamp~aaaa': 'aaaa' }, scene: {}, automation: {} })
    const speaker = bench.speak().start()
    await speaker.quiet()
    speaker.inventory.setDevices([
      device('aaaa', { name: 'Lamp', createdMs: 1 }),
      device('b', { name: 'Lamp', createdMs: 2 }),
    ])
    expect(Object.fromEntries(speaker.inventory.slugs.device.entries())).toEqual({
      lamp: 'b',
      'lamp~aaaa': 'aaaa',
    })
  })
})

describe('another bridge on the base', () => {
  const other = (state: string) => {
    store('bridge/info', { instance: 'other' })
    store('bridge/state', state)
  }

  it('keeps us silent; after 60 s we look again', async () => {
    other('online')
    const speaker = bench.speak().start()
    await speaker.time.until(() => speaker.reason === 'base-in-use', 10_000, 'the reason')
    await speaker.time.pass(50_000)
    expect(published()).toEqual([])
    expect(bench.broker.connects).toHaveLength(1)
    expect(bench.broker.stored.get('tuya/bridge/state')).toBe('online')
    bench.broker.retained.delete('tuya/bridge/state')
    expect(await speaker.up(15_000)).toBeLessThanOrEqual(15_000)
  })

  it('that is offline is no matter, and neither is our own earlier run', async () => {
    other('offline')
    const speaker = bench.speak().start()
    await speaker.up()
    store('bridge/info', { instance: 'main' })
    store('bridge/state', 'online')
    bench.broker.cut()
    await speaker.time.until(() => !speaker.isUp, 1_000, 'noticing')
    await speaker.up()
    expect(bench.broker.connects, 'each time a look and a connection').toHaveLength(4)
  })

  it('is looked for before every connection', async () => {
    const speaker = bench.speak().start()
    await speaker.up()
    bench.broker.cut()
    await until(() => bench.broker.stored.get('tuya/bridge/state') === 'offline')
    other('online')
    await speaker.time.until(() => speaker.reason === 'base-in-use', 15_000, 'the reason')
  })
})

describe('what an earlier run left', () => {
  it('a value that is not said any more goes, one that is said is never cleared, foreign topics stay', async () => {
    for (const topic of ['state/device/device0/dp/old', 'state/device/device0/dp/point_0', 'foreign/x'])
      store(topic, '0')
    store('meta/home/1', {})
    store('meta/index/devices/2', {})
    const speaker = bench.speak().start()
    await speaker.up()
    speaker.furnish(1, 2)
    speaker.voice.listed('home', new Set(['1']))
    speaker.voice.listed('device', new Set(['device0']))
    speaker.voice.listed('room', new Set())
    speaker.voice.everythingRead()
    await speaker.time.pass(2_000)
    await speaker.quiet()
    expect(bench.broker.stored).toEqual(new Map([...speaker.truth, ['tuya/foreign/x', '0']]))
    expect(
      published()
        .filter(({ payload }) => payload === '')
        .map(({ topic }) => topic)
        .sort(),
    ).toEqual(['tuya/meta/index/devices/2', 'tuya/state/device/device0/dp/old'])
  })

  it('a device that is gone goes after two lists', async () => {
    store('state/device/gone', {})
    store('state/device/gone/availability', 'online')
    const speaker = bench.speak().start()
    await speaker.up()
    speaker.furnish(1, 1)
    speaker.voice.listed('device', new Set(['device0']))
    await speaker.time.pass(1_000)
    await speaker.quiet()
    expect(stored()).toContain('state/device/gone')
    await speaker.time.pass(60_000)
    speaker.voice.listed('device', new Set(['device0']))
    await speaker.quiet()
    expect(bench.broker.on('tuya/state/device/gone/availability')).toEqual(['offline', ''])
    expect(bench.broker.stored).toEqual(speaker.truth)
  })
})

describe('scenes and automations that an earlier run left', () => {
  const left = {
    scene: ['meta/scene/s1', 'state/scene/s1/enabled'],
    automation: ['meta/automation/a1', 'state/automation/a1/enabled'],
  } as const

  async function earlier(): Promise<Speaker> {
    for (const topic of [...left.scene, ...left.automation]) store(topic, 'true')
    const speaker = bench.speak().start()
    await speaker.up()
    return speaker
  }

  it.each(['scene', 'automation'] as const)(
    'a %s that is gone since loses its topics with the second list, though none is left',
    async (kind) => {
      const speaker = await earlier()
      expect(speaker.voice.listed(kind, new Set())).toBe(true)
      await speaker.time.pass(61_000)
      expect(stored()).toEqual(expect.arrayContaining([...left[kind]]))
      expect(speaker.voice.listed(kind, new Set())).toBe(false)
      await speaker.quiet()
      expect(stored().filter((topic) => topic.includes(`/${kind}/`))).toEqual([])
      expect(stored()).toHaveLength(3)
    },
  )

  it('one that is there keeps what is said again, without a gap, and loses the rest', async () => {
    store('state/scene/s1/old', 'true')
    const speaker = await earlier()
    speaker.inventory.scenes.set([sceneOf('s1', { homeId: '1' })])
    expect(speaker.voice.listed('scene', new Set(['s1']))).toBe(false)
    await speaker.time.pass(2_000)
    await speaker.quiet()
    expect(bench.broker.stored.get('tuya/state/scene/s1/enabled')).toBe('true')
    for (const topic of left.scene) expect(bench.broker.on(`tuya/${topic}`)).not.toContain('')
  })

  it('members and scene keys, which are read last, are not cleared before that', async () => {
    const topics = ['meta/home/1/members', 'meta/device/device0/scenes']
    for (const topic of topics) store(topic, [])
    const speaker = bench.speak().start()
    await speaker.up()
    speaker.furnish(1, 1)
    await speaker.time.pass(60_000)
    expect(stored()).toEqual(expect.arrayContaining(topics))
    speaker.inventory.bindings.set('device0', [
      { code: 'switch_mode1', value: 'click', sceneId: 's1', sceneName: 'Dinner' },
    ])
    speaker.voice.everythingRead()
    await speaker.time.pass(2_000)
    await speaker.quiet()
    expect(stored()).not.toContain('meta/home/1/members')
    expect(bench.broker.on('tuya/meta/device/device0/scenes')).not.toContain('')
    expect(bench.broker.stored).toEqual(speaker.truth)
  })

  it('members and scene keys of what is gone go with it', async () => {
    for (const topic of ['state/device/gone', 'meta/device/gone/scenes']) store(topic, [])
    const speaker = bench.speak().start()
    await speaker.up()
    speaker.furnish(1, 1)
    speaker.voice.listed('device', new Set(['device0']))
    await speaker.time.pass(61_000)
    speaker.voice.listed('device', new Set(['device0']))
    await speaker.quiet()
    expect(bench.broker.stored).toEqual(speaker.truth)
  })
})

describe('the end', () => {
  it('says offline after everything else, and leaves without the Will', async () => {
    const speaker = bench.speak().start()
    await speaker.up()
    speaker.furnish(3, 3)
    speaker.event()
    await speaker.stop()
    await until(() => bench.broker.connected === 0)
    const all = published()
    expect(all.at(-1)).toMatchObject({ topic: 'tuya/bridge/state', payload: 'offline', retain: true })
    expect(speaker.delivered).toBe(1)
    expect(bench.broker.stored.get('tuya/state/device/device2/dp/point_2')).toBe('2')
  })

  it('is offline by its Will when the broker takes nothing any more', async () => {
    const speaker = bench.speak().start()
    await speaker.up()
    bench.broker.script.puback = () => 'silence'
    speaker.furnish(1, 1)
    const start = speaker.time.clock.monotonic()
    await speaker.stop()
    expect(speaker.time.clock.monotonic() - start).toBeLessThanOrEqual(4_000)
    await until(() => bench.broker.stored.get('tuya/bridge/state') === 'offline')
  })
})

it('a full outbox is told once a minute', async () => {
  const speaker = bench.speak().start()
  await speaker.up()
  bench.broker.script.puback = ({ topic }) => (topic.endsWith('probe') ? 0 : 'silence')
  const fill = () => {
    while (speaker.event());
    for (let i = 0; i < 100; i++) speaker.event()
  }
  fill()
  expect(speaker.awaited).toHaveLength(10_000)
  const lines = () => speaker.logLines.filter((line) => line.includes('the outbox is full'))
  expect(lines()).toHaveLength(1)
  await speaker.time.pass(60_000)
  fill()
  expect(lines()).toHaveLength(2)
})
