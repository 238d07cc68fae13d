import { QueueEffects } from '../src/app/queue-effects.ts'
import { createDecoder, encodePulsar, pulsarKeys } from '../src/codec/queue/decode.ts'
import { decodeFrame, encodeFrame } from '../src/codec/queue/frame.ts'
import { QueueConsumer } from '../src/transport/queue/consumer.ts'
import type { QueueLinkError } from '../src/transport/queue/link-error.ts'
import type { SocketOptions } from '../src/transport/queue/socket.ts'
import { systemClock } from '../src/util/clock.ts'
import { deferred } from '../src/util/deferred.ts'
import { systemRandom } from '../src/util/random.ts'
import { Secret } from '../src/util/secret.ts'
import { freePort, startScript } from './child.ts'
import { drained, mirrored } from './mirrored.ts'
import type { Figure } from './statistics.ts'
import { turnByTurn } from './turn-by-turn.ts'

const accessId = 'benchaccessid0000001'
const accessKey = '0f1e2d3c4b5a69788796a5b4c3d2e1f0'
const points = 10
/** Its document and its points; events are left out on both sides. */
const messagesOfFrame = 1 + points
/** What one read of a socket brings. */
const together = 40

/**
 * From the frames of the queue to the broker's confirmation and our acknowledgement: how many messages a second reach
 * the broker, beside a bare MQTT.js client that publishes the same retained messages at the same QoS, turn by turn. A
 * frame becomes eleven messages on both sides. The bare client has nothing to decode; what it would be with the same
 * decoding, and nothing else of a bridge, stands beside it.
 */
export async function queueRate(devices: number, rounds: number): Promise<Figure[]> {
  const port = await freePort()
  await using _broker = await startScript('plain-broker.ts', [String(port)])
  const { inventory, voice, ids } = mirrored(port, devices, points, { reports: false })
  voice.start()
  await drained(voice)
  const effects = new QueueEffects({
    inventory,
    events: voice.events,
    mirror: voice.mirror,
    clock: systemClock,
    told: () => {},
  })
  const feeder = new Feeder()
  const decoder = createDecoder({ accessKey })
  await using consumer = new QueueConsumer({
    address: {
      base: 'wss://queue.example/',
      accessId,
      accessKey: new Secret(accessKey),
      environment: 'event',
      subscription: `${accessId}-sub`,
      consumerName: null,
      priorityLevel: null,
    },
    openSocket: (options) => feeder.open(options),
    decode: (frame, receivedMs) => decoder.decode(frame, receivedMs),
    requireSign: false,
    sink: effects.take,
    gate: { brokerUp: () => true, outboxEmpty: () => true },
    clock: systemClock,
    random: systemRandom,
    heardMs: null,
    onHealth: () => {},
    onGap: () => {},
    onDead: (letter) => {
      throw new Error(`a message died: ${letter.reason}`)
    },
    onDefect: (thrown) => {
      throw thrown
    },
  })
  consumer.start()
  const figures = await turnByTurn({
    what: `queue frame of ${points} points, ${messagesOfFrame} messages, to the confirmation of the broker`,
    port,
    voice,
    rounds,
    prepare: (round) => {
      const frames = ids.map((id, i) => frameOf(id, round, i))
      const unavoidable = (n: number) => {
        if (n % messagesOfFrame === 0) decoder.decode(decodeFrame(frames[n / messagesOfFrame] as string), 0)
      }
      return { work: () => feeder.feed(frames), unavoidable }
    },
  })
  await voice.stop()
  return figures
}

const keys = pulsarKeys(accessKey)

function frameOf(devId: string, round: number, n: number): string {
  const t = Date.now()
  const status = Array.from({ length: points }, (_, i) => {
    const value = round * 100 + i
    return { code: `value_${i}`, t, [String(i + 1)]: String(value), value }
  })
  const body = { dataId: `AAZ${round}-${n}`, devId, productKey: '9f4rk3ku9rnwtne7', status }
  const messageId = `CK${round}-${n}`
  const letter = { messageId, body, protocol: 4, t, publishTimeMs: t, key: devId }
  return encodeFrame(encodePulsar(letter, keys))
}

/** The other side of the socket: gives frames as fast as they are taken, and hears the acknowledgements. */
class Feeder {
  #options: SocketOptions | undefined
  #waiting: readonly string[] = []
  #next = 0
  #acks = 0
  #paused = false
  #done: (() => void) | undefined

  open = async (options: SocketOptions) => {
    this.#options = options
    const end = deferred<QueueLinkError>()
    return {
      ended: end.promise,
      unsentBytes: 0,
      send: () => {
        this.#acks++
        if (this.#acks === this.#waiting.length) this.#done?.()
      },
      ping: (mark: string) => {
        options.onSign()
        options.onPong(mark)
      },
      pause: () => {
        this.#paused = true
      },
      resume: () => {
        if (this.#paused) setImmediate(() => this.#turn())
        this.#paused = false
      },
      destroy: (error: QueueLinkError) => end.resolve(error),
      close: async (error: QueueLinkError) => end.resolve(error),
    }
  }

  /** Resolves when all of them are acknowledged. */
  async feed(frames: readonly string[]): Promise<void> {
    while (!this.#options) await new Promise((resolve) => setImmediate(resolve))
    this.#waiting = frames
    this.#next = 0
    this.#acks = 0
    await new Promise<void>((resolve) => {
      this.#done = resolve
      this.#turn()
    })
  }

  #turn(): void {
    for (let i = 0; i < together && !this.#paused && this.#next < this.#waiting.length; i++) {
      const text = this.#waiting[this.#next++] as string
      this.#options?.onSign()
      this.#options?.onText(text, text.length)
    }
    if (this.#next < this.#waiting.length && !this.#paused) setImmediate(() => this.#turn())
  }
}
