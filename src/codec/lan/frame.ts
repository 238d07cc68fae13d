import type { LanFault } from './lan-error.ts'
import type { LanVersion } from './version.ts'

/** How frames look: `crc` 3.1 to 3.3, `hmac` 3.4, `gcm` 3.5. */
export type FrameKind = 'crc' | 'hmac' | 'gcm'
/** Only frames of a device hold a return code outside of what is encrypted. */
export type Direction = 'toDevice' | 'fromDevice'

/** A frame by its length alone: nothing in it is checked yet. */
export interface RawFrame {
  readonly kind: 'frame'
  readonly seq: number
  readonly command: number
  /** All bytes of it, prefix and suffix included. */
  readonly bytes: Buffer
}

/** Bytes that were passed over. */
export interface Gap {
  readonly kind: 'gap'
  readonly fault: LanFault
}

export interface Split {
  /** In the order of the stream. */
  readonly parts: readonly (RawFrame | Gap)[]
  /** Begins a frame that has not come to its end; at most `largestFrame` and a header long. */
  readonly rest: Buffer
}

export const frameKindOf = (version: LanVersion): FrameKind =>
  version === '3.5' ? 'gcm' : version === '3.4' ? 'hmac' : 'crc'

/** R-L3: what a frame says of its length is believed up to here. */
export const largestFrame = 16 * 1024

export const prefix = { '55aa': 0x0000_55aa, '6699': 0x0000_6699 } as const
export const suffix = { '55aa': 0x0000_aa55, '6699': 0x0000_9966 } as const

interface Layout {
  readonly prefix: number
  readonly suffix: number
  readonly otherPrefix: number
  readonly headerBytes: number
  readonly commandAt: number
  /** Bytes of the suffix that the length does not count. */
  readonly uncounted: number
  readonly least: Readonly<Record<Direction, number>>
}

const crcLayout: Layout = {
  prefix: prefix['55aa'],
  suffix: suffix['55aa'],
  otherPrefix: prefix['6699'],
  headerBytes: 16,
  commandAt: 8,
  uncounted: 0,
  least: { toDevice: 8, fromDevice: 12 },
}

/** `len` counts what stands behind it: in 55AA the suffix too, in 6699 not. */
const layouts: Readonly<Record<FrameKind, Layout>> = {
  crc: crcLayout,
  hmac: { ...crcLayout, least: { toDevice: 36, fromDevice: 40 } },
  gcm: {
    prefix: prefix['6699'],
    suffix: suffix['6699'],
    otherPrefix: prefix['55aa'],
    headerBytes: 18,
    commandAt: 10,
    uncounted: 4,
    least: { toDevice: 28, fromDevice: 28 },
  },
}

const none = Buffer.alloc(0)

/**
 * Cuts a stream into frames by their lengths; suffixes are never searched for, since they occur inside of frames.
 * `rest` is what the last call left. Pure: the same bytes give the same frames however they are cut.
 */
export function splitFrames(rest: Buffer, more: Uint8Array, kind: FrameKind, from: Direction): Split {
  const layout = layouts[kind]
  const bytes = rest.length === 0 ? asBuffer(more) : Buffer.concat([rest, more])
  const parts: (RawFrame | Gap)[] = []
  let at = 0
  const passOver = (fault: LanFault) => {
    parts.push({ kind: 'gap', fault })
    at = nextPrefix(bytes, at + 1, layout.prefix)
  }
  while (bytes.length - at >= 4) {
    if (bytes.readUInt32BE(at) !== layout.prefix) {
      passOver(bytes.readUInt32BE(at) === layout.otherPrefix ? 'version_mismatch' : 'bad_prefix')
      continue
    }
    if (bytes.length - at < layout.headerBytes) break
    const length = bytes.readUInt32BE(at + layout.headerBytes - 4)
    if (length < layout.least[from] || length > largestFrame) {
      passOver('bad_length')
      continue
    }
    const end = at + layout.headerBytes + length + layout.uncounted
    if (bytes.length < end) break
    if (bytes.readUInt32BE(end - 4) !== layout.suffix) {
      passOver('bad_suffix')
      continue
    }
    const command = bytes.readUInt32BE(at + layout.commandAt)
    const seq = bytes.readUInt32BE(at + layout.commandAt - 4)
    parts.push({ kind: 'frame', seq, command, bytes: bytes.subarray(at, end) })
    at = end
  }
  // What is kept must not hold on to the whole read.
  return { parts, rest: at === bytes.length ? none : Buffer.from(bytes.subarray(at)) }
}

/** Where the next prefix stands, or where one may have begun. */
function nextPrefix(bytes: Buffer, from: number, wanted: number): number {
  const text = Buffer.alloc(4)
  text.writeUInt32BE(wanted)
  const found = bytes.indexOf(text, from)
  return found >= 0 ? found : Math.max(from, bytes.length - 3)
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
