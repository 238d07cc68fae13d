import { type Automation, externalConditions } from '../../domain/automation.ts'
import { type ExternalCondition, isComparable, kindOfValue, typeOfValue } from '../../domain/condition.ts'
import type { Json } from '../../domain/data-point.ts'
import type { Scene } from '../../domain/scene.ts'
import { BridgeError } from '../../util/error.ts'
import { isRecord } from '../../util/json.ts'
import { nearest } from '../../util/nearest.ts'

/** Commands to scenes and automations as the operation that carries them out. All of them throw BridgeError. */

export interface OperationCall {
  readonly operation: string
  readonly params: Readonly<Record<string, unknown>>
}

type SceneRef = Pick<Scene, 'id' | 'homeId'>
type AutomationRef = Pick<Automation, 'id' | 'homeId' | 'name' | 'conditions'>

export function triggerScene({ id, homeId }: SceneRef): OperationCall {
  return { operation: 'scene-trigger', params: { home_id: homeId, scene_id: id } }
}

export function enableScene({ id, homeId }: SceneRef, enabled: boolean): OperationCall {
  const operation = enabled ? 'scene-enable' : 'scene-disable'
  return { operation, params: { home_id: homeId, scene_id: id } }
}

export function enableAutomation(
  { id, homeId }: Pick<AutomationRef, 'id' | 'homeId'>,
  enabled: boolean,
): OperationCall {
  const operation = enabled ? 'automation-enable' : 'automation-disable'
  return { operation, params: { home_id: homeId, automation_id: id } }
}

const switches: Readonly<Record<string, boolean>> = {
  true: true,
  on: true,
  '1': true,
  false: false,
  off: false,
  '0': false,
}

/** The payload of an `enabled` topic. */
export function readEnabled(text: string | undefined): boolean {
  const word = (text ?? '').trim().toLowerCase()
  const enabled = Object.hasOwn(switches, word) ? switches[word] : undefined
  if (enabled === undefined)
    throw new BridgeError('command/bad-value', 'This topic takes true, false, on, off, 1 or 0.')
  return enabled
}

/**
 * Fulfils one external condition by its code. Several conditions may wait for the same code with different values: all
 * of them are told, and what each compares with decides.
 */
export function fireCondition(automation: AutomationRef, code: string, value: unknown): OperationCall {
  return fireConditions(automation, { [code]: value })
}

/** Fulfils several conditions by their codes, in one call. */
export function fireConditions(
  automation: AutomationRef,
  values: Readonly<Record<string, unknown>>,
): OperationCall {
  const entries = Object.entries(values)
  if (entries.length === 0)
    throw new BridgeError('command/bad-value', '"conditions" must name at least one condition and its value.')
  const unknown = entries.filter(([code]) => waiting(automation, code).length === 0)
  if (unknown.length > 0)
    throw unknownCondition(
      automation,
      unknown.map(([code]) => code),
    )
  return call(
    automation,
    entries.flatMap(([code, value]) => fulfilledBy(waiting(automation, code), value)),
  )
}

/** Those of the conditions for one code that the value can be compared with; some there must be. */
function fulfilledBy(conditions: readonly ExternalCondition[], given: unknown): readonly object[] {
  const fitting = conditions.flatMap((condition) => {
    const value = valueFor(condition, given)
    return isComparable(condition.value, value) ? [fulfilled(condition, value)] : []
  })
  const [first] = conditions
  if (fitting.length > 0 || first === undefined) return fitting
  const kinds = [...new Set(conditions.map(({ value }) => kindOfValue(value)))]
  const message = `Condition "${first.code}" waits for ${kinds.join(', or ')}, got "${String(given).slice(0, 64)}".`
  throw new BridgeError('command/bad-value', message, {
    details: conditions.map(({ code, operator, value }) => ({ condition: code, operator, value })),
  })
}

/** Fulfils all external conditions, each with the value that it waits for. */
export function fireAll(automation: AutomationRef): OperationCall {
  const conditions = externalConditions(automation)
  if (conditions.length === 0) throw unknownCondition(automation, [])
  return call(
    automation,
    conditions.map((condition) => fulfilled(condition, condition.value)),
  )
}

/** The members of an automation's trigger: codes and values, or nothing for all of them. */
export function triggerAutomation(
  automation: AutomationRef,
  members: Readonly<Record<string, unknown>>,
): OperationCall {
  const { conditions } = members
  if (conditions === undefined) return fireAll(automation)
  if (!isRecord(conditions))
    throw new BridgeError('command/bad-value', '"conditions" must be an object of codes and values.')
  return fireConditions(automation, conditions)
}

function waiting(automation: AutomationRef, code: string): readonly ExternalCondition[] {
  return externalConditions(automation).filter((condition) => condition.code === code)
}

function fulfilled({ id, code }: ExternalCondition, value: Json): object {
  return { entity_id: id, display: { code, value } }
}

function call({ id, homeId, name }: AutomationRef, conditions: readonly object[]): OperationCall {
  if (conditions.some((condition) => (condition as { entity_id: string | null }).entity_id === null)) {
    const message = `The cloud has not told the ids of the conditions of ${name} yet; ask for a resync.`
    throw new BridgeError('command/unknown-condition', message, { retry: 'later' })
  }
  return {
    operation: 'automation-external-trigger',
    params: { home_id: homeId, automation_id: id, $root: conditions },
  }
}

/** As the type that the stored condition has, else as text. */
function valueFor(condition: ExternalCondition, given: unknown): Json {
  if (typeof given === 'object' && given !== null)
    throw new BridgeError(
      'command/bad-value',
      `Condition "${condition.code}" takes a text, number or boolean.`,
    )
  const text = String(given ?? '').trim()
  if (typeof condition.value === 'boolean') {
    const word = text.toLowerCase()
    if (Object.hasOwn(switches, word)) return switches[word] as boolean
  }
  if (typeof condition.value === 'number' && typeOfValue(text) === 'integer') return Number(text)
  return typeof given === 'string' ? given : text
}

function unknownCondition(automation: AutomationRef, codes: readonly string[]): BridgeError {
  const known = [...new Set(externalConditions(automation).map(({ code }) => code))]
  const details = known.map((code) => ({ condition: code }))
  const [code] = codes
  if (code === undefined || known.length === 0) {
    const message = `Automation ${automation.name} (${automation.id}) has no external condition.`
    return new BridgeError('command/unknown-condition', message, { details })
  }
  const [near] = nearest(code, known, 1)
  const hint = near === undefined ? `; it has ${known.join(', ')}.` : `; did you mean "${near}"?`
  const message = `Automation ${automation.name} has no external condition "${code.slice(0, 64)}"${hint}`
  return new BridgeError('command/unknown-condition', message, { details })
}
