import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BudgetState, budgetLayer, CallBudget } from '../../../src/transport/cloud/budget.ts'
import type { Priority } from '../../../src/transport/cloud/layer.ts'
import { answering, fine, requestOf } from '../../support/cloud-request.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const dayMs = 86_400_000
const noon = Date.UTC(2026, 10, 21, 12)

function spendAll(budget: CallBudget, priority: Priority): number {
  let spent = 0
  while (budget.spend(priority)) spent++
  return spent
}

describe('the day’s calls (I-13, R-C6)', () => {
  it('a fifth is kept for commands and tokens', () => {
    const budget = new CallBudget(800, new VirtualClock(noon), undefined)
    expect(budget.left('discovery')).toBe(640)
    expect(spendAll(budget, 'reconcile')).toBe(640)
    expect(budget.spend('discovery')).toBe(false)
    expect(budget.left('command')).toBe(160)
    expect(spendAll(budget, 'command')).toBe(160)
    expect(budget.spend('token')).toBe(false)
    expect(budget.used).toBe(800)
  })

  it('commands use their own fifth first: reading keeps its four fifths', () => {
    const budget = new CallBudget(800, new VirtualClock(noon), undefined)
    for (let call = 0; call < 160; call++) budget.spend('command')
    expect(budget.left('reconcile')).toBe(640)
    for (let call = 0; call < 40; call++) budget.spend('command')
    expect(budget.left('reconcile')).toBe(600)
    expect(spendAll(budget, 'discovery')).toBe(600)
    expect(budget.left('command')).toBe(0)
  })

  it('the share of reading is known over a restart, calls written off in advance included', () => {
    const clock = new VirtualClock(noon)
    const before = new CallBudget(800, clock, undefined)
    for (let call = 0; call < 100; call++) before.spend('reconcile')
    for (let call = 0; call < 50; call++) before.spend('command')
    const after = new CallBudget(800, clock, before.state)
    expect(after.left('reconcile')).toBeLessThanOrEqual(540)
    expect(after.left('reconcile')).toBeGreaterThanOrEqual(520)
    expect(after.left('reconcile') + after.used).toBeLessThanOrEqual(800)
  })

  it('the kept part of an odd budget is rounded up', () => {
    expect(new CallBudget(7, new VirtualClock(noon), undefined).left('reconcile')).toBe(5)
  })

  it('the count starts anew with the UTC day', async () => {
    const clock = new VirtualClock(noon)
    const budget = new CallBudget(10, clock, undefined)
    spendAll(budget, 'command')
    expect(budget.resetMs).toBe(noon + dayMs / 2)
    await clock.advance(dayMs / 2 - 1)
    expect(budget.spend('command')).toBe(false)
    await clock.advance(1)
    expect(budget.used).toBe(0)
    expect(budget.state).toEqual({ day: noon / dayMs + 0.5, leased: 0, reading: 0 })
    expect(spendAll(budget, 'command')).toBe(10)
  })

  it('a clock that is set back gives no calls back', () => {
    const clock = new VirtualClock(noon)
    const budget = new CallBudget(10, clock, undefined)
    spendAll(budget, 'command')
    clock.jump(-3 * dayMs)
    expect(budget.left('command')).toBe(0)
  })

  it('a clock that is set back between two runs gives no calls back', () => {
    const saved = { day: noon / dayMs - 0.5 + 3, leased: 10, reading: 0 }
    expect(new CallBudget(10, new VirtualClock(noon), saved).left('command')).toBe(0)
  })

  it('a clock that was years ahead by mistake costs a day, not years', async () => {
    const clock = new VirtualClock(noon)
    const budget = new CallBudget(10, clock, undefined)
    clock.jump(3_650 * dayMs)
    spendAll(budget, 'command')
    clock.jump(-3_650 * dayMs)
    expect(budget.resetMs).toBe(clock.now() + dayMs)
    await clock.advance(dayMs - 1)
    expect(budget.spend('command')).toBe(false)
    await clock.advance(1)
    expect(budget.spend('command')).toBe(true)
    expect(budget.resetMs).toBe(clock.now() + dayMs / 2)
  })

  it('yesterday’s saved count does not weigh on today', () => {
    const saved = { day: noon / dayMs - 1.5, leased: 10, reading: 0 }
    expect(new CallBudget(10, new VirtualClock(noon), saved).used).toBe(0)
  })
})

describe('the lease', () => {
  it('grows before it is used up, and says so each time', () => {
    let leases = 0
    const budget = new CallBudget(100, new VirtualClock(noon), undefined, () => leases++)
    for (let call = 1; call <= 100; call++) {
      expect(budget.spend('command')).toBe(true)
      expect(budget.state.leased).toBeGreaterThanOrEqual(Math.min(100, call + 10))
    }
    expect(budget.state.leased).toBe(100)
    expect(leases).toBeLessThanOrEqual(10)
  })

  it('calls of all runs together never pass the limit, however often the process is killed', () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom<Priority>('token', 'command', 'reconcile', 'discovery') },
      { weight: 1, arbitrary: fc.constant('kill' as const) },
    )
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.array(step, { maxLength: 400 }), (limit, steps) => {
        const clock = new VirtualClock(noon)
        let disk: BudgetState | undefined
        let budget = new CallBudget(limit, clock, disk)
        const start = () => {
          const mine: CallBudget = new CallBudget(limit, clock, disk, () => {
            disk = mine.state
          })
          budget = mine
        }
        start()
        let calls = 0
        for (const each of steps) {
          if (each === 'kill') start()
          else calls += Number(budget.spend(each))
        }
        expect(calls).toBeLessThanOrEqual(limit)
      }),
      { numRuns: 2_000 },
    )
  })

  it('the same when saving lags up to ten calls behind', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 120 }),
        fc.array(fc.integer({ min: 0, max: 10 }), { maxLength: 60 }),
        (limit, lags) => {
          const clock = new VirtualClock(noon)
          let disk: BudgetState = { day: noon / dayMs - 0.5, leased: 0, reading: 0 }
          let calls = 0
          for (const lag of lags) {
            // One life: its lease gets to the disk, then as many calls go out as the lag allows, then the kill.
            const budget: CallBudget = new CallBudget(limit, clock, disk)
            calls += Number(budget.spend('command'))
            disk = budget.state
            for (let call = 0; call < lag; call++) calls += Number(budget.spend('command'))
          }
          expect(calls).toBeLessThanOrEqual(limit)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

describe('the layer', () => {
  it('counts every call that goes out, and refuses without sending when none is left', async () => {
    const budget = new CallBudget(2, new VirtualClock(noon), undefined)
    const wire = answering(fine)
    const call = async () => budgetLayer(budget)(wire)(requestOf({ priority: 'command' }))
    await call()
    await call()
    await expect(call()).rejects.toMatchObject({
      kind: 'budget',
      outcome: 'not-sent',
      code: 'cloud/quota',
      retry: 'later',
      message: expect.stringContaining('budget.cloudCallsPerDay'),
    })
    expect(wire.calls).toHaveLength(2)
  })
})
