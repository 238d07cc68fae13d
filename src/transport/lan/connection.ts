import { type FrameKind, frameKindOf, type Gap, type RawFrame, splitFrames } from '../../codec/lan/frame.ts'
import { takesHeader, versionHeader } from '../../codec/lan/header.ts'
import { LanError } from '../../codec/lan/lan-error.ts'
import type { Request } from '../../codec/lan/request.ts'
import type { LanVersion } from '../../codec/lan/version.ts'
import type { Message, Wire } from '../../codec/lan/wire.ts'
import type { Clock, Timer } from '../../util/clock.ts'
import { deferred } from '../../util/deferred.ts'
import type { Random } from '../../util/random.ts'
import { chanceBytes } from './chance.ts'
import type { LanCounts } from './counts.ts'
import type { Closing, LanSocket, SocketHandlers } from './dial.ts'
import { Flow } from './flow.ts'
import { keyEnd, LanLinkError, thrownOut } from './link-error.ts'
import { Nonces, Sequence } from './sequence.ts'

export interface ConnectionParts {
  readonly clock: Clock
  readonly random: Random
  readonly counts: LanCounts
  readonly version: LanVersion
  /** With the local key. */
  readonly wire: Wire
  /** A frame could not be read. */
  readonly onBad: (error: LanError) => void
}

/** Devices throw away what is longer. */
export const largestRequest = 4_096
const unsentAtMost = 64 * 1024
/** A frame that was begun has to come to its end within this time. */
const incompleteMs = 5_000
/** R-L4: so many messages in a row that cannot be decrypted are the key's fault. */
const undecryptedAtMost = 3
/** After these nothing that follows can be trusted (R-L3). */
const fatal: ReadonlySet<string> = new Set([
  'bad_prefix',
  'bad_length',
  'bad_suffix',
  'bad_crc',
  'bad_hmac',
  'bad_tag',
])
const none = Buffer.alloc(0)

/** One socket: frames in both directions, numbers, and the faults that end it. Never reconnects. */
export class Connection implements SocketHandlers {
  readonly version: LanVersion
  /** Why it ended; resolves once. Nothing is heard after it. */
  readonly ended: Promise<LanLinkError>
  /** Hears every message that could be read. */
  hear: (message: Message) => void = () => {}
  /** The device has shown that it is the one meant, and nobody else (R-L5). */
  isProved = false
  /** When the last frame came and when one was written, monotonic. */
  heardAt: number
  sentAt: number
  readonly #parts: ConnectionParts
  readonly #kind: FrameKind
  readonly #end = deferred<LanLinkError>()
  readonly #flow: Flow
  #wire: Wire
  #socket: LanSocket | undefined
  #over: LanLinkError | undefined
  #seq = 1
  #rest: Buffer = none
  #restSince = 0
  #backlog: (RawFrame | Gap)[] = []
  #later: Timer | undefined
  #heardAny = false
  #heardMessage = false
  #undecrypted = 0
  #sequence: Sequence | undefined
  #nonces: Nonces | undefined

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    this.version = parts.version
    this.ended = this.#end.promise
    this.#kind = frameKindOf(parts.version)
    this.#wire = parts.wire
    this.heardAt = this.sentAt = parts.clock.monotonic()
    this.#flow = new Flow(this.heardAt)
  }

  get isOver(): boolean {
    return this.#over !== undefined
  }

  /** A whole frame has come, and it could be read. */
  get hasHeard(): boolean {
    return this.#heardMessage
  }

  /** The socket that it hears from now on. */
  attach(socket: LanSocket): void {
    this.#socket = socket
    this.#parts.counts.openSockets++
    this.heardAt = this.sentAt = this.#parts.clock.monotonic()
    if (this.#over) this.#release((open) => open.destroy())
  }

  /** From now on with the key of the session. */
  rekey(wire: Wire): void {
    this.#wire = wire
    this.#sequence = new Sequence()
    if (this.version === '3.5') this.#nonces = new Nonces()
  }

  /** Writes one frame and gives its number. Throws LanLinkError when the connection is over. */
  send({ command, body }: Request): number {
    return this.sendBytes(command, Buffer.from(JSON.stringify(body)))
  }

  sendBytes(command: number, payload: Uint8Array): number {
    if (this.#over || !this.#socket) throw this.#over ?? new LanLinkError('closed', 'There is no connection.')
    const seq = this.#seq++
    const header = takesHeader(this.version, command, 'toDevice') ? versionHeader(this.version) : undefined
    const nonce = this.version === '3.5' ? chanceBytes(this.#parts.random, 12) : undefined
    const bytes = this.#wire.seal({ seq, command, header, payload, nonce })
    if (bytes.length > largestRequest) throw new RangeError('The frame is too long for a device.')
    this.#socket.write(bytes)
    this.#parts.counts.framesOut++
    this.sentAt = this.#parts.clock.monotonic()
    if (this.#socket.unsentBytes > unsentAtMost)
      this.fail(new LanLinkError('timeout', 'The device takes nothing any more.'))
    return seq
  }

  onData(bytes: Buffer): void {
    if (this.#over) return
    this.#heardAny = true
    const { parts, rest } = splitFrames(this.#rest, bytes, this.#kind, 'fromDevice')
    const now = this.#parts.clock.monotonic()
    if (this.#rest.length === 0 || parts.length > 0) this.#restSince = now
    this.#rest = rest
    if (this.#backlog.length > 0) this.#backlog.push(...parts)
    else this.#read(parts, now)
  }

  onClosed(how: Closing): void {
    this.#finish(this.#closing(how), (open) => open.destroy())
  }

  /** Called now and then. */
  tick(now: number): void {
    if (this.#rest.length > 0 && this.#backlog.length === 0 && now - this.#restSince >= incompleteMs)
      this.fail(new LanLinkError('protocol', 'A frame of the device did not come to its end.'))
  }

  /** What was read makes no sense: what follows from it. */
  bad(error: LanError): void {
    this.#parts.counts.bad(error.code)
    this.#parts.onBad(error)
    if (!this.isProved && (error.keySuspect || error.code === 'version_mismatch'))
      this.fail(keyEnd(`${error.message} Local key or version may have changed.`, error))
    else if (error.code === 'version_mismatch' || fatal.has(error.code))
      this.fail(new LanLinkError('protocol', error.message, { cause: error }))
    else if (error.keySuspect && ++this.#undecrypted >= undecryptedAtMost)
      this.fail(keyEnd('Three messages in a row could not be decrypted.', error))
  }

  /** Ends at once. */
  fail(error: LanLinkError): void {
    this.#finish(error, (open) => open.destroy())
  }

  /** Says goodbye. */
  leave(error: LanLinkError): void {
    this.#finish(error, (open) => open.end())
  }

  #finish(error: LanLinkError, close: (open: LanSocket) => void): void {
    if (this.#over) return
    this.#over = error
    this.#later?.cancel()
    this.#backlog = []
    this.#rest = none
    this.#release(close)
    this.#end.resolve(error)
  }

  #release(close: (open: LanSocket) => void): void {
    if (!this.#socket) return
    close(this.#socket)
    this.#socket = undefined
    this.#parts.counts.openSockets--
  }

  #closing(how: Closing): LanLinkError {
    if (how === 'lost') return new LanLinkError('unreachable', 'The network lost the device.')
    if (this.#heardAny) return new LanLinkError('closed', 'The device closed the connection.')
    // Whoever has no room or hangs closes unasked; whoever does not know the key closes when he is spoken to.
    if (how === 'closed' && this.#seq > 1)
      return keyEnd('The device closed when it was spoken to: check local key and version.')
    return thrownOut()
  }

  /** A bounded part of it at once, the rest when it is its turn. */
  #read(parts: readonly (RawFrame | Gap)[], now: number): void {
    this.#flow.turn(now)
    for (let i = 0; i < parts.length && !this.#over; i++) {
      const waitMs = this.#flow.take()
      if (waitMs > 0) {
        this.#backlog = parts.slice(i)
        this.#hold(waitMs)
        return
      }
      this.#part(parts[i] as RawFrame | Gap, now)
    }
  }

  #hold(waitMs: number): void {
    if (waitMs > 1) this.#parts.counts.floods++
    this.#socket?.pause()
    this.#later = this.#parts.clock.after(waitMs, () => {
      const parts = this.#backlog
      this.#backlog = []
      const now = this.#parts.clock.monotonic()
      this.#read(parts, now)
      if (this.#backlog.length > 0) return
      this.#restSince = now
      this.#socket?.resume()
    })
  }

  #part(part: RawFrame | Gap, now: number): void {
    if (part.kind === 'gap') {
      this.bad(new LanError(part.fault))
      return
    }
    this.#parts.counts.framesIn++
    let message: Message
    try {
      message = this.#wire.open(part, 'fromDevice')
    } catch (thrown) {
      if (!(thrown instanceof LanError)) throw thrown
      this.bad(thrown)
      return
    }
    if (!this.#isFresh(part)) return
    this.heardAt = now
    this.#heardMessage = true
    if (message.payload.length > 0) this.#undecrypted = 0
    this.hear(message)
  }

  #isFresh(frame: RawFrame): boolean {
    if (this.#nonces && !this.#nonces.accept(frame)) this.#parts.counts.nonceReuses++
    if (!this.#sequence || this.#sequence.accept(frame.seq)) return true
    this.#parts.counts.replays++
    this.fail(new LanLinkError('protocol', 'A frame of the device came a second time.'))
    return false
  }
}
