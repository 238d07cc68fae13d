import { expect, it } from 'vitest'
import { EmbeddedConnector } from '../../../src/mqtt/broker/embedded-link.ts'
import { Settlement } from '../../../src/util/settlement.ts'
import { BrokerBench, type Received, roundTrip } from '../../support/broker.ts'
import { device, specification } from '../../support/mirrored.ts'
import { point } from '../../support/point.ts'
import { Speaker } from '../../support/speaker.ts'
import { CompressedTime } from '../../support/time.ts'
import { externalAction, presence } from '../../support/told-message.ts'
import { until } from '../../support/until.ts'

const button = point('enum', { code: 'switch_mode1', momentary: true })

/** A bridge that speaks with the broker inside, with a lamp that has a button. */
function speak(broker: BrokerBench, time: CompressedTime, config: object = {}): Speaker {
  const speaker = new Speaker(broker.url, {
    time,
    connector: new EmbeddedConnector(broker.broker),
    config: { publish: { reports: true }, ...config },
  })
  speaker.inventory.setHome({ id: '1', name: 'Home' })
  speaker.inventory.setDevices([device('lamp')])
  speaker.inventory.setSpecification('lamp', specification(['bright', button]))
  return speaker.start()
}

/** What the queue's side does with a status message. */
function status(speaker: Speaker, values: Record<string, unknown>, timeMs: number, told: string[]): void {
  const settlement = new Settlement(
    (delivered) => told.push(`settled ${delivered}`),
    () => told.push('come again'),
  )
  const points = Object.entries(values).map(([code, raw]) => ({ code, raw, timeMs }))
  const receivedMs = speaker.time.clock.now()
  speaker.inventory.apply({ deviceId: 'lamp', source: 'queue', receivedMs, points }, settlement)
  settlement.seal()
}

const stored = ({ broker }: BrokerBench, filter: string) =>
  [...broker.retained.matching(filter)].map(({ topic }) => topic)

const topics = (seen: readonly Received[]) => seen.map(({ topic }) => topic.slice('tuya/'.length))

it('who acts hears what happens once, who comes later sees the copy, and the queue is told when both are there', async () => {
  await using broker = await BrokerBench.open()
  const time = new CompressedTime()
  await using speaker = speak(broker, time)
  await speaker.quiet()
  const told: string[] = []
  const { client, seen } = await broker.reader(['tuya/event/#', 'tuya/last/#', 'tuya/state/device/lamp'])
  await until(() => seen.length === 1)
  seen.length = 0
  const now = time.clock.now()
  status(speaker, { bright: 7, switch_mode1: 'click' }, now, told)
  await speaker.quiet()
  await roundTrip(client)
  expect(told).toEqual(['settled true'])
  expect(topics(seen)).toEqual([
    'event/device/lamp/report',
    'event/device/lamp/button/switch_mode1',
    'last/device/lamp/button/switch_mode1',
    'state/device/lamp',
  ])
  expect(JSON.parse(seen[1]?.payload ?? '')).toMatchObject({ data: { gesture: 'single' }, device: 'lamp' })
  const late = await broker.reader(['tuya/event/#', 'tuya/last/#'])
  await until(() => late.seen.length > 0)
  await roundTrip(late.client)
  expect(late.seen.map(({ topic, retain, payload }) => [topic, retain, payload])).toEqual([
    ['tuya/last/device/lamp/button/switch_mode1', true, seen[2]?.payload],
  ])
})

it('a value that is old news is settled without a word, a press that comes again too', async () => {
  await using broker = await BrokerBench.open()
  const time = new CompressedTime()
  await using speaker = speak(broker, time)
  await speaker.quiet()
  const told: string[] = []
  const now = time.clock.now()
  status(speaker, { bright: 7, switch_mode1: 'click' }, now, told)
  await speaker.quiet()
  const { client, seen } = await broker.reader(['tuya/event/#', 'tuya/last/#', 'tuya/state/device/lamp'])
  await until(() => seen.length === 2)
  seen.length = 0
  status(speaker, { switch_mode1: 'click' }, now, told)
  await time.pass(1_000)
  await roundTrip(client)
  expect(told).toEqual(['settled true', 'settled true'])
  expect(topics(seen)).toEqual(['event/device/lamp/report'])
})

it('a bridge that starts anew knows from the copies what was told, and clears those that are over', async () => {
  await using broker = await BrokerBench.open()
  const time = new CompressedTime()
  const first = speak(broker, time)
  await first.quiet()
  const now = time.clock.now()
  const action = externalAction(now, { action: 'goodnight' }, 'a1')
  first.voice.events.externalAction(action, now)
  first.voice.events.presence(presence(now - 50_000, true), now)
  await first.quiet()
  await first.stop()

  const { client, seen } = await broker.reader(['tuya/event/#', 'tuya/last/#'])
  await until(() => seen.length === 3)
  expect(topics(seen).sort()).toEqual([
    'last/action/goodnight',
    'last/automation/a1/external_action',
    'last/device/lamp/online',
  ])
  seen.length = 0
  const lastTtlMs = 40_000
  await using second = speak(broker, time, { events: { lastTtlMs } })
  await second.quiet()
  expect(second.voice.hasLookedAround).toBe(true)
  const told: boolean[] = []
  second.voice.events.externalAction(action, time.clock.now(), (delivered) => told.push(delivered))
  await time.pass(1_000)
  await roundTrip(client)
  expect(told).toEqual([true])
  expect(seen.map(({ topic, payload }) => [topic, payload])).toEqual([['tuya/last/device/lamp/online', '']])
  await time.pass(lastTtlMs + 2_000)
  await roundTrip(client)
  expect(topics(seen.slice(1)).sort()).toEqual([
    'last/action/goodnight',
    'last/automation/a1/external_action',
  ])
  expect(stored(broker, 'tuya/last/#')).toEqual([])
})

it('what leaves the house takes its copies along', async () => {
  await using broker = await BrokerBench.open()
  const time = new CompressedTime()
  await using speaker = speak(broker, time)
  await speaker.quiet()
  speaker.voice.events.presence(presence(time.clock.now()), time.clock.now())
  await speaker.quiet()
  expect(stored(broker, 'tuya/+/device/lamp/#')).toContain('tuya/last/device/lamp/online')
  speaker.inventory.removeDevice('lamp')
  await time.pass(1_000)
  await speaker.quiet()
  expect(stored(broker, 'tuya/+/device/lamp/#')).toEqual([])
})
