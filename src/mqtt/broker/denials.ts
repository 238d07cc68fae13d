import type { Clock } from '../../util/clock.ts'
import type { BrokerLimits } from './limits.ts'

const minuteMs = 60_000

/** R-E4: who tries too often what it may not is kept out for a while. */
export class Denials {
  readonly #clock: Clock
  readonly #limits: Pick<BrokerLimits, 'deniedAMinute' | 'bannedMs'>
  /** When each connection was denied something, in the last minute. */
  readonly #denied = new WeakMap<object, readonly number[]>()
  readonly #banned = new Map<string, number>()

  constructor(clock: Clock, limits: Pick<BrokerLimits, 'deniedAMinute' | 'bannedMs'>) {
    this.#clock = clock
    this.#limits = limits
  }

  /** True when it was one too many: whoever it is, is cut off for a minute. */
  count(connection: object, who: string): boolean {
    const now = this.#clock.monotonic()
    const denied = [...(this.#denied.get(connection) ?? []).filter((at) => at > now - minuteMs), now]
    this.#denied.set(connection, denied)
    if (denied.length <= this.#limits.deniedAMinute) return false
    this.#banned.set(who, now + this.#limits.bannedMs)
    return true
  }

  isBanned(who: string): boolean {
    const now = this.#clock.monotonic()
    for (const [each, until] of this.#banned) if (until <= now) this.#banned.delete(each)
    return this.#banned.has(who)
  }
}
