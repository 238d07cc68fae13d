import { asNumber, isRecord, own } from '../../util/json.ts'
import { delayMsOf } from '../automation/runner.ts'
import { standardValues } from '../delivery.ts'
import type { SimHome } from '../world/home.ts'
import { limit } from '../world/limit.ts'
import { isDeviceAction, type SimAction } from '../world/rule.ts'
import { illegal, missing } from './given.ts'
import { Refusal } from './refusal.ts'
import type { Calling } from './serve.ts'

/** What scenes and automations are made of, checked as the platform does it. */

export type Row = Readonly<Record<string, unknown>>

const inScenes = new Set([
  'dpIssue',
  'device_issue',
  'device_group_issue',
  'delay',
  'ruleEnable',
  'ruleDisable',
])
const inAutomations = new Set([...inScenes, 'ruleTrigger', 'externalAction'])

/** The actions of a scene, or of an automation; throws Refusal for what cannot be carried out. */
export function checkedActions(
  calling: Calling,
  home: SimHome,
  rows: readonly Row[],
  of: 'scene' | 'automation',
): readonly SimAction[] {
  if (rows.length === 0) throw new Refusal(2512, 'scene actions is empty')
  if (rows.length > limit.actions) throw tooMany()
  return rows.map((row) => {
    const action = actionOf(row)
    if (!(of === 'scene' ? inScenes : inAutomations).has(action.action_executor)) throw illegal()
    checkAction(calling, home, action)
    return action
  })
}

export const tooMany = () => new Refusal(1101, 'param is out of range')

/** Only the members that the platform knows are kept. */
function actionOf(row: Row): SimAction {
  const executor = textOf(row, 'action_executor')
  const entityId = own(row, 'entity_id')
  const property = own(row, 'executor_property')
  if (entityId !== undefined && typeof entityId !== 'string') throw illegal()
  if (property !== undefined && !isRecord(property)) throw illegal()
  return {
    action_executor: executor,
    ...(entityId === undefined ? {} : { entity_id: entityId }),
    ...(property === undefined ? {} : { executor_property: property }),
  }
}

function checkAction(calling: Calling, home: SimHome, action: SimAction): void {
  const { entity_id = '', executor_property } = action
  if (isDeviceAction(action)) {
    checkDeviceAction(calling, home, entity_id, executor_property)
    return
  }
  switch (action.action_executor) {
    case 'delay':
      checkDelay(action)
      break
    case 'externalAction':
      if (executor_property === undefined) throw missing()
      break
    case 'ruleEnable':
    case 'ruleDisable':
      checkReference(entity_id, home.automations)
      break
    case 'ruleTrigger':
      checkReference(entity_id, home.scenes)
      break
    default:
      // Groups of devices are not part of this world: such an action is taken and runs in vain.
      if (entity_id === '') throw missing()
  }
}

function checkReference(id: string, known: ReadonlyMap<string, unknown>): void {
  if (id === '') throw missing()
  if (!known.has(id)) throw new Refusal(2503, 'scene not exist')
}

function checkDeviceAction(
  { world }: Calling,
  home: SimHome,
  id: string,
  property: SimAction['executor_property'],
): void {
  if (id === '' || property === undefined || Object.keys(property).length === 0) throw missing()
  const device = world.devices.get(id)
  if (device?.homeId !== home.id) throw new Refusal(1106, 'permission deny')
  standardValues(
    device,
    Object.entries(property).map(([code, value]) => ({ code, value })),
  )
}

const longestDelay: Readonly<Record<string, number>> = { hours: 23, minutes: 59, seconds: 59 }

function checkDelay(action: SimAction): void {
  const property = action.executor_property
  if (property === undefined) throw missing()
  for (const [unit, most] of Object.entries(longestDelay)) {
    const number = asNumber(own(property, unit) ?? 0)
    if (!Number.isInteger(number) || number < 0 || number > most) throw illegal()
  }
  if (delayMsOf(action) === 0) throw illegal()
}

/** A text that has to be there. */
export function textOf(row: Row, name: string): string {
  const value = own(row, name)
  if (value === undefined || value === null || value === '') throw missing()
  if (typeof value !== 'string') throw illegal()
  return value
}

/** A member that is an object. */
export function objectOf(row: Row, name: string): Row {
  const value = own(row, name)
  if (value === undefined || value === null) throw missing()
  if (!isRecord(value)) throw illegal()
  return value
}
