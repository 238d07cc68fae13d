import { BridgeError } from '../../util/error.ts'
import { isRecord, JsonError, limits, own, parseJson } from '../../util/json.ts'
import { contains } from '../filter.ts'
import type { Incoming } from '../message.ts'

/** What a sender may say besides the values (topic contract, 7.2). */
export interface Options {
  readonly id: string | null
  readonly from: string | null
  readonly ts: number | null
  readonly ttl: number | null
  readonly path: 'auto' | 'lan' | 'cloud'
  readonly progress: boolean
  readonly clamp: boolean
}

export const noOptions: Options = {
  id: null,
  from: null,
  ts: null,
  ttl: null,
  path: 'auto',
  progress: false,
  clamp: false,
}

export const optionKeys: ReadonlySet<string> = new Set(Object.keys(noOptions))

const idPattern = /^[A-Za-z0-9_.:-]{1,64}$/
const fromPattern = /^[A-Za-z0-9_-]{1,64}$/

function fault(key: string, rule: string): BridgeError {
  return new BridgeError('command/bad-value', `The option "${key}" ${rule}.`, { details: [{ option: key }] })
}

/** Options out of JSON members, else out of MQTT 5 user properties of the same name. Throws BridgeError. */
export function readOptions(
  members: Readonly<Record<string, unknown>>,
  user: Readonly<Record<string, string>>,
): Options {
  const given = (key: string): unknown => {
    const member = own(members, key)
    return member === undefined ? own(user, key) : member
  }
  const text = (key: string, pattern: RegExp, rule: string): string | null => {
    const value = given(key)
    if (value === undefined || value === null) return null
    if (typeof value !== 'string' || !pattern.test(value)) throw fault(key, rule)
    return value
  }
  const whole = (key: string, least: number, most: number): number | null => {
    const value = given(key)
    if (value === undefined || value === null) return null
    const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
    if (typeof number !== 'number' || !Number.isInteger(number) || number < least || number > most) {
      throw fault(key, `must be a whole number from ${least} to ${most}`)
    }
    return number
  }
  const flag = (key: string): boolean => {
    const value = given(key)
    if (value === undefined || value === null || value === false || value === 'false') return false
    if (value === true || value === 'true') return true
    throw fault(key, 'must be true or false')
  }
  const path = given('path') ?? 'auto'
  if (path !== 'auto' && path !== 'lan' && path !== 'cloud') throw fault('path', 'must be auto, lan or cloud')
  return {
    id: text('id', idPattern, 'must be 1 to 64 of the characters A-Z a-z 0-9 _ . : -'),
    from: text('from', fromPattern, 'must be 1 to 64 of the characters A-Z a-z 0-9 _ -'),
    ts: whole('ts', 1_000_000_000_000, 9_999_999_999_999),
    ttl: whole('ttl', 100, 3_600_000),
    path,
    progress: flag('progress'),
    clamp: flag('clamp'),
  }
}

/** Where the answers of one command go. */
export interface ReplyTo {
  /** Response Topic, or `reply/<from>`; null = broadcast alone. */
  readonly topic: string | null
  readonly correlationData: Buffer | undefined
}

/** The requester's own topic; throws `command/reply-denied` for one that we must not write to. */
export function replyTo(message: Incoming, replyOfFrom: string | null, allowed: readonly string[]): ReplyTo {
  const { responseTopic, correlationData } = message
  if (responseTopic === undefined) return { topic: replyOfFrom, correlationData: undefined }
  const legal = responseTopic !== '' && !/[+#\0]/.test(responseTopic) && !responseTopic.startsWith('$')
  if (!legal || !allowed.some((filter) => contains(filter, responseTopic))) {
    throw new BridgeError(
      'command/reply-denied',
      'The Response Topic is outside commands.replyTopics; nothing was done.',
    )
  }
  return { topic: responseTopic, correlationData }
}

const skewMs = 5_000
const defaultTtlMs = 10_000

/** How long the command may still wait; throws when it is too late, too early, or undated where a date is required. */
export function timeLeft(options: Options, nowMs: number, requireTs: boolean, mostMs: number): number {
  const { ts, ttl } = options
  if (ts === null) {
    if (requireTs) {
      throw new BridgeError(
        'command/missing-param',
        'This bridge takes dated commands only: add "ts" (setting commands.requireTs).',
      )
    }
    return Math.min(ttl ?? defaultTtlMs, mostMs)
  }
  if (ts > nowMs + skewMs) {
    throw new BridgeError(
      'command/bad-time',
      `"ts" is ${Math.round((ts - nowMs) / 1000)} s ahead of the bridge's clock.`,
    )
  }
  const left = ts + (ttl ?? defaultTtlMs) - nowMs
  if (left <= 0) {
    throw new BridgeError(
      'command/expired',
      `The command is ${Math.round(-left / 1000)} s past its time to live.`,
    )
  }
  return Math.min(left, mostMs)
}

/** A JSON object out of a payload, with the limits of its edge. Throws BridgeError with the contract's reason. */
export function readObject(payload: Uint8Array, edge: 'command' | 'operation'): Record<string, unknown> {
  let value: unknown
  try {
    value = parseJson(payload, limits[edge])
  } catch (thrown) {
    if (thrown instanceof JsonError) throw new BridgeError(`command/${thrown.fault}`, thrown.message)
    throw thrown
  }
  if (!isRecord(value))
    throw new BridgeError('command/bad-json', `A JSON object is expected, like ${examples[edge]}.`)
  return value
}

const examples = { command: '{"dp":{"switch_1":true}}', operation: '{"params":{"name":"value"}}' } as const

const verbs: ReadonlySet<string> = new Set(['1', 'true', 'on', 'press', 'run'])

/** A verb's payload: a word of agreement, or a JSON object with options. Throws BridgeError for anything else. */
export function readVerb(payload: Uint8Array, text: string | undefined): Record<string, unknown> {
  const word = text?.trim() ?? ''
  if (word.startsWith('{')) return readObject(payload, 'command')
  if (verbs.has(word.toLowerCase())) return {}
  throw new BridgeError('command/bad-value', 'This topic takes 1, true, on, press, run or a JSON object.')
}
