import { type DocumentName, documents, type PayloadWord, type Topic } from './topic-entry.ts'

/** A part of the document, or of a JSON Schema in it. */
export type Node = Readonly<Record<string, unknown>>

export type DocumentSchemas = Readonly<Record<DocumentName, Node>>

/** One call that may be made on `cmd/op/{operation}`. */
export interface DescribedOperation {
  readonly id: string
  readonly summary: string
  /** JSON Schema of its `params`. */
  readonly params: Node
}

/** The newest dialect of JSON Schema that AsyncAPI names; our schemas keep to what it and 2020-12 have in common. */
const schemaFormat = 'application/schema+json;version=draft-07'
const text = { contentType: 'text/plain' }
const json = { contentType: 'application/json' }

interface Form {
  readonly contentType?: string
  readonly schema: Node
}

const agreement = {
  description: 'A word of agreement, in any case.',
  enum: ['1', 'true', 'on', 'press', 'run', 1, true],
}

/** What each word of the table says of the payload; values are JSON or bare text, so no content type is theirs. */
const forms: Readonly<Record<PayloadWord, Form>> = {
  JSON: { ...json, schema: { type: ['object', 'array'] } },
  value: {
    schema: {
      description: 'Bare: true, 21.5, white, [1,2]. What is no text is JSON.',
      type: ['boolean', 'number', 'string', 'object', 'array', 'null'],
    },
  },
  'online or offline': { ...text, schema: { enum: ['online', 'offline'] } },
  'true or false': { ...json, schema: { type: 'boolean' } },
  verb: { schema: { anyOf: [agreement, { type: 'object' }] } },
  'verb or JSON': { schema: { anyOf: [agreement, { type: 'object' }] } },
  'word or JSON': { schema: { type: ['string', 'boolean', 'number', 'object'] } },
  'check or install': { ...text, schema: { enum: ['check', 'install'] } },
  opaque: { ...text, schema: { type: 'string' } },
  text: { schema: { type: 'string' } },
  'discovery document': {
    ...json,
    schema: {
      type: 'object',
      required: ['device', 'origin', 'components'],
      properties: {
        device: { type: 'object', required: ['identifiers', 'name'] },
        origin: { type: 'object', required: ['name'] },
        components: {
          type: 'object',
          additionalProperties: {
            type: 'object',
            required: ['platform'],
            properties: { platform: { type: 'string' }, unique_id: { type: 'string' } },
          },
        },
      },
    },
  },
  'Homie state': { schema: { enum: ['init', 'ready', 'disconnected', 'sleeping', 'lost'] } },
  'Homie 4 state': { schema: { enum: ['init', 'ready', 'disconnected', 'sleeping', 'alert', 'lost'] } },
  'Homie description': {
    schema: {
      type: 'object',
      required: ['homie', 'version'],
      properties: {
        homie: { const: '5.0' },
        version: { type: 'integer' },
        nodes: { type: 'object', additionalProperties: { type: 'object', required: ['properties'] } },
        children: { type: 'array', items: { type: 'string' } },
      },
    },
  },
}

/** The key of the message that a topic carries. */
export function messageOf({ payload, document }: Topic): string {
  return document ?? payload.replace(/ (\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** The key of the message that calls an operation. */
export function callOf({ id }: DescribedOperation): string {
  return `call-${id}`
}

/** Whether it is a command: whoever says it may be told what became of it. */
export function isAnswered({ direction, answered }: Topic): boolean {
  return direction === 'obey' && answered !== false
}

/** Everything that is said on the topics; `asked` are the members that messages with an answer have besides. */
export function messages(topics: readonly Topic[], asked: Node): Node {
  return Object.fromEntries(
    topics.map((topic) => {
      const { schema, ...form } = forms[topic.payload]
      const payload =
        topic.document === undefined
          ? { schemaFormat, schema }
          : { $ref: `#/components/schemas/${topic.document}` }
      return [messageOf(topic), { ...form, ...(isAnswered(topic) ? asked : {}), payload }]
    }),
  )
}

/** The calls of single operations: one message each. */
export function calls(
  operations: readonly DescribedOperation[],
  { command }: DocumentSchemas,
  asked: Node,
): Node {
  const { id, from, ts, ttl } = (command['properties'] ?? {}) as Node
  return Object.fromEntries(
    operations.map((one) => {
      const properties = { params: one.params, id, from, ts, ttl }
      const schema = { type: 'object', additionalProperties: false, properties }
      return [callOf(one), { summary: one.summary, ...json, ...asked, payload: { schemaFormat, schema } }]
    }),
  )
}

/** The schemas of all documents, without what files of their own need. */
export function schemas(given: DocumentSchemas): Node {
  return Object.fromEntries(
    documents.map((name) => {
      const { $schema: _, $id: __, ...schema } = given[name]
      return [name, { schemaFormat, schema }]
    }),
  )
}
