import type { DefinitionCodec } from '../../../domain/definition.ts'
import { checkAutomation, checkScene } from './check.ts'
import { writeAutomation, writeScene } from './write.ts'

/** Scenes and automations behind the domain's port. */
export const definitionCodec: DefinitionCodec = { checkScene, checkAutomation, writeScene, writeAutomation }
