import { BridgeError } from './error.ts'

/** S-4: what an edge accepts. `keys` counts the members of all objects and the elements of all arrays together. */
export interface JsonLimits {
  readonly bytes: number
  readonly depth: number
  readonly keys: number
}

export const limits = {
  command: { bytes: 8 * 1024, depth: 8, keys: 64 },
  operation: { bytes: 64 * 1024, depth: 16, keys: 1024 },
  cloud: { bytes: 4 * 1024 * 1024, depth: 16, keys: 100_000 },
  config: { bytes: 1024 * 1024, depth: 16, keys: 10_000 },
  queueEnvelope: { bytes: 1024 * 1024, depth: 16, keys: 4096 },
  queueBody: { bytes: 256 * 1024, depth: 16, keys: 4096 },
  lan: { bytes: 16 * 1024, depth: 8, keys: 256 },
  discovery: { bytes: 2 * 1024, depth: 8, keys: 256 },
  deviceFile: { bytes: 8 * 1024 * 1024, depth: 24, keys: 400_000 },
  snapshot: { bytes: 64 * 1024 * 1024, depth: 16, keys: 4_000_000 },
} as const satisfies Record<string, JsonLimits>

/** Names have many lengths, and a look at that is all that most of them need. */
function isPoison(name: string): boolean {
  if (name.length === 9) return name === '__proto__' || name === 'prototype'
  return name.length === 11 && name === 'constructor'
}

export type JsonFault = 'too-large' | 'too-deep' | 'bad-json'

/** Why a text was refused; `area` of the resulting error is the caller's. */
export class JsonError extends BridgeError {
  readonly fault: JsonFault

  constructor(fault: JsonFault, message: string) {
    super(`json/${fault}`, message)
    this.fault = fault
  }
}

/** From this length on the parser would take long over brackets in brackets; a look ahead costs less. */
const looksAheadFrom = 64 * 1024

/** Size first, then parse, then depth, count, keys and numbers. Throws JsonError, never anything else. */
export function parseJson(input: Uint8Array | string, limit: JsonLimits): unknown {
  const bytes = typeof input === 'string' ? Buffer.byteLength(input) : input.byteLength
  if (bytes > limit.bytes) {
    throw new JsonError('too-large', `The message has ${bytes} bytes; at most ${limit.bytes} are accepted.`)
  }
  const value = parseText(input, limit.depth)
  checkJson(value, limit)
  return value
}

function parseText(input: Uint8Array | string, depth: number): unknown {
  let value: unknown
  let tooDeep = false
  try {
    const text = typeof input === 'string' ? input : decodeUtf8(input)
    tooDeep = text.length > looksAheadFrom && nestsDeeper(text, depth)
    if (!tooDeep) value = JSON.parse(text)
  } catch {
    throw new JsonError('bad-json', 'The message is not valid JSON.')
  }
  if (tooDeep) throw new JsonError('too-deep', tooDeepText(depth))
  return value
}

/** Whether brackets stand deeper within each other than that, without parsing the text. */
export function nestsDeeper(text: string, deepest: number): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '"') {
      i = endOfText(text, i)
      if (i === -1) return false
    } else if (character === '[' || character === '{') {
      if (++depth > deepest) return true
    } else if (character === ']' || character === '}') depth--
  }
  return false
}

/** Where the quotation mark stands that ends what this one begins; -1 when none does. */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text[end - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return end
  }
  return -1
}

const tooDeepText = (depth: number): string => `The message nests deeper than ${depth} levels.`

/** The checks of parseJson for a value that was parsed elsewhere. */
export function checkJson(value: unknown, limit: JsonLimits): void {
  if (typeof value === 'object' && value !== null) checkMembers(value, 1, limit.keys, limit)
  else checkNumber(value)
}

/** How many members may still come, given those that might come before. Every message passes here, so nothing is made. */
function checkMembers(node: object, depth: number, allowed: number, limit: JsonLimits): number {
  if (depth > limit.depth) throw new JsonError('too-deep', tooDeepText(limit.depth))
  let left = allowed
  if (Array.isArray(node)) {
    left -= node.length
    if (left < 0) throw tooMany(limit)
    for (const child of node) left = checkChild(child, depth, left, limit)
    return left
  }
  for (const name in node) {
    if (--left < 0) throw tooMany(limit)
    if (isPoison(name)) throw new JsonError('bad-json', `The member name "${name}" is not accepted.`)
    left = checkChild((node as Record<string, unknown>)[name], depth, left, limit)
  }
  return left
}

function checkChild(child: unknown, depth: number, left: number, limit: JsonLimits): number {
  if (typeof child === 'object' && child !== null) return checkMembers(child, depth + 1, left, limit)
  checkNumber(child)
  return left
}

function checkNumber(value: unknown): void {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new JsonError('bad-json', 'The message holds a number beyond the range of a double.')
}

function tooMany({ keys }: JsonLimits): JsonError {
  return new JsonError('too-deep', `The message has more than ${keys} members.`)
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

function decodeUtf8(bytes: Uint8Array): string {
  return strictUtf8.decode(bytes)
}

/** The text of a payload, or undefined when the bytes are not UTF-8. */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return undefined
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A number, also one that stands as text; NaN for everything else. */
export function asNumber(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
}

/** An own member of an object from outside; inherited names read as absent. */
export function own(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
}

/** The value with all its elements or members changed; the same value when none is, and when it has none. */
export function mapMembers(value: unknown, change: (member: unknown, name: string) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const changed = value.map((element, i) => change(element, String(i)))
    return changed.every((element, i) => element === value[i]) ? value : changed
  }
  let isSame = true
  const entries: [string, unknown][] = []
  for (const name of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[name]
    const changed = change(member, name)
    isSame &&= changed === member
    entries.push([name, changed])
  }
  return isSame ? value : Object.fromEntries(entries)
}
