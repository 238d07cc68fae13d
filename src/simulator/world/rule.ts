import type { AutomationEntry, SceneEntry } from '../world-file.ts'

/** One step of a scene or automation, as it was given and as it is shown. */
export interface SimAction {
  readonly action_executor: string
  readonly entity_id?: string
  readonly executor_property?: Readonly<Record<string, unknown>>
}

export const entityType = { device: 1, weather: 3, timer: 6, external: 15 } as const

export interface SimCondition {
  readonly entity_type: number
  readonly entity_id: string
  readonly order_num: number
  readonly display: Readonly<Record<string, unknown>>
}

export interface SimPrecondition {
  readonly cond_type: string
  readonly display: Readonly<Record<string, unknown>>
}

export interface SimScene {
  readonly id: string
  name: string
  background: string
  enabled: boolean
  actions: readonly SimAction[]
}

export interface SimAutomation extends SimScene {
  matchType: 1 | 2 | 3
  conditionRule: string | undefined
  conditions: readonly SimCondition[]
  preconditions: readonly SimPrecondition[] | undefined
}

const defaultPicture = 'https://images.tuyacn.com/smart/rule/cover/starry.png'

export function makeScene(entry: SceneEntry): SimScene {
  return {
    id: entry.id,
    name: entry.name,
    background: entry.background ?? defaultPicture,
    enabled: entry.enabled ?? true,
    actions: entry.actions as readonly SimAction[],
  }
}

export function makeAutomation(entry: AutomationEntry): SimAutomation {
  return {
    ...makeScene(entry),
    matchType: entry.match_type ?? 1,
    conditionRule: entry.condition_rule,
    conditions: entry.conditions as readonly SimCondition[],
    preconditions: entry.preconditions as readonly SimPrecondition[] | undefined,
  }
}

/** Newer pages of the platform give the device action another name. */
export function isDeviceAction(action: SimAction): boolean {
  return action.action_executor === 'dpIssue' || action.action_executor === 'device_issue'
}
