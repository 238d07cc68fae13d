import type { StatusMessage } from '../domain/message.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { BoundedMap } from '../util/bounded-map.ts'
import type { Clock, Timer } from '../util/clock.ts'
import type { Settle, Settlement } from '../util/settlement.ts'

/** A device that was added a moment ago is known by then; longer must no message wait for its acknowledgement (R-Q5). */
const patienceMs = 6_000
/** All together; what comes beyond them is not waited for. */
const heldAtMost = 64
/** For so long nobody waits again for a device that kept us waiting in vain. */
const inVainMs = 10 * 60_000
const inVainKept = 10_000

type Take = (message: StatusMessage, receivedMs: number, settlement?: Settlement) => void

interface Held {
  readonly message: StatusMessage
  readonly receivedMs: number
  readonly settlement: Settlement
  readonly done: Settle
}

export interface UnreadyParts {
  readonly inventory: Pick<Inventory, 'device' | 'specification' | 'events' | 'counts'>
  readonly clock: Clock
  /** The device is ready, or is waited for no more. */
  readonly take: Take
  /** Nothing can be made of it yet: it is told as it came. */
  readonly tellAsSent: (message: StatusMessage, receivedMs: number, settlement: Settlement) => void
}

/**
 * Reports of devices that cannot be understood yet: of a new one, whose registration or specification is being read, or
 * of one in a home that is not mirrored. They wait a moment. Then a device that is not known is none of ours, and its
 * reports are refused. Of a known one what can be understood by now is told; where nothing can, the report is told as it
 * was sent, and the inventory keeps it for the description. Both are acknowledged when they are told.
 */
export class Unready {
  readonly #parts: UnreadyParts
  readonly #held = new Map<string, { readonly timer: Timer; readonly reports: Held[] }>()
  /** Monotonic, since when nobody waits for them. */
  readonly #inVain = new BoundedMap<string, number>(inVainKept)
  readonly #unfollow: () => void
  #count = 0

  constructor(parts: UnreadyParts) {
    this.#parts = parts
    this.#unfollow = parts.inventory.events.on('specification', ({ record }) => {
      if (!this.has(record.device.id)) this.#ready(record.device.id)
    })
  }

  /** Whether the reports of a device wait. */
  has(deviceId: string): boolean {
    const specification = this.#parts.inventory.specification(deviceId)
    return specification === undefined || specification.partial === true
  }

  hold(message: StatusMessage, receivedMs: number, settlement: Settlement): void {
    const { deviceId } = message
    const { clock } = this.#parts
    const since = this.#inVain.get(deviceId)
    const isInVain = since !== undefined && clock.monotonic() - since < inVainMs
    const held = { message, receivedMs, settlement, done: settlement.part() }
    if (isInVain || this.#count >= heldAtMost) {
      // What can be told is told in order; of what cannot, the inventory keeps the order.
      if (this.#parts.inventory.specification(deviceId))
        for (const earlier of this.#release(deviceId)) this.#giveUp(earlier)
      this.#giveUp(held)
      return
    }
    const waiting = this.#held.get(deviceId) ?? {
      timer: clock.after(patienceMs, () => this.#overdue(deviceId)),
      reports: [],
    }
    this.#held.set(deviceId, waiting)
    waiting.reports.push(held)
    this.#count++
  }

  stop(): void {
    this.#unfollow()
    for (const { timer } of this.#held.values()) timer.cancel()
    this.#held.clear()
  }

  #ready(deviceId: string): void {
    this.#inVain.delete(deviceId)
    for (const { message, receivedMs, settlement, done } of this.#release(deviceId)) {
      this.#parts.take(message, receivedMs, settlement)
      done(true)
    }
  }

  #overdue(deviceId: string): void {
    this.#inVain.set(deviceId, this.#parts.clock.monotonic())
    for (const held of this.#release(deviceId)) this.#giveUp(held)
  }

  #giveUp({ message, receivedMs, settlement, done }: Held): void {
    const { inventory, take, tellAsSent } = this.#parts
    const isKnown = inventory.device(message.deviceId) !== undefined
    const isHalf = inventory.specification(message.deviceId) !== undefined
    if (isHalf) take(message, receivedMs, settlement)
    else if (isKnown) {
      tellAsSent(message, receivedMs, settlement)
      take(message, receivedMs)
    } else inventory.counts.unknownDevice++
    done(isKnown)
  }

  #release(deviceId: string): readonly Held[] {
    const waiting = this.#held.get(deviceId)
    if (!waiting) return []
    waiting.timer.cancel()
    this.#held.delete(deviceId)
    this.#count -= waiting.reports.length
    return waiting.reports
  }
}
