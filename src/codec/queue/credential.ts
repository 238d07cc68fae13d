import { hash } from 'node:crypto'
import { BridgeError } from '../../util/error.ts'

/** What a consumer sends in the header `password`: 16 lower-case hexadecimal characters; it never expires. */
export function queuePassword(accessId: string, accessKey: string): string {
  return md5(accessId + md5(accessKey)).slice(8, 24)
}

/** The key of the messages of a project. The characters themselves are the bytes, hexadecimal as they look. */
export function queueKey(accessKey: string): Buffer {
  return middle(accessKey, 'access secret')
}

/** The key of the messages of an Open Hub connection, out of the password that came with it. */
export function openHubKey(password: string): Buffer {
  return middle(password, 'password of the Open Hub')
}

/** Whether a key can be taken from it. */
export function isQueueSecret(secret: string): boolean {
  const text = secret.slice(8, 24)
  return text.length === 16 && Buffer.byteLength(text) === 16
}

function middle(secret: string, name: string): Buffer {
  if (isQueueSecret(secret)) return Buffer.from(secret.slice(8, 24))
  throw new BridgeError(
    'queue/credentials',
    `The ${name} is not complete: it has at least 24 characters, all of them ASCII. Copy it again.`,
  )
}

function md5(text: string): string {
  return hash('md5', text)
}
