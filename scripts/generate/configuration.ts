import { compile, type JSONSchema } from 'json-schema-to-typescript'
import { type ConfigSchema, leaves, readConfigSchema } from '../../src/app/config-shape.ts'

const head = '// Made by `npm run generate` from schemas/config.schema.json.\n'

/** The TypeScript type of a checked configuration, secrets wrapped. */
export async function configTypes(): Promise<string> {
  const schema = structuredClone(readConfigSchema()) as JSONSchema
  requireDefaults(schema)
  const types = await compile(schema, 'Config', {
    bannerComment: '',
    additionalProperties: false,
    format: true,
    style: { semi: false, singleQuote: true, printWidth: 110 },
  })
  return `${head}\nimport type { Secret } from '../util/secret.ts'\n\n${types.trimStart()}`
}

/** A key with a default is always there once the configuration was read. */
function requireDefaults(schema: JSONSchema): void {
  const { properties } = schema
  if (properties) {
    schema.required = Object.keys(properties).filter((key) => {
      const required = Array.isArray(schema.required) && schema.required.includes(key)
      return required || (properties[key] as JSONSchema).default !== undefined
    })
    // A title would become a type of its own for every key.
    for (const child of Object.values(properties)) {
      delete (child as JSONSchema).title
      requireDefaults(child as JSONSchema)
    }
  }
  if (schema.items) requireDefaults(schema.items as JSONSchema)
}

export function configurationPage(): string {
  const schema = readConfigSchema()
  const lines = [
    '# Configuration',
    '',
    'Made from `schemas/config.schema.json`; editors that know JSON Schema complete and check the file with it.',
    '',
    '- A file `dp2mqtt.yaml` in the working directory, or the one named by `--config`. It is never written to.',
    '- Every key also from the environment, which wins: the variable stands beside the key. Lists by commas, objects as JSON.',
    '- Every secret also from a file: `accessSecretFile`, or `DP2MQTT_TUYA_ACCESS_SECRET_FILE`. Preferred.',
    '- What is wrong is listed in full, with a hint for each, and the program ends with exit code 78.',
    '- SIGHUP, or `cmd/bridge/reload`, reads everything again while the bridge runs; see [running.md](running.md#changing-settings).',
    '  The column *reload* says what a changed key takes then: `live` nothing, `link` that the connections concerned are made',
    '  anew, `restart` a start of the bridge.',
    '',
    'The smallest real configuration:',
    '',
    '```yaml',
    'tuya:',
    '  region: eu',
    '  accessId: p1a2c3e4g5i6k7m8o9q0',
    '  accessSecretFile: /run/secrets/tuya',
    'mqtt:',
    '  url: mqtt://broker.example',
    '```',
    '',
  ]
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    lines.push(`## ${child.title} (\`${name}\`)`, '', child.description ?? '', '')
    const rows = child.properties ? leaves(child, name) : leaves({ properties: { [name]: child } })
    lines.push(
      '| key | what | default | example | variable | reload |',
      '| --- | --- | --- | --- | --- | --- |',
    )
    for (const { path, variable, schema: leaf } of rows) {
      lines.push(
        `| \`${path}\` | ${leaf.description}${limitsOf(leaf)} | ${code(leaf.default)} | ${code(leaf.examples?.[0])} | \`${variable}\` | ${reloadOf(leaf)} |`,
      )
    }
    lines.push('')
    for (const { path, schema: leaf } of rows)
      if (leaf.items?.properties) lines.push(...itemTable(path, leaf.items))
  }
  return `${lines.join('\n').trimEnd()}\n`
}

function itemTable(path: string, items: ConfigSchema): string[] {
  const lines = [`Each of \`${path}\`:`, '', '| key | what | default |', '| --- | --- | --- |']
  for (const [key, leaf] of Object.entries(items.properties ?? {})) {
    lines.push(`| \`${key}\` | ${leaf.description ?? ''}${limitsOf(leaf)} | ${code(leaf.default)} |`)
  }
  return [...lines, '']
}

function reloadOf(leaf: ConfigSchema): string {
  const { 'x-reload': reload = 'restart', 'x-reload-empty': whenEmpty } = leaf
  if (leaf.description?.includes('No effect')) return ''
  return whenEmpty ? `${reload}; from or to empty: ${whenEmpty}` : reload
}

function limitsOf(schema: ConfigSchema): string {
  const parts: string[] = []
  const words = new Set((schema.enum ?? []).map((value) => `\`${value ?? 'empty'}\``))
  if (words.size > 0) parts.push(`one of ${[...words].join(', ')}`)
  if (schema.minimum !== undefined || schema.maximum !== undefined) {
    parts.push(`${schema.minimum ?? ''} to ${schema.maximum ?? ''}`)
  }
  return parts.length > 0 ? ` (${parts.join('; ')})` : ''
}

function code(value: unknown): string {
  if (value === undefined) return ''
  if (value === null) return 'empty'
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``.replaceAll('|', '\\|')
}
