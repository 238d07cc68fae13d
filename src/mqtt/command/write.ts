import type { PointWrite } from '../../domain/command.ts'
import type { DataPoint, EncodeContext, Encoded, Specification, ValueCodec } from '../../domain/data-point.ts'
import { type Device, isLock } from '../../domain/device.ts'
import type { DeviceState, PointFact } from '../../domain/state.ts'
import { BridgeError } from '../../util/error.ts'
import { isRecord, own } from '../../util/json.ts'
import { nearest } from '../../util/nearest.ts'
import { optionKeys } from './request.ts'

/** What a command says of one point, before it is checked. */
export type Asked =
  | { readonly code: string; readonly as: 'shown' | 'raw'; readonly value: unknown }
  | { readonly code: string; readonly as: 'text'; readonly value: string; readonly json: boolean }
  | { readonly code: string; readonly as: 'view'; readonly view: string; readonly value: string }

export interface Target {
  readonly device: Device
  readonly specification: Specification | undefined
  readonly state: DeviceState
}

export interface Checked {
  readonly points: readonly PointWrite[]
  readonly once: boolean
  readonly warnings: readonly string[]
}

/** The values of a JSON command in any of its forms (topic contract, 7.1). Throws BridgeError. */
export function readForms(message: Readonly<Record<string, unknown>>): {
  asked: readonly Asked[]
  options: Record<string, unknown>
} {
  const [dp, raw, commands] = [own(message, 'dp'), own(message, 'raw'), own(message, 'commands')]
  if (dp === undefined && raw === undefined && commands === undefined) {
    return { asked: members(message, 'dp', 'shown'), options: {} }
  }
  const options: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(message)) {
    if (['dp', 'raw', 'commands'].includes(key)) continue
    if (!optionKeys.has(key)) {
      throw new BridgeError(
        'command/bad-value',
        `The member "${key.slice(0, 64)}" is not known beside dp, raw or commands.`,
      )
    }
    options[key] = value
  }
  const asked = [...members(dp, 'dp', 'shown'), ...members(raw, 'raw', 'raw'), ...tuyaCommands(commands)]
  if (new Set(asked.map(({ code }) => code)).size < asked.length) {
    throw new BridgeError('command/bad-value', 'A data point is named twice.')
  }
  return { asked, options }
}

function members(value: unknown, name: string, as: 'shown' | 'raw'): Asked[] {
  if (value === undefined) return []
  if (!isRecord(value) || Object.keys(value).length === 0) {
    throw new BridgeError('command/bad-value', `"${name}" must be an object with at least one data point.`)
  }
  return Object.entries(value).map(([code, given]) => ({ code, as, value: given }))
}

function tuyaCommands(value: unknown): Asked[] {
  if (value === undefined) return []
  const rows = Array.isArray(value) && value.length > 0 ? value : [undefined]
  return rows.map((row: unknown) => {
    const code = isRecord(row) ? own(row, 'code') : undefined
    const given = isRecord(row) ? own(row, 'value') : undefined
    if (typeof code !== 'string' || given === undefined) {
      throw new BridgeError('command/bad-value', '"commands" must be a list of {"code": …, "value": …}.')
    }
    return { code, as: 'raw', value: given }
  })
}

interface Refusal {
  readonly reason: string
  readonly message: string
  readonly details: object
}

interface CheckedPoint {
  readonly write: PointWrite
  readonly once: boolean
  readonly warnings: readonly string[]
}

export interface CheckParts {
  readonly codec: ValueCodec
  readonly isStale: (fact: PointFact) => boolean
  readonly locksAllowed: boolean
  readonly clamp: boolean
}

/** Checks every point against the device's own specification: all or nothing, and every fault is told. */
export function checkWrite(target: Target, asked: readonly Asked[], parts: CheckParts): Checked {
  const { specification } = target
  if (isLock(target.device) && !parts.locksAllowed) {
    throw new BridgeError(
      'command/forbidden',
      'Devices that open doors are written only with class "lock" (setting operations.allow).',
    )
  }
  if (!specification) {
    throw new BridgeError(
      'command/no-state',
      'The specification of the device has not been read yet; try again in a moment.',
      { retry: 'later' },
    )
  }
  const results = asked.map((one) => checkPoint(target, specification, one, parts))
  const refusals = results.filter((result) => 'reason' in result)
  if (refusals.length > 0) throw allRefused(refusals)
  const points = results.filter((result) => 'write' in result)
  return {
    points: points.map(({ write }) => write),
    once: points.some(({ once }) => once),
    warnings: [...new Set(points.flatMap(({ warnings }) => warnings))],
  }
}

function allRefused(refusals: readonly Refusal[]): BridgeError {
  const first = refusals[0] as Refusal
  const more = refusals.length === 1 ? '' : ` And ${refusals.length - 1} more.`
  return new BridgeError(`command/${first.reason}`, first.message + more, {
    details: refusals.map(({ details }) => details),
  })
}

function checkPoint(
  target: Target,
  specification: Specification,
  asked: Asked,
  parts: CheckParts,
): CheckedPoint | Refusal {
  const point = specification.points.get(asked.code)
  if (!point) return unknownPoint(specification, asked.code)
  if (point.access === 'ro' || (point.momentary && point.access !== 'wo')) {
    return refusal('read-only', `${point.code} is reported by the device and cannot be written.`, {
      dp: point.code,
    })
  }
  const fact = target.state.get(point.code)
  const context: EncodeContext = { last: fact?.value, clamp: parts.clamp }
  const value =
    asked.as === 'text' ? parts.codec.readText(point, asked.value, asked.json, fact?.value) : asked.value
  if (point.type === 'boolean' && typeof value === 'string' && value.trim().toLowerCase() === 'toggle') {
    return toggled(point, fact, parts)
  }
  return encoded(point, encodeAsked(point, asked, value, context, parts.codec))
}

function encodeAsked(
  point: DataPoint,
  asked: Asked,
  value: unknown,
  context: EncodeContext,
  codec: ValueCodec,
): Encoded | Refusal {
  if (asked.as === 'raw') return codec.encodeRaw(point, value, context)
  if (asked.as !== 'view') return codec.encode(point, value, context)
  const known = codec.viewNames(point).find(({ name }) => name === asked.view)
  if (!known) {
    const views = codec.viewNames(point).map(({ name }) => name)
    return refusal('unknown-view', `${point.code} has no view "${asked.view.slice(0, 64)}".`, {
      dp: point.code,
      views,
    })
  }
  if (!known.writable)
    return refusal('read-only', `${point.code}/${asked.view} can only be read.`, { dp: point.code })
  const written = codec.writeView(point, asked.view, asked.value)
  return 'fault' in written
    ? refusal('bad-value', written.fault, { dp: point.code })
    : codec.encode(point, written.value, context)
}

function encoded(point: DataPoint, result: Encoded | Refusal): CheckedPoint | Refusal {
  if ('reason' in result) return result
  if (!result.ok) return { reason: result.fault, message: result.message, details: result.details }
  return {
    write: { code: point.code, shown: result.shown, raw: result.raw },
    once: point.once,
    warnings: result.warnings,
  }
}

/** Resolved against what is known right now, and never repeated: twice would undo it. */
function toggled(point: DataPoint, fact: PointFact | undefined, parts: CheckParts): CheckedPoint | Refusal {
  if (!fact || typeof fact.value !== 'boolean' || parts.isStale(fact)) {
    return refusal('no-state', `${point.code} cannot be toggled: its present value is not known for sure.`, {
      dp: point.code,
    })
  }
  const checked = encoded(point, parts.codec.encode(point, !fact.value, {}))
  return 'write' in checked ? { ...checked, once: true } : checked
}

function unknownPoint(specification: Specification, code: string): Refusal {
  const known = [...specification.points.values()]
    .filter(({ access }) => access !== 'ro')
    .map((point) => point.code)
  const near = nearest(code, [...specification.points.keys()], 3)
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''
  return refusal('unknown-dp', `The device has no data point "${code.slice(0, 64)}".${hint}`, {
    dp: code.slice(0, 64),
    near,
    writable: known.slice(0, 50),
  })
}

function refusal(reason: string, message: string, details: object): Refusal {
  return { reason, message, details }
}
