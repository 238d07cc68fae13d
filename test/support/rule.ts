import type { Automation } from '../../src/domain/automation.ts'
import type { ExternalCondition } from '../../src/domain/condition.ts'
import type { Scene } from '../../src/domain/scene.ts'

/** A scene that waits a moment. */
export function sceneOf(id: string, changes: Partial<Scene> = {}): Scene {
  return {
    id,
    name: `Scene ${id}`,
    homeId: 'h1',
    background: 'https://images.tuyaeu.com/smart/rule/cover/bedroom.png',
    enabled: true,
    valid: true,
    actions: [{ kind: 'delay', seconds: 5 }],
    ...changes,
  }
}

/** A condition that waits for `true` from outside. */
export function externalOf(code: string, changes: Partial<ExternalCondition> = {}): ExternalCondition {
  return { kind: 'external', order: 1, id: `id-${code}`, code, operator: '==', value: 'true', ...changes }
}

/** An automation that waits for a word from outside and tells one. */
export function automationOf(id: string, changes: Partial<Automation> = {}): Automation {
  return {
    ...sceneOf(id),
    name: `Automation ${id}`,
    match: 'any',
    rule: null,
    conditions: [externalOf('bedtime')],
    preconditions: [],
    actions: [{ kind: 'external', data: { action: 'goodnight' } }],
    ...changes,
  }
}
