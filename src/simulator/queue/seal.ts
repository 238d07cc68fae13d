import { createHash } from 'node:crypto'
import { Cipher } from '../../codec/queue/cipher.ts'
import { queueKey } from '../../codec/queue/credential.ts'
import { sealEnvelope } from '../../codec/queue/envelope.ts'
import { encodeFrame } from '../../codec/queue/frame.ts'
import type { Random } from '../../util/random.ts'
import type { QueueContent } from './content.ts'
import { buildMessageId } from './message-id.ts'
import type { LogEntry } from './topic-log.ts'

const ivBytes = 12
const tail = 4

/**
 * Turns messages into frames. Each is encrypted when somebody first reads it; whoever reads it again, and in whichever
 * subscription, gets the same bytes.
 */
export class Sealer {
  readonly #accessKey: string
  readonly #cipher: Cipher
  readonly #otherCipher: Cipher
  readonly #random: Random
  readonly #payloads = new WeakMap<QueueContent, string>()

  constructor(accessKey: string, random: Random) {
    this.#accessKey = accessKey
    this.#cipher = new Cipher(queueKey(accessKey))
    this.#otherCipher = new Cipher(createHash('md5').update(accessKey).digest())
    this.#random = random
  }

  frame(entry: LogEntry<QueueContent>, redeliveryCount: number): string {
    const { content, key, publishedMs } = entry
    const text = encodeFrame({
      messageId: buildMessageId(entry),
      payload: this.#payloadOf(content),
      properties: content.properties ?? {},
      publishTimeMs: publishedMs,
      redeliveryCount,
      key,
    })
    if (content.properties !== null) return text
    const { properties: _none, ...frame } = JSON.parse(text) as Record<string, unknown>
    return JSON.stringify(frame)
  }

  #payloadOf(content: QueueContent): string {
    const known = this.#payloads.get(content)
    if (known !== undefined) return known
    const { protocol, t, damage } = content
    const key = damage === 'sign' ? `${this.#accessKey} ` : this.#accessKey
    const payload = sealEnvelope({ data: this.#dataOf(content), protocol, t }, key)
    this.#payloads.set(content, payload)
    return payload
  }

  #dataOf({ body, cipher, damage }: QueueContent): string {
    const aes = damage === 'key' ? this.#otherCipher : this.#cipher
    const plain = Buffer.from(body)
    let data: Buffer
    if (cipher === 'gcm') {
      const iv = Buffer.from(Array.from({ length: ivBytes }, () => Math.floor(this.#random() * 256)))
      data = Buffer.concat([iv, aes.sealGcm({ iv, plain })])
    } else data = aes.sealEcb(plain)
    if (damage === 'tag') data[data.length - 1] = (data[data.length - 1] ?? 0) ^ 1
    const text = data.toString('base64')
    // A lenient reader skips the foreign character and notices nothing.
    return damage === 'base64' ? `${text.slice(0, tail)}*${text.slice(tail)}` : text
  }
}
