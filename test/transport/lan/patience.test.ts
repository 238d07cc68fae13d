import { expect, it } from 'vitest'
import { LanLinkError } from '../../../src/transport/lan/link-error.ts'
import { Patience } from '../../../src/transport/lan/patience.ts'

const end = (word: LanLinkError['end']) => new LanLinkError(word, word)
const most = () => new Patience(() => 0.999_999)

it('R-B1: full jitter from 1 s to 60 s, and never under a second', () => {
  const patience = most()
  const pauses = Array.from({ length: 9 }, () => patience.after(end('closed'), 1_000, 0).pauseMs)
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
  expect(new Patience(() => 0).after(end('closed'), undefined, 0).pauseMs).toBe(1_000)
})

it('R-B1: a connection that was good for 30 s makes it begin anew', () => {
  const patience = most()
  for (let i = 0; i < 5; i++) patience.after(end('closed'), 29_999, 0)
  expect(patience.after(end('closed'), 30_000, 0).pauseMs).toBe(1_000)
})

it('L3: who was away for less than a minute is looked for each 2.5 s', () => {
  const patience = most()
  patience.after(end('timeout'), 100_000, 0)
  for (let now = 1_000; now < 60_000; now += 2_500)
    expect(patience.after(end('unreachable'), undefined, now).pauseMs).toBeLessThanOrEqual(2_500)
  expect(patience.after(end('unreachable'), undefined, 61_000).pauseMs).toBe(60_000)
})

it.each([
  ['refused', 'wedged'],
  ['key', 'key-mismatch'],
] as const)('R-L2, R-L4: %s three times in a row is %s, with tries each 5 min', (word, reason) => {
  const patience = most()
  const reasons = () => patience.after(end(word), undefined, 0)
  expect([reasons().reason, reasons().reason]).toEqual(['refused', 'refused'])
  const third = reasons()
  expect(third).toMatchObject({ reason, isSlow: true })
  expect(third.pauseMs).toBeGreaterThanOrEqual(270_000)
  expect(third.pauseMs).toBeLessThanOrEqual(330_000)
  // Being away says nothing about it, and hides it meanwhile.
  expect(patience.after(end('unreachable'), undefined, 0)).toMatchObject({
    reason: 'unreachable',
    isSlow: false,
  })
  expect(reasons()).toMatchObject({ reason, isSlow: true })
  patience.proved(true)
  expect(reasons().reason).toBe('refused')
})

it('different troubles do not add up', () => {
  const patience = most()
  for (let i = 0; i < 6; i++)
    expect(patience.after(end(i % 2 ? 'refused' : 'key'), undefined, 0).reason).toBe('refused')
})

it('R-L3: the fifth bad frame within a minute costs a minute', () => {
  const patience = most()
  for (let i = 0; i < 4; i++) patience.bad(i * 1_000)
  expect(patience.after(end('protocol'), 1_000, 4_000).isSlow).toBe(false)
  patience.bad(5_000)
  expect(patience.after(end('protocol'), 1_000, 5_000)).toEqual({
    pauseMs: 60_000,
    reason: 'protocol',
    isSlow: true,
  })
  for (let i = 0; i < 10; i++) patience.bad(100_000 + i * 20_000)
  expect(patience.after(end('protocol'), 1_000, 300_000).isSlow).toBe(false)
})
