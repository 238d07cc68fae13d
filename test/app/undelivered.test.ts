import { expect, it } from 'vitest'
import { Metrics } from '../../src/app/metrics.ts'
import { Undelivered } from '../../src/app/undelivered.ts'
import type { Publisher } from '../../src/mqtt/publisher.ts'
import { TopicTree } from '../../src/mqtt/topic.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

class Bench {
  readonly clock = new VirtualClock()
  readonly metrics = new Metrics()
  readonly told: string[] = []
  readonly barred: string[] = []
  readonly troubles: string[] = []
  readonly logged: unknown[] = []
  readonly undelivered: Undelivered

  constructor() {
    const publisher = {
      bar: (topic: string) => this.barred.push(topic),
      tell: (_name: string, _params: object, { text }: { readonly text: string }) => this.told.push(text),
    }
    const line = (facts: object) => this.logged.push(facts)
    this.undelivered = new Undelivered({
      tree: new TopicTree('tuya'),
      publisher: () => publisher as unknown as Publisher,
      metrics: this.metrics,
      log: { warn: line, error: line } as never,
      clock: this.clock,
      onTrouble: (reason) => this.troubles.push(reason),
    })
  }
}

it('a dead letter is counted, logged and told with its device, and a poisonous topic is left alone', async () => {
  const bench = new Bench()
  bench.undelivered.dead('tuya/state/device/lamp', 70, 'poison')
  expect(bench.told.map((text) => JSON.parse(text))).toEqual([
    { timeMs: bench.clock.now(), link: 'mqtt', reason: 'poison', device: 'lamp', bytes: 70 },
  ])
  expect(bench.barred).toEqual(['tuya/state/device/lamp'])
  expect(bench.logged).toEqual([{ reason: 'poison', bytes: 70, topic: 'tuya/state/device/lamp' }])
  expect(await bench.metrics.registry.metrics()).toContain(
    'dp2mqtt_dead_letters_total{link="mqtt",reason="poison"} 1',
  )
})

it('nothing is told of what tells of dead letters', () => {
  const bench = new Bench()
  bench.undelivered.dead('tuya/bridge/deadletter', 70, 'too-large')
  expect([bench.told, bench.barred]).toEqual([[], []])
  expect(bench.logged).toHaveLength(1)
})

it('of another tree each is counted, and the first of a topic is told', () => {
  const bench = new Bench()
  bench.undelivered.deadElsewhere('homie/5/a/$description', 200_000, 'payload-size', true)
  bench.undelivered.deadElsewhere('homie/5/a/$description', 200_000, 'payload-size', false)
  expect(bench.undelivered.elsewhere).toBe(2)
  expect(bench.told).toHaveLength(1)
})

it('a full outbox is told once a minute, a barred topic is only counted', async () => {
  const bench = new Bench()
  for (let i = 0; i < 3; i++) bench.undelivered.refused('full', 'tuya/state/device/lamp')
  bench.undelivered.refused('barred', 'tuya/state/device/lamp')
  expect(bench.troubles).toEqual(['bridge/outbox-full'])
  await bench.clock.advance(60_000)
  bench.undelivered.refused('full', 'tuya/state/device/lamp')
  expect(bench.troubles).toHaveLength(2)
  expect(bench.logged).toHaveLength(2)
  expect(await bench.metrics.registry.metrics()).toContain(
    'dp2mqtt_dead_letters_total{link="mqtt",reason="barred"} 1',
  )
})
