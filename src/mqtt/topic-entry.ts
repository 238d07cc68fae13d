/** What a payload is; each word has its form in `asyncapi-message.ts`. */
export type PayloadWord =
  | 'JSON'
  | 'value'
  | 'online or offline'
  | 'true or false'
  | 'verb'
  | 'verb or JSON'
  | 'word or JSON'
  | 'check or install'
  | 'opaque'
  | 'text'
  | 'discovery document'
  | 'Homie state'
  | 'Homie description'
  | 'Homie 4 state'

/** The JSON documents that have a schema: `schemas/mqtt/<name>.schema.json`. */
export const documents = ['state', 'event', 'result', 'command', 'firmware'] as const
export type DocumentName = (typeof documents)[number]

/** One line of the table of topics. */
export interface Topic<P extends string = string> {
  readonly pattern: P
  /** published by the bridge, or obeyed by it */
  readonly direction: 'publish' | 'obey'
  readonly retained: boolean
  readonly qos: 0 | 1 | 2
  readonly payload: PayloadWord
  readonly summary: string
  /** Somebody has asked and waits: it goes before what happens of itself. */
  readonly isAnswer?: boolean
  /** MQTT 5 message expiry. */
  readonly expirySeconds?: number
  /** False where nobody is answered who says something on it. */
  readonly answered?: boolean
  /** The schema of its JSON, where there is one. */
  readonly document?: DocumentName
}

export function published<const P extends string>(
  pattern: P,
  how: {
    readonly retained?: boolean
    readonly qos?: 0 | 1
    readonly expirySeconds?: number
    readonly isAnswer?: boolean
    readonly document?: DocumentName
  },
  payload: PayloadWord,
  summary: string,
): Topic<P> {
  const { retained = false, qos = 1, ...more } = how
  return { pattern, direction: 'publish', retained, qos, payload, summary, ...more }
}

export function obeyed<const P extends string>(
  pattern: P,
  payload: PayloadWord,
  summary: string,
  document?: DocumentName,
): Topic<P> {
  const what = document === undefined ? {} : { document }
  return { pattern, direction: 'obey', retained: false, qos: 2, payload, summary, ...what }
}
