import type { AbilityRule } from '../ability/base.ts'
import type { CompositeAbility } from '../ability/composite.ts'
import type { HintRow } from '../ability/hint.ts'

/** What is expected of the devices of some of the platform's categories. */
export interface Category {
  /** For people. */
  readonly name: string
  readonly codes: readonly string[]
  readonly rules?: readonly AbilityRule<CompositeAbility>[]
  /** What codes mean here, as against elsewhere. */
  readonly hints?: readonly HintRow[]
}
