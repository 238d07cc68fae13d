import { Cipher } from '../../src/codec/queue/cipher.ts'
import { queueKey, queuePassword } from '../../src/codec/queue/credential.ts'
import { isSigned, openEnvelope } from '../../src/codec/queue/envelope.ts'
import { decodeFrame, encodeAck, type Frame } from '../../src/codec/queue/frame.ts'
import { Faults } from '../../src/simulator/fault.ts'
import { Journal } from '../../src/simulator/journal.ts'
import { Connection } from '../../src/simulator/queue/connection.ts'
import { idleMs, QueueService } from '../../src/simulator/queue/service.ts'
import type { Visit } from '../../src/simulator/queue/visit.ts'
import type { QueueEntry } from '../../src/simulator/world-file.ts'
import { type Random, seededRandom } from '../../src/util/random.ts'
import { VirtualClock } from './virtual-clock.ts'

export interface QueueDeskOptions {
  readonly entry?: QueueEntry
  readonly faults?: readonly string[]
  readonly seed?: number
  readonly handOverMs?: number
}

export interface GuestOptions {
  readonly query?: Readonly<Record<string, string>>
  readonly suffix?: string
  readonly environment?: string
  /** Acknowledges what comes, at once. */
  readonly acks?: boolean
}

export const project = { accessId: 'desk5q7w9e1r3t5y7u9i', accessSecret: '0f1e2d3c4b5a69788796a5b4c3d2e1f0' }

/** The queue without sockets, on a clock that stands still. */
export class QueueDesk {
  readonly clock = new VirtualClock()
  readonly faults = new Faults()
  readonly journal = new Journal(this.clock)
  readonly random: Random
  readonly service: QueueService

  constructor({ entry = {}, faults = [], seed = 1, handOverMs = 0 }: QueueDeskOptions = {}) {
    for (const fault of faults) this.faults.set(fault)
    this.random = seededRandom(seed)
    const { clock, journal, random } = this
    this.service = new QueueService({
      project,
      entry,
      faults: this.faults,
      journal,
      clock,
      random,
      handOverMs,
    })
    this.service.start()
  }

  guest(options: GuestOptions = {}): QueueGuest {
    return new QueueGuest(this, options)
  }

  /** Comes in and lets the hand-over pass. */
  async reader(options: GuestOptions = {}): Promise<QueueGuest> {
    const guest = this.guest({ ...options, query: { subscriptionType: 'Failover', ...options.query } })
    await this.clock.advance(0)
    return guest
  }

  /** A report of a device; devices of different names lie in different partitions, mostly. */
  report(devId = 'bf1', value: unknown = true): void {
    const status = [{ code: 'switch_1', t: this.clock.now(), '1': String(value), value }]
    const body = { dataId: 'x', devId, productKey: 'p', status }
    this.service.publish({ protocol: 4, bizCode: null, key: devId, body })
  }

  did(what: string) {
    return this.journal.entries('queue', what).map(({ detail }) => detail)
  }
}

/** A client that keeps what came. */
export class QueueGuest {
  readonly texts: string[] = []
  readonly pongs: string[] = []
  pings = 0
  readonly visit: Visit
  closed: { readonly code: number; readonly reason: string } | undefined
  /** The bytes of a frame that still came before the line was cut. */
  cut: number | undefined

  constructor(desk: QueueDesk, { query = {}, suffix = 'sub', environment = 'event', acks }: GuestOptions) {
    const { accessId, accessSecret } = project
    const search = new URLSearchParams(query)
    const path = `/ws/v2/consumer/persistent/${accessId}/out/${environment}/${accessId}-${suffix}`
    const entrance = desk.service.admit({
      target: `${path}?${search}`,
      headers: { username: accessId, password: queuePassword(accessId, accessSecret) },
    })
    if (entrance === 'stalled') throw new Error('no answer')
    const { clock, random, faults } = desk
    const connection = new Connection({
      clock,
      random,
      faults,
      idleMs,
      socket: {
        send: (text) => {
          this.texts.push(text)
          if (acks) setImmediate(() => this.say(encodeAck(decodeFrame(text).messageId)))
        },
        ping: () => this.pings++,
        pong: (payload) => this.pongs.push(payload.toString()),
        close: (code, reason) => this.leave(code, reason),
        cut: (_text, bytes) => {
          this.cut = bytes
          this.leave(1006, '')
        },
      },
    })
    this.visit = desk.service.welcome(entrance, connection)
  }

  get frames(): Frame[] {
    return this.texts.map(decodeFrame)
  }

  say(text: string): void {
    this.visit.hear(text)
  }

  ack(...messageIds: readonly string[]): void {
    for (const messageId of messageIds) this.say(encodeAck(messageId))
  }

  /** The line is gone. */
  leave(code = 1006, reason = ''): void {
    this.closed = { code, reason }
    setImmediate(() => this.visit.leave(code, reason))
  }
}

const cipher = new Cipher(queueKey(project.accessSecret))

/** What is in a frame; throws what a decoder of the bridge would throw. */
export function opened(frame: Frame) {
  const envelope = openEnvelope(frame.payload)
  const data = Buffer.from(envelope.data, 'base64')
  const plain =
    frame.properties['em'] === 'aes_gcm'
      ? cipher.openGcm({ iv: data.subarray(0, 12), sealed: data.subarray(12) })
      : cipher.openEcb(data)
  const body = JSON.parse(plain.toString()) as Readonly<Record<string, unknown>>
  return { envelope, body, signed: isSigned(envelope, project.accessSecret) }
}
