import type { Report } from '../domain/report.ts'
import type { Settlement } from '../util/settlement.ts'
import type { MutableRecord } from './report-merge.ts'

/** Reports kept for a device whose specification is still on its way. */
const waitingAtMost = 20

type Merge = (record: MutableRecord, report: Report, settlement?: Settlement) => void

/**
 * Keeps a report until the whole specification is there; true when the oldest one had to go for it. What a part of the
 * specification makes of it is settled at once: the rest is read again by whoever starts anew.
 */
export function keepReport(record: MutableRecord, report: Report, settlement?: Settlement): boolean {
  const isHalf = record.specification !== undefined
  record.waiting.push({
    report,
    settlement: isHalf ? undefined : settlement,
    done: isHalf ? undefined : settlement?.part(),
  })
  if (record.waiting.length <= waitingAtMost) return false
  record.waiting.shift()?.done?.(false)
  return true
}

/** The specification is there, or a part of it, for which all that waits is merged again when the rest comes. */
export function mergeWaiting(record: MutableRecord, merge: Merge): void {
  const { waiting } = record
  record.waiting = []
  for (const { report, settlement, done } of waiting) {
    merge(record, report, settlement)
    done?.(true)
  }
  if (!record.specification?.partial) return
  const kept = waiting.map(({ report }) => ({ report, settlement: undefined, done: undefined }))
  // What came of the merging came later.
  record.waiting = [...kept, ...record.waiting]
}

/** The device is gone: nobody can make use of what waits. */
export function dropWaiting({ waiting }: MutableRecord): void {
  for (const { done } of waiting) done?.(false)
}
