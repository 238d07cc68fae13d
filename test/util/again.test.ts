import { expect, it } from 'vitest'
import { Again } from '../../src/util/again.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

function bench() {
  const clock = new VirtualClock()
  const life = new AbortController()
  const times: number[] = []
  const again: Again = new Again({
    clock,
    signal: life.signal,
    firstMs: 1_000,
    mostMs: 4_000,
    work: () => times.push(clock.monotonic()),
  })
  return { clock, life, times, again }
}

it('tries again once for many troubles', async () => {
  const { clock, times, again } = bench()
  again.later()
  again.later()
  await clock.advance(60_000)
  expect(times).toEqual([1_000])
})

it('waits twice as long each time, up to its most, and begins anew when it went well', async () => {
  const { clock, times, again } = bench()
  for (let i = 0; i < 4; i++) {
    again.later()
    await clock.advance(4_000)
  }
  again.well()
  again.later()
  await clock.advance(4_000)
  expect(times).toEqual([1_000, 6_000, 12_000, 16_000, 17_000])
})

it('ends with its signal', async () => {
  const { clock, life, times, again } = bench()
  again.later()
  life.abort()
  await clock.advance(60_000)
  again.later()
  await clock.advance(60_000)
  expect(times).toEqual([])
  expect(clock.waiting).toBe(0)
})
