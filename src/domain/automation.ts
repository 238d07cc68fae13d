import type { Condition, ExternalCondition, Precondition } from './condition.ts'
import { evaluateRule, parseRule } from './condition-rule.ts'
import type { Action, ExternalAction } from './scene.ts'
import { windowHolds } from './schedule.ts'

/** How many of the conditions it takes: one, each, or what the rule says. */
export type Match = 'any' | 'all' | 'rule'

export interface Automation {
  readonly id: string
  readonly name: string
  readonly homeId: string
  /** URL of a picture. */
  readonly background: string
  readonly enabled: boolean
  /** Everything that it refers to exists; only valid automations act. */
  readonly valid: boolean
  readonly match: Match
  /** The custom rule of `match: 'rule'`, in the platform's spelling: `1&&2||3`. */
  readonly rule: string | null
  readonly conditions: readonly Condition[]
  readonly preconditions: readonly Precondition[]
  readonly actions: readonly Action[]
}

/** What people decide of an automation; the rest is the platform's. */
export type AutomationDefinition = Pick<
  Automation,
  'name' | 'background' | 'match' | 'rule' | 'conditions' | 'preconditions' | 'actions'
>

/**
 * Whether an automation acts when condition `arriving` came up: that condition must hold itself, and with `all` and
 * `rule` the formula over all conditions too. A rule that cannot be read never acts.
 */
export function matches(
  automation: Pick<Automation, 'match' | 'rule' | 'conditions'>,
  arriving: number,
  holds: (order: number) => boolean,
): boolean {
  if (!holds(arriving)) return false
  switch (automation.match) {
    case 'any':
      return true
    case 'all':
      return automation.conditions.every(({ order }) => holds(order))
    case 'rule': {
      const parsed = parseRule(automation.rule ?? '')
      return parsed.ok && evaluateRule(parsed.rule, holds)
    }
  }
}

/** Whether every precondition that can be judged holds at an instant. */
export function preconditionsHold(automation: Pick<Automation, 'preconditions'>, instantMs: number): boolean {
  return automation.preconditions.every((each) => each.kind === 'other' || windowHolds(each, instantMs))
}

/** The conditions that are fulfilled from outside. */
export function externalConditions(automation: Pick<Automation, 'conditions'>): readonly ExternalCondition[] {
  return automation.conditions.filter((each) => each.kind === 'external')
}

export function externalActions(automation: Pick<Automation, 'actions'>): readonly ExternalAction[] {
  return automation.actions.filter((each) => each.kind === 'external')
}
