import type { Socket } from 'node:net'
import { type FrameKind, frameKindOf, type Gap, type RawFrame, splitFrames } from '../../codec/lan/frame.ts'
import type { Timer } from '../../util/clock.ts'
import { Dialogue } from './dialogue.ts'
import { type Firmware, numberOr } from './firmware.ts'
import { Outbox } from './outbox.ts'
import type { Saying } from './speech.ts'

/** The vendor's firmware throws away a shorter first read, and closes where a frame has begun with fewer bytes. */
const shortRead = 50
const none = Buffer.alloc(0)

/** One client's connection to a device. */
export class Line {
  readonly #socket: Socket
  readonly #firmware: Firmware
  readonly #dialogue: Dialogue
  readonly #outbox: Outbox
  readonly #kind: FrameKind
  #rest: Buffer = none
  #hasRead = false
  #idle: Timer | undefined
  #frames = 0
  #frozen = false
  #closing = false

  constructor(socket: Socket, firmware: Firmware) {
    this.#socket = socket
    this.#firmware = firmware
    this.#kind = frameKindOf(firmware.behaviour.version)
    this.#outbox = new Outbox(socket, firmware)
    this.#dialogue = new Dialogue(firmware, {
      write: (outgoing, seal) => this.#outbox.write(outgoing, seal),
      close: (why, reset) => this.close(why, reset),
    })
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('close', () => this.#stop())
    this.#restartIdle()
  }

  /** Values go to every client that has shown its key. */
  get isOpen(): boolean {
    return this.#dialogue.isOpen && !this.#frozen && !this.#socket.destroyed
  }

  say(saying: Saying): void {
    if (this.isOpen) this.#dialogue.say(saying)
  }

  /** `reset` sends RST, otherwise what was said goes out first. */
  close(why: string, reset = false): void {
    this.#firmware.note('close', { why, port: this.#socket.remotePort })
    this.#closing = true
    this.#idle?.cancel()
    if (reset) this.destroy()
    else this.#outbox.end()
  }

  /** Dead without a word: neither reads nor writes, and stays. */
  freeze(): void {
    this.#frozen = true
    this.#stop()
    this.#socket.pause()
  }

  /** What a device that was switched on again says to connections that it knows nothing of. */
  destroy(): void {
    this.#stop()
    this.#socket.resetAndDestroy()
  }

  #stop(): void {
    this.#idle?.cancel()
    this.#outbox.stop()
  }

  #read(chunk: Buffer): void {
    if (!this.#listens || this.#firmware.fault('lan-silent') !== undefined) return
    const isVendor = this.#firmware.behaviour.strict && this.#kind === 'gcm'
    const isFirst = !this.#hasRead
    this.#hasRead = true
    if (isVendor && isFirst && chunk.length < shortRead) return
    const { parts, rest } = splitFrames(this.#rest, chunk, this.#kind, 'toDevice')
    this.#rest = rest
    for (const part of parts) this.#take(part)
    if (isVendor && this.#listens && rest.length > 0 && rest.length < shortRead)
      this.close('a frame that has hardly begun')
  }

  get #listens(): boolean {
    return !this.#frozen && !this.#closing && !this.#socket.destroyed
  }

  #take(part: RawFrame | Gap): void {
    if (!this.#listens) return
    if (part.kind === 'gap') {
      this.#firmware.note('bad frame', { fault: part.fault })
      if (this.#firmware.behaviour.strict) this.close(part.fault)
      return
    }
    this.#countFrame()
    if (this.#listens && this.#dialogue.hear(part)) this.#restartIdle()
  }

  #countFrame(): void {
    this.#frames++
    const most = this.#firmware.fault('lan-half-open')
    if (most !== undefined && this.#frames > numberOr(most, 0)) this.freeze()
  }

  #restartIdle(): void {
    this.#idle?.cancel()
    if (!this.#listens) return
    const fault = this.#firmware.fault('lan-idle')
    const idleMs = fault === undefined ? this.#firmware.behaviour.idleMs : numberOr(fault, 30) * 1_000
    this.#idle = this.#firmware.parts.clock.after(idleMs, () => this.close('idle'))
  }
}
