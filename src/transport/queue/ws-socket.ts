import { type ClientOptions, WebSocket } from 'ws'
import { isLoopback } from '../../util/address.ts'
import { type Clock, systemClock, type Timer } from '../../util/clock.ts'
import { deferred } from '../../util/deferred.ts'
import { gatherWrites } from '../../util/gather.ts'
import { abortReason } from '../../util/signal.ts'
import { QueueLinkError, refusal, socketError } from './link-error.ts'
import type { OpenSocket, QueueSocket, SocketHandlers, SocketOptions } from './socket.ts'

export interface TlsOptions {
  /** PEM; trusted instead of the system's authorities. */
  readonly ca?: string
  /** The certificate is not looked at. */
  readonly insecure: boolean
}

const handshakeMs = 15_000
const farewellMs = 1_000

/** Connections over the library `ws`: certificates verified, no redirects, no compression, everything bounded. */
export function wsOpener(tls: TlsOptions, clock: Clock = systemClock): OpenSocket {
  return async (options) => {
    const { url, signal } = options
    if (signal.aborted) throw abortReason(signal)
    // The headers carry what is as good as the secret.
    if (!isSafe(url))
      throw new QueueLinkError('refused', 'The queue’s address is none, or does not begin with wss:.', {
        retry: 'never',
      })
    const link = new WsSocket(new WebSocket(url, clientOptions(options, tls)), clock, options)
    const onAbort = () => link.destroy(new QueueLinkError('stopped', 'We gave up connecting.'))
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await link.opened
      return link
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}

function isSafe(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  return protocol === 'wss:' || (protocol === 'ws:' && isLoopback(hostname))
}

function clientOptions(
  { username, password, largestMessage }: SocketOptions,
  tls: TlsOptions,
): ClientOptions {
  const options = {
    headers: { username, password: password.reveal() },
    followRedirects: false,
    perMessageDeflate: false,
    maxPayload: largestMessage,
    // A message in many small pieces costs more than its bytes.
    maxFragments: 1_024,
    maxBufferedChunks: 64 * 1_024,
    maxHeaderSize: 16 * 1_024,
    rejectUnauthorized: !tls.insecure,
    minVersion: 'TLSv1.2' as const,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
  }
  return options
}

class WsSocket implements QueueSocket {
  /** Resolves when the handshake is done; rejects with the error of `ended`. */
  readonly opened: Promise<void>
  readonly ended: Promise<QueueLinkError>
  readonly #socket: WebSocket
  readonly #clock: Clock
  readonly #end = deferred<QueueLinkError>()
  readonly #due: Timer
  #stood = false
  /** Why we said goodbye; from then on nothing is heard. */
  #farewell: QueueLinkError | undefined
  #gather: (() => void) | undefined
  #over = false

  constructor(socket: WebSocket, clock: Clock, { onText, onSign, onPong }: SocketHandlers) {
    this.#socket = socket
    this.#clock = clock
    this.ended = this.#end.promise
    const up = deferred<void>()
    this.opened = up.promise
    // The library's own limit starts anew with every byte of the answer.
    this.#due = clock.after(handshakeMs, () =>
      this.destroy(new QueueLinkError('timeout', 'The queue did not answer the handshake.')),
    )
    socket.on('upgrade', (response) => {
      this.#gather = gatherWrites(response.socket)
    })
    socket.on('open', () => {
      this.#stood = true
      this.#due.cancel()
      up.resolve()
    })
    socket.on('unexpected-response', (_request, response) => {
      const retryAfter = response.headers['retry-after']
      // What is not read ends in an error event, which nobody else listens for.
      response.once('error', () => {}).destroy()
      this.destroy(refusal(response.statusCode ?? 0, retryAfter))
    })
    socket.on('message', (data, isBinary) => {
      if (this.#isDeaf) return
      onSign()
      const bytes = data as Buffer
      // The queue speaks text; the bytes of anything else are no frame, as which they are counted.
      onText(isBinary ? '' : bytes.toString(), bytes.length)
    })
    const sign = () => {
      if (!this.#isDeaf) onSign()
    }
    socket.on('ping', sign)
    socket.on('pong', (mark) => {
      sign()
      if (!this.#isDeaf) onPong(mark.toString())
    })
    // Whatever the library complains about, this connection is over; it would wait for the other side for long.
    socket.on('error', (error) => this.destroy(socketError(error, this.#stood)))
    socket.on('close', () => this.destroy(new QueueLinkError('closed', 'The queue closed the connection.')))
    void this.ended.then((end) => up.reject(end))
    up.promise.catch(() => {})
  }

  get #isDeaf(): boolean {
    return this.#over || this.#farewell !== undefined
  }

  get unsentBytes(): number {
    return this.#over ? 0 : this.#socket.bufferedAmount
  }

  send(text: string): void {
    if (this.#over) return
    // Acknowledgements come many at a time.
    this.#gather?.()
    this.#socket.send(text, ignore)
  }

  ping(mark: string): void {
    if (!this.#over) this.#socket.ping(mark, undefined, ignore)
  }

  pause(): void {
    if (!this.#over) this.#socket.pause()
  }

  resume(): void {
    if (!this.#over) this.#socket.resume()
  }

  /** The listeners stay: late errors of a dead socket have to end somewhere. */
  destroy(end: QueueLinkError): void {
    if (this.#over) return
    this.#over = true
    this.#due.cancel()
    this.#socket.terminate()
    this.#end.resolve(this.#farewell ?? end)
  }

  async close(end: QueueLinkError): Promise<void> {
    if (this.#over || this.#farewell) return
    this.#farewell = end
    // The answer has to be read, and it comes behind everything that was not.
    this.#socket.resume()
    this.#socket.close(1000)
    const patience = this.#clock.after(farewellMs, () => this.destroy(end))
    await this.ended
    patience.cancel()
  }
}

/** A failed write is the end of the connection, which tells it by itself. */
function ignore(): void {}
