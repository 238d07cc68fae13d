import { expect, it } from 'vitest'
import type { Source } from '../../src/domain/report.ts'
import { deviceOf } from '../support/device.ts'
import { newInventory } from '../support/inventory.ts'
import { specification } from '../support/mirrored.ts'
import { point } from '../support/point.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

/** A plug that reports thousandths of a kilowatt-hour in portions. */
function plug() {
  const clock = new VirtualClock()
  const inventory = newInventory(clock)
  inventory.setDevices([deviceOf('bf1')])
  inventory.setSpecification(
    'bf1',
    specification([point('integer', { code: 'add_ele', scale: 3 }), 'cur_power']),
  )
  const told: string[] = []
  inventory.events.on('total', ({ record, code }) =>
    told.push(`${code} ${inventory.energy.total(record.device.id, code)}`),
  )
  const say = (raw: unknown, timeMs: number, source: Source = 'queue', saidMs?: number, asked = false) =>
    inventory.apply({
      deviceId: 'bf1',
      source,
      receivedMs: clock.now(),
      points: [{ code: 'add_ele', raw, timeMs, ...(saidMs === undefined ? {} : { saidMs }) }],
      ...(asked ? { asked } : {}),
    })
  return { inventory, say, told, total: () => inventory.energy.total('bf1', 'add_ele') }
}

it('portions are added up in the unit of the specification, and every new sum is told', () => {
  const { say, told, total } = plug()
  expect(total()).toBeUndefined()
  say(12, 1_000)
  say('12', 2_000)
  expect(total()).toBe(0.024)
  expect(told).toEqual(['add_ele 0.012', 'add_ele 0.024'])
})

it('a portion that comes twice is counted and told once', () => {
  const { say, told, total } = plug()
  say(12, 1_000)
  say(12, 1_000)
  say(12, 3_000, 'poll', 1_000)
  expect(total()).toBe(0.012)
  expect(told).toEqual(['add_ele 0.012'])
})

it('reading the same value again and again adds nothing', () => {
  const { say, total } = plug()
  for (let i = 1; i <= 5; i++) say(12, i * 1_000, 'poll')
  expect(total()).toBe(0)
  say(20, 6_000, 'poll')
  expect(total()).toBe(0.02)
})

it('4.4: what a device answers on the LAN when it is asked, at every new connection, is no new portion', () => {
  const { say, total } = plug()
  const answer = (raw: number, timeMs: number) => say(raw, timeMs, 'lan', undefined, true)
  answer(12, 1_000)
  expect(total()).toBe(0)
  say(15, 2_000, 'lan')
  for (let i = 3; i <= 6; i++) answer(15, i * 1_000)
  expect(total()).toBe(0.015)
  answer(20, 7_000)
  expect(total()).toBe(0.035)
})

it.each([
  ['lan', 'queue'],
  ['queue', 'lan'],
] as const)('4.4: a portion that is told on the %s and then on the %s is counted once', (first, second) => {
  const { inventory, say, total } = plug()
  inventory.setLan('bf1', true)
  say(12, 1_000, first)
  say(12, 1_040, second)
  expect(total()).toBe(0.012)
  say(12, 9_000, 'poll', first === 'queue' ? 1_000 : 1_040)
  expect(total()).toBe(0.012)
  say(12, 61_000, first)
  say(12, 61_040, second)
  expect(total()).toBe(0.024)
})

it('I-3: a clock that was a day ahead does not stop the sum when it is set right', () => {
  const { inventory, say, total } = plug()
  const now = inventory.device('bf1')?.listedMs ?? 0
  inventory.energy.restore({ bf1: { add_ele: { sum: 12, scale: 3, timeMs: now + 86_400_000, last: 12 } } })
  say(12, now)
  say(12, now)
  say(3, now + 1)
  expect(total()).toBe(0.027)
})

it('what does not fit its type, and what is of an earlier run, adds nothing', () => {
  const { say, total } = plug()
  say('nonsense', 1_000)
  say(5, 2_000, 'snapshot')
  expect(total()).toBeUndefined()
})

it('the sum goes on where an earlier run left it', () => {
  const before = plug()
  before.say(12, 1_000)
  const after = plug()
  after.inventory.energy.restore(JSON.parse(JSON.stringify(before.inventory.energy.state)))
  after.say(12, 1_000)
  expect(after.total()).toBe(0.012)
  after.say(12, 2_000)
  expect(after.total()).toBe(0.024)
})

it('goes with its device', () => {
  const { inventory, say, total } = plug()
  say(12, 1_000)
  inventory.removeDevice('bf1')
  expect(total()).toBeUndefined()
  expect(inventory.energy.state).toEqual({})
})
