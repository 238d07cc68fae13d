import { createHmac } from 'node:crypto'
import { Aes, blockBytes } from '../../codec/aes.ts'
import { lanCommand } from '../../codec/lan/command.ts'
import { frameKindOf } from '../../codec/lan/frame.ts'
import type { LanFault } from '../../codec/lan/lan-error.ts'
import { type Outgoing, type Wire, wireOf } from '../../codec/lan/wire.ts'
import { layOut55aa, sealCrc } from '../../codec/lan/wire-crc.ts'

/** How frames are sealed on a connection at the moment. */
export interface Seal {
  readonly wire: Wire
  /** 16 bytes. */
  readonly key: Buffer
}

type Damage = (outgoing: Outgoing, seal: Seal) => Buffer

const hmacBytes = 32
const tooLong = 0x7fff_ffff

/** A frame with a fault of this name; as it should be where the version or the message can have no such fault. */
export function damaged(name: string, outgoing: Outgoing, seal: Seal): Buffer {
  const damage = Object.hasOwn(damages, name) ? damages[name as LanFault] : undefined
  return damage ? damage(outgoing, seal) : seal.wire.seal(outgoing)
}

const sound: Damage = (outgoing, { wire }) => wire.seal(outgoing)

/** The last byte of the checksum, the signature or the tag. */
const badCheck: Damage = (outgoing, seal) => flip(sound(outgoing, seal), -5)

const ofResponse =
  (damage: Damage): Damage =>
  (outgoing, seal) =>
    (outgoing.command === lanCommand.sessionResponse ? damage : sound)(outgoing, seal)

/** By what a client calls the fault. */
export const damages: Readonly<Record<LanFault, Damage>> = {
  bad_prefix: (outgoing, seal) => flip(sound(outgoing, seal), 2),
  bad_length: (outgoing, seal) => {
    const frame = sound(outgoing, seal)
    frame.writeUInt32BE(tooLong, seal.wire.version === '3.5' ? 14 : 12)
    return frame
  },
  bad_suffix: (outgoing, seal) => flip(sound(outgoing, seal), -1),
  bad_crc: badCheck,
  bad_hmac: badCheck,
  bad_tag: badCheck,
  bad_padding: (outgoing, seal) => {
    const blocks = new Aes(seal.key).encrypt(Buffer.alloc(blockBytes * 2))
    return resealed(outgoing, seal, blocks)
  },
  bad_block_size: (outgoing, seal) => resealed(outgoing, seal, Buffer.alloc(blockBytes + 7, 0x5a)),
  bad_base64: (outgoing, seal) =>
    seal.wire.version === '3.1' && outgoing.command === lanCommand.status
      ? sealCrc(outgoing, Buffer.from(`3.1${'0'.repeat(16)}*no base64*`))
      : sound(outgoing, seal),
  bad_json: (outgoing, { wire }) => wire.seal({ ...outgoing, payload: Buffer.from('{"dps":{"1":tru') }),
  no_retcode: (outgoing, seal) =>
    seal.wire.version === '3.5'
      ? seal.wire.seal({ ...outgoing, returnCode: undefined, header: undefined, payload: Buffer.alloc(2) })
      : sound(outgoing, seal),
  bad_session_length: ofResponse((outgoing, { wire }) =>
    wire.seal({ ...outgoing, payload: outgoing.payload.subarray(0, 32) }),
  ),
  bad_session_hmac: ofResponse((outgoing, { wire }) =>
    wire.seal({ ...outgoing, payload: flip(Buffer.from(outgoing.payload), -1) }),
  ),
  unexpected_command: ofResponse((outgoing, { wire }) =>
    wire.seal({ ...outgoing, command: lanCommand.sessionFinish }),
  ),
  version_mismatch: (outgoing, { wire, key }) =>
    wireOf(wire.version === '3.5' ? '3.3' : '3.5', key).seal({ ...outgoing, nonce: key.subarray(0, 12) }),
}

/** What stands where ciphertext should, under a check that is right; only where there is a check besides. */
function resealed(outgoing: Outgoing, { wire, key }: Seal, content: Buffer): Buffer {
  switch (frameKindOf(wire.version)) {
    case 'crc': {
      const is31 = wire.version === '3.1'
      const text = Buffer.from(`3.1${'0'.repeat(16)}${content.toString('base64')}`)
      return sealCrc(outgoing, is31 ? text : content)
    }
    case 'hmac': {
      const frame = layOut55aa(outgoing, content, hmacBytes)
      const signed = frame.subarray(0, frame.length - hmacBytes - 4)
      frame.set(createHmac('sha256', key).update(signed).digest(), signed.length)
      return frame
    }
    case 'gcm':
      return wire.seal(outgoing)
  }
}

/** From the end where `at` is negative. */
function flip(frame: Buffer, at: number): Buffer {
  const place = at < 0 ? frame.length + at : at
  frame.writeUInt8(frame.readUInt8(place) ^ 0xff, place)
  return frame
}
