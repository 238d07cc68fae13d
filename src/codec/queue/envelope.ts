import { hash } from 'node:crypto'
import { asNumber, isRecord, JsonError, limits, own, parseJson } from '../../util/json.ts'
import { fromBase64 } from '../base64.ts'
import { QueueError } from './queue-error.ts'

/** What is around every message, on both channels. */
export interface Envelope {
  /** Base64 of the ciphertext. */
  readonly data: string
  /** The platform's coarse class; 0 when it gives none. */
  readonly protocol: number
  /** When it was pushed, as it was written. */
  readonly t: unknown
  readonly sign: string | null
  /** Everything that was in it; more members than these may come, and the signature is over all of them. */
  readonly members: Readonly<Record<string, unknown>>
}

/** Out of the payload of a frame. Throws QueueError `payload_base64`, `payload_json` or `data_missing`. */
export function openEnvelope(payload: string): Envelope {
  const bytes = fromBase64(payload)
  if (!bytes) throw new QueueError('payload_base64')
  return readEnvelope(bytes)
}

/** Out of JSON as it is. Throws QueueError `payload_json` or `data_missing`. */
export function readEnvelope(json: Uint8Array | string): Envelope {
  const members = parseMembers(json)
  const data = dataOf(members)
  if (data === undefined) throw new QueueError('data_missing')
  const protocol = asNumber(own(members, 'protocol'))
  const sign = own(members, 'sign')
  return {
    data,
    protocol: Number.isSafeInteger(protocol) ? protocol : 0,
    t: own(members, 't'),
    sign: typeof sign === 'string' ? sign : null,
    members,
  }
}

export interface EnvelopeParts {
  /** Base64 of the ciphertext. */
  readonly data: string
  readonly protocol: number
  readonly t: number
}

/** An envelope with its signature, in base64, as the payload of a frame. */
export function sealEnvelope({ data, protocol, t }: EnvelopeParts, accessKey: string): string {
  const members = { data, protocol, pv: '2.0', t }
  const sign = signEnvelope(members, accessKey)
  return Buffer.from(JSON.stringify({ ...members, sign })).toString('base64')
}

/** The signature that belongs to an envelope's members; `sign` itself and what is empty have no part in it. */
export function signEnvelope(members: Readonly<Record<string, unknown>>, accessKey: string): string {
  let signed = ''
  for (const name of Object.keys(members).sort()) {
    const value = members[name]
    if (name !== 'sign' && !isEmpty(value)) signed += `${name}=${plain(value)}||`
  }
  return hash('md5', signed + accessKey)
}

/** Whether the signature of an envelope is the one that belongs to it. */
export function isSigned({ members, sign }: Envelope, accessKey: string): boolean {
  return sign !== null && sign.toLowerCase() === signEnvelope(members, accessKey)
}

function parseMembers(json: Uint8Array | string): Record<string, unknown> {
  try {
    const value = parseJson(json, limits.queueEnvelope)
    if (isRecord(value)) return value
  } catch (thrown) {
    if (!(thrown instanceof JsonError)) throw thrown
    throw new QueueError('payload_json', { detail: thrown.message })
  }
  throw new QueueError('payload_json')
}

/** One variant of the platform names it otherwise; where that name stands, it is the one that counts. */
function dataOf(members: object): string | undefined {
  const variant = own(members, 'encryptPayload')
  if (typeof variant === 'string' && variant !== '') return variant
  const data = own(members, 'data')
  return typeof data === 'string' ? data : undefined
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** Numbers without an exponent. */
function plain(value: unknown): string {
  if (typeof value === 'string') return value
  if (Number.isSafeInteger(value)) return String(value)
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value).toString()
  return JSON.stringify(value)
}
