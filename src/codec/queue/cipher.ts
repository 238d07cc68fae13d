import { Aes, blockBytes, pad, tagBytes, unpad } from '../aes.ts'
import { QueueError } from './queue-error.ts'

export interface GcmParts {
  readonly iv: Uint8Array
  /** Ciphertext and behind it the tag of 16 bytes. */
  readonly sealed: Uint8Array
  /** Text or bytes that are authenticated but not sent along. */
  readonly aad?: Uint8Array | undefined
}

/** AES-128 with one key, in the forms of the queue's messages. */
export class Cipher {
  readonly #aes: Aes

  /** The key has 16 bytes. */
  constructor(key: Uint8Array) {
    this.#aes = new Aes(key)
  }

  /** The plain text without its PKCS#7 padding. Throws QueueError `data_length` or `decrypt`. */
  openEcb(data: Uint8Array): Buffer {
    if (data.byteLength === 0 || data.byteLength % blockBytes !== 0) throw new QueueError('data_length')
    const plain = unpad(this.#aes.decrypt(data))
    if (!plain) throw new QueueError('decrypt')
    return plain
  }

  sealEcb(plain: Uint8Array): Buffer {
    return this.#aes.encrypt(pad(plain))
  }

  /** The plain text, or undefined when the tag does not fit. Throws QueueError `data_length` when there is no room for a tag. */
  tryGcm({ iv, sealed, aad }: GcmParts): Buffer | undefined {
    const end = sealed.byteLength - tagBytes
    if (end < 0 || iv.byteLength === 0) throw new QueueError('data_length')
    return this.#aes.open({ nonce: iv, data: sealed.subarray(0, end), tag: sealed.subarray(end), aad })
  }

  /** As tryGcm, but a tag that does not fit is QueueError `decrypt`. */
  openGcm(parts: GcmParts): Buffer {
    const plain = this.tryGcm(parts)
    if (!plain) throw new QueueError('decrypt')
    return plain
  }

  /** The plain text whatever the tag: it may have been changed on its way. */
  untaggedGcm({ iv, sealed }: Omit<GcmParts, 'aad'>): Buffer {
    return this.#aes.openUnproved({ nonce: iv, data: sealed.subarray(0, sealed.byteLength - tagBytes) })
  }

  /** Ciphertext and tag. An IV must never be used twice with one key. */
  sealGcm({ iv, plain, aad }: { iv: Uint8Array; plain: Uint8Array; aad?: Uint8Array | undefined }): Buffer {
    const { data, tag } = this.#aes.seal(iv, plain, aad)
    return Buffer.concat([data, tag])
  }
}
