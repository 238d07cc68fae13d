import type { Secret } from '../../util/secret.ts'
import type { QueueLinkError } from './link-error.ts'

export interface SocketHandlers {
  /** A whole text frame; also before the promise of `open` is settled. `bytes` is what it weighed. */
  readonly onText: (text: string, bytes: number) => void
  /** A frame of any kind came. */
  readonly onSign: () => void
  /** It was the answer to a ping with this mark. */
  readonly onPong: (mark: string) => void
}

export interface SocketOptions extends SocketHandlers {
  readonly url: string
  readonly username: string
  readonly password: Secret
  /** A larger message ends the connection before it is read (`too-large`). */
  readonly largestMessage: number
  readonly signal: AbortSignal
}

/** One connection to the queue, from the handshake to its end; never reconnects. */
export interface QueueSocket {
  /** Why it ended; resolves once. Nothing is heard after it. */
  readonly ended: Promise<QueueLinkError>
  /** Bytes that wait in our own socket. */
  readonly unsentBytes: number
  send(text: string): void
  /** At most 125 bytes of text, which come back in the answer. */
  ping(mark: string): void
  /** Reads no more; what was read already still comes. */
  pause(): void
  resume(): void
  /** Ends at once. */
  destroy(end: QueueLinkError): void
  /** Says goodbye and waits for the answer, at most a second. */
  close(end: QueueLinkError): Promise<void>
}

/** Connects; rejects with QueueLinkError. */
export type OpenSocket = (options: SocketOptions) => Promise<QueueSocket>
