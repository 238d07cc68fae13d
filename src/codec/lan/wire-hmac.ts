import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { Aes, blockBytes, pad } from '../aes.ts'
import { sessionCommands } from './command.ts'
import { splitHeader } from './header.ts'
import { LanError } from './lan-error.ts'
import type { Wire } from './wire.ts'
import { contentOf55aa, layOut55aa, openBlocks } from './wire-crc.ts'

const hmacBytes = 32
const trailerBytes = hmacBytes + 4
const empty = Buffer.alloc(0)

/** 3.4: the header is encrypted with the message, and an HMAC signs everything before it. */
export function hmacWire(key: Uint8Array): Wire {
  const aes = new Aes(key)
  const secret = createSecretKey(key)
  const sign = (signed: Uint8Array) => createHmac('sha256', secret).update(signed).digest()
  return {
    version: '3.4',
    seal: (message) => {
      const { header, payload, returnCode } = message
      const plain = header ? Buffer.concat([header, payload]) : payload
      const frame = layOut55aa(
        message,
        returnCode && plain.byteLength === 0 ? empty : aes.encrypt(pad(plain)),
        hmacBytes,
      )
      frame.set(sign(frame.subarray(0, frame.length - trailerBytes)), frame.length - trailerBytes)
      return frame
    },
    open: (frame, from) => {
      const { bytes, seq, command } = frame
      const end = bytes.length - trailerBytes
      if (!timingSafeEqual(sign(bytes.subarray(0, end)), bytes.subarray(end, end + hmacBytes)))
        throw new LanError('bad_hmac')
      const { returnCode, content } = contentOf55aa(frame, from, hmacBytes)
      if (content.length % blockBytes !== 0) throw new LanError('bad_block_size')
      const plain = openBlocks(aes, content)
      // Chance bytes of a handshake may look like a header.
      const parts = sessionCommands.has(command) ? { header: null, payload: plain } : splitHeader(plain)
      return { seq, command, returnCode, ...parts }
    },
  }
}
