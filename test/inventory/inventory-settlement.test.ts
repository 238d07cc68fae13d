import { expect, it } from 'vitest'
import { valueCodec } from '../../src/codec/data-point/codec.ts'
import { joinSpecification } from '../../src/domain/specification.ts'
import type { InventoryEvents } from '../../src/inventory/events.ts'
import { Inventory } from '../../src/inventory/inventory.ts'
import { type Settle, Settlement } from '../../src/util/settlement.ts'
import { deviceOf } from '../support/device.ts'

const start = Date.UTC(2026, 10, 21)

const specification = joinSpecification(
  {
    standard: [
      { code: 'temp', dpId: 24, type: 'integer', access: 'ro', scale: 1 },
      { code: 'switch_mode1', dpId: 30, type: 'enum', access: 'ro', range: ['click', 'press'] },
    ],
    thing: [],
    shadow: [],
  },
  {},
)

/** An inventory whose only listener takes a part of every settlement, and answers when the test wants. */
function bench() {
  const inventory = new Inventory({ codec: valueCodec, now: () => start })
  const reports: InventoryEvents['report'][] = []
  const parts: Settle[] = []
  const told: string[] = []
  inventory.events.on('report', (report) => {
    reports.push(report)
    const part = report.settlement?.part()
    if (part) parts.push(part)
  })
  inventory.setDevices([deviceOf('bf1')])
  const say = (who: string, values: Record<string, unknown>, timeMs = start, deviceId = 'bf1') => {
    const settlement = new Settlement((delivered) => told.push(`${who} ${delivered}`))
    const points = Object.entries(values).map(([code, raw]) => ({ code, raw, timeMs }))
    inventory.apply({ deviceId, source: 'queue', receivedMs: start, points }, settlement)
    settlement.seal()
  }
  const answer = () => {
    for (const part of parts.splice(0)) part(true)
  }
  return { inventory, reports, told, say, answer }
}

it('what was said is told whole: presses, equal and old values too, understood by the specification', () => {
  const { inventory, reports, say } = bench()
  inventory.setSpecification('bf1', specification)
  say('one', { temp: 215, switch_mode1: 'click' })
  say('two', { temp: 215 })
  say('old', { temp: 210 }, start - 1)
  const said = reports.map((report) => report.said.map(({ point, value, raw }) => [point.code, value, raw]))
  expect(said).toEqual([
    [
      ['temp', 21.5, 215],
      ['switch_mode1', 'click', 'click'],
    ],
    [['temp', 21.5, 215]],
    [['temp', 21, 210]],
  ])
  expect(reports.map(({ changed, observed }) => [changed.length, observed.length])).toEqual([
    [1, 1],
    [0, 1],
    [0, 0],
  ])
  expect(inventory.device('bf1')?.state.get('switch_mode1')).toBeUndefined()
})

it('who brought the report is told when those who publish it are done', () => {
  const { inventory, told, say, answer } = bench()
  inventory.setSpecification('bf1', specification)
  say('one', { temp: 1 })
  expect(told).toEqual([])
  answer()
  expect(told).toEqual(['one true'])
})

it('a report of nobody’s device is refused', () => {
  const { inventory, told, say } = bench()
  say('stray', { temp: 1 }, start, 'nobody')
  expect(told).toEqual(['stray false'])
  expect(inventory.counts.unknownDevice).toBe(1)
})

it('a report that waits for a specification is told when it was published in the end', () => {
  const { inventory, told, say, answer } = bench()
  say('early', { temp: 1 })
  answer()
  expect(told).toEqual([])
  inventory.setSpecification('bf1', specification)
  expect(told).toEqual([])
  answer()
  expect(told).toEqual(['early true'])
})

it('of too many that wait for a specification the oldest are refused, and all of them when the device goes', () => {
  const { inventory, told, say } = bench()
  for (let i = 0; i < 22; i++) say(`${i}`, { temp: i })
  expect(told).toEqual(['0 false', '1 false'])
  expect(inventory.counts.crowdedOut).toBe(2)
  inventory.removeDevice('bf1')
  expect(told).toHaveLength(22)
})
