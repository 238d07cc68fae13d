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
}

export const largestPayload = 128 * 1024
const longestTopic = 512
const mostLevels = 16

const illegal =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  /[+#\u0000-\u001f\u007f-\u009f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** S-5, R-M3: why a message may not reach the library; undefined when it may. */
export function faultOfMessage(
  topic: string,
  payloadBytes: number,
  largestPacket: number,
): string | undefined {
  const topicBytes = Buffer.byteLength(topic)
  if (topicBytes === 0 || topicBytes > longestTopic) return 'topic-length'
  if (topic.startsWith('$') || illegal.test(topic)) return 'topic-character'
  if (topic.split('/').length > mostLevels) return 'topic-levels'
  if (payloadBytes > largestPayload) return 'payload-size'
  // The packet's fixed header, topic length, packet id and our properties.
  return payloadBytes + topicBytes + 512 > largestPacket ? 'packet-size' : undefined
}
