import { isRecord } from '../util/json.ts'
import { Secret } from '../util/secret.ts'
import type { ConfigSchema, Reload } from './config-shape.ts'
import type { Config } from './config-types.ts'

/** A checked configuration, and by path a digest of each file whose content counts as well. */
export interface ReadConfig {
  readonly config: Config
  readonly files?: ReadonlyMap<string, string>
}

/** A key whose value differs, and what it takes until that has an effect. */
export interface Change {
  readonly path: string
  readonly reload: Reload
}

/** Every key that differs, in the order of the schema. A section that comes or goes as a whole is one key. */
export function changesOf(schema: ConfigSchema, before: ReadConfig, after: ReadConfig): Change[] {
  return differences({ schema, before: before.config, after: after.config, path: '' }).concat(
    leavesWithFiles(schema, '')
      .filter((leaf) => before.files?.get(leaf.path) !== after.files?.get(leaf.path))
      .filter(({ path }) => sameValue(valueAt(before.config, path), valueAt(after.config, path))),
  )
}

interface Walk {
  readonly schema: ConfigSchema
  readonly before: unknown
  readonly after: unknown
  readonly path: string
}

function differences({ schema, before, after, path }: Walk): Change[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const walk = {
      schema: child,
      before: memberOf(before, key),
      after: memberOf(after, key),
      path: path === '' ? key : `${path}.${key}`,
    }
    if (child.properties && isRecord(walk.before) && isRecord(walk.after)) return differences(walk)
    if (sameValue(walk.before, walk.after)) return []
    return [{ path: walk.path, reload: reloadOf(child, walk.before, walk.after) }]
  })
}

/** What nothing is said of is read once, at the start. */
function reloadOf(schema: ConfigSchema, before: unknown, after: unknown): Reload {
  const isSwitched = (before ?? null) === null || (after ?? null) === null
  return (isSwitched ? schema['x-reload-empty'] : undefined) ?? schema['x-reload'] ?? 'restart'
}

function leavesWithFiles(schema: ConfigSchema, path: string): Change[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const at = path === '' ? key : `${path}.${key}`
    if (child.properties) return leavesWithFiles(child, at)
    return child['x-file'] ? [{ path: at, reload: child['x-reload'] ?? 'restart' }] : []
  })
}

/** The configuration with these keys as another one has them. */
export function withValuesOf(config: Config, other: Config, paths: readonly string[]): Config {
  return paths.reduce(
    (tree, path) => withValue(tree, path.split('.'), valueAt(other, path)),
    config as unknown,
  ) as Config
}

function withValue(tree: unknown, [first = '', ...rest]: readonly string[], value: unknown): unknown {
  const members = isRecord(tree) ? tree : {}
  return { ...members, [first]: rest.length === 0 ? value : withValue(members[first], rest, value) }
}

export function valueAt(tree: unknown, path: string): unknown {
  return path.split('.').reduce(memberOf, tree)
}

function memberOf(tree: unknown, key: string): unknown {
  return isRecord(tree) ? tree[key] : undefined
}

/** Equality of settings; secrets are equal when their texts are. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a instanceof Secret || b instanceof Secret)
    return a instanceof Secret && b instanceof Secret && a.reveal() === b.reveal()
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, i) => sameValue(one, b[i]))
  if (isRecord(a) && isRecord(b)) {
    const keys = Object.keys(a)
    return keys.length === Object.keys(b).length && keys.every((key) => sameValue(a[key], b[key]))
  }
  return a === b
}
