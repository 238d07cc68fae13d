import type { AutomationDefinition, Match } from '../../../domain/automation.ts'
import type { Comparison, Condition, Precondition } from '../../../domain/condition.ts'
import type { Json } from '../../../domain/data-point.ts'
import type { Body } from '../../../domain/definition.ts'
import type { Action, SceneDefinition } from '../../../domain/scene.ts'

/** Scenes and automations in the platform's words: member names, numbers for kinds, numbers as text. */

/** `entity_type` of the conditions. */
export const entityTypes = { device: 1, weather: 3, timer: 6, external: 15 } as const

export const matchTypes: Readonly<Record<Match, number>> = { any: 1, all: 2, rule: 3 }

export function writeScene({ name, background, actions }: SceneDefinition): Body {
  return { name, background, actions: actions.map(writeAction) }
}

export function writeAutomation(automation: AutomationDefinition): Body {
  const { name, background, match, rule, conditions, preconditions, actions } = automation
  return {
    name,
    background,
    match_type: matchTypes[match],
    ...(match === 'rule' && rule !== null ? { condition_rule: rule } : {}),
    conditions: conditions.map(writeCondition),
    ...(preconditions.length > 0 ? { preconditions: preconditions.map(writePrecondition) } : {}),
    actions: actions.map(writeAction),
  }
}

export function writeAction(action: Action): Json {
  switch (action.kind) {
    case 'device':
      return {
        action_executor: action.group ? 'device_group_issue' : 'dpIssue',
        entity_id: action.deviceId,
        executor_property: action.values,
      }
    case 'delay':
      return { action_executor: 'delay', executor_property: writeDelay(action.seconds) }
    case 'enable':
      return { action_executor: 'ruleEnable', entity_id: action.automationId }
    case 'disable':
      return { action_executor: 'ruleDisable', entity_id: action.automationId }
    case 'trigger':
      return { action_executor: 'ruleTrigger', entity_id: action.sceneId }
    case 'external':
      return { action_executor: 'externalAction', executor_property: action.data }
    case 'other':
      return {
        action_executor: action.executor,
        ...(action.entityId === null ? {} : { entity_id: action.entityId }),
        ...(action.property === null ? {} : { executor_property: action.property }),
      }
  }
}

/** The platform's own examples have them as text. */
function writeDelay(seconds: number): Json {
  return {
    hours: String(Math.floor(seconds / 3600)),
    minutes: String(Math.floor(seconds / 60) % 60),
    seconds: String(seconds % 60),
  }
}

export function writeCondition(condition: Condition): Json {
  const { kind, order } = condition
  switch (kind) {
    case 'device':
      return conditionOf(entityTypes.device, condition.deviceId, order, writeComparison(condition))
    case 'weather':
      return conditionOf(entityTypes.weather, condition.cityId, order, writeComparison(condition))
    case 'timer': {
      const { date, time, loops, timeZone } = condition
      return conditionOf(entityTypes.timer, 'timer', order, { date, time, loops, timezone_id: timeZone })
    }
    case 'external':
      return conditionOf(entityTypes.external, condition.id, order, writeComparison(condition))
    case 'other':
      return conditionOf(condition.entityType, condition.entityId, order, condition.display)
  }
}

function conditionOf(type: number, entityId: string | null, order: number, display: Json): Json {
  return {
    entity_type: type,
    ...(entityId === null ? {} : { entity_id: entityId }),
    order_num: order,
    display,
  }
}

function writeComparison({ code, operator, value }: Comparison): Json {
  return { code, operator, value }
}

export function writePrecondition(precondition: Precondition): Json {
  if (precondition.kind === 'other')
    return { cond_type: precondition.conditionType, display: precondition.display }
  const { start, end, loops, timeZone } = precondition
  return { cond_type: 'timeCheck', display: { start, end, loops, timezone_id: timeZone } }
}
