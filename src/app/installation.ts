import { readFileSync } from 'node:fs'
import { operations } from '../codec/cloud/operation/index.ts'
import { type AnyOperation, paramsSchema } from '../codec/cloud/operation.ts'
import type { DescribedTree, Installation } from '../mqtt/asyncapi.ts'
import type { DescribedOperation, DocumentSchemas, Node } from '../mqtt/asyncapi-message.ts'
import { topics } from '../mqtt/topic.ts'
import { documents, type Topic } from '../mqtt/topic-entry.ts'
import { brokerAddress } from './broker-side.ts'
import type { Config } from './config-types.ts'
import { conventionTrees, furtherTrees } from './further-tree.ts'
import { alwaysAllowed } from './operations.ts'
import { version } from './version.ts'

/** What this configuration has to say of itself to programs that read descriptions. */
export function installationOf(config: Config): Installation {
  const { url, protocolVersion } = brokerAddress(config)
  return {
    version,
    instance: config.mqtt.instance,
    trees: treesOf(config),
    broker: {
      url,
      protocolVersion: protocolVersion ?? 5,
      asksForUser: config.mqtt.url === null ? config.broker.users !== null : config.mqtt.username !== null,
    },
    schemas: documentSchemas(),
    operations: callable(config),
  }
}

/** Parts of the tree that settings switch, by how their patterns begin. */
const switches: readonly (readonly [beginning: string, isOn: (config: Config) => boolean])[] = [
  ['cmd/named/', ({ names }) => names !== 'off'],
  ['state/named/', ({ names }) => names === 'mirror'],
  ['state/device/{device}/dp/', ({ publish }) => publish.scalars],
  ['state/named/device/{name}/dp/', ({ publish }) => publish.scalars],
  ['state/device/{device}/view/', ({ publish }) => publish.views],
  ['state/device/{device}/entity/', ({ publish }) => publish.entities ?? publish.homeassistant],
  ['event/device/{device}/report', ({ publish }) => publish.reports],
  ['last/', ({ publish }) => publish.last],
  ['meta/home/{home}/members', ({ members }) => members !== 'off'],
  ['bridge/log/', ({ log }) => log.mqttLevel !== null],
]

/** The trees that are on, the bridge's own first. */
export function treesOf(config: Config): readonly DescribedTree[] {
  const isOn = ({ pattern }: Topic) =>
    switches.every(([beginning, on]) => !pattern.startsWith(beginning) || on(config))
  const own = Object.entries<Topic>(topics).filter(([, topic]) => isOn(topic))
  return [
    { base: config.mqtt.base, topics: Object.fromEntries(own) },
    ...furtherTrees(config),
    ...conventionTrees(config),
  ]
}

function callable({ operations: { allow } }: Config): readonly DescribedOperation[] {
  return operations
    .filter(({ id, class: kind }) => alwaysAllowed.has(kind) || allow.includes(kind) || allow.includes(id))
    .map((operation) => ({ id: operation.id, summary: operation.summary, params: paramsOf(operation) }))
}

/** What the bridge fills in by itself need not be given. */
const filledIn: ReadonlySet<string> = new Set(['uid', 'schema', 'home_id'])

function paramsOf(operation: AnyOperation): Node {
  const schema = paramsSchema(operation)
  const required = (schema['required'] as readonly string[]).filter(
    (name) => !filledIn.has(name) || operation.params[name]?.explicit,
  )
  return { ...schema, required }
}

function documentSchemas(): DocumentSchemas {
  const read = (name: string): Node =>
    JSON.parse(
      readFileSync(new URL(`../../schemas/mqtt/${name}.schema.json`, import.meta.url), 'utf8'),
    ) as Node
  return Object.fromEntries(documents.map((name) => [name, read(name)])) as unknown as DocumentSchemas
}
