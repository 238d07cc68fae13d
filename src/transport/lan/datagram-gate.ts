import { limits } from '../../util/json.ts'

/** What becomes of a datagram before anybody looks into it. */
export type GateVerdict = 'pass' | 'oversize' | 'sender-limit' | 'overall-limit'

export const datagramLimits = {
  bytes: limits.discovery.bytes,
  perSecond: 200,
  /** The rest of them is kept for senders that have told of a wanted device before. */
  perSecondOfStrangers: 100,
  perSenderAndSecond: 5,
} as const

/** R-L5: so many datagrams of a second are looked at, and so many of one sender. Senders are noted only as they pass. */
export class DatagramGate {
  #second = Number.NaN
  #passed = 0
  #strangers = 0
  readonly #bySender = new Map<string, number>()

  /** `nowMs` never jumps. */
  judge(bytes: number, sender: string, isKnown: boolean, nowMs: number): GateVerdict {
    if (bytes > datagramLimits.bytes) return 'oversize'
    this.#turn(Math.floor(nowMs / 1_000))
    const before = this.#bySender.get(sender) ?? 0
    if (before >= datagramLimits.perSenderAndSecond) return 'sender-limit'
    if (this.#passed >= datagramLimits.perSecond) return 'overall-limit'
    if (!isKnown && this.#strangers >= datagramLimits.perSecondOfStrangers) return 'overall-limit'
    this.#bySender.set(sender, before + 1)
    this.#passed++
    if (!isKnown) this.#strangers++
    return 'pass'
  }

  #turn(second: number): void {
    if (second === this.#second) return
    this.#second = second
    this.#passed = 0
    this.#strangers = 0
    this.#bySender.clear()
  }
}
