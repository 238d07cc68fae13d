import type { DefinitionContext, DefinitionFault } from '../../../domain/definition.ts'

/** What the checks of one definition share. */
export interface Checking extends DefinitionContext {
  report(fault: DefinitionFault): void
}
