import { LanError } from '../../src/codec/lan/lan-error.ts'
import { readReply } from '../../src/codec/lan/reply.ts'
import { hasSession, type LanVersion, lanVersions } from '../../src/codec/lan/version.ts'
import { type Message, type Wire, wireOf } from '../../src/codec/lan/wire.ts'
import { Connection } from '../../src/transport/lan/connection.ts'
import { LanCounts } from '../../src/transport/lan/counts.ts'
import type { LanSocket } from '../../src/transport/lan/dial.ts'
import type { Random } from '../../src/util/random.ts'
import type { VirtualClock } from './virtual-clock.ts'

const key = Buffer.from('0123456789abcdef')
const wires = new Map(lanVersions.map((version) => [version, wireOf(version, key)]))
export const fuzzWire = (version: LanVersion): Wire => wires.get(version) as Wire

const deaf: LanSocket = { unsentBytes: 0, write() {}, pause() {}, resume() {}, end() {}, destroy() {} }

/** A connection in the midst of its session, and what it heard. */
export function openEars(version: LanVersion, clock: VirtualClock, random: Random, counts = new LanCounts()) {
  const heard: Message[] = []
  const wire = fuzzWire(version)
  const connection = new Connection({ clock, random, counts, version, wire, onBad: () => {} })
  connection.attach(deaf)
  if (hasSession(version)) connection.rekey(wire)
  connection.isProved = true
  connection.hear = (message) => {
    heard.push(message)
    try {
      readReply(message.payload)
    } catch (thrown) {
      if (!(thrown instanceof LanError)) throw thrown
      connection.bad(thrown)
    }
  }
  return { connection, heard, counts }
}

/** A frame of a device. */
export function deviceFrame(
  version: LanVersion,
  seq: number,
  command: number,
  payload: string,
  random: Random,
): Buffer {
  const nonce = Buffer.alloc(12)
  for (let at = 0; at < 12; at++) nonce[at] = Math.floor(random() * 256)
  const returnCode = Buffer.alloc(4)
  return fuzzWire(version).seal({
    seq,
    command,
    returnCode,
    payload: Buffer.from(payload),
    nonce: version === '3.5' ? nonce : undefined,
  })
}

const texts = [
  '',
  '{"dps":{"1":true}}',
  '{"protocol":4,"t":1,"data":{"dps":{"1":1,"2":"x"},"cid":"a"}}',
  'json obj data unvalid',
  '{"dps":',
  '{"__proto__":{"dps":{"1":1}}}',
  '{"dps":{"__proto__":1,"constructor":2,"99999999":3}}',
  `${'['.repeat(500)}${']'.repeat(500)}`,
  '{"dps":{"1":1e999}}',
  '{"reqType":"subdev_online_stat_report","data":{"online":[1,null,"a"],"offline":{}}}',
  'null',
  '"text"',
  '\u0000\u0001',
]

/** Bytes as a broken or hostile device may send them. */
export function hostileBytes(version: LanVersion, random: Random): Buffer {
  const pick = (n: number) => Math.floor(random() * n)
  const frame = () => deviceFrame(version, pick(20), pick(0x45), texts[pick(texts.length)] ?? '', random)
  switch (pick(7)) {
    case 0:
      return Buffer.from(Array.from({ length: pick(200) }, () => pick(256)))
    case 1: {
      const bytes = frame()
      for (let i = pick(4); i >= 0; i--) bytes[pick(bytes.length)] = pick(256)
      return bytes
    }
    case 2: {
      const bytes = frame()
      return bytes.subarray(0, pick(bytes.length))
    }
    case 3: {
      // The length lies, in both layouts.
      const bytes = frame()
      bytes.writeUInt32BE(
        [0, 1, 8, 11, 12, 28, 16_384, 16_385, 0x7fff_ffff, 0xffff_ffff][pick(10)] ?? 0,
        version === '3.5' ? 14 : 12,
      )
      return Buffer.concat([bytes, frame()])
    }
    case 4:
      return Buffer.concat([frame(), frame(), frame()])
    case 5: {
      const again = frame()
      return Buffer.concat([again, again])
    }
    default:
      return deviceFrame(
        lanVersions[pick(5)] ?? '3.1',
        pick(20),
        pick(0x45),
        texts[pick(texts.length)] ?? '',
        random,
      )
  }
}
