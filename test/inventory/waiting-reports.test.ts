import { expect, it } from 'vitest'
import type { Specification } from '../../src/domain/data-point.ts'
import type { MutableRecord } from '../../src/inventory/report-merge.ts'
import { dropWaiting, keepReport, mergeWaiting } from '../../src/inventory/waiting-reports.ts'
import { Settlement } from '../../src/util/settlement.ts'
import { deviceOf, reportOf } from '../support/device.ts'

function recordOf(specification?: Partial<Specification>): MutableRecord {
  const described = specification && { source: 'cloud', points: new Map(), ...specification }
  return { device: deviceOf('a'), specification: described, waiting: [] } as unknown as MutableRecord
}

const report = (n: number) => reportOf('a', { n }, n)

/** A settlement and what became of it. */
function settlement() {
  const ends: boolean[] = []
  const made = new Settlement((isGood) => ends.push(isGood))
  return { made, ends }
}

/** Merges and notes which reports, by their times. */
function merging(record: MutableRecord): number[] {
  const merged: number[] = []
  mergeWaiting(record, (_record, { receivedMs }) => merged.push(receivedMs))
  return merged
}

it('reports wait in their order, and are settled when they are merged', () => {
  const record = recordOf()
  const { made, ends } = settlement()
  for (const n of [1, 2]) keepReport(record, report(n), made)
  made.seal()
  expect(ends).toEqual([])
  record.specification = recordOf({}).specification
  expect(merging(record)).toEqual([1, 2])
  expect(ends).toEqual([true])
  expect(record.waiting).toEqual([])
})

it('with a part of the specification they are merged and wait on, settled already', () => {
  const record = recordOf({ partial: true })
  const { made } = settlement()
  keepReport(record, report(1), made)
  expect(record.waiting[0]).toMatchObject({ settlement: undefined, done: undefined })
  expect(merging(record)).toEqual([1])
  expect(merging(record)).toEqual([1])
  record.specification = recordOf({}).specification
  expect(merging(record)).toEqual([1])
  expect(merging(record)).toEqual([])
})

it('what comes while they are merged waits behind them', () => {
  const record = recordOf({ partial: true })
  keepReport(record, report(1))
  mergeWaiting(record, () => keepReport(record, report(2)))
  expect(record.waiting.map((one) => one.report.receivedMs)).toEqual([1, 2])
})

it('I-7: twenty wait at most; the oldest is refused for the newest', () => {
  const record = recordOf()
  const { made, ends } = settlement()
  keepReport(record, report(0), made)
  made.seal()
  for (let n = 1; n < 20; n++) expect(keepReport(record, report(n))).toBe(false)
  expect(keepReport(record, report(20))).toBe(true)
  expect(ends).toEqual([false])
  expect(merging(record)[0]).toBe(1)
})

it('those of a device that is gone are refused', () => {
  const record = recordOf()
  const { made, ends } = settlement()
  keepReport(record, report(1), made)
  made.seal()
  dropWaiting(record)
  expect(ends).toEqual([false])
})
