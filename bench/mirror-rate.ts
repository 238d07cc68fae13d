import type { Report } from '../src/domain/report.ts'
import { freePort, startScript } from './child.ts'
import { drained, mirrored } from './mirrored.ts'
import type { Figure } from './statistics.ts'
import { turnByTurn } from './turn-by-turn.ts'

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
  const figures = await turnByTurn({
    what: `retained mirror of ${devices} devices x ${points} points`,
    port,
    voice,
    rounds,
    prepare: (round) => {
      const reports = ids.map((id) => report(id, round))
      const work = async () => {
        for (let at = 0; at < reports.length; at += together) {
          for (const one of reports.slice(at, at + together)) inventory.apply(one)
          await new Promise((resolve) => setImmediate(resolve))
        }
        await drained(voice)
      }
      return { work }
    },
  })
  await voice.stop()
  return figures
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
