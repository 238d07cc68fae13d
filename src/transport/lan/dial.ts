import { type ConnectOpts, connect, type Socket } from 'node:net'
import { abortReason } from '../../util/signal.ts'
import type { LanAddress } from './device.ts'
import { LanLinkError, thrownOut } from './link-error.ts'

/** `closed`: the device said goodbye; `reset`: it threw us out; `lost`: the network gave up. */
export type Closing = 'closed' | 'reset' | 'lost'

export interface SocketHandlers {
  onData(bytes: Buffer): void
  /** Called at most once, and not after `end` or `destroy`. */
  onClosed(how: Closing): void
}

/** One TCP connection that stands. */
export interface LanSocket {
  /** Bytes that wait in our own socket. */
  readonly unsentBytes: number
  /** All bytes as one segment, if they fit into one. */
  write(bytes: Uint8Array): void
  /** Reads no more until resumed. */
  pause(): void
  resume(): void
  /** Says goodbye once everything is written. Nothing is heard any more. */
  end(): void
  /** Ends at once. Nothing is heard any more. */
  destroy(): void
}

/** Connects; rejects with LanLinkError, or with the signal's reason. */
export type Dial = (address: LanAddress, handlers: SocketHandlers, signal: AbortSignal) => Promise<LanSocket>

/** TCP without delay: some devices throw away a frame that comes in two pieces. */
export const tcpDial: Dial = (address, handlers, signal) =>
  new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abortReason(signal))
      return
    }
    const options: ConnectOpts & { host: string; port: number; noDelay: boolean } = {
      host: address.host,
      port: address.port,
      noDelay: true,
    }
    const socket = connect(options)
    const onAbort = () => {
      socket.destroy()
      reject(abortReason(signal))
    }
    const onFailure = (error: Error) => {
      signal.removeEventListener('abort', onAbort)
      reject(failure(error))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('error', onFailure)
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort)
      socket.off('error', onFailure)
      resolve(new TcpSocket(socket, handlers))
    })
  })

function failure(error: Error): LanLinkError {
  // Taken and thrown out again before we could look.
  if (closingOf(error) === 'reset') return thrownOut()
  const code = 'code' in error ? String(error.code) : 'no connection'
  return new LanLinkError('unreachable', `The device does not take a connection (${code}).`, { cause: error })
}

class TcpSocket implements LanSocket {
  readonly #socket: Socket
  readonly #handlers: SocketHandlers
  #over = false

  constructor(socket: Socket, handlers: SocketHandlers) {
    this.#socket = socket
    this.#handlers = handlers
    socket.on('data', (bytes: Buffer) => {
      if (!this.#over) handlers.onData(bytes)
    })
    socket.on('end', () => this.#closed('closed'))
    // The listener stays: late errors of a dead socket have to end somewhere.
    socket.on('error', (error) => this.#closed(closingOf(error)))
    socket.on('close', () => this.#closed('closed'))
  }

  get unsentBytes(): number {
    return this.#socket.writableLength
  }

  write(bytes: Uint8Array): void {
    if (!this.#over) this.#socket.write(bytes)
  }

  pause(): void {
    if (!this.#over) this.#socket.pause()
  }

  resume(): void {
    if (!this.#over) this.#socket.resume()
  }

  end(): void {
    this.#over = true
    this.#socket.destroySoon()
  }

  destroy(): void {
    this.#over = true
    this.#socket.destroy()
  }

  #closed(how: Closing): void {
    if (this.#over) return
    this.#over = true
    this.#socket.destroy()
    this.#handlers.onClosed(how)
  }
}

function closingOf(error: Error): Closing {
  const code = 'code' in error ? error.code : undefined
  return code === 'ECONNRESET' || code === 'EPIPE' ? 'reset' : 'lost'
}
