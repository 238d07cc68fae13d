import mqtt from 'mqtt'
import { Log } from '../src/app/log.ts'
import { Metrics } from '../src/app/metrics.ts'
import { Voice } from '../src/app/voice.ts'
import { valueCodec } from '../src/codec/data-point/codec.ts'
import type { Report } from '../src/domain/report.ts'
import { joinSpecification } from '../src/domain/specification.ts'
import { Inventory } from '../src/inventory/inventory.ts'
import { ClientConnector } from '../src/mqtt/client-link.ts'
import { systemClock } from '../src/util/clock.ts'
import { systemRandom } from '../src/util/random.ts'
import { Redactor } from '../src/util/redact.ts'
import { testConfig } from '../test/support/config.ts'
import { deviceOf } from '../test/support/device.ts'
import { freePort, startScript } from './child.ts'
import { type Figure, figure, median } from './statistics.ts'

const points = 10
const onTheWay = 512
/** How many devices report in one turn: as many as a batched read tells of. */
const together = 20

/**
 * Every point of every device changes at once: how many messages a second the bridge brings to the broker, beside a
 * bare MQTT.js client that publishes the same topics and payloads at the same QoS, turn by turn.
 */
export async function mirrorRate(devices: number, rounds: number): Promise<Figure[]> {
  const port = await freePort()
  await using _broker = await startScript('plain-broker.ts', [String(port)])
  const { inventory, voice, ids } = mirrored(port, devices)
  voice.start()
  await drained(voice)
  const bare = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4 })
  // Every message on its way may wait for the socket by itself.
  bare.stream.setMaxListeners(0)
  const [ours, theirs]: [number[], number[]] = [[], []]
  for (let round = 1; round <= rounds + 1; round++) {
    const reports = ids.map((id) => report(id, round))
    const startedAt = performance.now()
    for (let at = 0; at < reports.length; at += together) {
      for (const one of reports.slice(at, at + together)) inventory.apply(one)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await drained(voice)
    const ourMs = performance.now() - startedAt
    const messages = [...voice.publisher.owned.messages()].filter(({ topic }) =>
      /\/state\/device\/[^/]+(\/dp\/.*)?$/.test(topic),
    )
    const bareAt = performance.now()
    await publishAll(bare, messages)
    const bareMs = performance.now() - bareAt
    // The first round warms both up.
    if (round > 1) {
      ours.push(messages.length / ourMs)
      theirs.push(messages.length / bareMs)
    }
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  bare.end(true)
  await voice.stop()
  const ratio = median(ours) / median(theirs)
  const perSecond = (rate: number) => Math.round(rate * 1000).toLocaleString('en')
  return [
    figure(
      `retained mirror of ${devices} devices x ${points} points over bare publish`,
      `${perSecond(median(ours))} against ${perSecond(median(theirs))} messages/s: ${ratio.toFixed(2)}`,
      '>= 0.60',
      ratio >= 0.6,
    ),
  ]
}

function mirrored(port: number, devices: number) {
  const inventory = new Inventory({ codec: valueCodec, now: () => systemClock.now() })
  const config = testConfig({ mqtt: { url: `mqtt://127.0.0.1:${port}`, republishPerSecond: 0 } } as never)
  const address = {
    url: `mqtt://127.0.0.1:${port}`,
    clientId: 'bench',
    username: null,
    password: null,
    protocolVersion: 4,
    tls: { insecure: false },
  } as const
  const voice = new Voice({
    config,
    connector: new ClientConnector(address),
    inventory,
    metrics: new Metrics(),
    log: new Log({ level: 'error', format: 'json', redactor: new Redactor() }).part('bench'),
    clock: systemClock,
    random: systemRandom,
    path: () => ({ state: 'up', sinceMs: 0, reason: null, lastMs: null }),
    redact: (data) => data,
    onCommand: () => {},
    onUp: () => {},
  })
  const ids = Array.from({ length: devices }, (_, i) => `bfbench${String(i).padStart(13, '0')}`)
  const standard = Array.from({ length: points }, (_, i) => ({
    code: `value_${i}`,
    type: 'integer' as const,
    access: 'rw' as const,
    scale: 1,
    min: 0,
    max: 100_000,
  }))
  inventory.setDevices(ids.map((id) => deviceOf(id)))
  for (const id of ids)
    inventory.setSpecification(id, joinSpecification({ standard, thing: [], shadow: [] }, {}))
  for (const id of ids) inventory.apply(report(id, 0))
  return { inventory, voice, ids }
}

function report(deviceId: string, round: number): Report {
  const timeMs = Date.now()
  const values = Array.from({ length: points }, (_, i) => ({
    code: `value_${i}`,
    raw: round * 100 + i,
    timeMs,
  }))
  return { deviceId, source: 'queue', receivedMs: timeMs, points: values }
}

async function drained(voice: Voice): Promise<void> {
  const end = performance.now() + 60_000
  while (voice.session.health.state !== 'up' || voice.outbox.size > 0 || voice.publisher.republishes) {
    if (performance.now() > end) throw new Error('the outbox did not empty')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** With so many on the way as a careful script would keep: MQTT.js slows down under everything at once. */
function publishAll(
  client: mqtt.MqttClient,
  messages: readonly { topic: string; payload: string; qos: 0 | 1; retain: boolean }[],
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    let [next, open] = [0, 0]
    const more = () => {
      for (; open < onTheWay && next < messages.length; open++) {
        const { topic, payload, qos, retain } = messages[next++] as (typeof messages)[number]
        client.publish(topic, payload, { qos, retain }, (error) => {
          open--
          if (error) reject(error)
          else if (next === messages.length && open === 0) resolve()
          else more()
        })
      }
    }
    more()
  })
}
