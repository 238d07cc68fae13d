import {
  callOf,
  calls,
  type DescribedOperation,
  type DocumentSchemas,
  isAnswered,
  messageOf,
  messages,
  type Node,
  schemas,
} from './asyncapi-message.ts'
import type { Topic } from './topic-entry.ts'

/** Topics below one base, by name. */
export interface DescribedTree {
  readonly base: string
  readonly topics: Readonly<Record<string, Topic>>
}

export interface Installation {
  readonly version: string
  readonly instance: string
  /** The trees that are on, with those of their topics that are; the bridge's own first. */
  readonly trees: readonly DescribedTree[]
  readonly broker: {
    readonly url: string
    readonly protocolVersion: 4 | 5
    readonly asksForUser: boolean
  }
  readonly schemas: DocumentSchemas
  /** The operations that may be called. */
  readonly operations: readonly DescribedOperation[]
}

const bindingVersion = '0.2.0'
const anyReply = 'answer'

/** The topics of an installation as an AsyncAPI 3 document, from the bridge's point of view: it sends what it publishes. */
export function asyncApi(installation: Installation): Node {
  const { trees, operations } = installation
  const all = trees.flatMap(({ topics }) => Object.values(topics))
  const withReply = installation.broker.protocolVersion === 5
  const asked = withReply ? mqtt5 : {}
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'dp2mqtt',
      version: installation.version,
      description: 'Tuya-based homes on MQTT: what the bridge publishes, and what it obeys.',
    },
    defaultContentType: 'application/json',
    servers: { broker: server(installation) },
    channels: {
      ...named(trees, (tree, name, topic) => [name, channel(tree, topic, operations)]),
      ...(withReply ? { [anyReply]: answerChannel } : {}),
    },
    operations: named(trees, (_tree, name, topic) => [name, operation(name, topic, withReply, operations)]),
    components: {
      messages: {
        ...messages(all, asked),
        ...calls(operations, installation.schemas, asked),
        flat: { ...asked, summary: 'Shown values by code, without options', payload: flat },
      },
      schemas: schemas(installation.schemas),
      ...(installation.broker.asksForUser ? { securitySchemes: { user: { type: 'userPassword' } } } : {}),
    },
  }
}

const answerChannel = {
  address: null,
  description: 'Wherever the one who asked wants the answer.',
  messages: { result: { $ref: '#/components/messages/result' } },
}

const flat = { type: 'object', minProperties: 1 }

const mqtt5 = {
  headers: {
    type: 'object',
    properties: {
      responseTopic: { type: 'string', description: 'MQTT 5: where the answer shall go.' },
      correlationData: { type: 'string', description: 'MQTT 5: comes back with the answer.' },
    },
  },
  correlationId: { location: '$message.header#/correlationData' },
}

function ref(to: string): Node {
  return { $ref: `#/${to}` }
}

/** One entry for each topic of all trees. */
function named(
  trees: readonly DescribedTree[],
  entry: (tree: DescribedTree, name: string, topic: Topic) => readonly [string, Node],
): Node {
  return Object.fromEntries(
    trees.flatMap((tree) => Object.entries(tree.topics).map(([name, topic]) => entry(tree, name, topic))),
  )
}

function server({ broker, instance, trees: [own] }: Installation): Node {
  const { protocol, host, pathname } = new URL(broker.url)
  const kinds: Readonly<Record<string, string>> = { 'mqtt:': 'mqtt', 'mqtts:': 'secure-mqtt', 'ws:': 'ws' }
  return {
    host,
    ...(pathname === '' || pathname === '/' ? {} : { pathname }),
    protocol: kinds[protocol] ?? 'wss',
    protocolVersion: broker.protocolVersion === 5 ? '5.0' : '3.1.1',
    ...(broker.asksForUser ? { security: [ref('components/securitySchemes/user')] } : {}),
    bindings: {
      mqtt: {
        clientId: `dp2mqtt-${instance}`,
        cleanSession: true,
        lastWill: { topic: `${own?.base}/bridge/state`, qos: 1, message: 'offline', retain: true },
        bindingVersion,
      },
    },
  }
}

/** What may stand on the levels that vary. */
const levels: Readonly<Record<string, string>> = {
  device: 'Id of a device',
  scene: 'Id of a scene',
  automation: 'Id of an automation',
  home: 'Id of a home',
  room: 'Id of a room',
  code: 'Code of a data point, or of an external condition; percent-encoded where it holds / + # %',
  view: 'Name of a derived value',
  key: 'What the device is as a whole: light, cover, climate …',
  part: 'One side of it: temperature, mode, position …',
  name: 'Name of a thing, as meta/index/names has it',
  kind: 'What it is a list of, or what happened',
  page: 'Number of the page, from 2',
  level: 'debug, info, warn, error or fatal',
  operation: 'Id of an operation of the cloud',
  verb: 'Word to the bridge',
  from: 'Whoever asked',
  action: 'The name that an external action gives itself',
  bizCode: 'The platform’s word for the message',
  thing: 'Id or name of a device',
  point: 'Number of a data point',
  object: 'Id of a device in the other convention: made of the instance and the id here',
  node: 'Id of a node: what the device can do',
  property: 'Id of a property: a code, with hyphens',
  alert: 'What is wrong, as an id',
}

function channel({ base }: DescribedTree, topic: Topic, operations: readonly DescribedOperation[]): Node {
  const names = [...topic.pattern.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const parameters = names.map((name) => [
    name,
    { description: levels[name] ?? name, ...choices(topic, operations) },
  ])
  return {
    address: `${base}/${topic.pattern}`,
    description: topic.summary,
    ...(names.length > 0 ? { parameters: Object.fromEntries(parameters) } : {}),
    messages: Object.fromEntries(
      keysOf(topic, operations).map((key) => [key, ref(`components/messages/${key}`)]),
    ),
  }
}

/** Operations are called on one topic each, so their ids are all that may stand there. */
function choices(topic: Topic, operations: readonly DescribedOperation[]): Node {
  return isCall(topic) ? { enum: operations.map(({ id }) => id) } : {}
}

function isCall({ pattern }: Topic): boolean {
  return pattern === 'cmd/op/{operation}'
}

function keysOf(topic: Topic, operations: readonly DescribedOperation[]): readonly string[] {
  if (isCall(topic)) return operations.map(callOf)
  return topic.document === 'command' ? ['command', 'flat'] : [messageOf(topic)]
}

function operation(
  name: string,
  topic: Topic,
  withReply: boolean,
  operations: readonly DescribedOperation[],
): Node {
  const { direction, summary, qos, retained, expirySeconds } = topic
  return {
    action: direction === 'publish' ? 'send' : 'receive',
    channel: ref(`channels/${name}`),
    summary,
    bindings: {
      mqtt: {
        qos,
        retain: retained,
        ...(expirySeconds === undefined ? {} : { messageExpiryInterval: expirySeconds }),
        bindingVersion,
      },
    },
    messages: keysOf(topic, operations).map((key) => ref(`channels/${name}/messages/${key}`)),
    ...(isAnswered(topic) ? { reply: withReply ? replyWhereAsked : replyByName } : {}),
  }
}

const replyWhereAsked = {
  address: {
    location: '$message.header#/responseTopic',
    description: 'The Response Topic; without one, reply/<from> if the command names "from".',
  },
  channel: ref(`channels/${anyReply}`),
  messages: [ref(`channels/${anyReply}/messages/result`)],
}

/** MQTT 3.1.1 has no Response Topic: "from" in the command names the place. */
const replyByName = { channel: ref('channels/reply'), messages: [ref('channels/reply/messages/result')] }
