import { expect, it } from 'vitest'
import { largestPayload } from '../../src/mqtt/message.ts'
import { BrokerBench } from '../support/broker.ts'
import { speakingBench } from '../support/broker-bench.ts'
import { differences, retainedOn } from '../support/broker-scenarios.ts'
import { hostileNames } from '../support/hostile-names.ts'
import { device, specification } from '../support/mirrored.ts'
import type { Speaker } from '../support/speaker.ts'
import { CompressedTime } from '../support/time.ts'

const bench = speakingBench()
const config = { names: 'mirror' } as const

/** 500 devices with hostile names, each with a data point with a hostile code. */
function furnishBadly({ inventory, time }: Speaker): void {
  const names = hostileNames(500)
  inventory.setHome({ id: '1', name: '+/#' })
  inventory.setDevices(names.map((name, i) => device(`device${i}`, { name: name.slice(0, 1_000) })))
  const now = time.clock.now()
  for (const [i, code] of names.entries()) {
    inventory.setSpecification(`device${i}`, specification([code]))
    inventory.apply({
      deviceId: `device${i}`,
      source: 'queue',
      receivedMs: now,
      points: [{ code, raw: i, timeMs: now }],
    })
  }
}

/** Topics that say something wrong. Documents with a code of 70,000 letters are too large for any broker. */
function wrongTopics(seen: ReadonlyMap<string, string>, { truth }: Speaker): string[] {
  return differences(seen, truth).filter(
    (topic) => Buffer.byteLength(truth.get(topic) ?? '') <= largestPayload,
  )
}

it('K7: 500 hostile names and codes at the scripted broker: no violation, no disconnect, no clash', async () => {
  const bridge = bench.speak({ config }).start()
  await bridge.up()
  furnishBadly(bridge)
  await bridge.time.pass(1_000)
  await bridge.quiet(60_000)
  const { broker } = bench
  expect(broker.violations).toEqual([])
  expect(broker.connects).toHaveLength(2)
  expect(wrongTopics(broker.stored, bridge)).toEqual([])
  const values = [...broker.stored].filter(([topic]) => /\/device\/device\d+\/dp\//.test(topic))
  expect(new Set(values.map(([, payload]) => payload)).size, 'every value has a topic of its own').toBe(500)
})

it('K7: the same at the broker inside', async () => {
  await using inside = await BrokerBench.open({ publishesPerSecond: 1_000_000 })
  const bridge = bench.speak({ config, time: new CompressedTime({ elsewhere: true }) }, inside.url).start()
  await bridge.up()
  furnishBadly(bridge)
  await bridge.time.pass(1_000)
  await bridge.quiet(60_000)
  expect(bridge.voice.session.reconnects.size).toBe(0)
  expect(wrongTopics(await retainedOn(inside.url, bridge.truth), bridge)).toEqual([])
  await bridge.stop()
})
