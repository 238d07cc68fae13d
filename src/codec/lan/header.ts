import { headerlessCommands } from './command.ts'
import type { Direction } from './frame.ts'
import type { LanVersion } from './version.ts'

export const headerBytes = 15

/** `crc | counter | source` behind the version; a client leaves them zero, which switches off that a device forgets repeats. */
export function versionHeader(version: LanVersion, counter = 0, source = 0): Buffer {
  const header = Buffer.alloc(version === '3.1' ? 3 : headerBytes)
  header.write(version, 0, 'latin1')
  if (version === '3.1') return header
  header.writeUInt32BE(counter, 7)
  header.writeUInt32BE(source, 11)
  return header
}

/** Whether a client puts the header on this command. */
export function takesHeader(version: LanVersion, command: number, from: Direction): boolean {
  return from === 'toDevice' && version !== '3.1' && !headerlessCommands.has(command)
}

/** Inside of what is encrypted no message begins like a version, so its text tells. */
export function splitHeader(plain: Buffer): { header: Buffer | null; payload: Buffer } {
  const isHeader = plain.length >= headerBytes && plain[0] === 0x33 && plain[1] === 0x2e && isDigit(plain[2])
  return isHeader
    ? { header: plain.subarray(0, headerBytes), payload: plain.subarray(headerBytes) }
    : { header: null, payload: plain }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}
