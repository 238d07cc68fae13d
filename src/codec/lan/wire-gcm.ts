import { Aes, tagBytes } from '../aes.ts'
import { sessionCommands } from './command.ts'
import { type Direction, prefix, type RawFrame, suffix } from './frame.ts'
import { splitHeader } from './header.ts'
import { LanError } from './lan-error.ts'
import type { Message, Outgoing, Wire } from './wire.ts'

const frameHeaderBytes = 18
/** The prefix is not authenticated, the rest of the header is. */
const aadAt = 4
const nonceBytes = 12
const returnCodeBytes = 4

/** 3.5: everything but header and nonce is encrypted, and a tag seals all of it. */
export function gcmWire(key: Uint8Array): Wire {
  const aes = new Aes(key)
  return {
    version: '3.5',
    seal: (message) => sealGcm(aes, message),
    open: (frame, from) => {
      const { seq, command } = frame
      const { returnCode, plain } = openGcm(aes, frame, from)
      // Chance bytes of a handshake may look like a header.
      const parts = sessionCommands.has(command) ? { header: null, payload: plain } : splitHeader(plain)
      return { seq, command, returnCode, ...parts } satisfies Message
    },
  }
}

export function sealGcm(aes: Aes, { seq, command, returnCode, header, payload, nonce }: Outgoing): Buffer {
  if (nonce?.byteLength !== nonceBytes)
    throw new TypeError(`A frame of 3.5 needs a nonce of ${nonceBytes} bytes.`)
  const plainBytes = (returnCode?.byteLength ?? 0) + (header?.byteLength ?? 0) + payload.byteLength
  const length = nonceBytes + plainBytes + tagBytes
  const frame = Buffer.alloc(frameHeaderBytes + length + 4)
  frame.writeUInt32BE(prefix['6699'], 0)
  frame.writeUInt32BE(seq, 6)
  frame.writeUInt32BE(command, 10)
  frame.writeUInt32BE(length, 14)
  frame.set(nonce, frameHeaderBytes)
  const plain = returnCode || header ? Buffer.concat([returnCode ?? none, header ?? none, payload]) : payload
  const { data, tag } = aes.seal(nonce, plain, frame.subarray(aadAt, frameHeaderBytes))
  frame.set(data, frameHeaderBytes + nonceBytes)
  frame.set(tag, frameHeaderBytes + nonceBytes + plainBytes)
  frame.writeUInt32BE(suffix['6699'], frame.length - 4)
  return frame
}

/** Throws LanError `bad_tag` or `no_retcode`. */
export function openGcm(
  aes: Aes,
  { bytes }: RawFrame,
  from: Direction,
): { returnCode: Buffer | null; plain: Buffer } {
  const tagAt = bytes.length - 4 - tagBytes
  const plain = aes.open({
    nonce: bytes.subarray(frameHeaderBytes, frameHeaderBytes + nonceBytes),
    data: bytes.subarray(frameHeaderBytes + nonceBytes, tagAt),
    tag: bytes.subarray(tagAt, tagAt + tagBytes),
    aad: bytes.subarray(aadAt, frameHeaderBytes),
  })
  if (!plain) throw new LanError('bad_tag')
  if (from === 'toDevice') return { returnCode: null, plain }
  if (plain.length < returnCodeBytes) throw new LanError('no_retcode')
  return { returnCode: plain.subarray(0, returnCodeBytes), plain: plain.subarray(returnCodeBytes) }
}

const none = Buffer.alloc(0)
