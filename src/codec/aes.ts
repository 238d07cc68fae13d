import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'

export const blockBytes = 16
export const tagBytes = 16
const algorithm = { ecb: 'aes-128-ecb', gcm: 'aes-128-gcm' } as const

export interface Sealed {
  readonly nonce: Uint8Array
  readonly data: Uint8Array
  readonly tag: Uint8Array
  /** Bytes that are authenticated but not sent along. */
  readonly aad?: Uint8Array | undefined
}

/**
 * AES-128 with one key. Making a cipher costs more than a message does, so those for ECB are made once: without
 * padding of their own they keep nothing between two messages of whole blocks.
 */
export class Aes {
  readonly #key: KeyObject
  readonly #decipher
  readonly #cipher

  /** The key has 16 bytes. */
  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key)
    this.#decipher = createDecipheriv(algorithm.ecb, this.#key, null).setAutoPadding(false)
    this.#cipher = createCipheriv(algorithm.ecb, this.#key, null).setAutoPadding(false)
  }

  /** Whole blocks, padding included. */
  decrypt(blocks: Uint8Array): Buffer {
    return this.#decipher.update(blocks)
  }

  /** Whole blocks, padding included. */
  encrypt(blocks: Uint8Array): Buffer {
    return this.#cipher.update(blocks)
  }

  /** The plain bytes, or undefined when the tag does not fit. */
  open({ nonce, data, tag, aad }: Sealed): Buffer | undefined {
    // Without authTagLength a shorter tag would do, and without final() none at all.
    const decipher = createDecipheriv(algorithm.gcm, this.#key, nonce, { authTagLength: tagBytes })
    if (aad) decipher.setAAD(aad)
    decipher.setAuthTag(tag)
    const plain = decipher.update(data)
    try {
      decipher.final()
    } catch {
      return undefined
    }
    return plain
  }

  /** The plain bytes whatever the tag: they may have been changed on their way. */
  openUnproved({ nonce, data }: Pick<Sealed, 'nonce' | 'data'>): Buffer {
    return createDecipheriv(algorithm.gcm, this.#key, nonce, { authTagLength: tagBytes }).update(data)
  }

  /** A nonce must never be used twice with one key. */
  seal(nonce: Uint8Array, plain: Uint8Array, aad?: Uint8Array): { data: Buffer; tag: Buffer } {
    const cipher = createCipheriv(algorithm.gcm, this.#key, nonce, { authTagLength: tagBytes })
    if (aad) cipher.setAAD(aad)
    const data = cipher.update(plain)
    cipher.final()
    return { data, tag: cipher.getAuthTag() }
  }
}

/** PKCS#7: always at least one byte of padding. */
export function pad(plain: Uint8Array): Buffer {
  const padding = blockBytes - (plain.byteLength % blockBytes)
  return Buffer.concat([plain, Buffer.alloc(padding, padding)])
}

/** What stands before the PKCS#7 padding; undefined when there is none, all of it looked at. */
export function unpad(padded: Buffer): Buffer | undefined {
  const padding = padded[padded.length - 1] ?? 0
  if (padding === 0 || padding > blockBytes || padding > padded.length) return undefined
  for (let i = 2; i <= padding; i++) if (padded[padded.length - i] !== padding) return undefined
  return padded.subarray(0, padded.length - padding)
}
