import { automationSchema, sceneSchema } from '../../src/codec/cloud/automation/definition-schema.ts'
import type { Schema } from '../../src/codec/cloud/schema.ts'

/** The JSON Schemas of what people write, as files: published from the very values that are checked with. */
export const sceneSchemaFile = () => file(sceneSchema)
export const automationSchemaFile = () => file(automationSchema)

function file(schema: Schema): string {
  return `${JSON.stringify(schema, null, 1)}\n`
}
