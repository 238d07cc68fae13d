import {
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type DecipherGCM,
  type KeyObject,
} from 'node:crypto'
import { QueueError } from './queue-error.ts'

const block = 16
const tagBytes = 16
const algorithm = { ecb: 'aes-128-ecb', gcm: 'aes-128-gcm' } as const

export interface GcmParts {
  readonly iv: Uint8Array
  /** Ciphertext and behind it the tag of 16 bytes. */
  readonly sealed: Uint8Array
  /** Text or bytes that are authenticated but not sent along. */
  readonly aad?: Uint8Array | undefined
}

/**
 * AES-128 with one key. Making a decipher costs more than a message does, so the one for ECB is made once: without
 * padding of its own it keeps nothing between two messages of whole blocks.
 */
export class Cipher {
  readonly #key: KeyObject
  readonly #decipher
  readonly #cipher

  /** The key has 16 bytes. */
  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key)
    this.#decipher = createDecipheriv(algorithm.ecb, this.#key, null).setAutoPadding(false)
    this.#cipher = createCipheriv(algorithm.ecb, this.#key, null).setAutoPadding(false)
  }

  /** The plain text without its PKCS#7 padding. Throws QueueError `data_length` or `decrypt`. */
  openEcb(data: Uint8Array): Buffer {
    if (data.byteLength === 0 || data.byteLength % block !== 0) throw new QueueError('data_length')
    const padded = this.#decipher.update(data)
    return padded.subarray(0, padded.length - paddingOf(padded))
  }

  sealEcb(plain: Uint8Array): Buffer {
    const padding = block - (plain.byteLength % block)
    return this.#cipher.update(Buffer.concat([plain, Buffer.alloc(padding, padding)]))
  }

  /** The plain text, or undefined when the tag does not fit. Throws QueueError `data_length` when there is no room for a tag. */
  tryGcm({ iv, sealed, aad }: GcmParts): Buffer | undefined {
    const end = sealed.byteLength - tagBytes
    if (end < 0 || iv.byteLength === 0) throw new QueueError('data_length')
    // Without authTagLength a shorter tag would do, and without final() none at all.
    const decipher: DecipherGCM = createDecipheriv(algorithm.gcm, this.#key, iv, { authTagLength: tagBytes })
    if (aad) decipher.setAAD(aad)
    decipher.setAuthTag(sealed.subarray(end))
    const plain = decipher.update(sealed.subarray(0, end))
    try {
      decipher.final()
    } catch {
      return undefined
    }
    return plain
  }

  /** As tryGcm, but a tag that does not fit is QueueError `decrypt`. */
  openGcm(parts: GcmParts): Buffer {
    const plain = this.tryGcm(parts)
    if (!plain) throw new QueueError('decrypt')
    return plain
  }

  /** The plain text whatever the tag: it may have been changed on its way. */
  untaggedGcm({ iv, sealed }: Omit<GcmParts, 'aad'>): Buffer {
    const decipher = createDecipheriv(algorithm.gcm, this.#key, iv, { authTagLength: tagBytes })
    return decipher.update(sealed.subarray(0, sealed.byteLength - tagBytes))
  }

  /** Ciphertext and tag. An IV must never be used twice with one key. */
  sealGcm({ iv, plain, aad }: { iv: Uint8Array; plain: Uint8Array; aad?: Uint8Array | undefined }): Buffer {
    const cipher: CipherGCM = createCipheriv(algorithm.gcm, this.#key, iv, { authTagLength: tagBytes })
    if (aad) cipher.setAAD(aad)
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }
}

/** How much PKCS#7 put behind the text. Throws QueueError `decrypt`. */
function paddingOf(padded: Buffer): number {
  const padding = padded[padded.length - 1] ?? 0
  let wrong = padding === 0 || padding > block
  for (let i = 2; i <= padding && !wrong; i++) wrong = padded[padded.length - i] !== padding
  if (wrong) throw new QueueError('decrypt')
  return padding
}
