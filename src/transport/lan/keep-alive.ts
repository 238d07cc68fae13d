import { heartbeatRequest } from '../../codec/lan/request.ts'
import type { Clock } from '../../util/clock.ts'
import type { Connection } from './connection.ts'
import { LanLinkError } from './link-error.ts'

/** How often `tick` is called, by which its times are early. */
export const tickMs = 500
/** Devices end a connection on which the client has said nothing for 30 s. */
const quietMs = 10_000 - tickMs
/** R-L2: three heartbeats went unanswered. Any frame counts as an answer. */
const deadMs = 30_000 - tickMs
/** After a request without an answer nobody waits that long. */
const doubtMs = 5_000

/** Signs of life, in both directions. Has no timer of its own: a thousand devices share one. */
export class KeepAlive {
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #deviceId: string
  #doubtAt: number | undefined

  constructor(connection: Connection, clock: Clock, deviceId: string) {
    this.#connection = connection
    this.#clock = clock
    this.#deviceId = deviceId
  }

  tick(now: number): void {
    const { heardAt, sentAt } = this.#connection
    if (this.#doubtAt !== undefined && heardAt >= this.#doubtAt) this.#doubtAt = undefined
    const isDead = now - heardAt >= deadMs || (this.#doubtAt !== undefined && now - this.#doubtAt >= doubtMs)
    if (isDead) this.#connection.fail(new LanLinkError('timeout', 'The device gives no sign of life.'))
    else if (now - sentAt >= quietMs) this.#ping()
  }

  /** An answer did not come: asks whether anybody is there. */
  doubt(): void {
    if (this.#connection.isOver) return
    this.#doubtAt ??= this.#clock.monotonic()
    this.#ping()
  }

  #ping(): void {
    this.#connection.send(heartbeatRequest(this.#deviceId))
  }
}
