import type { LanVersion } from '../../codec/lan/version.ts'
import type { LanAddress, LanDevice, Proposal } from './device.ts'

/** Where a device is looked for, and what it is expected to speak. */
export interface Whereabouts {
  readonly address: LanAddress
  /** Null: to be found out. */
  readonly version: LanVersion | null
  /** The address was given by somebody of ours, or has proved itself before. */
  readonly isTrusted: boolean
}

/**
 * R-L5: what is known, what is said, and what has proved itself. Hearsay gets its turn when the device is not where it
 * was, and never more than its turn: whoever tells lies does not keep us from the truth.
 */
export class WhereaboutsBook {
  #configured: Whereabouts | undefined
  #proved: Whereabouts | undefined
  #said: Proposal | undefined
  #version: LanVersion | null = null
  /** Failures since it was there last; the next in line gets its turn with each. */
  #turn = 0
  #isHearsaysTurn = true

  /** What the application says, which supersedes what was proved before. */
  configure({ address, version }: LanDevice): void {
    this.#configured = address ? { address, version, isTrusted: true } : undefined
    this.#version = version
    const { address: was, version: spoke } = this.#proved ?? {}
    const isElsewhere = address !== null && was !== undefined && !isSame(address, was)
    if (isElsewhere || (version !== null && version !== spoke)) this.#proved = undefined
    this.#turn = 0
    // What is said was said before.
    this.#isHearsaysTurn = address === null
  }

  /** The version that was proved last, or what is known of it otherwise. */
  get version(): LanVersion | null {
    return this.#proved?.version ?? this.#version
  }

  /** Whether it says something new, and something else than what is known. */
  propose(proposal: Proposal): boolean {
    const last = this.#said
    this.#said = proposal
    const isRepeated = last && isSame(last.address, proposal.address) && last.version === proposal.version
    return !isRepeated && this.#hearsayBeside(this.#known) !== undefined
  }

  proved(where: Whereabouts, version: LanVersion): void {
    this.#proved = { address: where.address, version, isTrusted: true }
    this.#turn = 0
    this.#isHearsaysTurn = true
  }

  /** It was not at `next`. */
  failed(): void {
    const wasHearsay = this.#isHearsaysTurn && this.#hearsayBeside(this.#known) !== undefined
    this.#isHearsaysTurn = !wasHearsay
    if (!wasHearsay) this.#turn++
  }

  /** Where to look now; undefined when nobody has said anything. The same until something happens. */
  get next(): Whereabouts | undefined {
    const known = this.#known
    const hearsay = this.#hearsayBeside(known)
    if (hearsay && (this.#isHearsaysTurn || known.length === 0)) return hearsay
    return known[this.#turn % Math.max(1, known.length)]
  }

  get #known(): Whereabouts[] {
    const configured = this.#configured && {
      ...this.#configured,
      version: this.#configured.version ?? this.version,
    }
    const known = this.#proved ? [this.#proved] : []
    if (configured && !known.some((place) => isSamePlace(place, configured))) known.push(configured)
    return known
  }

  #hearsayBeside(known: readonly Whereabouts[]): Whereabouts | undefined {
    const said = this.#said
    if (!said) return undefined
    const isTrusted = known.some(({ address }) => isSame(address, said.address))
    const hearsay = { address: said.address, version: higher(this.version, said.version), isTrusted }
    return known.some((place) => isSamePlace(place, hearsay)) ? undefined : hearsay
  }
}

/** Firmware goes up. Whoever could talk us down would get commands without having to know the key. */
function higher(known: LanVersion | null, said: LanVersion | null): LanVersion | null {
  if (known === null || said === null) return known ?? said
  return said > known ? said : known
}

function isSamePlace(one: Whereabouts, other: Whereabouts): boolean {
  return isSame(one.address, other.address) && one.version === other.version
}

export function isSame(one: LanAddress | null, other: LanAddress | null): boolean {
  return one === other || (one?.host === other?.host && one?.port === other?.port)
}
