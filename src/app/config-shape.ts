import { readFileSync } from 'node:fs'

/**
 * What it takes until a changed key has an effect: nothing (`live`), that the connections concerned are made anew
 * (`link`), or a start of the bridge.
 */
export type Reload = 'live' | 'link' | 'restart'

/** The part of JSON Schema that the configuration uses, as it is walked by loader and generator. */
export interface ConfigSchema {
  readonly title?: string
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, ConfigSchema>>
  readonly items?: ConfigSchema
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly 'x-secret'?: boolean
  /** Names a file whose content counts as much as its path. */
  readonly 'x-file'?: boolean
  readonly 'x-reload'?: Reload
  /** The same for a change from or to nothing, where that takes more. */
  readonly 'x-reload-empty'?: Reload
}

const file = new URL('../../schemas/config.schema.json', import.meta.url)

export function readConfigSchema(): ConfigSchema {
  return JSON.parse(readFileSync(file, 'utf8')) as ConfigSchema
}

export interface Leaf {
  /** `tuya.accessSecret` */
  readonly path: string
  /** `DP2MQTT_TUYA_ACCESS_SECRET` */
  readonly variable: string
  readonly schema: ConfigSchema
}

/** Every key that holds a value, in the order of the schema. */
export function leaves(schema: ConfigSchema, prefix = ''): Leaf[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`
    return child.properties ? leaves(child, path) : [{ path, variable: variableOf(path), schema: child }]
  })
}

export function variableOf(path: string): string {
  const words = path.split('.').map((key) => key.replace(/([a-z0-9])([A-Z])/g, '$1_$2'))
  return `DP2MQTT_${words.join('_').toUpperCase()}`
}
