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
  /** Failures since it was there last; the next in line gets its turn with each. */
  #turn = 0

  /** What the application says, which supersedes what was proved before. */
  configure({ address, version }: LanDevice): void {
    this.#configured = address ? { address, version, isTrusted: true } : undefined
    this.#version = version
    const isNews = address !== null && this.#proved !== undefined && !isSame(address, this.#proved.address)
    if (isNews) this.#proved = undefined
    this.#turn = 0
  }

  #version: LanVersion | null = null

  /** The version that was proved last, or what is known of it otherwise. */
  get version(): LanVersion | null {
    return this.#proved?.version ?? this.#version
  }

  /** Whether it says something new. */
  propose(proposal: Proposal): boolean {
    const last = this.#said
    this.#said = proposal
    const isRepeated = last && isSame(last.address, proposal.address) && last.version === proposal.version
    if (!isRepeated) this.#turn = 0
    return !isRepeated
  }

  proved(where: Whereabouts, version: LanVersion): void {
    this.#proved = { address: where.address, version, isTrusted: true }
    this.#turn = 0
  }

  failed(): void {
    this.#turn++
  }

  /** Where to look now; undefined when nobody has said anything. */
  get next(): Whereabouts | undefined {
    const places = this.#places()
    return places[this.#turn % Math.max(1, places.length)]
  }

  #places(): Whereabouts[] {
    const places: Whereabouts[] = []
    const add = (place: Whereabouts | undefined) => {
      const isNew =
        place &&
        !places.some((known) => isSame(known.address, place.address) && known.version === place.version)
      if (isNew) places.push(place)
    }
    add(this.#hearsay())
    add(this.#proved)
    add(this.#configured && { ...this.#configured, version: this.#configured.version ?? this.version })
    return places
  }

  #hearsay(): Whereabouts | undefined {
    const said = this.#said
    if (!said) return undefined
    const known = [this.#proved, this.#configured].find(
      (place) => place && isSame(place.address, said.address),
    )
    return {
      address: said.address,
      version: higher(this.version, said.version),
      isTrusted: known !== undefined,
    }
  }
}

/** Firmware goes up. Whoever could talk us down would get commands without having to know the key. */
function higher(known: LanVersion | null, said: LanVersion | null): LanVersion | null {
  if (known === null || said === null) return known ?? said
  return said > known ? said : known
}

export function isSame(one: LanAddress, other: LanAddress): boolean {
  return one.host === other.host && one.port === other.port
}
