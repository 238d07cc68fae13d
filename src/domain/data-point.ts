import type { SimpleKind } from './ability/simple.ts'

/** JSON as it stands on a topic. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export type DataPointType = 'boolean' | 'integer' | 'enum' | 'string' | 'json' | 'raw' | 'bitmap' | 'unknown'

/** ro = the device only reports it, wo = it only accepts it. */
export type Access = 'ro' | 'rw' | 'wo'

/** The ranges of the members of a colour, in device units. */
export interface ColourRange {
  readonly h: number
  readonly s: number
  readonly v: number
}

/** One data point of one device. Numbers (min, max, step) are raw: shown value = raw / 10^scale. */
export interface DataPoint {
  readonly code: string
  readonly dpId: number | null
  readonly name: string | null
  readonly type: DataPointType
  readonly access: Access
  readonly unit: string | null
  readonly min: number | null
  readonly max: number | null
  readonly step: number | null
  readonly scale: number
  readonly range: readonly string[] | null
  readonly labels: readonly string[] | null
  readonly maxlen: number | null
  readonly colour: ColourRange | null
  /** A press, a ring, an unlock: an event, never state. */
  readonly momentary: boolean
  /** Writing it twice does something twice (R-K4). */
  readonly once: boolean
  /** In the platform's standard set, so that the plain command call carries it. */
  readonly standard: boolean
  /** The code of the same DP in the thing model, where that differs. */
  readonly thingCode: string | null
  readonly overridden: boolean
  /** By a correction: no consumer is told of it. */
  readonly hidden?: true
  /** By a correction: what it is good for. */
  readonly ability?: SimpleKind
  /** By a correction: true is false, the smallest number is the largest. */
  readonly inverted?: true
}

/** Everything that one device understands, by code. */
export interface Specification {
  readonly source: 'cloud' | 'lan' | 'category'
  /** Only some of its points are described so far; what is reported of others waits until they are. */
  readonly partial?: true
  readonly points: ReadonlyMap<string, DataPoint>
}

export interface Decoded {
  readonly value: Json
  /** The value did not fit its type and is passed on as it came. */
  readonly odd: boolean
}

export type EncodeFault = 'bad-value' | 'out-of-range' | 'not-in-enum' | 'too-long' | 'no-state'

export type Encoded =
  | {
      readonly ok: true
      readonly raw: Json
      readonly shown: Json
      readonly warnings: readonly EncodeWarning[]
    }
  | { readonly ok: false; readonly fault: EncodeFault; readonly message: string; readonly details: object }

export type EncodeWarning = 'adjusted' | 'clamped'

export interface EncodeContext {
  /** The last shown value, from which missing members of a colour are filled. */
  readonly last?: Json | undefined
  readonly clamp?: boolean
}

/** The port to the codec that turns wire values into shown ones and back; total, never throws. */
export interface ValueCodec {
  decode(point: DataPoint, raw: unknown): Decoded
  /** A shown value, typed (from JSON) or as words ("on", "21.5"). */
  encode(point: DataPoint, shown: unknown, context: EncodeContext): Encoded
  /** A value that is raw already, checked against type and range. */
  encodeRaw(point: DataPoint, raw: unknown, context: EncodeContext): Encoded
  /** A bare payload as the value that encode() takes; `json` when the sender said so. */
  readText(point: DataPoint, text: string, json: boolean, last: Json | undefined): unknown
  /** Names of the derived scalars, writable ones first. */
  viewNames(point: DataPoint): readonly ViewName[]
  /** Derived scalars of a shown value; empty when it cannot be read. */
  views(point: DataPoint, shown: Json): readonly View[]
  /** The shown value that a written view stands for, or the sentence that says why not. */
  writeView(
    point: DataPoint,
    view: string,
    text: string,
  ): { readonly value: Json } | { readonly fault: string }
}

export interface ViewName {
  readonly name: string
  readonly writable: boolean
}

export interface View {
  readonly name: string
  readonly value: Json
}

const powersOfTen: readonly number[] = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))

/** Raw / 10^scale as the nearest double of the exact decimal. */
export function toShown(raw: number, scale: number): number {
  if (scale === 0) return raw
  // Both are exact, so their quotient is the number nearest to the decimal one.
  const divisor = powersOfTen[scale]
  if (divisor !== undefined && Number.isSafeInteger(raw)) return raw / divisor
  // Very large and very small numbers print with an exponent of their own.
  const [digits, exponent = '0'] = String(raw).split('e')
  return Number(`${digits}e${Number(exponent) - scale}`)
}
