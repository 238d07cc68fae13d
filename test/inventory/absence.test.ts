import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AbsenceTracker, listsApartMs } from '../../src/inventory/absence.ts'

const listed = (...ids: string[]) => new Set(ids)

describe('R-S3: what two lists in a row do not show is gone', () => {
  it('not after the first, but after the second at least a minute later', () => {
    const tracker = new AbsenceTracker()
    const known = ['a', 'b']
    expect(tracker.review(known, listed('a'), 0)).toEqual({ gone: [], doubted: [], pending: true })
    expect(tracker.review(known, listed('a'), listsApartMs - 1)).toEqual({
      gone: [],
      doubted: [],
      pending: true,
    })
    expect(tracker.review(known, listed('a'), listsApartMs)).toEqual({
      gone: ['b'],
      doubted: [],
      pending: false,
    })
  })

  it('two lists within the minute count as one, however many there are', () => {
    const tracker = new AbsenceTracker()
    for (let now = 0; now < listsApartMs; now += 5_000) {
      expect(tracker.review(['a', 'b'], listed('a'), now).gone).toEqual([])
    }
  })

  it('an empty list proves nothing, however often it comes', () => {
    const tracker = new AbsenceTracker()
    for (let now = 0; now < 20 * listsApartMs; now += listsApartMs) {
      expect(tracker.review(['a', 'b'], listed(), now)).toEqual({ gone: [], doubted: [], pending: false })
    }
  })

  it('where an empty list is doubted, two of them have each thing asked for, and nothing goes by them', () => {
    const tracker = new AbsenceTracker({ empty: 'doubted' })
    expect(tracker.review(['a'], listed(), 0)).toEqual({ gone: [], doubted: [], pending: true })
    expect(tracker.review(['a'], listed(), 60_000)).toEqual({ gone: [], doubted: ['a'], pending: false })
  })

  it('what was found behind an empty list is not asked for again for six hours, or until a list shows it', () => {
    const tracker = new AbsenceTracker({ empty: 'doubted' })
    tracker.found('a', 0)
    expect(tracker.review(['a'], listed(), 1)).toEqual({ gone: [], doubted: [], pending: false })
    expect(tracker.review(['a'], listed(), 6 * 3_600_000).pending).toBe(true)
    tracker.found('a', 7 * 3_600_000)
    tracker.review(['a'], listed('a'), 7 * 3_600_000)
    expect(tracker.review(['a'], listed(), 7 * 3_600_000).pending).toBe(true)
  })

  it('an empty list is no first proof for one that is not empty', () => {
    const tracker = new AbsenceTracker({ empty: 'doubted' })
    tracker.review(['a', 'b'], listed(), 0)
    expect(tracker.review(['a', 'b'], listed('a'), 60_000)).toEqual({ gone: [], doubted: [], pending: true })
    expect(tracker.review(['a', 'b'], listed('a'), 120_000).gone).toEqual(['b'])
  })

  it('one that shows up again starts anew', () => {
    const tracker = new AbsenceTracker()
    tracker.review(['a', 'b'], listed('a'), 0)
    tracker.review(['a', 'b'], listed('a', 'b'), 60_000)
    expect(tracker.review(['a', 'b'], listed('a'), 120_000)).toEqual({ gone: [], doubted: [], pending: true })
    expect(tracker.review(['a', 'b'], listed('a'), 180_000)).toEqual({
      gone: ['b'],
      doubted: [],
      pending: false,
    })
  })

  it('what is gone is told once', () => {
    const tracker = new AbsenceTracker()
    tracker.review(['a', 'b'], listed('a'), 0)
    expect(tracker.review(['a', 'b'], listed('a'), 60_000).gone).toEqual(['b'])
    expect(tracker.review(['a', 'b'], listed('a'), 120_000)).toEqual({ gone: [], doubted: [], pending: true })
  })

  it('nothing goes that one of its last lists within a minute showed (property)', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd')
    const list = fc.record({ ids: fc.uniqueArray(id), afterMs: fc.integer({ min: 0, max: 100_000 }) })
    fc.assert(
      fc.property(fc.array(list, { maxLength: 30 }), (lists) => {
        const tracker = new AbsenceTracker()
        const known = ['a', 'b', 'c', 'd']
        const seenAt = new Map<string, number>()
        let now = 0
        for (const { ids, afterMs } of lists) {
          now += afterMs
          for (const each of ids) seenAt.set(each, now)
          const { gone } = tracker.review(known, new Set(ids), now)
          for (const each of gone) {
            expect(ids.length).toBeGreaterThan(0)
            expect(ids).not.toContain(each)
            expect(now - (seenAt.get(each) ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(listsApartMs)
          }
        }
      }),
    )
  })
})
