import { expect, it } from 'vitest'
import { json, words } from '../../src/mqtt/payload.ts'
import { tuyaMqttTopics } from '../../src/mqtt/topic.ts'
import { PublisherBench } from '../support/publisher-bench.ts'

const group = 'device/a'
const at = (code: string) => ({ device: 'a', code })

function online(options: ConstructorParameters<typeof PublisherBench>[0] = {}): PublisherBench {
  const bench = new PublisherBench(options)
  bench.publisher.resume()
  bench.flush()
  return bench
}

/** Says `count` different values. */
function sayMany({ publisher }: PublisherBench, count: number, value = 'x'): void {
  for (let i = 0; i < count; i++) publisher.retain(group, 'stateDp', at(`p${i}`), words(value))
}

it('says a value once, and again when it changes', () => {
  const bench = online()
  const say = (text: string) => bench.publisher.retain(group, 'stateDp', at('switch'), words(text))
  for (const text of ['on', 'on', 'off', 'off', 'on']) {
    say(text)
    bench.flush()
  }
  expect(bench.left.map(({ payload }) => payload)).toEqual(['on', 'off', 'on'])
})

it('sets QoS, retain flag, expiry and properties as the table of topics says', () => {
  const bench = online()
  bench.publisher.retain(group, 'stateDp', at('x'), json(1), { user: { source: 'lan', timeMs: '5' } })
  bench.publisher.tell('resultDevice', { device: 'a' }, json({}), { user: { path: 'lan' } })
  bench.publisher.tellTo('tuya/reply/me', json({}), Buffer.from('c'))
  expect(bench.flush()).toEqual([
    {
      topic: 'tuya/result/device/a',
      payload: '{}',
      qos: 1,
      retain: false,
      properties: {
        contentType: 'application/json',
        expirySeconds: 60,
        user: { bridge: 'main', path: 'lan' },
      },
    },
    {
      topic: 'tuya/reply/me',
      payload: '{}',
      qos: 1,
      retain: false,
      properties: {
        contentType: 'application/json',
        expirySeconds: 60,
        correlationData: Buffer.from('c'),
        user: { bridge: 'main' },
      },
    },
    {
      topic: 'tuya/state/device/a/dp/x',
      payload: '1',
      qos: 0,
      retain: true,
      properties: { contentType: 'application/json', user: { bridge: 'main', source: 'lan', timeMs: '5' } },
    },
  ])
})

it('queues no values while there is no connection, and says all of them when it comes, the first of all first', () => {
  const bench = new PublisherBench()
  bench.publisher.retain('bridge', 'bridgeState', {}, words('online'))
  for (const text of ['1', '2', '3']) bench.publisher.retain(group, 'stateDp', at('x'), words(text))
  bench.publisher.tell('eventBridge', { kind: 'gap' }, json({}))
  expect(bench.outbox.size).toBe(1)
  bench.publisher.resume()
  expect(bench.said()).toEqual(['bridge/state online', 'event/bridge/gap {}', 'state/device/a/dp/x 3'])
})

it('what was queued when the connection went does not go before bridge/state either', () => {
  const bench = new PublisherBench()
  bench.publisher.retain('bridge', 'bridgeState', {}, words('online'))
  bench.publisher.resume()
  bench.flush()
  bench.publisher.retain(group, 'stateDp', at('x'), words('1'))
  bench.publisher.tell('eventBridge', { kind: 'gap' }, json({}))
  bench.publisher.pause()
  bench.publisher.resume()
  expect(bench.said()[0]).toBe('bridge/state online')
})

it('a topic that is taken back while there is no connection is cleared when it comes', () => {
  const bench = online()
  bench.publisher.retain(group, 'stateDp', at('x'), words('1'))
  bench.publisher.retain(group, 'stateDp', at('y'), words('1'))
  bench.flush()
  bench.publisher.retain(group, 'stateDp', at('y'), words('2'))
  bench.publisher.pause()
  bench.publisher.clearGroup(group)
  bench.publisher.resume()
  bench.flush()
  expect([...bench.retained.keys()]).toEqual([])
})

it('a topic that is said again after it was taken back says the new value in the end', () => {
  const bench = online()
  bench.publisher.retain(group, 'stateDp', at('x'), words('1'))
  bench.flush()
  bench.publisher.pause()
  bench.publisher.clear(group, 'tuya/state/device/a/dp/x')
  bench.publisher.retain(group, 'stateDp', at('x'), words('1'))
  bench.publisher.resume()
  bench.flush()
  expect(Object.fromEntries(bench.retained)).toEqual({ 'tuya/state/device/a/dp/x': '1' })
})

it('the last word on a topic goes out before it is cleared', () => {
  const bench = online()
  bench.publisher.retain(group, 'stateAvailability', { device: 'a' }, words('online'))
  bench.flush()
  bench.publisher.sayLast('stateAvailability', { device: 'a' }, words('offline'))
  bench.publisher.clearGroup(group)
  expect(bench.said()).toEqual(['state/device/a/availability offline', 'state/device/a/availability'])
})

it('what is told after does not overtake what was said before', () => {
  const bench = online()
  sayMany(bench, 3)
  bench.publisher.tellAfter('eventBridge', { kind: 'device_removed' }, json({}))
  bench.publisher.tell('eventBridge', { kind: 'gap' }, json({}))
  const kinds = bench.said().map((line) => line.split('/')[0])
  expect(kinds).toEqual(['event', 'state', 'state', 'state', 'event'])
})

it('tells who waits once the broker has the value or a newer one, also over a pause', () => {
  const bench = online()
  const told: string[] = []
  const settle = (name: string) => ({ settle: (delivered: boolean) => told.push(`${name} ${delivered}`) })
  bench.publisher.retain(group, 'stateDp', at('x'), words('1'), settle('first'))
  bench.publisher.pause()
  bench.publisher.retain(group, 'stateDp', at('x'), words('2'), settle('second'))
  bench.publisher.retain(group, 'stateDp', at('x'), words('3'))
  expect(told).toEqual([])
  bench.publisher.resume()
  expect(bench.said()).toEqual(['state/device/a/dp/x 3'])
  expect(told).toEqual(['first true', 'second true'])
  bench.publisher.retain(group, 'stateDp', at('x'), words('3'), settle('equal'))
  bench.flush()
  expect(told.at(-1)).toBe('equal true')
})

it('says everything again at the configured pace, leaving room for what happens meanwhile', async () => {
  const bench = online({ republishPerSecond: 500 })
  sayMany(bench, 1_000)
  bench.flush()
  bench.publisher.republish()
  const start = bench.clock.monotonic()
  let said = 0
  while (bench.publisher.republishes) {
    said += bench.flush().length
    const seconds = (bench.clock.monotonic() - start) / 1_000
    expect(said).toBeLessThanOrEqual(500 * (seconds + 0.05))
    await bench.clock.advance(20)
  }
  expect(said + bench.flush().length).toBe(1_000)
  expect(bench.clock.monotonic() - start).toBeGreaterThanOrEqual(1_900)
  expect(bench.clock.monotonic() - start).toBeLessThanOrEqual(2_100)
})

it('keeps slow paces too', async () => {
  const bench = online({ republishPerSecond: 10 })
  sayMany(bench, 30)
  bench.flush()
  bench.publisher.republish()
  await bench.clock.advance(1_000)
  expect(bench.flush().length).toBeGreaterThanOrEqual(10)
  expect(bench.left.length - 30).toBeLessThanOrEqual(12)
})

it('a broker that is slower than the pace finds no more than a thousand messages in line', async () => {
  const bench = online({ republishPerSecond: 0 })
  sayMany(bench, 5_000)
  bench.flush()
  bench.publisher.republish()
  await bench.clock.advance(1_000)
  expect(bench.outbox.size).toBe(1_000)
  for (let i = 0; i < 6; i++) {
    bench.flush()
    await bench.clock.advance(20)
  }
  expect(bench.left).toHaveLength(10_000)
  expect(bench.publisher.republishes).toBe(false)
})

it('what happens while everything is said again is said at once, and the older value does not follow it', async () => {
  const bench = online({ republishPerSecond: 100 })
  sayMany(bench, 50, 'old')
  bench.flush()
  bench.publisher.republish()
  bench.flush()
  bench.publisher.retain(group, 'stateDp', at('p49'), words('new'))
  expect(bench.said()).toEqual(['state/device/a/dp/p49 new'])
  await bench.clock.advance(2_000)
  bench.flush()
  expect(bench.left.filter(({ topic }) => topic.endsWith('/p49')).map(({ payload }) => payload)).toEqual([
    'old',
    'new',
    'new',
  ])
})

it('without a connection nothing is said again', () => {
  const bench = online()
  sayMany(bench, 3)
  bench.flush()
  bench.publisher.pause()
  bench.publisher.republish()
  expect(bench.publisher.republishes).toBe(false)
  expect(bench.flush()).toEqual([])
})

it('values that find no room are said when there is some, and topics that could not be cleared are cleared', async () => {
  const bench = online({ caps: { states: 3 } })
  sayMany(bench, 5, 'old')
  expect(bench.refused).toEqual(['full tuya/state/device/a/dp/p3', 'full tuya/state/device/a/dp/p4'])
  bench.flush()
  for (let i = 0; i < 4; i++) {
    await bench.clock.advance(1_000)
    bench.flush()
  }
  expect([...bench.retained.values()]).toEqual(Array(5).fill('old'))
  bench.publisher.clearGroup(group)
  for (let i = 0; i < 4; i++) {
    bench.flush()
    await bench.clock.advance(1_000)
  }
  expect(bench.retained.size).toBe(0)
  await bench.clock.advance(5_000)
  expect(bench.clock.waiting).toBe(0)
})

it('events that find no room are refused, and the caller is told so', () => {
  const bench = online({ caps: { events: 1 } })
  const tell = () => bench.publisher.tell('eventBridge', { kind: 'gap' }, json({}))
  expect([tell(), tell()]).toEqual([true, false])
  expect(bench.refused).toEqual(['full tuya/event/bridge/gap'])
})

it('a barred topic is left alone for an hour, whatever is to be said on it', async () => {
  const bench = online()
  const topic = 'tuya/state/device/a/dp/x'
  const told: boolean[] = []
  bench.publisher.bar(topic)
  bench.publisher.retain(group, 'stateDp', at('x'), words('1'), {
    settle: (delivered) => told.push(delivered),
  })
  bench.publisher.retain(group, 'stateDp', at('y'), words('1'))
  bench.publisher.republish()
  await bench.clock.advance(3_599_000)
  bench.publisher.retain(group, 'stateDp', at('x'), words('2'))
  bench.flush()
  expect([...bench.retained.keys()]).toEqual(['tuya/state/device/a/dp/y'])
  expect(told).toEqual([false])
  expect(bench.refused).toEqual(Array(3).fill(`barred ${topic}`))
  await bench.clock.advance(1_000)
  bench.publisher.republish()
  bench.flush()
  expect(bench.retained.get(topic)).toBe('2')
})

it('who waits for a state that found no room is told when it got there, and so are those before', async () => {
  const bench = online({ caps: { states: 2 } })
  const told: string[] = []
  const say = (text: string) =>
    bench.publisher.retain(group, 'stateDp', at('waited'), words(text), {
      settle: (delivered) => told.push(`${text} ${delivered}`),
    })
  sayMany(bench, 2)
  expect(say('one')).toBe(false)
  expect(say('two')).toBe(false)
  bench.flush()
  expect(told).toEqual([])
  await bench.clock.advance(1_000)
  bench.flush()
  expect(told).toEqual(['one true', 'two true'])
  expect(bench.retained.get('tuya/state/device/a/dp/waited')).toBe('two')
  await bench.clock.advance(10_000)
  bench.flush()
  expect(told).toHaveLength(2)
})

it('who waits for a state that found no room waits through a lost connection', async () => {
  const bench = online({ caps: { states: 2 } })
  const told: boolean[] = []
  sayMany(bench, 2)
  bench.publisher.retain(group, 'stateDp', at('waited'), words('x'), {
    settle: (delivered) => told.push(delivered),
  })
  bench.publisher.pause()
  await bench.clock.advance(60_000)
  expect(told).toEqual([])
  bench.publisher.resume()
  for (let i = 0; i < 4; i++) {
    bench.flush()
    await bench.clock.advance(1_000)
  }
  expect(told).toEqual([true])
})

it('who waits for a state that was taken back is told when that is with the broker', async () => {
  const bench = online({ caps: { states: 2 } })
  const told: boolean[] = []
  sayMany(bench, 2)
  bench.publisher.retain(group, 'stateDp', at('waited'), words('x'), {
    settle: (delivered) => told.push(delivered),
  })
  bench.publisher.clear(group, 'tuya/state/device/a/dp/waited')
  bench.flush()
  expect(told).toEqual([])
  await bench.clock.advance(1_000)
  expect(bench.said()).toContain('state/device/a/dp/waited')
  expect(told).toEqual([true])
})

it('confirms what a topic says: with what waits, or by saying it once more', () => {
  const bench = online()
  const told: string[] = []
  const confirm = (who: string, code = 'x') =>
    bench.publisher.confirm(group, `tuya/state/device/a/dp/${code}`, () => told.push(who))
  confirm('nothing is said there', 'y')
  expect(told).toEqual(['nothing is said there'])
  bench.publisher.retain(group, 'stateDp', at('x'), words('on'))
  confirm('one')
  expect(told).toHaveLength(1)
  expect(bench.said()).toEqual(['state/device/a/dp/x on'])
  expect(told.at(-1)).toBe('one')
  confirm('two')
  expect(bench.said()).toEqual(['state/device/a/dp/x on'])
  expect(told.at(-1)).toBe('two')
})

it('says on topics of another tree what its table says of them, and presses without keeping them', () => {
  const bench = online()
  const { tuyaMqttDp, tuyaMqttStatus } = tuyaMqttTopics
  bench.publisher.retainOther('other', tuyaMqttStatus, 'legacy/x/status', words('online'))
  bench.publisher.retainOther('other', tuyaMqttStatus, 'legacy/x/status', words('online'))
  bench.publisher.tellOther(tuyaMqttDp, 'legacy/x/dps/1/state', words('click'))
  expect(
    bench
      .flush()
      .map(({ topic, qos, retain }) => [topic, qos, retain])
      .sort(),
  ).toEqual([
    ['legacy/x/dps/1/state', 0, false],
    ['legacy/x/status', 1, true],
  ])
  bench.publisher.clearGroup('other')
  bench.flush()
  expect([...bench.retained]).toEqual([])
})

it('who listens hears what happens and which ways change, once and without a connection too, but no answer to one alone', () => {
  const bench = new PublisherBench()
  const { publisher } = bench
  const say = (text: string) => publisher.retain(group, 'statePaths', { device: 'a' }, json({ text }))
  publisher.retain('bridge', 'bridgeHealth', {}, json(0))
  say('a')
  say('a')
  say('b')
  publisher.tell('eventBridge', { kind: 'gap' }, json(1))
  publisher.tellAfter('eventBridge', { kind: 'gap' }, json(2))
  publisher.tellTo('tuya/reply/panel', json('private'), undefined)
  publisher.republish()
  expect(bench.heard).toEqual([
    'statePaths tuya/state/device/a/paths {"text":"a"}',
    'statePaths tuya/state/device/a/paths {"text":"b"}',
    'eventBridge tuya/event/bridge/gap 1',
    'eventBridge tuya/event/bridge/gap 2',
  ])
})
