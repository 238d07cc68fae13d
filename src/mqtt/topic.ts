import { createHash } from 'node:crypto'
import { isId } from '../domain/id.ts'
import { eventTopics } from './event-table.ts'
import { obeyed, published, type Topic } from './topic-entry.ts'

type Names<P extends string> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never
export type TopicParams<P extends string> = Readonly<Record<Names<P>, string>>

/** What a level may hold: an id of the platform, or text that people chose, percent-encoded. */
type LevelKind = 'id' | 'text'

const textLevels: ReadonlySet<string> = new Set([
  'code',
  'name',
  'view',
  'operation',
  'verb',
  'level',
  'from',
  'action',
  'bizCode',
  'key',
  'part',
  'thing',
  'point',
])

const kept = { retained: true } as const
const keptScalar = { retained: true, qos: 0 } as const
const answer = { expirySeconds: 60, isAnswer: true, document: 'result' } as const
const event = { document: 'event' } as const
const stateDocument = { ...kept, document: 'state' } as const

/**
 * Every topic below the base, once: built, parsed, documented and access-listed from here.
 */
export const topics = {
  bridgeState: published('bridge/state', kept, 'online or offline', 'Whether the bridge runs; also its Will'),
  bridgeInfo: published('bridge/info', kept, 'JSON', 'Version, run, counts, what is insecure'),
  bridgeHealth: published('bridge/health', kept, 'JSON', 'Links with reasons, budget, queues, counters'),
  bridgeCatalog: published('bridge/catalog', kept, 'JSON', 'Every cloud operation, its class and parameters'),
  bridgeError: published('bridge/error', {}, 'JSON', 'Trouble that nobody asked about'),
  bridgeDeadletter: published(
    'bridge/deadletter',
    {},
    'JSON',
    'A message that could not be delivered, without its content',
  ),
  bridgeLog: published('bridge/log/{level}', { qos: 0 }, 'JSON', 'Log lines, when switched on'),
  bridgeProbe: published(
    'bridge/probe',
    {},
    'opaque',
    'For the bridge alone: proof that the connection works',
  ),

  stateDevice: published('state/device/{device}', stateDocument, 'JSON', 'Everything known of a device'),
  stateAvailability: published(
    'state/device/{device}/availability',
    kept,
    'online or offline',
    'Whether the device is reachable; the bridge must be online too',
  ),
  statePaths: published(
    'state/device/{device}/paths',
    kept,
    'JSON',
    'The ways to the device and their state',
  ),
  stateDp: published('state/device/{device}/dp/{code}', keptScalar, 'value', 'One data point, readable'),
  stateView: published(
    'state/device/{device}/view/{code}/{view}',
    keptScalar,
    'value',
    'A value derived from a data point',
  ),
  stateEntity: published(
    'state/device/{device}/entity/{key}',
    kept,
    'JSON',
    'What several data points say together: light, cover, climate … (publish.entities)',
  ),
  stateOta: published(
    'state/device/{device}/ota',
    { ...kept, document: 'firmware' },
    'JSON',
    'Firmware of the device: versions, whether a newer one waits, whether it is being installed',
  ),
  stateSceneEnabled: published(
    'state/scene/{scene}/enabled',
    kept,
    'true or false',
    'Whether a scene is switched on',
  ),
  stateAutomationEnabled: published(
    'state/automation/{automation}/enabled',
    kept,
    'true or false',
    'Whether an automation is switched on',
  ),
  stateNamedDevice: published(
    'state/named/device/{name}',
    stateDocument,
    'JSON',
    'Copy of the document by name (names: mirror)',
  ),
  stateNamedAvailability: published(
    'state/named/device/{name}/availability',
    kept,
    'online or offline',
    'Copy by name (names: mirror)',
  ),
  stateNamedDp: published(
    'state/named/device/{name}/dp/{code}',
    keptScalar,
    'value',
    'Copy by name (names: mirror)',
  ),

  metaIndex: published(
    'meta/index/{kind}',
    kept,
    'JSON',
    'Short list of devices, homes, rooms or names; first page',
  ),
  metaIndexPage: published('meta/index/{kind}/{page}', kept, 'JSON', 'Further pages of a list'),
  metaDevice: published('meta/device/{device}', kept, 'JSON', 'Name, product, home, room of a device'),
  metaSpec: published('meta/device/{device}/spec', kept, 'JSON', 'What the device reports and accepts'),
  metaBindings: published(
    'meta/device/{device}/scenes',
    kept,
    'JSON',
    'Which key of a scene switch runs which scene',
  ),
  metaHome: published('meta/home/{home}', kept, 'JSON', 'A home'),
  metaMembers: published(
    'meta/home/{home}/members',
    kept,
    'JSON',
    'Who may use a home, as far as the owner wants it told',
  ),
  metaRoom: published('meta/room/{room}', kept, 'JSON', 'A room and its devices'),
  metaScene: published('meta/scene/{scene}', kept, 'JSON', 'A scene and what it does'),
  metaAutomation: published(
    'meta/automation/{automation}',
    kept,
    'JSON',
    'An automation: what it waits for and what it does',
  ),

  eventBridge: published(
    'event/bridge/{kind}',
    event,
    'JSON',
    'A device, home or room came, went or was renamed',
  ),
  eventReport: published(
    'event/device/{device}/report',
    event,
    'JSON',
    'Every report of a device as it came, equal values too',
  ),
  ...eventTopics,

  resultDevice: published('result/device/{device}', answer, 'JSON', 'What became of a command to a device'),
  resultScene: published('result/scene/{scene}', answer, 'JSON', 'What became of a command to a scene'),
  resultAutomation: published(
    'result/automation/{automation}',
    answer,
    'JSON',
    'What became of a command to an automation',
  ),
  resultOperation: published('result/op/{operation}', answer, 'JSON', 'What became of an operation'),
  resultBridge: published('result/bridge/{verb}', answer, 'JSON', 'What became of a word to the bridge'),
  resultUnknown: published('result/unknown', answer, 'JSON', 'Answers whose subject could not be read'),
  reply: published('reply/{from}', answer, 'JSON', 'The answer for the one who asked'),

  commandDevice: obeyed('cmd/device/{device}', 'JSON', 'Write several data points at once', 'command'),
  commandDp: obeyed('cmd/device/{device}/dp/{code}', 'value', 'Write one data point'),
  commandView: obeyed('cmd/device/{device}/view/{code}/{view}', 'value', 'Write a derived value'),
  commandEntity: obeyed(
    'cmd/device/{device}/entity/{key}',
    'word or JSON',
    'Command a light, a cover … as a whole',
  ),
  commandEntityPart: obeyed('cmd/device/{device}/entity/{key}/{part}', 'value', 'Command one side of it'),
  commandGet: obeyed('cmd/device/{device}/get', 'verb', 'Read the device again'),
  commandOta: obeyed('cmd/device/{device}/ota', 'check or install', 'Read the firmware versions, or upgrade'),
  commandNamed: obeyed('cmd/named/device/{name}', 'JSON', 'The same by name', 'command'),
  commandNamedDp: obeyed('cmd/named/device/{name}/dp/{code}', 'value', 'The same by name'),
  commandNamedView: obeyed('cmd/named/device/{name}/view/{code}/{view}', 'value', 'The same by name'),
  commandNamedEntity: obeyed('cmd/named/device/{name}/entity/{key}', 'word or JSON', 'The same by name'),
  commandNamedEntityPart: obeyed('cmd/named/device/{name}/entity/{key}/{part}', 'value', 'The same by name'),
  commandNamedGet: obeyed('cmd/named/device/{name}/get', 'verb', 'The same by name'),
  commandNamedOta: obeyed('cmd/named/device/{name}/ota', 'check or install', 'The same by name'),
  commandSceneTrigger: obeyed('cmd/scene/{scene}/trigger', 'verb', 'Run a scene'),
  commandSceneEnabled: obeyed('cmd/scene/{scene}/enabled', 'true or false', 'Switch a scene on or off'),
  commandAutomationTrigger: obeyed(
    'cmd/automation/{automation}/trigger',
    'verb or JSON',
    'Fulfil external conditions: all of them, or those named with their values',
  ),
  commandAutomationEnabled: obeyed(
    'cmd/automation/{automation}/enabled',
    'true or false',
    'Switch an automation on or off',
  ),
  commandCondition: obeyed(
    'cmd/automation/{automation}/condition/{code}',
    'value',
    'Fulfil one external condition',
  ),
  commandNamedSceneTrigger: obeyed('cmd/named/scene/{name}/trigger', 'verb', 'The same by name'),
  commandNamedSceneEnabled: obeyed('cmd/named/scene/{name}/enabled', 'true or false', 'The same by name'),
  commandNamedAutomationTrigger: obeyed(
    'cmd/named/automation/{name}/trigger',
    'verb or JSON',
    'The same by name',
  ),
  commandNamedAutomationEnabled: obeyed(
    'cmd/named/automation/{name}/enabled',
    'true or false',
    'The same by name',
  ),
  commandNamedCondition: obeyed('cmd/named/automation/{name}/condition/{code}', 'value', 'The same by name'),
  commandOperation: obeyed('cmd/op/{operation}', 'JSON', 'Any cloud operation that is allowed'),
  commandBridge: obeyed(
    'cmd/bridge/{verb}',
    'verb or JSON',
    'ping, resync, republish, log_level, permit_pairing …',
  ),
} as const satisfies Record<string, Topic>

export type TopicName = keyof typeof topics

/** The tree of another bridge, tuya-mqtt, below a base of its own: for those who come from there. */
export const tuyaMqttTopics = {
  tuyaMqttStatus: published('{thing}/status', kept, 'online or offline', 'Whether the device is reachable'),
  tuyaMqttPower: published('{thing}/state', kept, 'value', 'ON or OFF'),
  tuyaMqttDps: published('{thing}/dps/state', kept, 'JSON', 'All raw values by number'),
  tuyaMqttDp: published('{thing}/dps/{point}/state', keptScalar, 'value', 'One raw value'),
  tuyaMqttCommand: obeyed(
    '{thing}/command',
    'value',
    'on, off, toggle, or get-states to read everything again',
  ),
  tuyaMqttSetDps: obeyed(
    '{thing}/dps/command',
    'JSON',
    '{"dps":1,"set":true} or {"multiple":true,"data":{…}}',
  ),
  tuyaMqttSetDp: obeyed('{thing}/dps/{point}/command', 'value', 'One raw value'),
} as const satisfies Record<string, Topic>

interface Compiled<N extends string> {
  readonly name: N
  readonly levels: readonly (
    | { readonly literal: string }
    | { readonly param: string; readonly kind: LevelKind }
  )[]
}

export type Table = Readonly<Record<string, Topic>>

const known = new WeakMap<Table, ReadonlyMap<string, Compiled<string>>>()

/** A table by name, its patterns cut into levels; once for each table. */
function compiled<T extends Table>(table: T): ReadonlyMap<string, Compiled<keyof T & string>> {
  const entries =
    known.get(table) ??
    new Map(Object.entries(table).map(([name, { pattern }]) => [name, cut(name, pattern)]))
  known.set(table, entries)
  return entries as ReadonlyMap<string, Compiled<keyof T & string>>
}

function cut(name: string, pattern: string): Compiled<string> {
  const levels = pattern.split('/').map((level) => {
    if (!level.startsWith('{')) return { literal: level }
    const param = level.slice(1, -1)
    return { param, kind: textLevels.has(param) ? 'text' : 'id' } as const
  })
  return { name, levels }
}

/** The topics of a table below one base. */
export class Branch<T extends Table> {
  readonly base: string
  readonly #entries: ReadonlyMap<string, Compiled<keyof T & string>>

  constructor(base: string, table: T) {
    this.base = base
    this.#entries = compiled(table)
  }

  build<N extends keyof T & string>(name: N, params: TopicParams<T[N]['pattern']>): string {
    let topic = this.base
    for (const level of this.#entries.get(name)?.levels ?? []) {
      if ('literal' in level) topic += `/${level.literal}`
      else {
        const value = (params as Readonly<Record<string, string>>)[level.param] ?? ''
        topic += `/${level.kind === 'text' ? encodeLevel(value) : value}`
      }
    }
    return topic
  }

  /** Which topic this is, and its levels; undefined for everything that the table does not know. */
  parse(
    topic: string,
  ): { readonly name: keyof T & string; readonly params: Readonly<Record<string, string>> } | undefined {
    const rest = this.relative(topic)
    if (rest === undefined) return undefined
    const levels = rest.split('/')
    for (const entry of this.#entries.values()) {
      const params = match(entry, levels)
      if (params) return { name: entry.name, params }
    }
    return undefined
  }

  /** The part below the base; undefined when the topic is not below it. */
  relative(topic: string): string | undefined {
    return topic.startsWith(`${this.base}/`) ? topic.slice(this.base.length + 1) : undefined
  }

  get everything(): string {
    return `${this.base}/#`
  }
}

/** All topics of one instance: everything below one base. */
export class TopicTree extends Branch<typeof topics> {
  constructor(base: string) {
    super(base, topics)
  }

  /** The filter of everything that clients may say to the bridge. */
  get commandFilter(): string {
    return `${this.base}/cmd/#`
  }

  /** The filter of all copies of last events. */
  get lastFilter(): string {
    return `${this.base}/last/#`
  }

  isLast(topic: string): boolean {
    return topic.startsWith(`${this.base}/last/`)
  }
}

function match(entry: Compiled<string>, levels: readonly string[]): Record<string, string> | undefined {
  if (levels.length !== entry.levels.length) return undefined
  const params: Record<string, string> = {}
  for (const [i, level] of entry.levels.entries()) {
    const given = levels[i] as string
    if ('literal' in level) {
      if (level.literal !== given) return undefined
      continue
    }
    const value = level.kind === 'text' ? decodeLevel(given) : isId(given) ? given : undefined
    if (value === undefined) return undefined
    params[level.param] = value
  }
  return params
}

const longestLevel = 128

const digestLength = 16

const mustBeEncoded =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it encodes
  /[/+#%\u0000-\u001f\u007f-\u009f\p{Noncharacter_Code_Point}]|^\$/gu

/**
 * Text as one level: `/ + # %`, control characters, a leading `$` and Unicode's non-characters (at which brokers hang
 * up) percent-encoded, at most 128 bytes. What has no such form, being empty, longer or not Unicode, is its beginning
 * and a digest.
 */
export function encodeLevel(text: string): string {
  const wellFormed = Buffer.from(text).toString()
  const encoded = wellFormed.slice(0, longestLevel + 1).replace(mustBeEncoded, encodeURIComponent)
  if (text !== '' && wellFormed === text && Buffer.byteLength(encoded) <= longestLevel) return encoded
  const digest = createHash('sha256').update(text, 'utf16le').digest('hex').slice(0, digestLength)
  return `${cutEncoded(encoded, longestLevel - digestLength - 1)}~${digest}`
}

const characters = /%[0-7].|%[C-F].(?:%[89AB].)+|[^%]/gsu

/** Cuts between characters, encoded ones included. */
function cutEncoded(encoded: string, bytes: number): string {
  let cut = ''
  for (const [character] of encoded.matchAll(characters)) {
    if (Buffer.byteLength(cut + character) > bytes) break
    cut += character
  }
  return cut
}

/** Any equivalent encoding of a level; undefined when it is none. */
export function decodeLevel(level: string): string | undefined {
  if (level === '' || Buffer.byteLength(level) > longestLevel * 3) return undefined
  try {
    return decodeURIComponent(level)
  } catch {
    return undefined
  }
}
