import type { Random } from '../../util/random.ts'

/** Bytes of chance, for nonces; `length` is a multiple of four. */
export function chanceBytes(random: Random, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let at = 0; at < length; at += 4) bytes.writeUInt32BE(Math.floor(random() * 2 ** 32), at)
  return bytes
}
