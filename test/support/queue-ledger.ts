import type { Journal } from '../../src/simulator/journal.ts'

export interface LedgerLine {
  readonly deliveries: number
  readonly acks: number
}

/** What the queue's journal says of each message: how often it was delivered whole, and how often acknowledged. */
export function queueLedger(journal: Journal): ReadonlyMap<string, LedgerLine> {
  const ledger = new Map<string, LedgerLine>()
  for (const { subject, detail } of journal.entries('queue')) {
    if (subject !== 'deliver' && subject !== 'ack') continue
    const id = String(detail['messageId'])
    const { deliveries, acks } = ledger.get(id) ?? { deliveries: 0, acks: 0 }
    ledger.set(
      id,
      subject === 'deliver' ? { deliveries: deliveries + 1, acks } : { deliveries, acks: acks + 1 },
    )
  }
  return ledger
}
