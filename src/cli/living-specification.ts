import type { SimpleKind } from '../domain/ability/simple.ts'
import { simpleKinds } from '../domain/ability/simple.ts'
import type { Access, ColourRange, DataPointType, Specification } from '../domain/data-point.ts'
import { joinSpecification, type PointOverride, type PointSource } from '../domain/specification.ts'
import { isRecord, own } from '../util/json.ts'

const types: readonly DataPointType[] = [
  'boolean',
  'integer',
  'enum',
  'string',
  'json',
  'raw',
  'bitmap',
  'unknown',
]
const accesses: readonly Access[] = ['ro', 'rw', 'wo']

/** The specification of a device out of its own topic (`meta/device/<id>/spec`); what cannot be read is left out. */
export function readSpecificationTopic(document: Readonly<Record<string, unknown>>): Specification {
  const points = isRecord(document['dp']) ? document['dp'] : {}
  const read = Object.entries(points).flatMap(([code, point]) => (isRecord(point) ? [{ code, point }] : []))
  const standard = read.map(({ code, point }) => sourceOf(code, point))
  const overrides = Object.fromEntries(read.map(({ code, point }) => [code, overrideOf(point)]))
  return joinSpecification({ standard, thing: [], shadow: [] }, overrides)
}

function sourceOf(code: string, point: Record<string, unknown>): PointSource {
  const number = (key: string) => {
    const value = own(point, key)
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined
  }
  const texts = (key: string) => {
    const value = own(point, key)
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined
  }
  const scale = number('scale') ?? 0
  // The topic has shown limits, the specification raw ones.
  const raw = (key: string) => {
    const shown = number(key)
    return shown === undefined ? undefined : Math.round(shown * 10 ** scale)
  }
  const name = own(point, 'name')
  const unit = own(point, 'unit')
  return defined({
    code,
    type: types.find((one) => one === own(point, 'type')),
    access: accesses.find((one) => one === own(point, 'access')),
    name: typeof name === 'string' ? name : undefined,
    unit: typeof unit === 'string' ? unit : undefined,
    scale,
    min: raw('min'),
    max: raw('max'),
    step: raw('step'),
    maxlen: number('maxlen'),
    range: texts('range'),
    labels: texts('labels'),
    colour: colourOf(own(point, 'colour')),
  })
}

function colourOf(value: unknown): ColourRange | undefined {
  if (!isRecord(value)) return undefined
  const [h, s, v] = [own(value, 'h'), own(value, 's'), own(value, 'v')]
  return typeof h === 'number' && typeof s === 'number' && typeof v === 'number' ? { h, s, v } : undefined
}

function overrideOf(point: Record<string, unknown>): PointOverride {
  const ability: SimpleKind | undefined = simpleKinds.find((kind) => kind === own(point, 'ability'))
  return {
    momentary: own(point, 'momentary') === true,
    hide: own(point, 'hidden') === true,
    ...(ability === undefined ? {} : { ability }),
  }
}

function defined(
  members: {
    readonly [K in keyof PointSource]: PointSource[K] | undefined
  },
): PointSource {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as unknown as PointSource
}
