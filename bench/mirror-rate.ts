import mqtt from 'mqtt'
import type { Report } from '../src/domain/report.ts'
import { freePort, startScript } from './child.ts'
import { drained, mirrored } from './mirrored.ts'
import { publishAll } from './publish-all.ts'
import { type Figure, figure, median } from './statistics.ts'

const points = 10
/** How many devices report in one turn: as many as a batched read tells of. */
const together = 20

/**
 * Every point of every device changes at once: how many messages a second the bridge brings to the broker, beside a
 * bare MQTT.js client that publishes the same topics and payloads at the same QoS, turn by turn.
 */
export async function mirrorRate(devices: number, rounds: number): Promise<Figure[]> {
  const port = await freePort()
  await using _broker = await startScript('plain-broker.ts', [String(port)])
  const { inventory, voice, ids } = mirrored(port, devices, points, { reports: false })
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

function report(deviceId: string, round: number): Report {
  const timeMs = Date.now()
  const values = Array.from({ length: points }, (_, i) => ({
    code: `value_${i}`,
    raw: round * 100 + i,
    timeMs,
  }))
  return { deviceId, source: 'queue', receivedMs: timeMs, points: values }
}
