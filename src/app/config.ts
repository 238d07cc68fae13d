import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { parseDocument } from 'yaml'
import { checkJson, isRecord, limits } from '../util/json.ts'
import { nearest } from '../util/nearest.ts'
import type { Secret } from '../util/secret.ts'
import { ConfigError, type ConfigFault } from './config-fault.ts'
import { readNamedFiles } from './config-files.ts'
import { checkTogether } from './config-rules.ts'
import { exposed, holdsSecret, SecretShelf, splitUserinfo } from './config-secrets.ts'
import { type ConfigSchema, type Leaf, leaves, readConfigSchema } from './config-shape.ts'
import type { Config } from './config-types.ts'
import { lanDevices } from './lan-import.ts'

export interface LoadedConfig {
  readonly config: Config
  /** Nothing says which cloud and which broker to use. */
  readonly demo: boolean
  /** Every secret of the configuration, for the redactor. */
  readonly secrets: readonly Secret[]
  /** By key, a digest of each file whose content counts too. */
  readonly files: ReadonlyMap<string, string>
  readonly warnings: readonly string[]
}

export interface ConfigSources {
  /** Given by hand: must exist. */
  readonly file?: string | undefined
  readonly directory: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The demo was asked for: a cloud project is not needed. */
  readonly demo?: boolean
}

const fileName = 'dp2mqtt.yaml'
type Tree = Record<string, unknown>

/** Reads file and environment, checks everything, and throws ConfigError with every fault at once. */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const schema = readConfigSchema()
  const faults: ConfigFault[] = []
  const path = sources.file ?? join(sources.directory, fileName)
  const tree = readTree(path, sources.file !== undefined, faults)
  const fromFile = Object.keys(tree).length > 0
  const warnings = holdsSecret(tree, schema) ? exposed(path) : []
  overlayEnvironment(tree, leaves(schema), sources.env, faults)
  const secrets = new SecretShelf(faults)
  splitUserinfo(tree)
  secrets.take(tree, schema, '')
  const valid = validate(tree, schema, faults)
  secrets.putBack()
  const config = tree as unknown as Config
  const demo =
    sources.demo ?? (!fromFile && !config.tuya && isRecord(tree['mqtt']) && config.mqtt.url === null)
  if (valid) checkTogether(config, demo, faults)
  const files = readNamedFiles(tree, schema, faults)
  const lan = valid ? readDevices(config, faults) : undefined
  if (faults.length > 0) throw new ConfigError(faults)
  return {
    config,
    demo,
    secrets: [...new Set([...secrets.all, ...(lan?.keys ?? [])])],
    files: lan ? new Map([...files, ['lan.deviceFiles', lan.digest]]) : files,
    warnings: [...warnings, ...secrets.warnings, ...config.lan.deviceFiles.flatMap(exposed)],
  }
}

/** The device files are read again when they are needed; here it is seen whether they can be, and which keys are in them. */
function readDevices(config: Config, faults: ConfigFault[]) {
  const read = lanDevices(config)
  faults.push(...read.faults)
  return {
    keys: read.devices.flatMap(({ localKey }) => localKey ?? []),
    digest: [...read.digests.values()].join(' '),
  }
}

function readTree(path: string, mustExist: boolean, faults: ConfigFault[]): Tree {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (thrown) {
    if (mustExist || (thrown as NodeJS.ErrnoException).code !== 'ENOENT') {
      faults.push({
        path: '',
        message: `${path} cannot be read (${(thrown as NodeJS.ErrnoException).code}).`,
        hint: 'Check the path and its rights.',
      })
    }
    return {}
  }
  if (text.length > limits.config.bytes) {
    faults.push({ path: '', message: `${path} is larger than 1 MiB.`, hint: '' })
    return {}
  }
  return parseTree(text, path, faults)
}

/** The parser's own messages quote the text, which may hold secrets: only the place is told. */
function parseTree(text: string, path: string, faults: ConfigFault[]): Tree {
  try {
    const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' })
    const error = document.errors[0]
    if (error) {
      const line = text.slice(0, error.pos[0]).split('\n').length
      faults.push({
        path: '',
        message: `${path} is not valid YAML: ${error.code} in line ${line}.`,
        hint: 'Look at the indentation and the quotes there.',
      })
      return {}
    }
    const tree: unknown = document.toJS({ maxAliasCount: 20 }) ?? {}
    checkJson(tree, limits.config)
    if (isRecord(tree)) return tree
    faults.push({
      path: '',
      message: `${path} must hold keys and values.`,
      hint: 'For example "mqtt:" and below it "  url: mqtt://broker".',
    })
  } catch {
    faults.push({ path: '', message: `${path} nests too deeply or is too large.`, hint: '' })
  }
  return {}
}

/** Any key by its variable, which wins over the file. */
function overlayEnvironment(
  tree: Tree,
  all: readonly Leaf[],
  env: ConfigSources['env'],
  faults: ConfigFault[],
): void {
  const byVariable = new Map(all.map((leaf) => [leaf.variable, leaf]))
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith('DP2MQTT_') || text === undefined || text === '') continue
    const leaf = byVariable.get(variable)
    if (!leaf) {
      const [near] = nearest(variable, [...byVariable.keys()], 1)
      faults.push({
        path: variable,
        message: 'is no variable that dp2mqtt knows.',
        hint: near ? `Did you mean ${near}?` : 'See docs/configuration.md.',
      })
      continue
    }
    setAt(tree, leaf.path.split('.'), fromText(text, leaf.schema))
  }
}

function setAt(tree: Tree, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    tree[first] = value
    return
  }
  const child = tree[first]
  const next: Tree = isRecord(child) ? child : {}
  tree[first] = next
  setAt(next, rest, value)
}

/** A variable's text as the type that its key has; lists by commas, the rest as JSON. */
function fromText(text: string, schema: ConfigSchema): unknown {
  const types = [schema.type ?? []].flat()
  if (types.includes('string') && !types.includes('boolean')) return text
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  if ((types.includes('integer') || types.includes('number')) && /^-?\d+(\.\d+)?$/.test(text))
    return Number(text)
  if (types.includes('array') && !/^\s*[[{]/.test(text)) return text.split(',').map((item) => item.trim())
  try {
    const value: unknown = JSON.parse(text)
    checkJson(value, limits.config)
    return value
  } catch {
    return text
  }
}

let compiled: ValidateFunction | undefined

function compile(schema: ConfigSchema): ValidateFunction {
  const ajv = new Ajv2020({
    allErrors: true,
    useDefaults: true,
    strict: true,
    allowUnionTypes: true,
    strictRequired: false,
  })
  ajv.addVocabulary(['x-secret', 'x-file', 'x-reload', 'x-reload-empty', 'tsType'])
  return ajv.compile(schema)
}

function validate(tree: Tree, schema: ConfigSchema, faults: ConfigFault[]): boolean {
  compiled ??= compile(schema)
  const check = compiled
  if (check(tree)) return true
  for (const error of (check.errors ?? []).slice(0, 200)) faults.push(faultOf(error, schema))
  return false
}

function faultOf(error: ErrorObject, schema: ConfigSchema): ConfigFault {
  const keys = error.instancePath.split('/').slice(1)
  const at = schemaAt(schema, keys)
  const params = error.params as Record<string, unknown>
  const path = keys.join('.')
  const about = at?.description ?? ''
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(params['additionalProperty'])
      const [near] = nearest(key, Object.keys(at?.properties ?? {}), 1)
      const hint = near
        ? `Did you mean ${near}?`
        : `Known here: ${Object.keys(at?.properties ?? {}).join(', ')}.`
      return { path: path === '' ? key : `${path}.${key}`, message: 'is no key that dp2mqtt knows.', hint }
    }
    case 'required':
      return {
        path: [path, String(params['missingProperty'])].filter(Boolean).join('.'),
        message: 'is missing.',
        hint: about,
      }
    case 'enum':
      return {
        path,
        message: `must be one of ${[...new Set((at?.enum ?? []).map((value) => String(value ?? 'empty')))].join(', ')}.`,
        hint: about,
      }
    default:
      return { path, message: `${error.message ?? 'is not valid'}.`, hint: hintOf(at) }
  }
}

function hintOf(schema: ConfigSchema | undefined): string {
  if (!schema) return ''
  const example = schema.examples?.[0]
  return `${schema.description ?? ''}${example === undefined || example === null ? '' : ` Example: ${JSON.stringify(example)}`}`
}

function schemaAt(schema: ConfigSchema, keys: readonly string[]): ConfigSchema | undefined {
  let at: ConfigSchema | undefined = schema
  for (const key of keys) at = /^\d+$/.test(key) && at?.items ? at.items : at?.properties?.[key]
  return at
}
