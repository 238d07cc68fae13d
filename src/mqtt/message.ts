/** MQTT 5 properties that we set; older connections leave them out. */
export interface Properties {
  readonly contentType?: 'application/json' | 'text/plain'
  readonly expirySeconds?: number
  readonly correlationData?: Buffer
  readonly user?: Readonly<Record<string, string>>
}

/** What goes to the broker. */
export interface Outgoing {
  readonly topic: string
  readonly payload: string
  readonly qos: 0 | 1
  readonly retain: boolean
  readonly properties?: Properties
  /** The topic of the document that says the same, with its time: only what is known there survives a kill (I-2). */
  readonly after?: string | undefined
}

/** What came from it. */
export interface Incoming {
  readonly topic: string
  readonly payload: Uint8Array
  readonly retain: boolean
  readonly dup: boolean
  readonly responseTopic?: string
  readonly correlationData?: Buffer
  readonly contentType?: string
  readonly user?: Readonly<Record<string, string>>
  /** The topic that it came on, where it stands for a command of the bridge's own tree. */
  readonly origin?: string
}

export const largestPayload = 128 * 1024
const longestTopic = 512
const mostLevels = 16
/** A packet limit above this is none: payload and topic have their own, and our properties are small. */
const anyOfOurs = 1024 * 1024

/** Wildcards, control characters, lone surrogates, and the non-characters at which brokers hang up. */
const illegal =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  /[+#\u0000-\u001f\u007f-\u009f\p{Noncharacter_Code_Point}\p{Surrogate}]/u

/** What nearly all topics are made of; a look at this is cheap. */
const plain = /^[\w/.~%-]+$/

function levelsOf(topic: string): number {
  let levels = 1
  for (let at = topic.indexOf('/'); at >= 0; at = topic.indexOf('/', at + 1)) levels++
  return levels
}

/** S-5, R-M3: why a message may not reach the library; undefined when it may. */
export function faultOfMessage(message: Outgoing, largestPacket: number): string | undefined {
  const { topic, payload } = message
  if (topic === '' || !fits(topic, longestTopic)) return 'topic-length'
  if (!plain.test(topic) && (topic.startsWith('$') || illegal.test(topic))) return 'topic-character'
  if (levelsOf(topic) > mostLevels) return 'topic-levels'
  if (!fits(payload, largestPayload)) return 'payload-size'
  return largestPacket < anyOfOurs && packetBytes(message) > largestPacket ? 'packet-size' : undefined
}

/** No character takes more than three bytes; only long texts have to be counted. */
function fits(text: string, bytes: number): boolean {
  return text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes
}

/** The size of an MQTT 5 PUBLISH, at most some bytes above the real one. */
function packetBytes({ topic, payload, properties = {} }: Outgoing): number {
  const { contentType = '', correlationData, user = {} } = properties
  let bytes =
    fixedBytes +
    Buffer.byteLength(topic) +
    Buffer.byteLength(payload) +
    contentType.length +
    (correlationData?.length ?? 0)
  for (const [name, value] of Object.entries(user))
    bytes += userPropertyBytes + Buffer.byteLength(name) + Buffer.byteLength(value)
  return bytes
}

/** Header 5, topic length 2, packet id 2, properties length 4, the heads of four properties 3 + 2 + 5 + 3. */
const fixedBytes = 26
const userPropertyBytes = 5
