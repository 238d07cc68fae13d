import { hasSession, type LanVersion } from '../../codec/lan/version.ts'

/** Those that prove themselves first; 3.2 differs from 3.3 in what it answers only. */
const order: readonly LanVersion[] = ['3.5', '3.4', '3.3', '3.1']
/** Devices fall silent for a while when they are asked in wrong versions too often. */
const betweenRoundsMs = 60_000
/** Where one is known already, another is only a guess. */
const betweenGuessesMs = 10 * 60_000

/** Finds out which version a device speaks, one connection each, at most one round a minute. Knows no clock. */
export class VersionSearch {
  #left: LanVersion[] = []
  #notBefore = Number.NEGATIVE_INFINITY
  #wasSuspect = false

  get isOn(): boolean {
    return this.#left.length > 0
  }

  /** Something in this round sounded as if the device did not understand us. */
  get wasSuspect(): boolean {
    return this.#wasSuspect
  }

  /** Milliseconds until the next round may begin. */
  waitMs(now: number): number {
    return Math.max(0, this.#notBefore - now)
  }

  /** A round over all versions; where one is known, over those that firmware could have changed to. */
  begin(known: LanVersion | null, now: number): void {
    this.#notBefore = now + (known === null ? betweenRoundsMs : betweenGuessesMs)
    this.#wasSuspect = false
    this.#left = order.filter(
      (version) => version !== known && (known === null || !hasSession(known) || hasSession(version)),
    )
  }

  /** The one to try now; undefined when no round is on. */
  get version(): LanVersion | undefined {
    return this.#left[0]
  }

  failed(isSuspect: boolean): void {
    this.#wasSuspect ||= isSuspect
    this.#left.shift()
  }

  stop(): void {
    this.#left = []
  }

  /** It was found, or nobody was there to be asked. */
  callOff(): void {
    this.#left = []
    this.#notBefore = Number.NEGATIVE_INFINITY
  }
}
