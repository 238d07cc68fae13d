import type { Frame } from '../codec/queue/frame.ts'
import type { QueueMessage, Sink } from '../domain/message.ts'
import type { BrokerConnector } from '../mqtt/link.ts'

export type Decode = (frame: Frame, receivedMs: number) => QueueMessage

/** Puts something around the steps that a message takes, for whoever wants to see or to disturb them. */
export interface Seams {
  readonly decode?: (decode: Decode) => Decode
  readonly sink?: (sink: Sink) => Sink
  readonly connector?: (connector: BrokerConnector) => BrokerConnector
}
