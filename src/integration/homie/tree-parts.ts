import type { Ability } from '../../domain/ability.ts'
import type { Json } from '../../domain/data-point.ts'
import type { Device } from '../../domain/device.ts'
import { type HomieDevice, homieDevice } from './device.ts'
import { type DescribedHome, homeValue, homieHome } from './home.ts'
import type { Setting } from './value.ts'

/** What the trees of both versions are made with. */

/** What is known of a device when Homie wants to know. */
export interface DescribedDevice {
  readonly device: Device
  readonly abilities: readonly Ability[]
  /** The shown value of a point, or of a view of it. */
  value(code: string, view: string | null): Json | undefined
  /** What is wrong with it, by a name that stays. */
  readonly faults: readonly string[]
}

/** What has a device of its own in the trees. */
export type Described = DescribedDevice | DescribedHome

export function homieOf(described: Described, id: string): HomieDevice {
  return 'home' in described
    ? homieHome(described, id)
    : homieDevice(described.device, described.abilities, id)
}

/** What a property tells; undefined where nothing is known. */
export function shownOf(described: Described, code: string, view: string | null): Json | undefined {
  return 'home' in described ? homeValue(described, code) : described.value(code, view)
}

/** A home is there as long as the bridge is. */
export function isReachable(described: Described): boolean {
  return 'home' in described || described.device.online
}

export function faultsOf(described: Described): readonly string[] {
  return 'home' in described ? [] : described.faults
}

export interface HomieTreeParts {
  readonly domain: string
  readonly instance: string
  /** Undefined for one that is gone, or of which too little is known. */
  readonly device: (id: string) => Described | undefined
  /** Says something in the order in which it is called; an empty payload takes a topic back. */
  readonly say: (topic: string, payload: string, retain: boolean) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** So many devices found no place in the list of children; called when their number changes. */
  readonly onCrowded?: (leftOut: number) => void
}

/** What `…/set` asks for. */
export interface Wish {
  readonly deviceId: string
  readonly setting: Setting
  /** Where what was accepted is told, in versions that tell it. */
  readonly targetTopic?: string
}

/** What is taken back goes in this order: what makes it a device before its state, and that before all the rest. */
export function identityFirst(a: string, b: string): number {
  return rank(a) - rank(b)
}

function rank(topic: string): number {
  if (topic.endsWith('/$homie')) return 0
  return topic.endsWith('/$state') ? 1 : 2
}
