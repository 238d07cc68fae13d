import { expect, it } from 'vitest'
import { type LinkEnd, QueueLinkError } from '../../../src/transport/queue/link-error.ts'
import { Patience } from '../../../src/transport/queue/patience.ts'

const end = (word: LinkEnd, retryAfterMs?: number) =>
  new QueueLinkError(word, word, retryAfterMs === undefined ? {} : { retryAfterMs })

/** What chance can make of the first waits. */
function waits(random: () => number, word: LinkEnd, times: number, upMs?: number): number[] {
  const patience = new Patience(random)
  return Array.from({ length: times }, () => patience.after(end(word), upMs, false))
}

it('waits twice as long each time, up to a minute, up to half of it more or less', () => {
  expect(waits(() => 0, 'unreachable', 8)).toEqual([750, 1_500, 3_000, 6_000, 12_000, 24_000, 30_000, 30_000])
  expect(waits(() => 1, 'closed', 8)).toEqual([1_500, 3_000, 6_000, 12_000, 24_000, 48_000, 60_000, 60_000])
})

it('begins anew after 30 good seconds, not before', () => {
  expect(waits(() => 1, 'closed', 3, 29_999)).toEqual([1_500, 3_000, 6_000])
  expect(waits(() => 1, 'closed', 3, 30_000)).toEqual([1_500, 1_500, 1_500])
})

it('waits up to ten minutes for better credentials', () => {
  expect(waits(() => 1, 'credentials', 11).slice(-3)).toEqual([384_000, 600_000, 600_000])
})

it('a refusal of the credentials does not make other troubles longer', () => {
  const patience = new Patience(() => 1)
  for (let i = 0; i < 10; i++) patience.after(end('credentials'), undefined, false)
  expect(patience.after(end('unreachable'), undefined, false)).toBe(1_500)
})

it('waits as long as it was asked to, within reason', () => {
  const patience = new Patience(() => 1)
  expect(patience.after(end('throttled', 45_000), undefined, false)).toBe(45_000)
  expect(patience.after(end('throttled', 86_400_000), undefined, false)).toBe(600_000)
  expect(patience.after(end('throttled', 0), undefined, false)).toBe(6_000)
})

it('tries a wrong key every five minutes', () => {
  const patience = new Patience(() => 1)
  expect(patience.after(end('undecodable'), 10_000, true)).toBe(300_000)
  expect(patience.after(end('unreachable'), undefined, true), 'another trouble is another trouble').toBe(
    1_500,
  )
})
