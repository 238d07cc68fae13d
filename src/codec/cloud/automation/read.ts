import type { AutomationDefinition, Match } from '../../../domain/automation.ts'
import {
  type Condition,
  type Operator,
  operators,
  type Precondition,
  plainCode,
} from '../../../domain/condition.ts'
import type { Json } from '../../../domain/data-point.ts'
import type { Action, SceneDefinition } from '../../../domain/scene.ts'
import { asNumber, isRecord, own } from '../../../util/json.ts'
import { entityTypes } from './write.ts'

/**
 * Scenes and automations out of the platform's words, as tolerant as its own pages demand: numbers as text and text
 * as numbers, members left out or spelt in three ways, nulls. What this bridge does not understand is kept as `other`,
 * so that it can be sent back as it came.
 */

/** A scene as some answer has it; every member may be missing or odd. */
export function readScene(wire: unknown): SceneDefinition {
  const scene = isRecord(wire) ? wire : {}
  return {
    name: textOf(own(scene, 'name')) ?? '',
    background: textOf(own(scene, 'background')) ?? '',
    actions: listOf(own(scene, 'actions')).flatMap(readAction),
  }
}

export function readAutomation(wire: unknown): AutomationDefinition {
  const automation = isRecord(wire) ? wire : {}
  const match = matchOf(own(automation, 'match_type'))
  return {
    name: textOf(own(automation, 'name')) ?? '',
    background: textOf(own(automation, 'background')) ?? '',
    match,
    rule: match === 'rule' ? (textOf(own(automation, 'condition_rule')) ?? '') : null,
    conditions: listOf(own(automation, 'conditions')).flatMap(readCondition),
    preconditions: listOf(own(automation, 'preconditions')).flatMap(readPrecondition),
    actions: listOf(own(automation, 'actions')).flatMap(readAction),
  }
}

/** Whether it is switched on and all that it refers to exists; the platform's examples leave both out. */
export function readStanding(wire: unknown): { readonly enabled: boolean; readonly valid: boolean } {
  const facts = isRecord(wire) ? wire : {}
  return {
    enabled: booleanOf(own(facts, 'enabled')) ?? true,
    valid: String(own(facts, 'status') ?? '1') !== '2',
  }
}

function matchOf(type: unknown): Match {
  const number = asNumber(type)
  return number === 3 ? 'rule' : number === 2 ? 'all' : 'any'
}

/** One action; nothing when it is not even an object with an executor. */
export function readAction(wire: unknown): readonly Action[] {
  if (!isRecord(wire)) return []
  const executor = textOf(own(wire, 'action_executor'))
  if (executor === undefined) return []
  const entityId = textOf(own(wire, 'entity_id')) ?? null
  const property = jsonOf(own(wire, 'executor_property'))
  return [known(executor, entityId, property) ?? { kind: 'other', executor, entityId, property }]
}

function known(executor: string, entityId: string | null, property: Json): Action | undefined {
  switch (executor) {
    case 'dpIssue':
    case 'device_issue':
    case 'device_group_issue':
      return entityId !== null && isRecord(property)
        ? {
            kind: 'device',
            deviceId: entityId,
            group: executor === 'device_group_issue',
            values: property as Readonly<Record<string, Json>>,
          }
        : undefined
    case 'delay': {
      const seconds = delayOf(property)
      return seconds === undefined ? undefined : { kind: 'delay', seconds }
    }
    case 'ruleEnable':
      return entityId === null ? undefined : { kind: 'enable', automationId: entityId }
    case 'ruleDisable':
      return entityId === null ? undefined : { kind: 'disable', automationId: entityId }
    case 'ruleTrigger':
      return entityId === null ? undefined : { kind: 'trigger', sceneId: entityId }
    case 'externalAction':
      return { kind: 'external', data: property }
    default:
      return undefined
  }
}

/** The seconds of a delay; undefined when it is none. */
export function delayOf(property: unknown): number | undefined {
  if (!isRecord(property)) return undefined
  const part = (name: string) => asNumber(own(property, name) ?? 0)
  const seconds = part('hours') * 3600 + part('minutes') * 60 + part('seconds')
  return Number.isSafeInteger(seconds) && seconds >= 0 ? seconds : undefined
}

/** One condition; those that nobody numbered get the number of their place. */
export function readCondition(wire: unknown, index: number): readonly Condition[] {
  if (!isRecord(wire)) return []
  const entityType = asNumber(own(wire, 'entity_type') ?? own(wire, 'entityType') ?? own(wire, 'entit_type'))
  if (!Number.isInteger(entityType)) return []
  const numbered = asNumber(own(wire, 'order_num'))
  const order = Number.isInteger(numbered) ? numbered : index + 1
  const entityId = textOf(own(wire, 'entity_id')) ?? null
  const display = jsonOf(own(wire, 'display'))
  const understood = isRecord(display) ? conditionOf(entityType, entityId, order, display) : undefined
  return [understood ?? { kind: 'other', order, entityType, entityId, display }]
}

function conditionOf(
  type: number,
  entityId: string | null,
  order: number,
  display: Record<string, unknown>,
): Condition | undefined {
  if (type === entityTypes.timer) return timerOf(order, display)
  const comparison = comparisonOf(display)
  if (comparison === undefined) return undefined
  const plain = { ...comparison, code: plainCode(comparison.code) }
  switch (type) {
    case entityTypes.device:
      return entityId === null ? undefined : { kind: 'device', order, deviceId: entityId, ...plain }
    case entityTypes.weather:
      return entityId === null ? undefined : { kind: 'weather', order, cityId: entityId, ...plain }
    case entityTypes.external:
      return { kind: 'external', order, id: entityId, ...comparison }
    default:
      return undefined
  }
}

function comparisonOf(
  display: Record<string, unknown>,
): { readonly code: string; readonly operator: Operator; readonly value: Json } | undefined {
  const code = textOf(own(display, 'code'))
  const operator = operators.find((each) => each === own(display, 'operator'))
  const value = own(display, 'value')
  if (code === undefined || operator === undefined || value === undefined) return undefined
  return { code, operator, value: value as Json }
}

function timerOf(order: number, display: Record<string, unknown>): Condition | undefined {
  const date = textOf(own(display, 'date')) ?? ''
  const time = textOf(own(display, 'time'))
  const loops = textOf(own(display, 'loops'))
  const timeZone = textOf(own(display, 'timezone_id'))
  if (time === undefined || loops === undefined || timeZone === undefined) return undefined
  return { kind: 'timer', order, date, time, loops, timeZone }
}

export function readPrecondition(wire: unknown): readonly Precondition[] {
  if (!isRecord(wire)) return []
  const conditionType = textOf(own(wire, 'cond_type'))
  if (conditionType === undefined) return []
  const display = jsonOf(own(wire, 'display'))
  const window = conditionType === 'timeCheck' && isRecord(display) ? windowOf(display) : undefined
  return [window ?? { kind: 'other', conditionType, display }]
}

function windowOf(display: Record<string, unknown>): Precondition | undefined {
  const [start, end, loops, timeZone] = ['start', 'end', 'loops', 'timezone_id'].map((name) =>
    textOf(own(display, name)),
  )
  if (start === undefined || end === undefined || loops === undefined || timeZone === undefined)
    return undefined
  return { kind: 'time', start, end, loops, timeZone }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** A text that says something; ids and numbers come as numbers now and then. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  return value === 'true' ? true : value === 'false' ? false : undefined
}

/** Answers were parsed from JSON, so whatever is there is some. */
function jsonOf(value: unknown): Json {
  return value === undefined ? null : (value as Json)
}
