import { asNumber } from '../../util/json.ts'
import { Cipher } from './cipher.ts'
import { openHubKey } from './credential.ts'
import { type Decoded, dataBytes, readBody } from './decode.ts'
import { readEnvelope } from './envelope.ts'
import { readMessage } from './message/index.ts'
import { QueueError } from './queue-error.ts'

/** As it was asked for when the connection was set up; nothing in a message tells. */
export type OpenHubVersion = '1.0' | '2.0'

/** What may be authenticated along with the data: the envelope's `t` in one of its spellings, or nothing. */
export type OpenHubAad = 'text' | 'bytes6' | 'bytes8' | 'none'

export interface DecodedOpenHub extends Decoded {
  /** What the tag was made with; null for version 1.0, which has none, and where nothing fits. */
  readonly aad: OpenHubAad | null
  /** The tag fits with nothing: the text may have been changed on its way. */
  readonly tagUnverified: boolean
}

export interface OpenHubDecoderOptions {
  /** The password that came with the connection. */
  readonly password: string
  readonly version: OpenHubVersion
  /** What to do with a message whose tag fits with nothing. */
  readonly unverified: 'accept' | 'reject'
}

/**
 * Reads what one connection receives. Which additional data the tag was made with is remembered: it is the same for
 * all messages of a sender.
 */
export class OpenHubDecoder {
  readonly #cipher: Cipher
  readonly #options: OpenHubDecoderOptions
  #aads: readonly OpenHubAad[] = ['text', 'bytes6', 'bytes8', 'none']

  /** Throws BridgeError `queue/credentials` when the password cannot be one. */
  constructor(options: OpenHubDecoderOptions) {
    this.#options = options
    this.#cipher = new Cipher(openHubKey(options.password))
  }

  /** What a payload says. Throws QueueError, never anything else. */
  decode(payload: Uint8Array | string, receivedMs: number): DecodedOpenHub {
    const envelope = readEnvelope(payload)
    const { protocol, t } = envelope
    const { plain, aad, tagUnverified } = this.#open(dataBytes(envelope.data), t)
    const body = readBody(plain, { keySuspect: aad === null })
    const origin = { protocol, t, publishTimeMs: null, receivedMs }
    return { message: readMessage(body, origin), body, envelope, aad, tagUnverified }
  }

  #open(
    data: Buffer,
    t: unknown,
  ): Pick<DecodedOpenHub, 'aad' | 'tagUnverified'> & { readonly plain: Buffer } {
    if (this.#options.version === '1.0')
      return { plain: this.#cipher.openEcb(data), aad: null, tagUnverified: false }
    const { iv, sealed } = split(data)
    for (const aad of this.#aads) {
      const bytes = aadBytes(aad, t)
      const plain = bytes && this.#cipher.tryGcm({ iv, sealed, aad: bytes })
      if (!plain) continue
      if (this.#aads[0] !== aad) this.#aads = [aad, ...this.#aads.filter((other) => other !== aad)]
      return { plain, aad, tagUnverified: false }
    }
    if (this.#options.unverified === 'reject') throw new QueueError('decrypt', { detail: unverified })
    return { plain: this.#cipher.untaggedGcm({ iv, sealed }), aad: null, tagUnverified: true }
  }
}

const unverified = 'Its tag does not fit, and messages without a fitting tag are refused here.'

const lengthBytes = 4
const tagBytes = 16
const longestIv = 64

/** `length of the IV (4 bytes, big-endian) | IV | ciphertext | tag`. Throws QueueError `data_length`. */
function split(data: Buffer): { readonly iv: Buffer; readonly sealed: Buffer } {
  const length = data.length < lengthBytes ? 0 : data.readUInt32BE(0)
  const end = lengthBytes + length
  if (length < 1 || length > longestIv || data.length < end + tagBytes) throw new QueueError('data_length')
  return { iv: data.subarray(lengthBytes, end), sealed: data.subarray(end) }
}

/** Undefined when `t` cannot be spelt that way. */
function aadBytes(aad: OpenHubAad, t: unknown): Buffer | undefined {
  if (aad === 'none') return Buffer.alloc(0)
  if (aad === 'text')
    return typeof t === 'string' || typeof t === 'number' ? Buffer.from(String(t)) : undefined
  const number = asNumber(t)
  // Six bytes hold every time until the year 10889.
  if (!Number.isSafeInteger(number) || number < 0 || number >= 2 ** 48) return undefined
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(number))
  return aad === 'bytes8' ? bytes : bytes.subarray(2)
}

export interface OpenHubLetter {
  /** JSON text, or what is to be said in JSON. */
  readonly body: string | object
  readonly protocol: number
  readonly t: number
  readonly version: OpenHubVersion
  /** 1 to 64 bytes for version 2.0, never the same twice. */
  readonly iv?: Uint8Array
  readonly aad?: OpenHubAad
  /** Nobody knows how it is made. */
  readonly sign: string
}

/** The platform's side: the payload of a message, for a connection with this cipher. */
export function encodeOpenHub(letter: OpenHubLetter, cipher: Cipher): string {
  const { body, protocol, t, version, sign } = letter
  const plain = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  const data = version === '1.0' ? cipher.sealEcb(plain) : sealGcm(letter, cipher, plain)
  return JSON.stringify({ data: data.toString('base64'), protocol, pv: '2.0', sign, t })
}

function sealGcm({ iv, t, aad = 'text' }: OpenHubLetter, cipher: Cipher, plain: Uint8Array): Buffer {
  if (!iv || iv.byteLength < 1 || iv.byteLength > longestIv)
    throw new RangeError(`An IV has 1 to ${longestIv} bytes.`)
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt32BE(iv.byteLength)
  return Buffer.concat([length, iv, cipher.sealGcm({ iv, plain, aad: aadBytes(aad, t) })])
}
