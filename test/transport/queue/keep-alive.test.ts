import { expect, it } from 'vitest'
import { KeepAlive } from '../../../src/transport/queue/keep-alive.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

function bench() {
  const clock = new VirtualClock()
  const pings: number[] = []
  const deaths: number[] = []
  const keepAlive = new KeepAlive({
    clock,
    ping: () => pings.push(clock.monotonic()),
    onDead: () => deaths.push(clock.monotonic()),
  })
  return { clock, pings, deaths, keepAlive }
}

it('pings after 30 s of silence, and gives up 10 s later', async () => {
  const { clock, pings, deaths, keepAlive } = bench()
  keepAlive.start()
  await clock.advance(29_999)
  expect(pings).toEqual([])
  await clock.advance(1)
  expect(pings).toEqual([30_000])
  await clock.advance(9_999)
  expect(deaths).toEqual([])
  await clock.advance(1)
  expect(deaths).toEqual([40_000])
  await clock.advance(100_000)
  expect([pings.length, deaths.length, clock.waiting], 'once').toEqual([1, 1, 0])
})

it('any frame after the ping keeps the connection, and the next ping comes 30 s after that', async () => {
  const { clock, pings, deaths, keepAlive } = bench()
  keepAlive.start()
  await clock.advance(39_000)
  keepAlive.heard()
  await clock.advance(31_000)
  expect(pings).toEqual([30_000, 69_000])
  expect(deaths).toEqual([])
  expect(keepAlive.lastAt).toBe(39_000)
})

it('does not ping while frames come', async () => {
  const { clock, pings, keepAlive } = bench()
  keepAlive.start()
  for (let i = 0; i < 10; i++) {
    await clock.advance(20_000)
    keepAlive.heard()
  }
  expect(pings).toEqual([])
})

it('not to read is no silence, and no sign of life either', async () => {
  const { clock, pings, deaths, keepAlive } = bench()
  keepAlive.start()
  await clock.advance(35_000)
  keepAlive.stop()
  await clock.advance(100_000)
  expect(deaths).toEqual([])
  keepAlive.start()
  await clock.advance(30_000)
  expect(pings).toEqual([30_000, 165_000])
  expect(keepAlive.lastAt).toBe(0)
})
