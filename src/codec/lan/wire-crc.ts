import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { Aes, blockBytes, pad, unpad } from '../aes.ts'
import { fromBase64 } from '../base64.ts'
import { lanCommand } from './command.ts'
import { type Direction, prefix, type RawFrame, suffix } from './frame.ts'
import { headerBytes, versionHeader } from './header.ts'
import { LanError } from './lan-error.ts'
import type { Message, Outgoing, Wire } from './wire.ts'

const frameHeaderBytes = 16
const trailerBytes = 8
const empty = Buffer.alloc(0)

/** 3.1 to 3.3: what is sent proves nothing of its sender. */
export function crcWire(version: '3.1' | '3.2' | '3.3', key: Uint8Array): Wire {
  const body = version === '3.1' ? envelopeBody(key) : headerBody(key)
  return {
    version,
    seal: (message) => sealCrc(message, body.seal(message)),
    open: (frame, from) => {
      const { returnCode, content } = openCrc(frame, from)
      return {
        seq: frame.seq,
        command: frame.command,
        returnCode,
        ...body.open(content, frame.command, from),
      }
    },
  }
}

/** What stands between the return code and the checksum. */
interface Body {
  seal(message: Outgoing): Uint8Array
  open(content: Buffer, command: number, from: Direction): Pick<Message, 'header' | 'payload'>
}

/** `seq | command | length | return code | content | checksum`, with the checksum of the last four bytes left out. */
export function layOut55aa(message: Outgoing, content: Uint8Array, checkBytes: number): Buffer {
  const codeBytes = message.returnCode?.byteLength ?? 0
  const total = frameHeaderBytes + codeBytes + content.byteLength + checkBytes + 4
  const frame = Buffer.alloc(total)
  frame.writeUInt32BE(prefix['55aa'], 0)
  frame.writeUInt32BE(message.seq, 4)
  frame.writeUInt32BE(message.command, 8)
  frame.writeUInt32BE(total - frameHeaderBytes, 12)
  if (message.returnCode) frame.set(message.returnCode, frameHeaderBytes)
  frame.set(content, frameHeaderBytes + codeBytes)
  frame.writeUInt32BE(suffix['55aa'], total - 4)
  return frame
}

/** The return code, where the direction has one, and what follows it. */
export function contentOf55aa({ bytes }: RawFrame, from: Direction, checkBytes: number) {
  const end = bytes.length - checkBytes - 4
  const codeBytes = from === 'fromDevice' ? 4 : 0
  return {
    returnCode: codeBytes === 0 ? null : bytes.subarray(frameHeaderBytes, frameHeaderBytes + codeBytes),
    content: bytes.subarray(frameHeaderBytes + codeBytes, end),
  }
}

export function sealCrc(message: Outgoing, content: Uint8Array): Buffer {
  const frame = layOut55aa(message, content, 4)
  frame.writeUInt32BE(crc32(frame.subarray(0, frame.length - trailerBytes)), frame.length - trailerBytes)
  return frame
}

/** Throws LanError `bad_crc`. */
export function openCrc(frame: RawFrame, from: Direction) {
  const { bytes } = frame
  const end = bytes.length - trailerBytes
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end)) throw new LanError('bad_crc')
  return contentOf55aa(frame, from, 4)
}

/** 3.2 and 3.3: everything is encrypted, and the header stands in the clear before it. */
function headerBody(key: Uint8Array): Body {
  const aes = new Aes(key)
  return {
    seal: ({ header, payload, returnCode }) => {
      // A device with nothing to say says nothing; a client sends one block of padding.
      const sealed = returnCode && payload.byteLength === 0 ? empty : aes.encrypt(pad(payload))
      return header ? Buffer.concat([header, sealed]) : sealed
    },
    open: (content) => {
      // By the length: ciphertext, too, can begin like a version.
      const over = content.length % blockBytes
      if (over !== 0 && over !== headerBytes) throw new LanError('bad_block_size')
      const header = over === 0 ? null : content.subarray(0, headerBytes)
      return { header, payload: openBlocks(aes, content.subarray(over)) }
    },
  }
}

/** Throws LanError `bad_padding`; nothing at all stands for nothing. */
export function openBlocks(aes: Aes, blocks: Buffer): Buffer {
  if (blocks.length === 0) return empty
  const plain = unpad(aes.decrypt(blocks))
  if (!plain) throw new LanError('bad_padding')
  return plain
}

const digestLetters = 16
const version31 = versionHeader('3.1')

/** 3.1: clear text, but for what a client sets and a device reports of its own accord. */
function envelopeBody(key: Uint8Array): Body {
  const aes = new Aes(key)
  return {
    seal: ({ command, payload, returnCode }) => {
      const wraps = returnCode ? command === lanCommand.status : command === lanCommand.control
      if (!wraps || payload.byteLength === 0) return payload
      const text = aes.encrypt(pad(payload)).toString('base64')
      return Buffer.concat([
        version31,
        Buffer.from(digest31(text, key), 'latin1'),
        Buffer.from(text, 'latin1'),
      ])
    },
    open: (content) => {
      if (!content.subarray(0, version31.length).equals(version31)) return { header: null, payload: content }
      // Nobody checks the digest: it is made with the same key as what it stands for.
      const sealed = fromBase64(content.toString('latin1', version31.length + digestLetters))
      if (!sealed) throw new LanError('bad_base64')
      if (sealed.length % blockBytes !== 0) throw new LanError('bad_block_size')
      return { header: content.subarray(0, version31.length), payload: openBlocks(aes, sealed) }
    },
  }
}

function digest31(text: string, key: Uint8Array): string {
  const hash = createHash('md5').update(`data=${text}||lpv=3.1||`).update(key)
  return hash.digest('hex').slice(8, 8 + digestLetters)
}
