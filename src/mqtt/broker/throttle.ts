import type { Clock, Timer } from '../../util/clock.ts'

/** The private parts of aedes' client that our limits need; the version is pinned and a test watches them. */
export interface AedesClient {
  readonly id: string | null
  readonly connected: boolean
  readonly closed: boolean
  readonly conn: { destroy(error?: Error): void; setTimeout?(ms: number, run: () => void): void }
  readonly _parser: {
    readonly packet: { readonly length: number }
    _parseLength(): boolean
    emit(event: 'error', error: Error): boolean
  }
  pause(): void
  resume(): void
}

export const packetCaps = { beforeConnect: 4 * 1024, connected: 256 * 1024 }

/** R-E2: the announced length decides, before a byte of the packet is kept. */
export function limitPacketSize(client: AedesClient, onExceeded: () => void): void {
  const parser = client._parser
  const parseLength = parser._parseLength.bind(parser)
  parser._parseLength = () => {
    if (!parseLength()) return false
    const most = client.connected ? packetCaps.connected : packetCaps.beforeConnect
    if (parser.packet.length <= most) return true
    onExceeded()
    client.conn.destroy()
    return false
  }
}

/** R-E2: so many publishes a second with a burst; then the socket is not read until the bucket has filled again. */
export class PublishThrottle {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #burst: number
  #tokens: number
  #filledAt: number
  #resume: Timer | undefined

  constructor(clock: Clock, perSecond: number, burst: number) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
    this.#filledAt = clock.monotonic()
  }

  /** Counts one publish of the client and pauses it when it was one too many; true when it did. */
  count(client: AedesClient): boolean {
    const now = this.#clock.monotonic()
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) / 1000) * this.#perSecond) - 1
    this.#filledAt = now
    if (this.#tokens >= 0 || this.#resume) return false
    client.pause()
    this.#resume = this.#clock.after((-this.#tokens / this.#perSecond) * 1000 + 20, () => {
      this.#resume = undefined
      if (!client.closed) client.resume()
    })
    return true
  }

  stop(): void {
    this.#resume?.cancel()
  }
}
