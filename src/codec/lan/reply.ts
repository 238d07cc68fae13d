import { checkJson, isRecord, limits, own } from '../../util/json.ts'
import { LanError } from './lan-error.ts'

/** What a message of a device says. */
export type Reply =
  /** Taken, or alive; also where the return code is not zero. */
  | { readonly kind: 'empty' }
  /** A sentence of the firmware, such as "json obj data unvalid". */
  | { readonly kind: 'error'; readonly text: string }
  | Values
  | SubDevices
  /** JSON of a kind that nobody knows here. */
  | { readonly kind: 'other' }

interface Values {
  readonly kind: 'values'
  /** By data point id, as they stand on the wire. */
  readonly values: ReadonlyMap<number, unknown>
  /** Of a device behind this one. */
  readonly cid: string | null
  /** Seconds by the device's clock, which may have begun at power-on. */
  readonly timeS: number | null
}

interface SubDevices {
  readonly kind: 'subDevices'
  readonly online: readonly string[]
  readonly offline: readonly string[]
  readonly nearby: readonly string[]
}

/** Firmware texts are short and plain; what is neither was decrypted with a wrong key. */
const plainText = /^[\x20-\x7e]{1,200}$/
const idsAtMost = 1_000

/** Reads the payload of a message. Throws LanError `bad_json`. */
export function readReply(payload: Buffer): Reply {
  if (payload.length === 0) return { kind: 'empty' }
  // Not strict: some devices put other bytes into texts, and their other points stay of use.
  const text = payload.toString('utf8')
  const value = parse(text)
  if (value === undefined) {
    if (isRecordText(text) || !plainText.test(text)) throw new LanError('bad_json')
    return { kind: 'error', text }
  }
  if (!isRecord(value)) throw new LanError('bad_json')
  const inner = own(value, 'data')
  const data = isRecord(inner) ? inner : value
  if (own(value, 'reqType') === 'subdev_online_stat_report') return subDevices(data)
  const outer = own(value, 'dps')
  const dps = isRecord(outer) ? outer : own(data, 'dps')
  if (!isRecord(dps)) return { kind: 'other' }
  return {
    kind: 'values',
    values: valuesOf(dps),
    cid: cidOf(own(value, 'cid')) ?? cidOf(own(data, 'cid')),
    timeS: timeOf(value),
  }
}

function valuesOf(dps: Record<string, unknown>): Map<number, unknown> {
  const values = new Map<number, unknown>()
  for (const name of Object.keys(dps)) {
    const id = pointIdOf(name)
    if (id !== undefined) values.set(id, dps[name])
  }
  return values
}

/** One to five digits. To match a pattern takes twice as long, and this is asked of every value. */
function pointIdOf(name: string): number | undefined {
  if (name.length > 5 || name.length === 0) return undefined
  let id = 0
  for (let i = 0; i < name.length; i++) {
    const digit = name.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return undefined
    id = id * 10 + digit
  }
  return id
}

function isRecordText(text: string): boolean {
  return text.startsWith('{') || text.startsWith('[')
}

/** Undefined when it is no JSON. Throws LanError when it is more than a message may be. */
function parse(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  try {
    checkJson(value, limits.lan)
  } catch {
    throw new LanError('bad_json', 'It is nested too deep or has too many members.')
  }
  return value
}

function timeOf(value: Record<string, unknown>): number | null {
  const time = Number(own(value, 't'))
  return Number.isSafeInteger(time) && time > 0 ? time : null
}

function subDevices(data: Record<string, unknown>): SubDevices {
  const ids = (key: string) => {
    const list = own(data, key)
    return Array.isArray(list) ? list.filter(isCid).slice(0, idsAtMost) : []
  }
  return { kind: 'subDevices', online: ids('online'), offline: ids('offline'), nearby: ids('nearby') }
}

function cidOf(value: unknown): string | null {
  return isCid(value) ? value : null
}

function isCid(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 64
}
