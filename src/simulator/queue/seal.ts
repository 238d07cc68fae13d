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

/**
 * Turns messages into frames. Each is encrypted when somebody first reads it; whoever reads it again, and in whichever
 * subscription, gets the same bytes.
 */
export class Sealer {
  readonly #accessKey: string
  readonly #cipher: Cipher
  /** As if the secret had been changed on one side alone: cipher and signature are another project's. */
  readonly #otherKey: string
  readonly #otherCipher: Cipher
  readonly #random: Random
  readonly #payloads = new WeakMap<QueueContent, string>()

  constructor(accessKey: string, random: Random) {
    this.#accessKey = accessKey
    this.#cipher = new Cipher(queueKey(accessKey))
    this.#otherKey = createHash('md5').update(accessKey).digest('hex')
    this.#otherCipher = new Cipher(queueKey(this.#otherKey))
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
    const payload = this.#seal(content)
    this.#payloads.set(content, payload)
    return payload
  }

  #seal(content: QueueContent): string {
    const { protocol, t, damage } = content
    const key = damage === 'key' || damage === 'sign' ? this.#otherKey : this.#accessKey
    const payload = sealEnvelope({ data: this.#dataOf(content), protocol, t }, key)
    switch (damage) {
      case 'payload-base64':
        return foreign(payload)
      case 'payload-json':
        return payload.slice(0, payload.length - 8)
      case 'no-data':
        return Buffer.from(JSON.stringify({ protocol, pv: '2.0', t })).toString('base64')
      default:
        return payload
    }
  }

  #dataOf({ body, cipher, damage }: QueueContent): string {
    const aes = damage === 'key' ? this.#otherCipher : this.#cipher
    const plain = Buffer.from(damage === 'body-json' ? body.slice(0, -1) : body)
    let data: Buffer
    if (cipher === 'gcm') {
      const iv = Buffer.from(Array.from({ length: ivBytes }, () => Math.floor(this.#random() * 256)))
      data = Buffer.concat([iv, aes.sealGcm({ iv, plain })])
    } else data = aes.sealEcb(plain)
    if (damage === 'tag') data[data.length - 1] = (data[data.length - 1] ?? 0) ^ 1
    // Neither whole blocks nor room for a tag.
    if (damage === 'data-length') data = data.subarray(0, 7)
    const text = data.toString('base64')
    return damage === 'data-base64' ? foreign(text) : text
  }
}

/** With a character that is none of base64's; a lenient reader skips it and notices nothing. */
function foreign(base64: string): string {
  return `${base64.slice(0, 4)}*${base64.slice(4)}`
}
