import type { PageDevice, PagePoint, PageUse } from '../src/app/page/protocol.ts'
import type { CompositeKind } from '../src/domain/ability/composite.ts'
import type { PartOf } from '../src/domain/ability/part.ts'
import type { AbilityOf } from '../src/domain/ability.ts'
import type { Json } from '../src/domain/data-point.ts'
import { controlPlace, readingPlace } from './place.ts'

/** With what a point is changed, or that it is only read. */
export type ControlKind =
  | 'switch'
  | 'slider'
  | 'colour'
  | 'cover'
  | 'thermostat'
  | 'select'
  | 'number'
  | 'text'
  | 'press'
  | 'reading'

export interface Control {
  readonly kind: ControlKind
  readonly point: PagePoint
}

/** Parts for which there is something better than what their type alone would get. */
const partKinds: {
  readonly [K in CompositeKind]?: { readonly [P in PartOf<AbilityOf<K>>]?: ControlKind }
} = {
  cover: { control: 'cover' },
  climate: { target: 'thermostat' },
}

/** So many steps are a slider; more are a number. */
const stepsAtMost = 10_000

/** The control of a point: by what it is good for, and where that leaves it open by its type. */
export function controlOf(point: PagePoint, barred = false): Control {
  return { kind: barred ? 'reading' : kindOf(point), point }
}

function kindOf(point: PagePoint): ControlKind {
  const { access, once, type, range, use } = point
  if (access === 'ro' || isTold(use)) return 'reading'
  if (access === 'wo' || once || use?.ability === 'button')
    return type === 'boolean' || (type === 'enum' && range !== null) ? 'press' : 'text'
  const wanted = use && byUse(use)
  return wanted !== undefined && fits(wanted, point) ? wanted : byType(point)
}

function isTold(use: PageUse | undefined): boolean {
  return use?.ability === 'sensor' || use?.ability === 'binary'
}

function byUse({ ability, part, measures }: PageUse): ControlKind | undefined {
  if (ability === 'text') return 'text'
  if (ability === 'number') return measures === 'temperature' ? 'thermostat' : undefined
  const kinds: Readonly<Record<string, Readonly<Record<string, ControlKind>> | undefined>> = partKinds
  return part === undefined ? undefined : kinds[ability]?.[part]
}

/** Whether a control can do with what the specification says. */
function fits(kind: ControlKind, { type, range, ...point }: PagePoint): boolean {
  if (kind === 'cover') return type === 'enum' && range !== null
  return kind !== 'thermostat' || (type === 'integer' && isBounded(point))
}

function isBounded({ min, max }: Pick<PagePoint, 'min' | 'max'>): boolean {
  return min !== null && max !== null && max > min
}

function byType({ type, min, max, step, range, colour }: PagePoint): ControlKind {
  switch (type) {
    case 'boolean':
      return 'switch'
    case 'integer':
      return isBounded({ min, max }) && ((max ?? 0) - (min ?? 0)) / (step || 1) <= stepsAtMost
        ? 'slider'
        : 'number'
    case 'enum':
      return range === null ? 'text' : 'select'
    case 'json':
      return colour === null ? 'text' : 'colour'
    case 'string':
    case 'raw':
    case 'bitmap':
    case 'unknown':
      return 'text'
  }
}

/** What stands on the card of a device. */
export interface Card {
  readonly controls: readonly Control[]
  readonly readings: readonly PagePoint[]
}

const controlsAtMost = 5
const readingsAtMost = 4

/** What one would reach for first, each ability in one piece, and what one would look at. */
export function cardOf(points: readonly PagePoint[], barred = false): Card {
  const all = points.map((point) => controlOf(point, barred))
  const reached = foremost(
    all.filter(({ kind }) => kind !== 'reading'),
    ({ point }) => controlPlace(point),
  )
  const chosen = reached.slice(0, controlsAtMost)
  const groups = chosen.map(({ point }) => groupOf(point))
  const told = foremost(
    all.filter(({ kind, point }) => kind === 'reading' && (point.access === 'ro' || isTold(point.use))),
    ({ point }) => readingPlace(point),
  )
  return {
    controls: chosen
      .map((control, i) => ({ control, group: groups.indexOf(groups[i] ?? '') }))
      .sort((a, b) => a.group - b.group)
      .map(({ control }) => control),
    readings: told.slice(0, readingsAtMost).map(({ point }) => point),
  }
}

/** Those that have a place, the first ones first. */
function foremost(
  controls: readonly Control[],
  placeOf: (control: Control) => number | undefined,
): Control[] {
  return controls
    .flatMap((control) => {
      const place = placeOf(control)
      return place === undefined ? [] : [{ control, place }]
    })
    .sort((a, b) => a.place - b.place)
    .map(({ control }) => control)
}

function groupOf({ code, use }: PagePoint): string {
  return use?.key ?? code
}

/** What has to be written along: a lamp that shines white is told to show the colour, in the same command. */
export function alongWith(
  { use }: PagePoint,
  points: readonly PagePoint[],
  { dp }: Pick<PageDevice, 'dp'>,
): { readonly [code: string]: Json } {
  if (use?.part !== 'colour') return {}
  const mode = points.find((one) => one.use?.key === use.key && one.use?.part === 'mode')
  const now = mode && dp[mode.code]?.[0]
  return now === undefined || now === 'colour' || !mode?.range?.includes('colour')
    ? {}
    : { [mode.code]: 'colour' }
}
