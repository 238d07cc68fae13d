import { type Clock, every, type Timer } from '../../util/clock.ts'
import { AckProof } from './ack-proof.ts'
import type { DeliveryGate } from './gate.ts'
import type { Intake, Outlet } from './intake.ts'
import { KeepAlive } from './keep-alive.ts'
import { QueueLinkError } from './link-error.ts'
import type { QueueSocket } from './socket.ts'

/** R-Q5, fixed: one message without an acknowledgement makes the proxy send everything again after its own timeout. */
export const settleMs = 10_000
const brokerPatienceMs = 10_000
const brokerWatchMs = 1_000
/** Acknowledgements are short; a proxy that takes none of so many is not there. */
const unsentAtMost = 1024 * 1024

export interface ConnectionParts {
  readonly socket: QueueSocket
  readonly intake: Pick<Intake, 'oldest' | 'holds' | 'proven'>
  readonly clock: Clock
  readonly gate: DeliveryGate
  readonly encodeAck: (messageId: string) => string
  /** It is over: nothing is acknowledged on it any more. Called once, and before anything else can happen. */
  readonly onOver: (end: QueueLinkError) => void
}

/** One connection that stands: its signs of life, its acknowledgements, and the rules by which we end it ourselves. */
export class Connection implements Outlet {
  /** Its socket is gone; not before `onOver`, at most a second after it. */
  readonly gone: Promise<QueueLinkError>
  readonly #parts: ConnectionParts
  readonly #keepAlive: KeepAlive
  readonly #proof: AckProof
  readonly #brokerWatch: Timer
  #due: Timer | undefined
  #brokerDownAt: number | undefined
  #paused = false
  #over = false

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    const { socket, clock, intake } = parts
    this.#keepAlive = new KeepAlive({
      clock,
      ping: () => socket.ping(''),
      onDead: () => socket.destroy(new QueueLinkError('timeout', 'The queue gave no sign of life for 40 s.')),
    })
    this.#keepAlive.start()
    this.#proof = new AckProof({
      clock,
      ping: (mark) => socket.ping(mark),
      onProven: (acks) => intake.proven(acks),
    })
    this.#brokerWatch = every(clock, brokerWatchMs, () => this.#watchBroker())
    this.gone = socket.ended.then((end) => {
      this.#stop(end)
      return end
    })
  }

  /** When the queue gave its last sign of life, monotonic. */
  get lastAt(): number {
    return this.#keepAlive.lastAt
  }

  /** A frame of any kind. */
  heard(): void {
    this.#keepAlive.heard()
  }

  /** The answer to a ping with this mark. */
  answered(mark: string): void {
    this.#proof.answered(mark)
  }

  ack(id: string): void {
    const { socket, encodeAck } = this.#parts
    if (this.#over) return
    socket.send(encodeAck(id))
    this.#proof.sent()
    if (socket.unsentBytes > unsentAtMost)
      socket.destroy(new QueueLinkError('timeout', 'The queue takes no acknowledgements.'))
  }

  regulate(room: boolean): void {
    if (this.#over) return
    this.#watchOldest()
    if (room !== this.#paused) return
    this.#paused = !room
    if (room) {
      this.#parts.socket.resume()
      this.#keepAlive.start()
    } else {
      this.#parts.socket.pause()
      this.#keepAlive.stop()
    }
  }

  giveUp(): void {
    this.leave(
      new QueueLinkError(
        'undecodable',
        'Messages of the queue cannot be decrypted. Check the access secret; nothing was acknowledged.',
      ),
    )
  }

  overrun(): void {
    this.#parts.socket.destroy(new QueueLinkError('protocol', 'The queue sends more than anybody reads.'))
  }

  crowded(): void {
    this.leave(new QueueLinkError('busy', 'There was no room for a message of the queue.'))
  }

  /** Says goodbye, for this reason. */
  leave(end: QueueLinkError): void {
    this.#stop(end)
    void this.#parts.socket.close(end)
  }

  #stop(end: QueueLinkError): void {
    if (this.#over) return
    this.#over = true
    this.#keepAlive.stop()
    this.#proof.stop()
    this.#brokerWatch.cancel()
    this.#due?.cancel()
    this.#parts.onOver(end)
  }

  /** One timer for all of them: it is not moved when the oldest was acknowledged, it looks again. */
  #watchOldest(): void {
    if (this.#due) return
    const { intake, clock } = this.#parts
    const { oldest } = intake
    if (oldest === undefined) return
    this.#due = clock.after(oldest + settleMs - clock.monotonic(), () => {
      this.#due = undefined
      if ((intake.oldest ?? Infinity) + settleMs > clock.monotonic()) this.#watchOldest()
      else if (intake.holds) this.giveUp()
      else this.leave(new QueueLinkError('busy', 'Messages of the queue were not delivered within 10 s.'))
    })
  }

  #watchBroker(): void {
    const { gate, clock } = this.#parts
    if (gate.brokerUp()) this.#brokerDownAt = undefined
    else {
      this.#brokerDownAt ??= clock.monotonic()
      if (clock.monotonic() - this.#brokerDownAt >= brokerPatienceMs)
        this.leave(
          new QueueLinkError('broker-down', 'The broker is down; the queue keeps its messages meanwhile.'),
        )
    }
  }
}
