import type { Reply } from '../../codec/lan/reply.ts'
import type { Request } from '../../codec/lan/request.ts'
import { hasSession } from '../../codec/lan/version.ts'
import type { Message } from '../../codec/lan/wire.ts'
import { SendError } from '../../domain/link.ts'
import type { Clock, Timer } from '../../util/clock.ts'
import type { Connection } from './connection.ts'
import type { LanCounts } from './counts.ts'
import type { LanLinkError } from './link-error.ts'
import { Lookout } from './lookout.ts'
import { Pending } from './pending.ts'

export interface ExchangeParts {
  readonly connection: Connection
  readonly clock: Clock
  readonly counts: LanCounts
  /** An answer did not come: is anybody there? */
  readonly onSilence: () => void
}

export interface AskOptions {
  /** Of the device behind this one that is meant. */
  readonly cid: string | null
  readonly signal: AbortSignal
  /** It changes something: devices want such requests at a distance. */
  readonly paced: boolean
}

const paceMs = 50
const waitingAtMost = 64

interface Queue {
  current: Pending | undefined
  readonly waiting: Pending[]
}

/**
 * Questions and their answers: one at a time for each command, since devices of 3.4 and 3.5 number their answers as
 * they like. Where an answer did not come, the place stays taken until a heartbeat has come back, so that a late one
 * is not taken for that to the next question.
 */
export class Exchange {
  readonly #parts: ExchangeParts
  readonly #bySeq: boolean
  readonly #queues = new Map<number, Queue>()
  readonly #lookout: Lookout
  #lastPaced = -paceMs
  #pacing: Timer | undefined

  constructor(parts: ExchangeParts) {
    this.#parts = parts
    this.#lookout = new Lookout(parts.clock, (now) => this.#look(now))
    this.#bySeq = !hasSession(parts.connection.version)
    void parts.connection.ended.then((end) => this.#over(end))
  }

  /** Something was written and not answered yet. */
  get isBusy(): boolean {
    return [...this.#queues.values()].some(({ current }) => current !== undefined)
  }

  /** The device's answer. Rejects with SendError: `refused` never, an answer of whatever kind is one. */
  ask(request: Request, options: AskOptions): Promise<Reply> {
    const queue = this.#queueOf(request.command)
    const askedAt = this.#parts.clock.monotonic()
    return new Promise((resolve, reject) => {
      if (options.signal.aborted || queue.waiting.length >= waitingAtMost) {
        reject(
          new SendError('not-sent', 'lan/timeout', 'The device was busy with other requests.', {
            retry: 'later',
          }),
        )
        return
      }
      const pending = new Pending({ request, askedAt, resolve, reject, ...options })
      queue.waiting.push(pending)
      this.#next(queue, askedAt)
      if (!pending.isSettled) this.#lookout.by(pending.lookAt, askedAt)
    })
  }

  /** Asks nothing in return. Does nothing when the connection is over. */
  tell(request: Request): void {
    if (!this.#parts.connection.isOver) this.#parts.connection.send(request)
  }

  /** Whose answer this is, if anybody's; he is told by `settle`, after what it says was told to everybody. */
  match({ seq, command }: Message, reply: Reply): ((reply: Reply) => void) | undefined {
    const queue = this.#queues.get(command)
    const current = queue?.current
    if (!queue || !current) return undefined
    if (this.#bySeq ? seq !== current.seq : !isFrom(reply, current.cid)) {
      this.#parts.counts.strays++
      return undefined
    }
    return (answer) => {
      if (current.isSettled) this.#parts.counts.strays++
      this.#free(queue, current)
      current.answer(answer)
    }
  }

  /** A heartbeat came back: what came before it has all been answered, or never will be. */
  pong(): void {
    for (const queue of this.#queues.values()) if (queue.current?.isLate) this.#free(queue, queue.current)
  }

  #queueOf(command: number): Queue {
    const known = this.#queues.get(command)
    if (known) return known
    const queue = { current: undefined, waiting: [] }
    this.#queues.set(command, queue)
    return queue
  }

  #next(queue: Queue, now: number): void {
    if (queue.current) return
    let first = queue.waiting[0]
    while (first && !first.mayWrite(now)) {
      queue.waiting.shift()
      first = queue.waiting[0]
    }
    if (!first) return
    if (first.paced && this.#mustWait(queue, now)) return
    queue.waiting.shift()
    queue.current = first
    this.#write(queue, first, now)
  }

  #write(queue: Queue, pending: Pending, now: number): void {
    if (pending.paced) this.#lastPaced = now
    try {
      pending.wrote(this.#parts.connection.send(pending.request))
    } catch (thrown) {
      queue.current = undefined
      pending.fail('not-sent', thrown)
      this.#next(queue, now)
    }
  }

  #mustWait(queue: Queue, now: number): boolean {
    const { clock } = this.#parts
    const waitMs = this.#lastPaced + paceMs - now
    if (waitMs <= 0) return false
    this.#pacing ??= clock.after(waitMs, () => {
      this.#pacing = undefined
      for (const each of this.#queues.values()) this.#next(each, clock.monotonic())
    })
    return queue.waiting.length > 0
  }

  /** At what still waits; gives when to look again. */
  #look(now: number): number {
    let next = Number.POSITIVE_INFINITY
    for (const queue of this.#queues.values())
      for (const pending of [queue.current, ...queue.waiting]) {
        if (!pending) continue
        if (pending.look(now)) this.#late(queue, pending)
        if (queue.current === pending || !pending.isSettled) next = Math.min(next, pending.lookAt)
      }
    return next
  }

  /** It was written, and no answer came in time. */
  #late(queue: Queue, pending: Pending): void {
    if (queue.current !== pending) return
    if (this.#bySeq || pending.isGivenUp) this.#free(queue, pending)
    this.#parts.onSilence()
  }

  #free(queue: Queue, pending: Pending): void {
    if (queue.current !== pending) return
    queue.current = undefined
    if (queue.waiting.length > 0) this.#next(queue, this.#parts.clock.monotonic())
  }

  #over(end: LanLinkError): void {
    this.#pacing?.cancel()
    this.#lookout.cancel()
    for (const { current, waiting } of this.#queues.values()) {
      current?.fail('unknown', end)
      for (const pending of waiting) pending.fail('not-sent', end)
    }
    this.#queues.clear()
  }
}

/** Whether it can be the answer of this one; an empty one says nothing of its sender. */
function isFrom(reply: Reply, cid: string | null): boolean {
  return reply.kind !== 'values' || reply.cid === null || reply.cid === cid
}
