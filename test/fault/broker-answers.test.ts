import { describe, expect, it } from 'vitest'
import { speakingBench } from '../support/broker-bench.ts'
import { talk } from '../support/broker-scenarios.ts'
import type { Speaker } from '../support/speaker.ts'
import { precision } from '../support/time.ts'
import { until } from '../support/until.ts'

// Our own timers are compressed: a minute passes in a fraction of a second, over real sockets.

const bench = speakingBench()

function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? 0
}

describe('B7: pongs, and no PUBACK', () => {
  it('with traffic the connection is recycled in 10 s, nothing counts as delivered, the reason is public', async () => {
    const bridge = bench.speak().start()
    await bridge.quiet()
    bench.broker.script.puback = () => 'silence'
    bench.broker.script.accepts = () => false
    const event = bridge.event()
    const ms = await bridge.time.until(() => !bridge.isUp, 11_000, 'recycling')
    expect(ms).toBeLessThanOrEqual(10_000 * precision)
    expect(bridge.reason).toBe('silent')
    await bridge.time.pass(30_000)
    expect(event?.delivered).toBeUndefined()
    bench.broker.script.puback = () => 0
    bench.broker.script.accepts = () => true
    await bridge.quiet()
    expect(event?.delivered).toBe(true)
  })

  it('from the beginning: nothing is published at all', async () => {
    bench.broker.script.puback = () => 'silence'
    const bridge = bench.speak().start()
    bridge.furnish(1, 1)
    await bridge.time.until(() => bridge.reason === 'silent', 15_000, 'the reason')
    await bridge.time.pass(30_000)
    expect(bench.broker.published.filter(({ topic }) => topic !== 'tuya/bridge/probe')).toEqual([])
  })

  it('no SUBACK either: given up in 10 s, and tried again', async () => {
    bench.broker.script.suback = ({ topic }) => (topic === 'tuya/cmd/#' ? 'silence' : 1)
    const bridge = bench.speak().start()
    const ms = await bridge.time.until(() => bridge.reason === 'silent', 15_000, 'the reason')
    expect(ms).toBeLessThanOrEqual(11_000)
    bench.broker.script.suback = ({ qos }) => qos
    await bridge.up(15_000)
  })
})

describe('B8: CONNACK refuses', () => {
  it('ten times “unavailable”, then it allows: connected in 10 s', async () => {
    bench.broker.script.connack = ({ protocolVersion }) => (protocolVersion === 5 ? 0x88 : 3)
    const bridge = bench.speak().start()
    await bridge.time.until(() => bench.broker.connects.length >= 10, 120_000, 'ten refusals')
    expect(bridge.reason).toBe('unreachable')
    bench.broker.script.connack = () => 0
    expect(await bridge.up(10_000)).toBeLessThanOrEqual(10_000)
  })

  it.each([4, 5] as const)(
    'MQTT %s: five times bad credentials, then it allows: connected in 60 s, reason public',
    async (version) => {
      bench.broker.script.connack = () => (version === 5 ? 0x86 : 4)
      const bridge = bench.speak({ protocolVersion: version }).start()
      await bridge.time.until(() => bench.broker.connects.length >= 5, 300_000, 'five refusals')
      expect(bridge.reason).toBe('credentials')
      expect(bridge.time.clock.monotonic()).toBeGreaterThanOrEqual(240_000)
      bench.broker.script.connack = () => 0
      await bridge.up(61_000)
    },
  )
})

describe('B10: the access list denies', () => {
  it('3.1.1, everything: acknowledged and silently dropped; the gate stays shut, seen in 10 s', async () => {
    bench.broker.script.accepts = () => false
    const bridge = bench.speak({ protocolVersion: 4 }).start()
    bridge.furnish(3, 3)
    const event = bridge.event()
    const ms = await bridge.time.until(() => bridge.reason === 'rights', 15_000, 'the reason')
    expect(ms).toBeLessThanOrEqual(10_000)
    await bridge.time.pass(60_000)
    expect(new Set(bench.broker.published.map(({ topic }) => topic))).toEqual(new Set(['tuya/bridge/probe']))
    expect(event?.delivered).toBeUndefined()
    bench.broker.script.accepts = () => true
    await bridge.quiet()
    expect(event?.delivered).toBe(true)
    expect(bench.broker.stored).toEqual(bridge.truth)
  })

  it('MQTT 5, everything: refused in words, seen in 10 s', async () => {
    bench.broker.script.puback = () => 0x87
    bench.broker.script.accepts = () => false
    const bridge = bench.speak({ protocolVersion: 5 }).start()
    const event = bridge.event()
    const ms = await bridge.time.until(() => bridge.reason === 'rights', 15_000, 'the reason')
    expect(ms).toBeLessThanOrEqual(10_000)
    expect(event?.delivered).toBeUndefined()
  })

  it.each([4, 5] as const)('MQTT %s, the subscription: seen at once', async (version) => {
    bench.broker.script.suback = () => 0x87
    const bridge = bench.speak({ protocolVersion: version }).start()
    const ms = await bridge.time.until(() => bridge.reason === 'rights', 15_000, 'the reason')
    expect(ms).toBeLessThanOrEqual(1_000)
  })

  it('MQTT 5, some topics: those are dead letters that nobody takes for delivered, all others flow', async () => {
    bench.broker.script.puback = ({ topic }) => (topic.startsWith('tuya/event/') ? 0x87 : 0)
    const bridge = bench.speak({ protocolVersion: 5 }).start()
    bridge.furnish(2, 2)
    const event = bridge.event()
    await bridge.quiet()
    expect(event?.delivered).toBe(false)
    expect(bench.broker.connects.filter(({ clientId }) => !clientId.endsWith('-scan'))).toHaveLength(1)
    expect(bench.broker.stored).toEqual(bridge.truth)
    expect(bench.deadLetters).toMatchObject([{ link: 'mqtt', reason: 'not-authorized' }])
  })

  it('rights that are taken away while it runs shut the gate again', async () => {
    const bridge = bench.speak({ protocolVersion: 4 }).start()
    await bridge.quiet()
    bench.broker.script.accepts = () => false
    await bridge.time.until(() => !bridge.isUp, 41_000, 'noticing')
    await bridge.time.until(() => bridge.reason === 'rights', 15_000, 'the reason')
  })
})

describe('B11: the broker’s limits lie below ours', () => {
  const large = 'x'.repeat(10_000)

  /** Events every 50 ms; how long each took. */
  async function delays(bridge: Speaker, ms: number): Promise<number[]> {
    const { clock } = bridge.time
    const waiting: { readonly at: number; tookMs: number | undefined }[] = []
    for (let passed = 0; passed < ms; passed += 50) {
      const one: (typeof waiting)[number] = { at: clock.monotonic(), tookMs: undefined }
      waiting.push(one)
      bridge.voice.publisher.tell(
        'eventBridge',
        { kind: 'gap' },
        { text: `{"n":${passed}}`, contentType: 'application/json' },
        {
          settle: () => {
            one.tookMs = clock.monotonic() - one.at
          },
        },
      )
      await bridge.time.pass(50)
    }
    await bridge.time.until(() => waiting.every(({ tookMs }) => tookMs !== undefined), 30_000, 'every answer')
    return waiting.map(({ tookMs }) => tookMs ?? 0)
  }

  it('Maximum Packet Size: what is larger is a dead letter, the others are not delayed', async () => {
    bench.broker.script.properties = { maximumPacketSize: 4_000 }
    const bridge = bench.speak({ protocolVersion: 5 }).start()
    bridge.furnish(3, 3)
    await bridge.quiet()
    const before = percentile(await delays(bridge, 2_000), 0.99)
    bridge.report('device1', { text: large })
    const after = percentile(await delays(bridge, 2_000), 0.99)
    expect(after).toBeLessThanOrEqual(2 * before + 50)
    await bridge.quiet()
    expect(bench.deadLetters.map(({ reason, device }) => [reason, device])).toEqual([
      ['packet-size', 'device1'],
      ['packet-size', 'device1'],
    ])
    expect(bench.broker.violations).toEqual([])
    expect(bench.broker.connects).toHaveLength(2)
    bridge.report('device1', { text: 'short' })
    await bridge.time.pass(200)
    await bridge.quiet()
    expect(bench.broker.stored.get('tuya/state/device/device1/dp/text')).toBe('short')
  })

  it.each([
    [4, 'hangs up', 'hang-up'],
    [5, 'answers with a code that the library cannot read', 0x95],
  ] as const)(
    'MQTT %s, a limit that is not announced: the broker %s; the large one dies, the others arrive',
    async (version, _how, answer) => {
      bench.broker.script.puback = ({ payload }) => (payload.length > 4_000 ? answer : 0)
      const bridge = bench
        .speak({ protocolVersion: version, config: { publish: { scalars: false } } })
        .start()
      bridge.furnish(3, 3)
      await bridge.quiet()
      bridge.report('device1', { text: large })
      const said = await talk(bridge, 10, 20_000)
      await bridge.quiet()
      expect(bench.deadLetters.map(({ reason, device }) => [reason, device])).toEqual([['poison', 'device1']])
      expect(said.every(({ delivered }) => delivered)).toBe(true)
    },
  )
})

describe('B12: a message at which the broker hangs up', () => {
  const poison = 'tuya/state/device/device1'

  /** One event each 100 ms until something has died, and some seconds more; the longest that one waited. */
  async function longestWait(bridge: Speaker): Promise<number> {
    const { clock } = bridge.time
    let longest = 0
    let left = 50
    for (let n = 0; left > 0; n++) {
      const at = clock.monotonic()
      bridge.voice.publisher.tell(
        'eventBridge',
        { kind: 'gap' },
        { text: `{"n":${n}}`, contentType: 'application/json' },
        {
          settle: (delivered) => {
            longest = Math.max(longest, delivered ? clock.monotonic() - at : Number.POSITIVE_INFINITY)
          },
        },
      )
      bridge.report('device1', { point_0: n })
      await bridge.time.pass(100)
      if (bench.deadLetters.length > 0) left--
      expect(n, 'a minute').toBeLessThanOrEqual(600 + 50)
    }
    await bridge.quiet()
    return longest
  }

  it.each([1, 2, 4])(
    'a state that is said again at every connect dies in 60 s, the others wait 15 s at most (seed %s)',
    async (seed) => {
      const bridge = bench.speak({ seed }).start()
      bridge.furnish(5, 3)
      await bridge.quiet()
      bench.broker.script.puback = ({ topic }) => (topic === poison ? 'hang-up' : 0)
      expect(await longestWait(bridge)).toBeLessThanOrEqual(15_000)
      expect(bench.deadLetters).toMatchObject([{ reason: 'poison', device: 'device1' }])
      const [stored, truth] = [new Map(bench.broker.stored), bridge.truth]
      stored.delete(poison)
      truth.delete(poison)
      expect(stored).toEqual(truth)
      const { length } = bench.broker.connects
      for (let i = 0; i < 10; i++) {
        bridge.report('device1', { point_0: -i })
        await bridge.time.pass(60_000)
      }
      expect(bench.broker.connects, 'it costs no connection any more').toHaveLength(length)
    },
  )

  it('an event dies alone', async () => {
    const bridge = bench.speak().start()
    bridge.furnish(2, 2)
    await bridge.quiet()
    bench.broker.script.puback = ({ topic }) => (topic.endsWith('/device_added') ? 'hang-up' : 0)
    const said = await talk(bridge, 10, 1_000)
    const bad = bridge.event('device_added')
    said.push(...(await talk(bridge, 10, 20_000)))
    await bridge.quiet()
    expect(bad?.delivered).toBe(false)
    expect(said.every(({ delivered }) => delivered)).toBe(true)
    expect(bench.deadLetters).toHaveLength(1)
  })

  it('a broker that hangs up for other reasons kills nobody', async () => {
    const bridge = bench.speak().start()
    bridge.furnish(5, 3)
    await bridge.quiet()
    for (let i = 0; i < 8; i++) {
      await bridge.time.pass(11_000)
      const said = await talk(bridge, 50, 1_000)
      bench.broker.cut()
      await bridge.quiet()
      expect(said.every(({ delivered }) => delivered)).toBe(true)
    }
    expect(bench.deadLetters).toEqual([])
  })
})

// Over sockets 10,000 publishes instead of 50,000; canaries and a republishing are among them.
it.each([
  [1, 2_000],
  [10, 8_000],
])('B15: Receive Maximum %s is never exceeded over %s publishes', async (receiveMaximum, count) => {
  bench.broker.script.properties = { receiveMaximum }
  const bridge = bench.speak({ protocolVersion: 5 }).start()
  bridge.furnish(5, 5)
  await bridge.up()
  for (let said = 0; said < count; ) {
    for (; said < count && bridge.event(); said++);
    await bridge.quiet(600_000)
  }
  bench.broker.cut()
  await bridge.time.pass(200)
  await bridge.quiet(60_000)
  expect(bench.broker.violations).toEqual([])
  expect(bench.broker.published.length).toBeGreaterThan(count)
  expect(bench.broker.on('tuya/bridge/probe').length).toBeGreaterThan(3)
  expect(bridge.delivered).toBe(bridge.awaited.length)
  await until(() => bench.broker.connected === 1)
})
