import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Slots } from '../../src/util/slots.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

it('calls each when it is due, never too soon and at most ten milliseconds late', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 50 }), async (waits) => {
      const clock = new VirtualClock()
      const lateness: number[] = []
      const slots = new Slots<number>(clock, (dueAt) => lateness.push(clock.monotonic() - dueAt))
      for (const wait of waits) slots.add(clock.monotonic() + wait, clock.monotonic() + wait)
      await clock.advance(520)
      expect(lateness).toHaveLength(waits.length)
      for (const late of lateness) {
        expect(late).toBeGreaterThanOrEqual(0)
        expect(late).toBeLessThan(10)
      }
    }),
  )
})

it('what is due first is called first, whenever it was added', async () => {
  const clock = new VirtualClock()
  const called: string[] = []
  const slots = new Slots<string>(clock, (name) => called.push(name))
  slots.add('late', clock.monotonic() + 300)
  slots.add('soon', clock.monotonic() + 20)
  await clock.advance(100)
  slots.add('between', clock.monotonic() + 50)
  await clock.advance(400)
  expect(called).toEqual(['soon', 'between', 'late'])
})

it('takes what is added by those that are called', async () => {
  const clock = new VirtualClock()
  let calls = 0
  const slots = new Slots<number>(clock, (left) => {
    calls++
    if (left > 0) slots.add(left - 1, clock.monotonic() + 100)
  })
  slots.add(3, clock.monotonic() + 100)
  await clock.advance(1_000)
  expect(calls).toBe(4)
  expect(clock.waiting).toBe(0)
})

it('leaves no timer behind when it is cleared, and can be used again', async () => {
  const clock = new VirtualClock()
  const called: string[] = []
  const slots = new Slots<string>(clock, (name) => called.push(name))
  slots.add('never', clock.monotonic() + 100)
  slots.clear()
  expect(clock.waiting).toBe(0)
  slots.add('again', clock.monotonic() + 50)
  await clock.advance(200)
  expect(called).toEqual(['again'])
})
