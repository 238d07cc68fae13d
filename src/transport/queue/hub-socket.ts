import type { HubConfig } from './hub-config.ts'
import type { QueueLinkError } from './link-error.ts'

export interface HubSocketOptions {
  readonly config: HubConfig
  /** Bound before anything is subscribed. */
  readonly onMessage: (payload: Uint8Array) => void
  readonly signal: AbortSignal
}

/** One connection to the Open Hub that has subscribed to every topic; never reconnects. */
export interface HubSocket {
  /** Why it ended; resolves once. Nothing is heard after it. */
  readonly ended: Promise<QueueLinkError>
  /** When the hub gave its last sign of life, monotonic. */
  readonly lastAt: number
  /** Says goodbye and waits for the socket, at most a second. */
  close(end: QueueLinkError): Promise<void>
}

/** Connects and subscribes; rejects with QueueLinkError. */
export type OpenHubSocket = (options: HubSocketOptions) => Promise<HubSocket>
