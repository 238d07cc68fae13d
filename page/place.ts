import type { PagePoint } from '../src/app/page/protocol.ts'
import type { CompositeKind } from '../src/domain/ability/composite.ts'
import type { PartOf } from '../src/domain/ability/part.ts'
import type { SimpleAbility } from '../src/domain/ability/simple.ts'
import type { AbilityOf } from '../src/domain/ability.ts'

/** Where a part stands on the card: as a control from 1 on, as a reading by what it tells; 0 = among the details alone. */
type Place = number | Telling

type Telling = 'temperature' | 'humidity' | 'main' | 'doing'

const partPlaces: { readonly [K in CompositeKind]: { readonly [P in PartOf<AbilityOf<K>>]: Place } } = {
  light: { power: 1, brightness: 2, temperature: 3, colour: 4, mode: 0 },
  cover: { control: 1, toggle: 1, target: 2, position: 'doing', situation: 'doing' },
  climate: {
    power: 1,
    target: 2,
    mode: 5,
    fan: 5,
    swing: 0,
    current: 'temperature',
    humidity: 'humidity',
    action: 'doing',
  },
  fan: { power: 1, speed: 3, mode: 5, oscillation: 6, direction: 0 },
  humidifier: { power: 1, target: 2, mode: 5, current: 'humidity' },
  vacuum: { go: 1, pause: 0, charge: 2, seek: 0, mode: 5, suction: 5, status: 'doing' },
  lock: { bolt: 1 },
  siren: { power: 1, tone: 5, duration: 0 },
  alarm: { mode: 1 },
}

/** Where what a device is for stands, as long as no other points belong to it. */
const simplePlaces: { readonly [K in SimpleAbility['kind']]: number } = {
  switch: 1,
  valve: 1,
  number: 3,
  button: 4,
  select: 5,
  text: 0,
  sensor: 0,
  binary: 0,
  event: 0,
}

/** The place of a control on the card, undefined where it has none. */
export function controlPlace({ use }: PagePoint): number | undefined {
  if (!use) return undefined
  const place = use.part === undefined ? simplePlace(use) : partPlace(use)
  return typeof place === 'number' && place > 0 ? place : undefined
}

function simplePlace({ ability, role }: NonNullable<PagePoint['use']>): number {
  const places: Readonly<Record<string, number | undefined>> = simplePlaces
  return role === 'main' ? (places[ability] ?? 0) : 0
}

function partPlace({ ability, part = '' }: NonNullable<PagePoint['use']>): Place {
  const places: Readonly<Record<string, Readonly<Record<string, Place>> | undefined>> = partPlaces
  return places[ability]?.[part] ?? 0
}

/** What is read on the card, most telling first: what is measured, what the device is for or does, then the rest. */
const tellings: readonly string[] = [
  'temperature',
  'humidity',
  'power',
  'main',
  'doing',
  'carbon_dioxide',
  'carbon_monoxide',
  'pm25',
  'volatile_organic_compounds',
  'illuminance',
  'energy',
  'usual',
  'battery',
  'tamper',
]

/** The place of a reading on the card, undefined where it has none. */
export function readingPlace({ use }: PagePoint): number | undefined {
  if (!use || use.derived) return undefined
  const place = tellings.indexOf(tellingOf(use))
  return place < 0 ? undefined : place
}

function tellingOf(use: NonNullable<PagePoint['use']>): string {
  const { measures, role, part } = use
  if (part !== undefined) {
    const place = partPlace(use)
    // What would be the first control of a device that took commands.
    return typeof place === 'string' ? place : place === 1 ? role : ''
  }
  return measures !== undefined && tellings.includes(measures) ? measures : role
}
