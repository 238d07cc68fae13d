import { readFileSync } from 'node:fs'
import {
  type Direction,
  type FrameKind,
  frameKindOf,
  type RawFrame,
  splitFrames,
} from '../../src/codec/lan/frame.ts'
import { LanError } from '../../src/codec/lan/lan-error.ts'
import type { LanVersion } from '../../src/codec/lan/version.ts'
import { type Wire, wireOf } from '../../src/codec/lan/wire.ts'

interface Keyed {
  readonly id: string
  readonly version: LanVersion
  readonly key: string
  readonly session_key_hex?: string
}

export interface FrameVector extends Keyed {
  readonly direction: 'c2d' | 'd2c'
  readonly cmd: number
  readonly seq: number
  readonly header_hex: string | null
  readonly retcode_hex?: string
  readonly iv_hex?: string
  readonly payload: string
  readonly frame: string
}

export interface LanVectors {
  readonly frames: readonly FrameVector[]
  readonly sessions: readonly (Keyed & {
    readonly version: '3.4' | '3.5'
    readonly client_nonce_hex: string
    readonly device_nonce_hex: string
    readonly xor_hex: string
    readonly session_key_hex: string
    readonly usable: boolean
    readonly messages: readonly {
      readonly name: 'start' | 'resp' | 'finish'
      readonly direction: 'c2d' | 'd2c'
      readonly cmd: number
      readonly seq: number
      readonly retcode_hex?: string
      readonly iv_hex?: string
      readonly plaintext_hex: string
      readonly frame: string
    }[]
    readonly then?: readonly (Omit<FrameVector, keyof Keyed> & { readonly payload: string })[]
  })[]
  readonly udp: readonly {
    readonly id: string
    readonly port: number
    readonly direction: 'c2d' | 'd2c'
    readonly cmd: number | null
    readonly iv_hex?: string
    readonly padding_hex?: string
    readonly json: string
    readonly datagram: string
  }[]
  readonly streams: readonly (Keyed & {
    readonly reads: readonly string[]
    readonly expect: readonly {
      readonly seq: number
      readonly cmd: number
      readonly retcode_hex: string
      readonly payload: string
    }[]
    readonly pending_hex: string
  })[]
  readonly malformed: readonly (Keyed & {
    readonly direction: 'c2d' | 'd2c'
    readonly data: string
    readonly error: string
    readonly action: string
    readonly client_nonce_hex?: string
  })[]
}

/** Frames, handshakes and datagrams that other people's implementations made and read. */
export const lanVectors = JSON.parse(
  readFileSync(new URL('../vector/lan.json', import.meta.url), 'utf8'),
) as LanVectors

export const hex = (text: string) => Buffer.from(text, 'hex')

export function vectorWire({ version, key, session_key_hex }: Keyed): Wire {
  return wireOf(version, session_key_hex === undefined ? Buffer.from(key, 'latin1') : hex(session_key_hex))
}

export const directionOf = (direction: 'c2d' | 'd2c'): Direction =>
  direction === 'c2d' ? 'toDevice' : 'fromDevice'

/** The one frame that these bytes are. */
export function oneFrame(bytes: Buffer, kind: FrameKind, from: Direction): RawFrame {
  const { parts, rest } = splitFrames(Buffer.alloc(0), bytes, kind, from)
  const [part] = parts
  if (part?.kind !== 'frame' || parts.length !== 1 || rest.length !== 0)
    throw new Error(
      `no single frame: ${JSON.stringify(parts.map((each) => each.kind))}, ${rest.length} bytes left`,
    )
  return part
}

export function openOne(wire: Wire, bytes: Buffer, from: Direction) {
  return wire.open(oneFrame(bytes, frameKindOf(wire.version), from), from)
}

/** The class of what is thrown, or what came out. */
export function lanFault(act: () => unknown): string {
  try {
    act()
    return 'none'
  } catch (thrown) {
    if (thrown instanceof LanError) return thrown.code
    throw thrown
  }
}
