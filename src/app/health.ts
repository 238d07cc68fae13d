import type { LinkHealth, LinkStatus } from '../domain/link.ts'

const unusedLan: LanSum = { state: 'unused', up: 0, down: 0, reasons: {} }
const unused: LinkHealth = { state: 'unused', sinceMs: 0, reason: null, lastMs: null }

/** The sum over all devices on the LAN: it does not grow with them. */
export interface LanSum {
  readonly state: LinkStatus
  readonly up: number
  readonly down: number
  readonly reasons: Readonly<Record<string, number>>
}

export interface HealthFacts {
  readonly timeMs: number
  readonly mqtt: LinkHealth
  readonly cloud: LinkHealth | undefined
  readonly queue: LinkHealth | undefined
  readonly lan: LanSum | undefined
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
    readonly lan: LanSum
  }
  readonly budget: HealthFacts['budget'] | null
  readonly queues: Readonly<Record<string, number>>
  readonly counts: Readonly<Record<string, number>>
}

/** `bridge/health`; parts that this version does not have are unused. */
export function healthDocument(facts: HealthFacts): HealthDocument {
  const { timeMs, mqtt, cloud, queue, lan, budget, queues, counts } = facts
  return {
    timeMs,
    links: {
      mqtt,
      cloud: cloud ?? unused,
      queue: queue ?? unused,
      lan: lan ?? unusedLan,
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
