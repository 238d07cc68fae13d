import type { LinkHealth } from '../domain/link.ts'

const unused: LinkHealth = { state: 'unused', sinceMs: 0, reason: null, lastMs: null }

export interface HealthFacts {
  readonly timeMs: number
  readonly mqtt: LinkHealth
  readonly cloud: LinkHealth | undefined
  readonly queue: LinkHealth | undefined
  readonly budget: { readonly used: number; readonly limit: number; readonly resetMs: number } | undefined
  readonly queues: Readonly<Record<string, number>>
  readonly counts: Readonly<Record<string, number>>
}

export interface HealthDocument {
  readonly timeMs: number
  readonly links: {
    readonly mqtt: LinkHealth
    readonly cloud: LinkHealth
    readonly queue: LinkHealth
    readonly lan: object
  }
  readonly budget: HealthFacts['budget'] | null
  readonly queues: Readonly<Record<string, number>>
  readonly counts: Readonly<Record<string, number>>
}

/** `bridge/health`; parts that this version does not have are unused. */
export function healthDocument(facts: HealthFacts): HealthDocument {
  const { timeMs, mqtt, cloud, queue, budget, queues, counts } = facts
  return {
    timeMs,
    links: {
      mqtt,
      cloud: cloud ?? unused,
      queue: queue ?? unused,
      lan: { state: 'unused', up: 0, down: 0, reasons: {} },
    },
    budget: budget ?? null,
    queues,
    counts,
  }
}

/** Ready: every link that is used is up, or at least of use. */
export function isReady(document: HealthDocument, inventoryRead: boolean): boolean {
  const { mqtt, cloud, queue } = document.links
  return inventoryRead && [mqtt, cloud, queue].every(({ state }) => state !== 'down')
}
