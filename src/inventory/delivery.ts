import { Settlement } from '../util/settlement.ts'

interface Waiting {
  readonly settlement: Settlement
  readonly settle: (delivered: boolean) => void
  readonly onLost: () => void
}

/**
 * What becomes of that which a device said on the LAN and nobody can ask it for again. The event queue brings the same,
 * and keeps it until it is acknowledged: whoever has that in hand waits here (I-1).
 */
export class Delivery {
  /** Who publishes takes a part. */
  readonly settlement: Settlement
  #outcome: 'delivered' | 'refused' | 'lost' | undefined
  readonly #waiting: Waiting[] = []

  constructor() {
    this.settlement = new Settlement(
      (delivered) => this.#end(delivered ? 'delivered' : 'refused'),
      () => this.#end('lost'),
    )
  }

  /** There was no room for it. */
  get isLost(): boolean {
    return this.#outcome === 'lost'
  }

  /** The message is settled when the broker has what was said. Where there is no room for that, it has to come again. */
  join(settlement: Settlement, onLost: () => void): void {
    if (this.#outcome) return
    this.#waiting.push({ settlement, settle: settlement.part(), onLost })
  }

  #end(outcome: 'delivered' | 'refused' | 'lost'): void {
    this.#outcome = outcome
    for (const { settlement, settle, onLost } of this.#waiting.splice(0)) {
      if (outcome === 'lost') {
        onLost()
        settlement.refuse()
      } else settle(outcome === 'delivered')
    }
  }
}
