import type { Direction, RawFrame } from './frame.ts'
import type { LanVersion } from './version.ts'
import { crcWire } from './wire-crc.ts'
import { gcmWire } from './wire-gcm.ts'
import { hmacWire } from './wire-hmac.ts'

/** What a frame carries, once it is proved and decrypted. */
export interface Message {
  readonly seq: number
  readonly command: number
  /** The four bytes as they stand on the wire; null on the way to the device. */
  readonly returnCode: Buffer | null
  /** The version header as it stands on the wire, 3 bytes in 3.1; null where there is none. */
  readonly header: Buffer | null
  readonly payload: Buffer
}

export interface Outgoing {
  readonly seq: number
  readonly command: number
  /** Four bytes; from a device only. */
  readonly returnCode?: Uint8Array | undefined
  /** Undefined: none. */
  readonly header?: Uint8Array | undefined
  readonly payload: Uint8Array
  /** 12 bytes that are never used twice with one key; for 3.5. */
  readonly nonce?: Uint8Array | undefined
}

/** One version with one key: the local key, or from 3.4 on after the handshake that of the session. */
export interface Wire {
  readonly version: LanVersion
  seal(message: Outgoing): Buffer
  /** Throws LanError. */
  open(frame: RawFrame, from: Direction): Message
}

/** `key` has 16 bytes. */
export function wireOf(version: LanVersion, key: Uint8Array): Wire {
  switch (version) {
    case '3.1':
    case '3.2':
    case '3.3':
      return crcWire(version, key)
    case '3.4':
      return hmacWire(key)
    case '3.5':
      return gcmWire(key)
  }
}
