import { createHmac, timingSafeEqual } from 'node:crypto'
import { Aes } from '../aes.ts'
import { lanCommand } from './command.ts'
import { LanError } from './lan-error.ts'

export const sessionNonceBytes = 16
const hmacBytes = 32

/** Both sides add their own chance; whoever does not know the local key learns nothing. */
export interface Session {
  /** What the client proves its key with. */
  readonly finish: Buffer
  readonly key: Buffer
  /** False: the device would take this key for none. The client starts again with other chance. */
  readonly usable: boolean
}

/** What a device answers to `clientNonce`: its own nonce and the proof that it knows the key. */
export function answerSession(
  localKey: Uint8Array,
  clientNonce: Uint8Array,
  deviceNonce: Uint8Array,
): Buffer {
  return Buffer.concat([deviceNonce, proof(localKey, clientNonce)])
}

/** The client's end of it. Throws LanError `unexpected_command`, `bad_session_length` or `bad_session_hmac`. */
export function finishSession(
  version: '3.4' | '3.5',
  localKey: Uint8Array,
  clientNonce: Uint8Array,
  { command, payload: answer }: { readonly command: number; readonly payload: Uint8Array },
): Session {
  if (command !== lanCommand.sessionResponse) throw new LanError('unexpected_command')
  if (answer.byteLength !== sessionNonceBytes + hmacBytes) throw new LanError('bad_session_length')
  const deviceNonce = answer.subarray(0, sessionNonceBytes)
  if (!timingSafeEqual(proof(localKey, clientNonce), answer.subarray(sessionNonceBytes)))
    throw new LanError('bad_session_hmac')
  const key = sessionKey(version, localKey, clientNonce, deviceNonce)
  return { finish: proof(localKey, deviceNonce), key, usable: key[0] !== 0 }
}

/** The device's end of it: whether the client's proof is right. */
export function isFinish(localKey: Uint8Array, deviceNonce: Uint8Array, finish: Uint8Array): boolean {
  return finish.byteLength === hmacBytes && timingSafeEqual(proof(localKey, deviceNonce), finish)
}

/** 16 bytes, from both nonces under the local key. */
export function sessionKey(
  version: '3.4' | '3.5',
  localKey: Uint8Array,
  clientNonce: Uint8Array,
  deviceNonce: Uint8Array,
): Buffer {
  const mixed = Buffer.from(clientNonce.map((byte, i) => byte ^ (deviceNonce[i] ?? 0)))
  const aes = new Aes(localKey)
  return version === '3.4' ? aes.encrypt(mixed) : aes.seal(clientNonce.subarray(0, 12), mixed).data
}

function proof(localKey: Uint8Array, nonce: Uint8Array): Buffer {
  return createHmac('sha256', localKey).update(nonce).digest()
}
