import mqtt from 'mqtt'
import type { Voice } from '../src/app/voice.ts'
import { drained } from './mirrored.ts'
import { type Figure, figure, median } from './statistics.ts'

const onTheWay = 512
const goal = 0.6

export interface Turns {
  readonly what: string
  /** The broker of both sides. */
  readonly port: number
  readonly voice: Voice
  readonly rounds: number
  /** What is made ready for a round, and does not count. */
  readonly prepare: (round: number) => Round
}

export interface Round {
  readonly work: () => Promise<void>
  /** What nobody who does the same work gets around, before the nth message: it shows how much could be won at all. */
  readonly unavoidable?: (n: number) => void
}

/**
 * The bridge brings states to a broker, then a bare MQTT.js client publishes the same; over and over, and the ratio.
 * Both sides send the same messages, byte for byte: their number is checked in every round.
 */
export async function turnByTurn({ what, port, voice, rounds, prepare }: Turns): Promise<Figure[]> {
  const bare = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4 })
  // Every message on its way may wait for the socket by itself.
  bare.stream.setMaxListeners(0)
  const [ours, theirs, floors]: [number[], number[], number[]] = [[], [], []]
  for (let round = 1; round <= rounds + 1; round++) {
    const { work, unavoidable } = prepare(round)
    const sentBefore = voice.outbox.counts.settled
    const ourMs = await timed(work)
    await drained(voice)
    const sent = voice.outbox.counts.settled - sentBefore
    const messages = [...voice.publisher.owned.messages()].filter(({ topic }) =>
      /\/state\/device\/[^/]+(\/dp\/.*)?$/.test(topic),
    )
    if (sent !== messages.length)
      throw new Error(`${sent} messages beside ${messages.length} are no comparison`)
    const bareMs = await timed(() => publishAll(bare, messages))
    const floorMs = unavoidable ? await timed(() => publishAll(bare, messages, unavoidable)) : bareMs
    // The first round warms both up.
    if (round > 1) {
      ours.push(messages.length / ourMs)
      theirs.push(messages.length / bareMs)
      floors.push(messages.length / floorMs)
    }
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  bare.end(true)
  // Round by round: a machine whose speed changes within the minute is the same for both sides of a round.
  const ratio = median(ours.map((rate, i) => rate / (theirs[i] ?? Number.NaN)))
  const floor = median(floors.map((rate, i) => rate / (theirs[i] ?? Number.NaN)))
  const perSecond = (rate: number) => Math.round(rate * 1000).toLocaleString('en')
  const least = floor === 1 ? '' : `; the bare client with the same decoding: ${floor.toFixed(2)}`
  const measured = `${perSecond(median(ours))} against ${perSecond(median(theirs))} messages/s: ${ratio.toFixed(2)}${least}`
  return [figure(`${what} over bare publish`, measured, `>= ${goal.toFixed(2)}`, ratio >= goal)]
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

/** With so many on the way as a careful script would keep: MQTT.js slows down under everything at once. */
function publishAll(
  client: mqtt.MqttClient,
  messages: readonly { topic: string; payload: string; qos: 0 | 1; retain: boolean }[],
  before: (n: number) => void = () => {},
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    let [next, open] = [0, 0]
    const more = () => {
      for (; open < onTheWay && next < messages.length; open++) {
        before(next)
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
