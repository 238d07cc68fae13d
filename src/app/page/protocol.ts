import type { AbilityRole } from '../../domain/ability/base.ts'
import type { AbilityKind } from '../../domain/ability.ts'
import type { FinalState, Path } from '../../domain/command.ts'
import type { Access, ColourRange, DataPointType, Json } from '../../domain/data-point.ts'
import type { Source } from '../../domain/report.ts'
import type { HealthDocument } from '../health.ts'
import type { TailLine } from '../log-tail.ts'
import type { BridgeInfo } from '../self-report.ts'

/** What the bridge tells the page and what the page asks; types alone, shared with the program in the browser. */

/** The part that a point plays in what its device can do. */
export interface PageUse {
  readonly ability: AbilityKind
  readonly role: AbilityRole
  /** The ability that it makes up together with others, and which part of that it is. */
  readonly key?: string
  readonly part?: string
  /** What it tells, in the words of the abilities. */
  readonly measures?: string
  /** The ability stands on what is derived from the point, which is a point of its own here, and not on its value. */
  readonly derived?: true
  /** What words of its range do that do not say it themselves. */
  readonly words?: { readonly [word: string]: string }
}

/** One data point as the device's specification has it; numbers as they are shown. */
export interface PagePoint {
  readonly code: string
  readonly name: string
  /** Absent where its type says all there is to say. */
  readonly use?: PageUse
  readonly type: DataPointType
  readonly access: Access
  readonly unit: string | null
  readonly min: number | null
  readonly max: number | null
  readonly step: number | null
  readonly range: readonly string[] | null
  readonly maxlen: number | null
  readonly colour: ColourRange | null
  readonly momentary: boolean
  readonly once: boolean
}

/** What is marked in a fact: bits. */
export const factMark = { stale: 1, odd: 2 } as const

/** Value as it is shown, source time, source, marks. */
export type PageFact = readonly [value: Json, timeMs: number, source: Source, marks: number]

export interface PageWay {
  readonly state: 'up' | 'down' | 'unused'
  readonly sinceMs?: number
  readonly reason?: string | null
  readonly version?: string
}

export interface PageDevice {
  readonly id: string
  readonly name: string
  readonly home: string
  readonly room: string | null
  readonly category: string
  readonly product: string
  readonly gateway: string | null
  readonly sub: boolean
  readonly online: boolean
  /** Opens doors, and nobody allowed the bridge to write to such devices. */
  readonly barred: boolean
  /** Which of the models describes its points; null until that was read. */
  readonly model: string | null
  readonly dp: { readonly [code: string]: PageFact }
  readonly ways: { readonly lan: PageWay; readonly cloud: PageWay }
  /** When anything was last heard of it; null = never in this run. */
  readonly heardMs: number | null
}

export interface PagePlace {
  readonly id: string
  readonly name: string
  /** The home of a room. */
  readonly home?: string
}

export interface PageDefinition {
  readonly id: string
  readonly name: string
  readonly home: string
  readonly enabled: boolean
  readonly valid: boolean
  readonly conditions: number
  readonly actions: number
}

/** Something that happened, as it was told on MQTT. */
export interface PageEvent {
  readonly timeMs: number
  /** Below the base. */
  readonly topic: string
  readonly kind: string
  readonly text: string
}

/** What became of a command. */
export interface PageReceipt {
  readonly id: string | null
  readonly target: string
  readonly state: FinalState
  readonly ok: boolean
  readonly ms: number
  readonly timeMs: number
  readonly path: Path | null
  readonly by: string | null
  readonly reason: string | null
  readonly message: string | null
  readonly sent: { readonly [code: string]: Json } | null
  readonly warnings: readonly string[]
}

/** Watts by device and, under '', of all together. */
export interface PowerSample {
  readonly timeMs: number
  readonly watts: { readonly [deviceId: string]: number }
}

/** What is new; with `all` everything, which replaces whatever was known. */
export interface PageNews {
  readonly all?: true
  readonly nowMs: number
  readonly base?: string
  readonly info?: BridgeInfo
  readonly health?: HealthDocument
  readonly homes?: readonly PagePlace[]
  readonly rooms?: readonly PagePlace[]
  readonly scenes?: readonly PageDefinition[]
  readonly automations?: readonly PageDefinition[]
  readonly models?: { readonly [key: string]: readonly PagePoint[] }
  readonly devices?: readonly PageDevice[]
  readonly gone?: readonly string[]
  readonly events?: readonly PageEvent[]
  /** Events too, one for every report of a device. */
  readonly reports?: readonly PageEvent[]
  readonly receipts?: readonly PageReceipt[]
  readonly log?: readonly TailLine[]
  readonly power?: readonly PowerSample[]
}

export type PageThing = 'scene' | 'automation'

/** What the page asks; `id` comes back with the receipt. */
export type PageRequest = { readonly id: string } & (
  | { readonly do: 'write'; readonly device: string; readonly dp: { readonly [code: string]: Json } }
  | { readonly do: 'read'; readonly device: string }
  | { readonly do: 'trigger'; readonly kind: PageThing; readonly thing: string }
  | { readonly do: 'enable'; readonly kind: PageThing; readonly thing: string; readonly on: boolean }
  | { readonly do: 'resync' }
)

/** Whether one has to say a password, and whether one has. `shut` = nobody is let in, for that reason. */
export interface PageSession {
  readonly needed: boolean
  readonly signedIn: boolean
  readonly shut: 'no-password' | null
}
