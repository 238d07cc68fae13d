import type { Secret } from '../../util/secret.ts'

const keyBytes = 16

/** The bytes of a local key, or the sentence that says why it is none. */
export function localKeyBytes(key: Secret): Buffer | string {
  if (key.length === 0) return 'The local key is missing.'
  const bytes = Buffer.from(key.reveal(), 'latin1')
  const isLatin1 = bytes.toString('latin1') === key.reveal()
  return isLatin1 && bytes.length === keyBytes
    ? bytes
    : `The local key must have ${keyBytes} characters of one byte each; this one has ${key.length}.`
}
