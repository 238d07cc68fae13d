import { expect, it } from 'vitest'
import { Journal } from '../../src/simulator/journal.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

it('remembers what happened, with both times, and finds it by kind and subject', async () => {
  const clock = new VirtualClock()
  const journal = new Journal(clock)
  journal.note('request', 'device-get', { args: { device_id: 'bf1' } })
  await clock.advance(1_500)
  journal.note('command', 'bf1', { values: { switch: true } })
  journal.note('report', 'bf1')
  expect(journal.entries()).toHaveLength(3)
  expect(journal.entries('command')).toEqual([
    { timeMs: clock.now(), at: 1_500, kind: 'command', subject: 'bf1', detail: { values: { switch: true } } },
  ])
  expect(journal.entries(undefined, 'bf1').map(({ kind }) => kind)).toEqual(['command', 'report'])
  expect(journal.entries('request', 'bf1')).toEqual([])
  journal.clear()
  expect(journal.entries()).toEqual([])
})

it('I-7: forgets the oldest entries and keeps the newest', () => {
  const journal = new Journal(new VirtualClock())
  for (let i = 0; i < 250_000; i++) journal.note('report', String(i))
  const kept = journal.entries()
  expect(kept.length).toBeLessThanOrEqual(100_000)
  expect(kept.length).toBeGreaterThanOrEqual(50_000)
  expect(kept.at(-1)?.subject).toBe('249999')
})
