import type { Automation } from '../../../domain/automation.ts'
import { sceneLimits } from '../../../domain/scene.ts'
import { readAutomation, readStanding } from '../automation/read.ts'
import { body, path, required } from '../operation.ts'
import type { Schema } from '../schema.ts'
import { flag, idText, listOf, number, text, type WireText } from '../shape.ts'
import { readSpecification, specificationSchema, type WireSpecification } from '../specification.ts'
import { sceneBody, steps } from './scene.ts'

export interface WireAutomation {
  readonly automation_id: string
}

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
    conditions: steps,
    preconditions: steps,
    actions: steps,
  },
}

export const automationListSchema: Schema = listOf(automationSchema)

/** One automation; the platform's example prints a list, so a list of one is taken too. */
export const oneAutomationSchema: Schema = {
  anyOf: [automationSchema, { type: 'array', minItems: 1, maxItems: 1, items: automationSchema }],
}

/** An automation of a list, which does not say of which home. */
export type ListedAutomation = Omit<Automation, 'homeId'>

const readOne = (wire: WireAutomation): ListedAutomation => ({
  id: wire.automation_id,
  ...readAutomation(wire),
  ...readStanding(wire),
})

export const readAutomations = (wires: readonly WireAutomation[]): ListedAutomation[] => wires.map(readOne)

export const readOneAutomation = (wire: WireAutomation | readonly WireAutomation[]): ListedAutomation =>
  readOne([wire].flat()[0] as WireAutomation)

/** What an automation is made of and changed with. */
export const automationBody = {
  name: sceneBody.name,
  background: sceneBody.background,
  conditions: required(
    body('array<object>', '[{entity_type, entity_id, order_num, display}]', {
      least: 1,
      most: sceneLimits.conditions,
    }),
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

/** What names an automation. */
export const oneAutomation = {
  home_id: path('long'),
  automation_id: path('string'),
}
