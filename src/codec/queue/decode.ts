import type { QueueMessage } from '../../domain/message.ts'
import { isRecord, JsonError, limits, parseJson } from '../../util/json.ts'
import { fromBase64 } from '../base64.ts'
import { Cipher } from './cipher.ts'
import { queueKey } from './credential.ts'
import { type Envelope, isSigned, openEnvelope, sealEnvelope } from './envelope.ts'
import type { Frame } from './frame.ts'
import { readMessage } from './message/index.ts'
import type { Members } from './message/letter.ts'
import { QueueError } from './queue-error.ts'

export interface Decoded {
  readonly message: QueueMessage
  /** What was encrypted, as it was sent: with the ids of accounts, never for a topic. */
  readonly body: Members
  readonly envelope: Envelope
}

export interface DecodedPulsar extends Decoded {
  /** Whether the envelope's signature is right; a message with a wrong one is a message all the same. */
  readonly signOk: boolean
}

export interface PulsarKeys {
  readonly cipher: Cipher
  readonly accessKey: string
}

/** Reads frames with one access secret. Throws BridgeError `queue/credentials` when the secret cannot be one. */
export function createDecoder({ accessKey }: { readonly accessKey: string }): {
  /** Throws QueueError, never anything else. `receivedMs` stands in where the message has no time of its own. */
  decode(frame: Frame, receivedMs: number): DecodedPulsar
} {
  const keys = pulsarKeys(accessKey)
  return { decode: (frame, receivedMs) => decodePulsar(frame, keys, receivedMs) }
}

/** What both directions need. Throws BridgeError `queue/credentials`. */
export function pulsarKeys(accessKey: string): PulsarKeys {
  return { cipher: new Cipher(queueKey(accessKey)), accessKey }
}

/** What a frame says. Throws QueueError, never anything else. */
export function decodePulsar(
  frame: Frame,
  { cipher, accessKey }: PulsarKeys,
  receivedMs: number,
): DecodedPulsar {
  const envelope = openEnvelope(frame.payload)
  const signOk = isSigned(envelope, accessKey)
  const { plain, authentic } = open(envelope.data, frame.properties['em'], cipher, signOk)
  // The signature is made with the secret, and the tag with the key that follows from it.
  const body = readBody(plain, { keySuspect: !signOk && !authentic })
  const { protocol, t } = envelope
  const { publishTimeMs } = frame
  return { message: readMessage(body, { protocol, t, publishTimeMs, receivedMs }), body, envelope, signOk }
}

/** The length of the IV in front of the ciphertext. */
const ivBytes = 12

function open(data: string, em: string | undefined, cipher: Cipher, signOk: boolean) {
  const authentic = em === 'aes_gcm'
  if (!authentic && em !== undefined && em !== '' && em !== 'aes_ecb')
    throw new QueueError('unsupported_encryption')
  const bytes = dataBytes(data)
  try {
    const plain = authentic
      ? cipher.openGcm({ iv: bytes.subarray(0, ivBytes), sealed: bytes.subarray(ivBytes) })
      : cipher.openEcb(bytes)
    return { plain, authentic }
  } catch (thrown) {
    if (signOk && thrown instanceof QueueError && thrown.keySuspect)
      throw new QueueError(thrown.code, {
        keySuspect: false,
        detail: 'Its signature is right, so it is damaged.',
      })
    throw thrown
  }
}

export function dataBytes(data: string): Buffer {
  const bytes = fromBase64(data)
  if (!bytes) throw new QueueError('data_base64')
  return bytes
}

/** The body out of the plain text. Throws QueueError `body_json`. */
export function readBody(plain: Uint8Array, { keySuspect }: { readonly keySuspect: boolean }): Members {
  try {
    const body = parseJson(plain, limits.queueBody)
    if (isRecord(body)) return body as Members
  } catch (thrown) {
    if (!(thrown instanceof JsonError)) throw thrown
    const readable = thrown.fault !== 'bad-json'
    throw new QueueError('body_json', { detail: thrown.message, keySuspect: keySuspect && !readable })
  }
  throw new QueueError('body_json', { keySuspect })
}

export interface PulsarLetter {
  readonly messageId: string
  /** JSON text, or what is to be said in JSON. */
  readonly body: string | object
  readonly protocol: number
  readonly t: number
  readonly publishTimeMs: number | null
  readonly key?: string | null
  readonly redeliveryCount?: number
  /** Which cipher, by the word of the property `em`; without it there is no property, which means ECB too. */
  readonly em?: 'aes_ecb' | 'aes_gcm' | undefined
  /** 12 bytes for GCM, never the same twice. */
  readonly iv?: Uint8Array
  readonly properties?: Readonly<Record<string, string>>
}

/** The platform's side: a frame that says the body. Throws BridgeError when GCM has no IV. */
export function encodePulsar(letter: PulsarLetter, { cipher, accessKey }: PulsarKeys): Frame {
  const { body, em, iv, messageId, protocol, t, publishTimeMs, key = null, redeliveryCount = 0 } = letter
  const plain = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  const data = em === 'aes_gcm' ? sealGcm(cipher, plain, iv) : cipher.sealEcb(plain)
  return {
    messageId,
    payload: sealEnvelope({ data: data.toString('base64'), protocol, t }, accessKey),
    properties: { ...(em === undefined ? {} : { em }), ...letter.properties },
    publishTimeMs,
    key,
    redeliveryCount,
  }
}

function sealGcm(cipher: Cipher, plain: Uint8Array, iv: Uint8Array | undefined): Buffer {
  if (iv?.byteLength !== ivBytes) throw new RangeError(`An IV has ${ivBytes} bytes.`)
  return Buffer.concat([iv, cipher.sealGcm({ iv, plain })])
}
