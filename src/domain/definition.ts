import type { AutomationDefinition } from './automation.ts'
import type { Condition, Operator } from './condition.ts'
import type { Json, Specification } from './data-point.ts'
import type { SceneDefinition } from './scene.ts'

/** One thing that is wrong with a scene or automation that somebody wrote. */
export interface DefinitionFault {
  /** JSON pointer to the place, '' for the whole. */
  readonly path: string
  /** One sentence: the member, the rule, the value. */
  readonly message: string
  /** What may stand there, where that can be listed. */
  readonly allowed?: readonly Json[]
  /** What was probably meant. */
  readonly nearest?: Json
  /** Index of the character, in texts with a grammar. */
  readonly position?: number
}

export interface Referred {
  readonly id: string
  readonly name: string
  readonly homeId: string
}

export interface ReferredDevice extends Referred {
  /** Undefined while nobody knows it: then codes and values are left to the platform. */
  readonly specification: Specification | undefined
  /** A lock that the owner did not open to commands: it may be watched and not written. */
  readonly locked?: boolean
}

export interface ReferredAutomation extends Referred {
  readonly conditions: readonly Condition[]
}

/** A sort of weather that automations can wait for. */
export interface WeatherKind {
  readonly code: string
  readonly type: 'integer' | 'enum'
  readonly operators: readonly Operator[]
  readonly min?: number
  readonly max?: number
  /** The words of an enum, where they are known. */
  readonly range?: readonly string[]
}

/** What scenes and automations may speak of. */
export interface References {
  device(id: string): ReferredDevice | undefined
  scene(id: string): Referred | undefined
  automation(id: string): ReferredAutomation | undefined
  /** All of a kind, to propose one to somebody who mistyped it. */
  all(kind: 'device' | 'scene' | 'automation'): readonly Referred[]
}

export interface DefinitionContext {
  /** The home that it is for; null when the caller does not know. */
  readonly homeId: string | null
  readonly references: References
  /** What the platform says it can watch; without it, what its pages name. */
  readonly weather?: readonly WeatherKind[]
}

/** JSON in the platform's own words, ready to be sent. */
export type Body = { readonly [member: string]: Json }

export type Checked<T> =
  | { readonly ok: true; readonly definition: T; readonly body: Body }
  | { readonly ok: false; readonly faults: readonly DefinitionFault[] }

/** The port to the codec of scenes and automations; total, never throws. */
export interface DefinitionCodec {
  /** What somebody wrote, checked as a whole: all faults, or the body to send. */
  checkScene(input: unknown, context: DefinitionContext): Checked<SceneDefinition>
  checkAutomation(input: unknown, context: DefinitionContext): Checked<AutomationDefinition>
  writeScene(scene: SceneDefinition): Body
  writeAutomation(automation: AutomationDefinition): Body
}
