import type { Json } from '../../../domain/data-point.ts'
import type { Letter } from './letter.ts'

/**
 * Members that belong to accounts, open something or tell where somebody lives, written small and without
 * underscores (S-1, and what is never on a topic).
 */
const hidden = new Set([
  'accesstoken',
  'account',
  'authkey',
  'email',
  'ip',
  'lat',
  'latitude',
  'localkey',
  'lon',
  'longitude',
  'mac',
  'memberaccount',
  'memberids',
  'mobile',
  'password',
  'phone',
  'receiver',
  'refreshtoken',
  'secret',
  'seckey',
  'token',
  'uid',
  'username',
  'uuid',
])

/** What every message has: its details are the body's `bizData`, or what is given instead. */
export function toldBy(letter: Letter, details: Json = letter.bizData) {
  const { protocol, bizCode, timeMs } = letter
  return { protocol, bizCode, timeMs, data: disclosed(details) }
}

/** The same without members that are nobody's business, however deep they lie. */
export function disclosed(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(disclosed)
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => !isHidden(name, member))
      .map(([name, member]) => [name, disclosed(member)]),
  )
}

function isHidden(name: string, member: Json): boolean {
  const word = name.toLowerCase().replaceAll('_', '')
  // The owner of a device is a home, whose id has nothing but digits, or an account.
  return hidden.has(word) || (word === 'ownerid' && !isHomeId(member))
}

function isHomeId(value: Json): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^\d{1,20}$/.test(value.slice(0, 32)))
}
