import { partitionOf } from './topic-log.ts'

/** The four ways in which readers share a subscription. */
export const subscriptionTypes = ['Exclusive', 'Failover', 'Shared', 'Key_Shared'] as const
export type SubscriptionType = (typeof subscriptionTypes)[number]

/** What decides about who reads what; a lower priority number goes first. */
export interface Ranked {
  readonly name: string
  readonly priority: number
}

/** Those with the best priority, in the order in which they came. */
export function foremost<C extends Ranked>(consumers: readonly C[]): readonly C[] {
  const best = Math.min(...consumers.map(({ priority }) => priority))
  return consumers.filter(({ priority }) => priority === best)
}

/**
 * Who reads a partition alone. A partitioned topic is dealt out by name among the foremost; of a single partition the
 * one that came first is the reader. Consumers are given in the order in which they came.
 */
export function activeConsumer<C extends Ranked>(
  consumers: readonly C[],
  partition: number,
  partitions: number,
): C | undefined {
  const candidates = foremost(consumers)
  if (partitions === 1) return candidates[0]
  const sorted = [...candidates].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return sorted[partition % sorted.length]
}

/** Who reads the messages of a key where readers share by key. */
export function keyConsumer<C extends Ranked>(consumers: readonly C[], key: string): C | undefined {
  return consumers[partitionOf(key, Math.max(1, consumers.length))]
}
