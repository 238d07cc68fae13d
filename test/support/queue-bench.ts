import { expect } from 'vitest'
import { encodeFrame, type Frame } from '../../src/codec/queue/frame.ts'
import { QueueError } from '../../src/codec/queue/queue-error.ts'
import type { LinkHealth } from '../../src/domain/link.ts'
import type { Received } from '../../src/domain/message.ts'
import { QueueConsumer } from '../../src/transport/queue/consumer.ts'
import type { DeadLetter } from '../../src/transport/queue/dead-letters.ts'
import type { Gap } from '../../src/transport/queue/gap.ts'
import type { Readable } from '../../src/transport/queue/intake.ts'
import type { LinkEnd } from '../../src/transport/queue/link-error.ts'
import type { OpenSocket } from '../../src/transport/queue/socket.ts'
import type { Clock } from '../../src/util/clock.ts'
import { type Random, seededRandom } from '../../src/util/random.ts'
import { Secret } from '../../src/util/secret.ts'
import { ScriptedQueue } from './scripted-queue.ts'
import { VirtualClock } from './virtual-clock.ts'

export const queueAccess = {
  accessId: 'demoaccessid00000001',
  accessKey: new Secret('0f1e2d3c4b5a69788796a5b4c3d2e1f0'),
}

/** A frame whose payload says how the decoder of the bench takes it: `ok`, or a fault of the codec. */
export function queueFrame(messageId: string, payload = 'ok', publishTimeMs: number | null = null): string {
  return encodeFrame({
    messageId,
    payload,
    properties: {},
    publishTimeMs,
    key: null,
    redeliveryCount: 0,
  })
}

const faults = ['payload_json', 'data_length', 'decrypt', 'body_json', 'unsupported_encryption'] as const

/** Stands in for the codec: no cipher, the payload is the verdict. */
export function decodeScripted({ messageId, payload }: Frame): Readable {
  const fault = faults.find((word) => word === payload)
  if (fault) throw new QueueError(fault)
  if (payload === 'defect') throw new TypeError('a defect')
  const message = { kind: 'ignored', protocol: 20, bizCode: messageId, timeMs: 0, data: null } as const
  return { message, signOk: payload !== 'unsigned' }
}

export interface Taken {
  readonly id: string
  readonly received: Received
  settle(delivered?: boolean): void
  comeAgain(): void
}

export interface QueueBenchParts {
  readonly open: OpenSocket
  readonly clock: Clock
  readonly random?: Random
  readonly base?: string
  readonly consumerName?: string | null
  readonly heardMs?: number | null
  readonly decode?: (frame: Frame, receivedMs: number) => Readable
  readonly requireSign?: boolean
}

/** A consumer, the side that delivers, and what both were told. */
export class QueueBench {
  readonly consumer: QueueConsumer
  readonly taken: Taken[] = []
  readonly healths: LinkHealth[] = []
  readonly gaps: Gap[] = []
  readonly dead: DeadLetter[] = []
  readonly defects: unknown[] = []
  readonly ends: { readonly end: LinkEnd; readonly at: number }[] = []
  /** Settles whatever comes at once. */
  prompt = true
  brokerUp = true
  outboxEmpty = true

  constructor({ open, clock, random = seededRandom(7), ...parts }: QueueBenchParts) {
    this.consumer = new QueueConsumer({
      address: {
        base: parts.base ?? 'wss://queue.example:8285/',
        ...queueAccess,
        environment: 'event',
        subscription: `${queueAccess.accessId}-sub`,
        consumerName: parts.consumerName ?? null,
        priorityLevel: null,
      },
      openSocket: open,
      decode: parts.decode ?? decodeScripted,
      requireSign: parts.requireSign ?? false,
      sink: (received, settlement) => {
        const id = String(received.message.bizCode)
        const settle = settlement.part()
        this.taken.push({
          id,
          received,
          settle: (delivered = true) => settle(delivered),
          comeAgain: () => settlement.refuse(),
        })
        if (this.prompt) settle(true)
      },
      gate: { brokerUp: () => this.brokerUp, outboxEmpty: () => this.outboxEmpty },
      clock,
      random,
      heardMs: parts.heardMs ?? null,
      onHealth: (health) => this.healths.push(health),
      onGap: (gap) => this.gaps.push(gap),
      onDead: (letter) => this.dead.push(letter),
      onDefect: (thrown) => this.defects.push(thrown),
      onEnd: ({ end }) => this.ends.push({ end, at: clock.monotonic() }),
    })
  }

  get ids(): string[] {
    return this.taken.map(({ id }) => id)
  }

  get reasons(): string[] {
    return this.dead.map(({ reason }) => reason)
  }

  /** Everything that came is accounted for (R-T4). */
  get balance(): number {
    const { received, settled, duplicate, stale, dead, shed, pending } = this.consumer.counts
    return received - settled - duplicate - stale - dead - shed - pending
  }
}

/** A consumer over scripted sockets in virtual time. */
export class VirtualQueueBench extends QueueBench implements AsyncDisposable {
  expectedDefects = 0
  readonly clock: VirtualClock
  readonly queue: ScriptedQueue

  constructor(parts: Partial<QueueBenchParts> = {}) {
    const clock = new VirtualClock()
    const queue = new ScriptedQueue()
    super({ open: queue.open, clock, ...parts })
    this.clock = clock
    this.queue = queue
  }

  /** Started and connected. */
  async up(): Promise<this> {
    this.consumer.start()
    await this.clock.advance(0)
    return this
  }

  /** The last connection is lost, and the next one stands. */
  async again(): Promise<void> {
    const before = this.queue.sockets.length
    this.queue.last.drop()
    for (let i = 0; this.queue.sockets.length === before && i < 100; i++) await this.clock.advance(1_000)
  }

  get acks(): string[] {
    return this.queue.last.acks
  }

  get state(): string {
    const { state, reason } = this.consumer.health
    return reason === null ? state : `${state} ${reason}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clock.during(this.consumer[Symbol.asyncDispose]())
    expect(this.clock.waiting, 'timers left').toBe(0)
    expect(this.balance).toBe(0)
    expect(this.defects).toHaveLength(this.expectedDefects)
  }
}
