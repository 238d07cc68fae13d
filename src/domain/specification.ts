import { own } from '../util/json.ts'
import type { SimpleKind } from './ability/simple.ts'
import type { Access, ColourRange, DataPoint, DataPointType, Specification } from './data-point.ts'
import { isMomentary } from './momentary.ts'
import { sameJson } from './state.ts'

/** What one source says of one data point; unknown members are absent. */
export interface PointSource {
  readonly code: string
  readonly dpId?: number
  readonly name?: string
  readonly type?: DataPointType
  readonly access?: Access
  readonly unit?: string
  readonly min?: number
  readonly max?: number
  readonly step?: number
  readonly scale?: number
  readonly range?: readonly string[]
  readonly labels?: readonly string[]
  readonly maxlen?: number
  readonly colour?: ColourRange
}

/** A correction from the configuration, by product id and code. */
export interface PointOverride {
  readonly name?: string
  readonly unit?: string
  readonly scale?: number
  readonly access?: Access
  readonly labels?: readonly string[]
  readonly momentary?: boolean
  /** True is false and the smallest number the largest, for covers and switches that are wired the other way round. */
  readonly invert?: boolean
  /** It stays a topic, but no consumer finds it. */
  readonly hide?: boolean
  /** What it is good for, where its type and code mislead. */
  readonly ability?: SimpleKind
}

/** What is the same for all devices of a product. */
export interface ProductModel {
  /** The standard set, v1.1 (with DP ids) or v1.0 (without). */
  readonly standard: readonly PointSource[]
  /** The thing model: every DP, also those outside the standard set. */
  readonly thing: readonly PointSource[]
}

export interface SpecificationSources extends ProductModel {
  /** The shadow: names given by people, DPs that no model lists. */
  readonly shadow: readonly PointSource[]
  /** By code, what people call the channels of a device that has several. */
  readonly names?: ChannelNames
}

export type ChannelNames = Readonly<Record<string, string>>

/**
 * One specification out of all sources. The standard set names the points and wins; the thing model fills what it
 * leaves open and adds the rest; the shadow adds names and points that only it knows; names of channels stand in where
 * the shadow is not read. Joined by DP id, else by code.
 */
export function joinSpecification(
  sources: SpecificationSources,
  overrides: Readonly<Record<string, PointOverride>>,
): Specification {
  const points = new Map<string, DataPoint>()
  const override = (code: string) => own(overrides, code) as PointOverride | undefined
  const thing = indexed(sources.thing)
  const shadow = indexed(sources.shadow)
  const channel = (code: string): PointSource | undefined => {
    const name = own(sources.names ?? {}, code)
    return typeof name === 'string' ? nameOnly({ code, name }) : undefined
  }
  const taken = new Set<PointSource>()
  for (const row of sources.standard) {
    const model = find(thing, row)
    if (model) taken.add(model)
    const mirror = find(shadow, model ?? row)
    if (mirror) taken.add(mirror)
    points.set(
      row.code,
      dataPoint(
        [nameOnly(mirror), channel(row.code), row, model],
        true,
        model?.code ?? null,
        override(row.code),
      ),
    )
  }
  for (const row of sources.thing) {
    if (taken.has(row) || points.has(row.code)) continue
    const mirror = find(shadow, row)
    if (mirror) taken.add(mirror)
    points.set(
      row.code,
      dataPoint([nameOnly(mirror), channel(row.code), row], false, row.code, override(row.code)),
    )
  }
  for (const row of sources.shadow) {
    if (taken.has(row) || points.has(row.code)) continue
    points.set(row.code, dataPoint([row], false, row.code, override(row.code)))
  }
  return { source: 'cloud', points }
}

const channelCode = /^(switch(_led|_mode|_usb|_type)?_?\d+|switch\d+_value)$/

/** Whether people see the device as several switches, each with a name of its own. */
export function hasChannels({ standard, thing }: ProductModel): boolean {
  const codes = new Set([...standard, ...thing].map(({ code }) => code))
  return [...codes].filter((code) => channelCode.test(code)).length > 1
}

/** Whether the thing model knows points that the standard set lacks, or there is no standard set at all. */
export function hasExtraPoints(model: ProductModel): boolean {
  const standard = indexed(model.standard)
  return model.standard.length === 0 || model.thing.some((row) => find(standard, row) === undefined)
}

/** A point that nobody described: known by its report alone. */
export function undescribedPoint(code: string, dpId: number | null): DataPoint {
  const known = dpId ?? dpIdOfCode(code)
  return dataPoint([known === null ? { code } : { code, dpId: known }], false, null, undefined)
}

/** The code of a data point that has only a number. */
export function codeOfDpId(dpId: number): string {
  return `dp_${dpId}`
}

/** The number that is all the name a data point has; null where it has a name of its own. */
export function dpIdOfCode(code: string): number | null {
  const digits = /^dp_([1-9]\d{0,5})$/.exec(code)?.[1]
  return digits === undefined ? null : Number(digits)
}

interface Index {
  readonly byId: ReadonlyMap<number, PointSource>
  readonly byCode: ReadonlyMap<string, PointSource>
}

function indexed(rows: readonly PointSource[]): Index {
  return {
    byId: new Map(rows.flatMap((row) => (row.dpId === undefined ? [] : [[row.dpId, row] as const]))),
    byCode: new Map(rows.map((row) => [row.code, row] as const)),
  }
}

function find(index: Index, row: PointSource): PointSource | undefined {
  const byId = row.dpId === undefined ? undefined : index.byId.get(row.dpId)
  const byCode = index.byCode.get(row.code)
  const another = row.dpId !== undefined && byCode?.dpId !== undefined && byCode.dpId !== row.dpId
  return byId ?? (another ? undefined : byCode)
}

function nameOnly(row: PointSource | undefined): PointSource | undefined {
  return row?.name ? { code: row.code, name: row.name } : undefined
}

/** The first source that says something wins, member by member. */
function dataPoint(
  sources: readonly (PointSource | undefined)[],
  standard: boolean,
  thingCode: string | null,
  override: PointOverride | undefined,
): DataPoint {
  const first = <K extends keyof PointSource>(key: K): PointSource[K] | undefined =>
    sources.find((source) => source?.[key] !== undefined)?.[key]
  const code = sources.find((source) => source !== undefined)?.code ?? ''
  const type = first('type') ?? 'unknown'
  const access = override?.access ?? first('access') ?? 'rw'
  const momentary = override?.momentary ?? isMomentary(code)
  return {
    code,
    dpId: first('dpId') ?? null,
    name: override?.name ?? first('name') ?? null,
    type,
    access,
    unit: unitOf(override?.unit ?? first('unit')),
    min: first('min') ?? null,
    max: first('max') ?? null,
    step: first('step') ?? null,
    scale: override?.scale ?? first('scale') ?? 0,
    range: first('range') ?? null,
    labels: override?.labels ?? first('labels') ?? null,
    maxlen: first('maxlen') ?? null,
    colour: type === 'json' ? (first('colour') ?? null) : null,
    momentary,
    once: access !== 'ro' && (momentary || type === 'raw'),
    standard,
    thingCode,
    overridden: override !== undefined,
    ...(override?.hide ? { hidden: true as const } : {}),
    ...(override?.ability === undefined ? {} : { ability: override.ability }),
    ...(override?.invert ? { inverted: true as const } : {}),
  }
}

const unitSpelling: Readonly<Record<string, string>> = { '℃': '°C', '℉': '°F' }

function unitOf(unit: string | undefined): string | null {
  const text = unit?.trim()
  if (!text) return null
  return Object.hasOwn(unitSpelling, text) ? (unitSpelling[text] ?? text) : text
}

/** The data point with this number. */
export function pointByDpId(specification: Specification | undefined, dpId: number): DataPoint | undefined {
  if (!specification) return undefined
  for (const point of specification.points.values()) if (point.dpId === dpId) return point
  return undefined
}

/** Whether two specifications say the same of the same points. */
export function sameSpecification(a: Specification, b: Specification): boolean {
  return (
    a.source === b.source &&
    a.partial === b.partial &&
    a.points.size === b.points.size &&
    [...a.points].every(([code, point]) => sameJson(point, b.points.get(code)))
  )
}

/** The same device as it is for those who may not write to it: what is only written is gone. */
export function readOnly(specification: Specification): Specification {
  const known = readOnlyOf.get(specification)
  if (known) return known
  const points = [...specification.points].flatMap(([code, point]) =>
    point.access === 'wo' ? [] : [[code, { ...point, access: 'ro' as const }] as const],
  )
  const made = { ...specification, points: new Map(points) }
  readOnlyOf.set(specification, made)
  return made
}

const readOnlyOf = new WeakMap<Specification, Specification>()
