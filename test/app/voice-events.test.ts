import { expect, it } from 'vitest'
import { speakingBench } from '../support/broker-bench.ts'
import { externalAction, presence } from '../support/told-message.ts'
import { until } from '../support/until.ts'

const bench = speakingBench()

/** What was published below `event/` and `last/`, without the base. */
const happened = () =>
  bench.broker.published
    .map(({ topic, payload }) => [topic.slice('tuya/'.length), payload] as const)
    .filter(([topic]) => /^(event|last)\//.test(topic))

it.each([4, 5] as const)(
  'MQTT %s: a CloudEvent, and a copy that expires where the version can',
  async (version) => {
    const speaker = bench.speak({ protocolVersion: version }).start()
    await speaker.quiet()
    const now = speaker.time.clock.now()
    speaker.voice.events.externalAction(externalAction(now, { action: 'goodnight' }), now)
    await speaker.quiet()
    const messages = bench.broker.published.filter(({ topic }) => topic.endsWith('/action/goodnight'))
    expect(messages.map(({ retain }) => retain)).toEqual([false, true])
    if (version === 4) expect(messages.map(({ properties }) => properties)).toEqual([undefined, undefined])
    else {
      expect(messages.map(({ properties }) => properties?.messageExpiryInterval)).toEqual([undefined, 86_400])
      for (const { properties, payload } of messages)
        expect(properties?.userProperties).toMatchObject({
          specversion: '1.0',
          id: JSON.parse(payload).id,
          source: '/tuya/automation/p2aWOkEOe2RzATHL',
          type: 'tuya.external_action',
        })
    }
  },
)

it('a lost connection says no copy again, a broker that lost them all gets them as replays', async () => {
  const speaker = bench.speak().start()
  await speaker.quiet()
  const now = speaker.time.clock.now()
  speaker.voice.events.presence(presence(now), now)
  await speaker.quiet()
  expect(happened().map(([topic]) => topic)).toEqual(['event/device/lamp/online', 'last/device/lamp/online'])

  bench.broker.cut()
  await until(() => !speaker.isUp)
  await speaker.up(30_000)
  await speaker.quiet()
  expect(happened()).toHaveLength(2)

  bench.broker.cut()
  await until(() => !speaker.isUp)
  bench.broker.retained.clear()
  await speaker.up(30_000)
  await speaker.quiet()
  expect(happened().slice(2)).toEqual([['last/device/lamp/online', expect.stringContaining('"replay":true')]])
})

it('what happens without a broker is told when it comes, and then is settled', async () => {
  const speaker = bench.speak().start()
  await speaker.quiet()
  bench.broker.cut()
  await until(() => !speaker.isUp)
  const now = speaker.time.clock.now()
  const told: boolean[] = []
  speaker.voice.events.presence(presence(now), now, (delivered) => told.push(delivered))
  expect(told).toEqual([])
  await speaker.up(30_000)
  await speaker.quiet()
  expect(happened().map(([topic]) => topic)).toEqual(['event/device/lamp/online', 'last/device/lamp/online'])
  expect(told).toEqual([true])
})
