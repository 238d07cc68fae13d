import { describe, expect, it } from 'vitest'
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
  const tell = (id: string, code: string) => told.push(`${code} ${inventory.energy.total(id, code)}`)
  inventory.events.on('report', ({ record, changed }) => {
    for (const code of changed) tell(record.device.id, code)
  })
  inventory.events.on('total', ({ record, code }) => tell(record.device.id, code))
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

describe('after a kill, what was published beyond what was saved', () => {
  const published = (total: number, timeMs: number, last: number, byLan = false) => ({
    total,
    timeMs,
    last,
    byLan,
  })

  it('4.4: goes on with the portions that were heard before it was known, each once', () => {
    const { inventory, say, total, told } = plug()
    inventory.energy.restore({ bf1: { add_ele: { sum: 30, scale: 3, timeMs: 1_000, last: 30 } } })
    // The queue brings again what was not acknowledged, the LAN shows the last portion once more.
    say(40, 5_000)
    say(40, 9_000, 'lan', undefined, true)
    say(7, 10_000)
    expect(total()).toBe(0.077)
    inventory.setPublishedSum('bf1', 'add_ele', published(0.12, 5_000, 40))
    expect(total()).toBe(0.127)
    expect(told.at(-1)).toBe('add_ele 0.127')
  })

  it('4.4: is no step back where less was published than was saved', () => {
    const { inventory, say, total } = plug()
    inventory.energy.restore({ bf1: { add_ele: { sum: 30, scale: 3, timeMs: 5_000, last: 30 } } })
    inventory.setPublishedSum('bf1', 'add_ele', published(0.02, 1_000, 20))
    expect(total()).toBe(0.03)
    say(30, 5_000)
    expect(total()).toBe(0.03)
  })

  it('4.4: is counted anew when it has been settled, as on another broker', () => {
    const { inventory, say, total } = plug()
    inventory.energy.restore({ bf1: { add_ele: { sum: 30, scale: 3, timeMs: 1_000, last: 30 } } })
    inventory.energy.settle()
    say(40, 5_000)
    inventory.setPublishedSum('bf1', 'add_ele', published(0.06, 2_000, 30))
    expect(total()).toBe(0.07)
    inventory.setPublishedSum('bf1', 'add_ele', published(0.08, 6_000, 10))
    expect(total()).toBe(0.08)
  })

  it.each(['saved', 'published'])(
    '4.4: the last portion, %s as heard on the LAN, is not counted again when the queue tells it too',
    (how) => {
      const { inventory, say, total } = plug()
      if (how === 'saved')
        inventory.energy.restore({
          bf1: { add_ele: { sum: 30, scale: 3, timeMs: 5_000, last: 30, byLan: true } },
        })
      else inventory.setPublishedSum('bf1', 'add_ele', published(0.03, 5_000, 30, true))
      say(30, 5_300)
      expect(total()).toBe(0.03)
      say(30, 6_300)
      expect(total()).toBe(0.06)
    },
  )

  it('I-7: a limited number of portions is remembered, and the sum never falls', () => {
    const { inventory, say, total } = plug()
    for (let i = 1; i <= 300; i++) say(1, i * 1_000)
    expect(total()).toBe(0.3)
    inventory.setPublishedSum('bf1', 'add_ele', published(0.01, 500, 1))
    expect(total()).toBe(0.3)
    inventory.setPublishedSum('bf1', 'add_ele', published(0.1, 500, 1))
    expect(total()).toBe(0.356)
  })

  it('goes with its device', () => {
    const { inventory, say, total } = plug()
    say(12, 1_000)
    inventory.removeDevice('bf1')
    inventory.setPublishedSum('bf1', 'add_ele', published(0.001, 500, 1))
    expect(total()).toBe(0.001)
  })
})
