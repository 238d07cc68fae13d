import type { Socket } from 'node:net'
import type { Outgoing } from '../../codec/lan/wire.ts'
import type { Timer } from '../../util/clock.ts'
import { millisecondsIn } from '../fault.ts'
import { damaged, type Seal } from './damage.ts'
import { type Firmware, numberOr } from './firmware.ts'
import { randomBytes } from './speech.ts'

interface Waiting {
  readonly bytes: Buffer
  readonly command: number
  readonly readyAt: number
}

const usualMerge = 3
const usualGarbage = 7
const usualTruncate = 20
/** What waits for more frames goes out after this long, even if none come. */
const mergePatienceMs = 200

/** The way of a device's frames to one socket, with everything that can happen to them there. */
export class Outbox {
  readonly #socket: Socket
  readonly #firmware: Firmware
  readonly #waiting: Waiting[] = []
  readonly #pieces: Buffer[] = []
  #merged: Buffer[] = []
  #timer: Timer | undefined
  #mergeTimer: Timer | undefined
  #isCut = false
  #ends = false
  #stopped = false

  constructor(socket: Socket, firmware: Firmware) {
    this.#socket = socket
    this.#firmware = firmware
  }

  write(outgoing: Outgoing, seal: Seal): void {
    const { command } = outgoing
    const firmware = this.#firmware
    if (this.#stopped || this.#isCut || firmware.fault('lan-silent') !== undefined) return
    if (firmware.struck('lan-drop', command) !== undefined) return
    const kind = firmware.struck('lan-bad', command)
    const frame = kind === undefined ? seal.wire.seal(outgoing) : damaged(kind, outgoing, seal)
    this.#queue(this.#spoil(frame, command), command)
    if (firmware.struck('lan-duplicate', command) !== undefined) this.#queue(frame, command)
  }

  /** Closes once everything that waits is out. */
  end(): void {
    this.#ends = true
    this.#flush()
    this.#endWhenEmpty()
  }

  /** Nothing more goes out. */
  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
    this.#mergeTimer?.cancel()
  }

  /** Garbage before it, or only a part of it and nothing more ever after. */
  #spoil(frame: Buffer, command: number): Buffer {
    const garbage = this.#firmware.struck('lan-garbage', command)
    if (garbage !== undefined) {
      const bytes = randomBytes(this.#firmware.parts.random, numberOr(garbage, usualGarbage))
      return Buffer.concat([bytes, frame])
    }
    const cut = this.#firmware.struck('lan-truncate', command)
    if (cut === undefined) return frame
    this.#isCut = true
    return frame.subarray(0, numberOr(cut, usualTruncate))
  }

  /** Frames stay in their order, however long each is held up. */
  #queue(bytes: Buffer, command: number): void {
    const { clock, random } = this.#firmware.parts
    const ms = millisecondsIn(this.#firmware.struck('lan-delay', command) ?? '', random)
    this.#waiting.push({ bytes, command, readyAt: clock.monotonic() + ms })
    if (this.#waiting.length === 1) this.#pump()
  }

  #pump(): void {
    const { clock } = this.#firmware.parts
    for (let head = this.#waiting[0]; head && !this.#stopped; head = this.#waiting[0]) {
      const ms = head.readyAt - clock.monotonic()
      if (ms > 0) {
        this.#timer = clock.after(ms, () => this.#pump())
        return
      }
      this.#waiting.shift()
      this.#merge(head)
    }
    this.#endWhenEmpty()
  }

  #merge({ bytes, command }: Waiting): void {
    const wanted = this.#firmware.fault('lan-merge', command)
    this.#merged.push(bytes)
    this.#mergeTimer?.cancel()
    if (wanted === undefined || this.#merged.length >= numberOr(wanted, usualMerge)) this.#flush()
    else this.#mergeTimer = this.#firmware.parts.clock.after(mergePatienceMs, () => this.#flush())
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#merged)
    this.#merged = []
    const size = this.#firmware.fault('lan-split')
    if (bytes.length === 0) return
    if (size === undefined && this.#pieces.length === 0) this.#out(bytes)
    else this.#outInPieces(bytes, Math.max(1, numberOr(size, 1)))
  }

  /** A piece a turn, so that the other side reads each alone. */
  #outInPieces(bytes: Buffer, size: number): void {
    const isGoing = this.#pieces.length > 0
    for (let at = 0; at < bytes.length; at += size) this.#pieces.push(bytes.subarray(at, at + size))
    if (isGoing) return
    const step = () => {
      const piece = this.#pieces.shift()
      if (piece) this.#out(piece)
      if (this.#pieces.length > 0 && !this.#stopped) setImmediate(step)
      else this.#endWhenEmpty()
    }
    setImmediate(step)
  }

  #out(bytes: Buffer): void {
    if (!this.#stopped && this.#socket.writable) this.#socket.write(bytes)
  }

  #endWhenEmpty(): void {
    if (this.#ends && this.#waiting.length === 0 && this.#pieces.length === 0) this.#socket.end()
  }
}
