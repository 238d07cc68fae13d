import { createHash } from 'node:crypto'
import type { Outcome } from '../../domain/command.ts'
import { BoundedMap } from '../../util/bounded-map.ts'
import type { Clock } from '../../util/clock.ts'

const keptMs = 600_000
const keptAtMost = 10_000
const dupMs = 30_000

export interface Remembered {
  readonly target: string
  /** Settles with the command's one outcome, also while it still runs. */
  readonly outcome: Promise<Outcome>
  readonly at: number
}

/** R-K5: commands that were seen lately, by requester and id, and by topic and bytes. */
export class CommandMemory {
  readonly #clock: Clock
  readonly #byId = new BoundedMap<string, Remembered>(keptAtMost)
  readonly #byBytes = new BoundedMap<string, number>(keptAtMost)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  find(requester: string, id: string): Remembered | undefined {
    const found = this.#byId.get(`${requester} ${id}`)
    return found && this.#clock.monotonic() - found.at < keptMs ? found : undefined
  }

  keep(requester: string, id: string, target: string, outcome: Promise<Outcome>): void {
    this.#byId.set(`${requester} ${id}`, { target, outcome, at: this.#clock.monotonic() })
  }

  /** A message that the broker calls a repetition is one: it was noted. */
  isRepeat(topic: string, payload: Uint8Array): boolean {
    const notedAt = this.#byBytes.get(keyOf(topic, payload))
    return notedAt !== undefined && this.#clock.monotonic() - notedAt < dupMs
  }

  note(topic: string, payload: Uint8Array): void {
    this.#byBytes.set(keyOf(topic, payload), this.#clock.monotonic())
  }
}

function keyOf(topic: string, payload: Uint8Array): string {
  return createHash('sha1').update(topic).update('\0').update(payload).digest('base64')
}

const oncePerSecond = 20

/** R-K6: points that act on every write take twenty of them a second and device. */
export class OnceRate {
  readonly #clock: Clock
  readonly #recent = new BoundedMap<string, number[]>(keptAtMost)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  admit(deviceId: string): boolean {
    const now = this.#clock.monotonic()
    const recent = (this.#recent.get(deviceId) ?? []).filter((at) => at > now - 1_000)
    if (recent.length >= oncePerSecond) return false
    this.#recent.set(deviceId, [...recent, now])
    return true
  }
}
