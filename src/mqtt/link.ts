import type { Incoming, Outgoing } from './message.ts'

/** Why a connection ended or did not come about; public words. */
export type LinkEnd =
  | 'closed'
  | 'unreachable'
  | 'timeout'
  | 'credentials'
  | 'refused'
  | 'rights'
  | 'version'
  | 'taken-over'
  | 'base-in-use'
  | 'protocol'
  | 'silent'
  | 'stopped'
  /** Ours: the settings of the connection are others now. */
  | 'renewed'

export class LinkError extends Error {
  readonly end: LinkEnd

  constructor(end: LinkEnd, message: string) {
    super(message)
    this.name = 'LinkError'
    this.end = end
  }
}

/** The broker refused one publish; the connection is fine. */
export class PublishRefused extends Error {
  readonly reason: 'not-authorized' | 'too-large' | 'quota' | 'invalid' | 'other'

  constructor(reason: PublishRefused['reason']) {
    super(`the broker refused the publish: ${reason}`)
    this.name = 'PublishRefused'
    this.reason = reason
  }
}

export interface LinkLimits {
  readonly protocol: 'MQTT 5' | 'MQTT 3.1.1'
  /** QoS 1 messages that may be in flight. */
  readonly receiveMaximum: number
  readonly maximumPacketSize: number
  readonly retainAvailable: boolean
  readonly maximumQos: 0 | 1 | 2
}

/** One connection to a broker, from CONNACK to its end; never reconnects. */
export interface BrokerLink {
  readonly limits: LinkLimits
  /** Why it ended; resolves once. */
  readonly ended: Promise<LinkError>
  /** Calls back when the broker took the message, or with PublishRefused; never when the connection dropped. */
  publish(message: Outgoing, done: (refused?: PublishRefused) => void): void
  subscribe(filter: string, options: SubscribeOptions): Promise<void>
  /** Bytes that wait in our own socket. */
  readonly unsentBytes: number
  /** Ends at once. */
  destroy(end: LinkEnd): void
  /** Says DISCONNECT and waits for the socket, at most a second. */
  close(): Promise<void>
}

export interface SubscribeOptions {
  readonly qos: 0 | 1 | 2
  /** MQTT 5: own messages are not returned. */
  readonly noLocal?: boolean
  /** MQTT 5: the flag of the publisher is seen on live messages. */
  readonly retainAsPublished?: boolean
  /** MQTT 5: stored messages are not sent. */
  readonly withoutStored?: boolean
}

export interface Will {
  readonly topic: string
  readonly payload: string
}

export interface ConnectOptions {
  /** Added to the configured client id; '' for the main connection. */
  readonly suffix: string
  readonly will?: Will
  /** Bound before anything is subscribed. */
  readonly onMessage: (message: Incoming) => void
  readonly signal: AbortSignal
}

/** Makes connections to the one configured broker; rejects with LinkError. */
export interface BrokerConnector {
  readonly address: string
  connect(options: ConnectOptions): Promise<BrokerLink>
}
