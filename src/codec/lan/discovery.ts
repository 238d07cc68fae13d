import { createHash } from 'node:crypto'
import { isRecord, limits, own } from '../../util/json.ts'
import { Aes, blockBytes, pad, unpad } from '../aes.ts'
import { lanCommand } from './command.ts'
import { type FrameKind, prefix, type RawFrame, splitFrames } from './frame.ts'
import { LanError } from './lan-error.ts'
import { openCrc, sealCrc } from './wire-crc.ts'
import { openGcm, sealGcm } from './wire-gcm.ts'

/** What a device says of itself over UDP. The key is public: all of it is hearsay. */
export interface Announcement {
  readonly id: string
  /** As it calls itself; the sender's address may differ. */
  readonly ip: string | null
  readonly version: string | null
  readonly productKey: string | null
  /** 2 = paired. */
  readonly active: number | null
  readonly encrypted: boolean
}

/** Where to answer, of somebody who asks all devices to tell of themselves. */
export interface Probe {
  readonly from: string
  readonly ip: string
}

/** The key of all discovery, as everybody knows it. */
const aes = new Aes(createHash('md5').update('yGAdlopoPVldABfn').digest())
const ok = Buffer.alloc(4)

/** The datagram of a device. Throws LanError. */
export function decodeAnnouncement(datagram: Uint8Array): Announcement {
  const value = parse(textOf(Buffer.from(datagram), 'fromDevice'))
  const id = own(value, 'gwId') ?? own(value, 'devId')
  if (typeof id !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(id))
    throw new LanError('bad_json', 'It has no id.')
  const active = own(value, 'active')
  return {
    id,
    ip: shortText(own(value, 'ip')),
    version: shortText(own(value, 'version')),
    productKey: shortText(own(value, 'productKey')),
    active: typeof active === 'number' ? active : null,
    encrypted: own(value, 'encrypt') === true,
  }
}

/** A question to all devices. Throws LanError; `bad_json` when a device would keep silent. */
export function decodeProbe(datagram: Uint8Array): Probe {
  const value = parse(textOf(Buffer.from(datagram), 'toDevice'))
  const from = shortText(own(value, 'from'))
  const ip = shortText(own(value, 'ip'))
  if (from === null || ip === null) throw new LanError('bad_json', 'It has no address for the answer.')
  return { from, ip }
}

/** `nonce`: 12 bytes of chance. Devices keep silent unless both members are there. */
export function encodeProbe(ip: string, nonce: Uint8Array): Buffer {
  const payload = Buffer.from(JSON.stringify({ from: 'app', ip }))
  return sealGcm(aes, { seq: 0, command: lanCommand.udpRequest, payload, nonce })
}

/** How a device wraps what it announces: by version, and `bare` as relays do. */
export type AnnouncementForm = 'clear' | 'ecb' | 'ecb34' | 'gcm' | 'bare'

export function encodeAnnouncement(form: AnnouncementForm, json: object, nonce?: Uint8Array): Buffer {
  const payload = Buffer.from(JSON.stringify(json))
  const message = (command: number) => ({ seq: 0, command, returnCode: ok, payload, nonce })
  switch (form) {
    case 'clear':
      return sealCrc(message(lanCommand.udp), payload)
    case 'ecb':
      return sealCrc(message(lanCommand.udpNew), aes.encrypt(pad(payload)))
    case 'ecb34':
      return sealCrc(message(lanCommand.udp34), aes.encrypt(pad(payload)))
    case 'gcm':
      return sealGcm(aes, message(lanCommand.udpNew))
    case 'bare':
      return aes.encrypt(pad(payload))
  }
}

function textOf(datagram: Buffer, from: 'fromDevice' | 'toDevice'): string {
  if (datagram.length > limits.discovery.bytes) throw new LanError('bad_length')
  const begin = datagram.length >= 4 ? datagram.readUInt32BE(0) : 0
  if (begin === prefix['6699']) return openGcm(aes, only(datagram, 'gcm', from), from).plain.toString('utf8')
  if (begin === prefix['55aa']) return clearOrEcb(openCrc(only(datagram, 'crc', from), from).content)
  return clearOrEcb(datagram)
}

function only(datagram: Buffer, kind: FrameKind, from: 'fromDevice' | 'toDevice'): RawFrame {
  const { parts, rest } = splitFrames(Buffer.alloc(0), datagram, kind, from)
  const [part] = parts
  if (part?.kind === 'gap') throw new LanError(part.fault)
  if (!part || parts.length > 1 || rest.length > 0) throw new LanError('bad_length')
  return part
}

function clearOrEcb(content: Buffer): string {
  const clear = content.toString('utf8')
  // One ciphertext in 256 begins like an object.
  if (content[0] === 0x7b && (content.length % blockBytes !== 0 || isJson(clear))) return clear
  if (content.length === 0 || content.length % blockBytes !== 0) throw new LanError('bad_block_size')
  const plain = unpad(aes.decrypt(content))
  if (!plain) throw new LanError('bad_padding')
  return plain.toString('utf8')
}

function isJson(text: string): boolean {
  try {
    JSON.parse(withoutEnd(text))
    return true
  } catch {
    return false
  }
}

/** Some leave NUL bytes behind the text. */
function withoutEnd(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === 0) end--
  return text.slice(0, end)
}

function parse(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(withoutEnd(text))
  } catch {
    throw new LanError('bad_json')
  }
  if (!isRecord(value)) throw new LanError('bad_json')
  return value
}

function shortText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= 64 ? value : null
}
