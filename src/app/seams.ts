import type { Sink } from '../domain/message.ts'
import type { BrokerConnector } from '../mqtt/link.ts'
import type { ConsumerParts } from '../transport/queue/consumer.ts'

type Around<T> = (inner: T) => T

/** Puts something around the steps that a message takes, for whoever wants to see or to disturb them. */
export interface Seams {
  readonly decode?: Around<ConsumerParts['decode']>
  readonly sink?: Around<Sink>
  readonly connector?: Around<BrokerConnector>
}
