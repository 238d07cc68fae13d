import { body, required } from '../operation.ts'
import type { Schema } from '../schema.ts'
import {
  finite,
  flag,
  idText,
  listOf,
  listOrNull,
  number,
  text,
  type WireFlag,
  type WireNumber,
  type WireText,
} from '../shape.ts'
import { readSpecification, specificationSchema, type WireSpecification } from '../specification.ts'
import { actionSchema, readStanding, sceneBody, type WireAction } from './scene.ts'

/** When an automation acts, in the platform's own words: so it can be sent back. */
export interface WireCondition {
  readonly entity_type: number
  readonly entity_id?: string
  readonly order_num: number
  readonly display: object
}

/** The platform's pages spell the type in three ways. */
interface WrittenCondition {
  readonly entity_type?: WireNumber
  readonly entityType?: WireNumber
  readonly entit_type?: WireNumber
  readonly entity_id?: WireNumber
  readonly order_num?: WireNumber
  readonly display?: object | null
}

export interface WirePrecondition {
  readonly cond_type: string
  readonly display?: object | null
}

export interface WireAutomation {
  readonly automation_id: string
  readonly name?: WireText
  readonly background?: WireText
  readonly enabled?: WireFlag
  readonly status?: WireNumber
  readonly match_type?: WireNumber
  readonly condition_rule?: WireText
  readonly conditions?: readonly WrittenCondition[] | null
  readonly preconditions?: readonly WirePrecondition[] | null
  readonly actions?: readonly WireAction[] | null
}

const display: Schema = { type: ['object', 'null'] }

export const automationSchema: Schema = {
  type: 'object',
  required: ['automation_id'],
  properties: {
    automation_id: idText,
    name: text,
    background: text,
    enabled: flag,
    status: number,
    match_type: number,
    condition_rule: text,
    conditions: listOrNull({
      type: 'object',
      anyOf: ['entity_type', 'entityType', 'entit_type'].map((name) => ({ required: [name] })),
      properties: {
        entity_type: number,
        entityType: number,
        entit_type: number,
        entity_id: number,
        order_num: number,
        display,
      },
    }),
    preconditions: listOrNull({
      type: 'object',
      required: ['cond_type'],
      properties: { cond_type: { type: 'string' }, display },
    }),
    actions: listOrNull(actionSchema),
  },
}

export const automationListSchema: Schema = listOf(automationSchema)

/** One automation; the platform's example prints a list, so a list of one is taken too. */
export const oneAutomationSchema: Schema = {
  anyOf: [automationSchema, { type: 'array', minItems: 1, maxItems: 1, items: automationSchema }],
}

const matches = ['any', 'all', 'rule'] as const

export interface ListedAutomation {
  readonly id: string
  readonly name: string
  readonly background: string | null
  readonly enabled: boolean
  /** Everything that it refers to exists. */
  readonly valid: boolean
  readonly match: (typeof matches)[number]
  /** The formula over the conditions' numbers; null unless `match` is `rule`. */
  readonly rule: string | null
  readonly conditions: readonly WireCondition[]
  readonly preconditions: readonly WirePrecondition[]
  readonly actions: readonly WireAction[]
}

export function readAutomation(automation: WireAutomation): ListedAutomation {
  const match = matches[(finite(automation.match_type) ?? 1) - 1] ?? 'any'
  return {
    id: automation.automation_id,
    name: automation.name ?? '',
    background: automation.background || null,
    ...readStanding(automation),
    match,
    rule: match === 'rule' ? (automation.condition_rule ?? '') : null,
    conditions: (automation.conditions ?? []).map(readCondition),
    preconditions: automation.preconditions ?? [],
    actions: automation.actions ?? [],
  }
}

export const readAutomations = (automations: readonly WireAutomation[]): ListedAutomation[] =>
  automations.map(readAutomation)

export const readOneAutomation = (wire: WireAutomation | readonly WireAutomation[]): ListedAutomation =>
  readAutomation([wire].flat()[0] as WireAutomation)

function readCondition(written: WrittenCondition, index: number): WireCondition {
  const { entity_type, entityType, entit_type, entity_id, order_num } = written
  return {
    entity_type: finite(entity_type ?? entityType ?? entit_type) ?? 0,
    ...(entity_id === undefined || entity_id === null ? {} : { entity_id: String(entity_id) }),
    order_num: finite(order_num) ?? index + 1,
    display: written.display ?? {},
  }
}

/** What an automation is made of and changed with. */
export const automationBody = {
  name: sceneBody.name,
  background: sceneBody.background,
  conditions: required(
    body('array<object>', '[{entity_type, entity_id, order_num, display}]', { least: 1, most: 10 }),
  ),
  actions: sceneBody.actions,
  match_type: required(
    body('integer', '1 = any condition, 2 = all, 3 = by condition_rule', { choices: [1, 2, 3] }),
  ),
  condition_rule: body('string', 'for match_type 3: the order_num of the conditions, as in 1&&2||3'),
  preconditions: body('array<object>', '[{cond_type: "timeCheck", display}]'),
}

export interface WireWeather {
  readonly category: string
  readonly category_name?: WireText
  /** JSON inside a string. */
  readonly operators?: string | readonly string[] | null
  readonly property?: object | null
}

export const weatherSchema: Schema = listOf({
  type: 'object',
  required: ['category'],
  properties: {
    category: { type: 'string', minLength: 1, maxLength: 64 },
    category_name: text,
    operators: { type: ['string', 'array', 'null'] },
    property: { type: ['object', 'null'] },
  },
})

/** A sort of weather that automations can wait for. */
export interface WeatherKind {
  readonly code: string
  readonly name: string
  readonly operators: readonly string[]
  readonly property: object
}

export const readWeather = (kinds: readonly WireWeather[]): WeatherKind[] =>
  kinds.map(({ category, category_name, operators, property }) => ({
    code: category,
    name: category_name ?? category,
    operators: operatorsOf(operators),
    property: property ?? {},
  }))

function operatorsOf(operators: WireWeather['operators']): string[] {
  const list = typeof operators === 'string' ? listIn(operators) : operators
  return Array.isArray(list) ? list.filter((operator) => typeof operator === 'string') : []
}

function listIn(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return []
  }
}

export interface WireLinkage extends WireSpecification {
  readonly device_id: string
}

export const linkageSchema: Schema = {
  ...specificationSchema,
  required: ['device_id'],
  properties: { ...(specificationSchema['properties'] as object), device_id: idText },
}

/** What of a device automations can wait for (all that is not write-only) and act on (all that is not read-only). */
export const readLinkage = (linkage: WireLinkage) => ({
  deviceId: linkage.device_id,
  points: readSpecification(linkage),
})

export const readLinkages = (linkages: readonly WireLinkage[]) => linkages.map(readLinkage)
