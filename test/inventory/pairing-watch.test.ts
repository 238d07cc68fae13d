import { expect, it } from 'vitest'
import { PairingWatch } from '../../src/inventory/pairing-watch.ts'
import { deviceOf } from '../support/device.ts'
import { newInventory } from '../support/inventory.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

function bench(left = 1_000) {
  const clock = new VirtualClock()
  const inventory = newInventory(clock)
  inventory.setDevices([deviceOf('gw', { homeId: 'h7' })])
  const looks: { readonly homeId: string; readonly atMs: number }[] = []
  const budget = { left }
  const watch = new PairingWatch({
    inventory,
    budget: { left: () => budget.left },
    clock,
    look: (homeId) => looks.push({ homeId, atMs: clock.monotonic() }),
  })
  return { clock, inventory, watch, looks, budget }
}

it('lists the home of the gateway every few seconds, a little longer than it pairs', async () => {
  const { clock, watch, looks } = bench()
  watch.watch('gw', 60)
  await clock.advance(600_000)
  expect(looks.map(({ homeId }) => homeId)).toEqual(Array.from(looks, () => 'h7'))
  expect(looks[0]?.atMs).toBeLessThanOrEqual(5_000)
  expect(looks.length).toBeGreaterThanOrEqual(12)
  expect(looks.at(-1)?.atMs).toBeGreaterThan(60_000)
  expect(looks.at(-1)?.atMs).toBeLessThanOrEqual(75_000)
})

it('R-C6: takes a small part of the calls that are left, however long it pairs', async () => {
  const { clock, watch, looks } = bench(200)
  watch.watch('gw', 3_600)
  await clock.advance(4_000_000)
  expect(looks.length).toBeGreaterThan(10)
  expect(looks.length).toBeLessThanOrEqual(21)
})

it('R-C6: asks for nothing while the day has no calls left', async () => {
  const { clock, watch, looks, budget } = bench()
  watch.watch('gw', 60)
  budget.left = 0
  await clock.advance(600_000)
  expect(looks).toEqual([])
})

it('ends when it is told to, after a last look', async () => {
  const { clock, watch, looks } = bench()
  watch.watch('gw', 3_600)
  await clock.advance(20_000)
  const { length } = looks
  watch.watch('gw', 0)
  await clock.advance(3_600_000)
  expect(looks.length - length).toBeGreaterThanOrEqual(1)
  expect(looks.length - length).toBeLessThanOrEqual(2)
})

it('ends when the gateway is gone, and when the bridge stops', async () => {
  const gone = bench()
  gone.watch.watch('gw', 60)
  gone.inventory.removeDevice('gw')
  await gone.clock.advance(60_000)
  expect(gone.looks).toEqual([])
  const stopped = bench()
  stopped.watch.watch('gw', 60)
  stopped.watch.stop()
  expect(stopped.clock.waiting).toBe(0)
})
