import { expect, it } from 'vitest'
import { PowerChart } from '../../../src/app/page/power.ts'
import { valueCodec } from '../../../src/codec/data-point/codec.ts'
import type { DataPoint } from '../../../src/domain/data-point.ts'
import { deviceOf, reportOf } from '../../support/device.ts'
import { newInventory } from '../../support/inventory.ts'
import { point } from '../../support/point.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const clock = new VirtualClock()

/** What the chart notes of one device with these points and raw values. */
function wattsOf(points: readonly DataPoint[], values: Record<string, unknown>, isOnline = true) {
  const inventory = newInventory(clock)
  inventory.setDevices([deviceOf('a', { online: isOnline })])
  inventory.setSpecification('a', { source: 'cloud', points: new Map(points.map((one) => [one.code, one])) })
  inventory.apply(reportOf('a', values, clock.now()))
  const chart = new PowerChart(valueCodec)
  return chart.sample(inventory.devices.values(), 1) ? chart.samples.all()[0]?.watts : undefined
}

const of = (code: string, unit: string, scale = 0) => point('integer', { code, unit, scale, access: 'ro' })

it('watts are watts, whatever unit and scale the device has', () => {
  expect(wattsOf([of('cur_power', 'W', 1)], { cur_power: 487 })).toEqual({ a: 48.7, '': 48.7 })
  expect(wattsOf([of('active_power', 'kW', 3)], { active_power: 1_250 })).toEqual({ a: 1_250, '': 1_250 })
})

it('a sum that the device tells counts, not its parts once more; without one the parts are added', () => {
  const all = [of('total_power', 'W'), of('power_a', 'W'), of('power_b', 'W')]
  expect(wattsOf(all, { total_power: 300, power_a: 100, power_b: 200 })?.['']).toBe(300)
  expect(wattsOf(all, { power_a: 100, power_b: 200 })?.['']).toBe(300)
})

it('phases hold their power beside voltage and current', () => {
  // 230.0 V, 1.000 A, 230 W
  const phase = Buffer.from([0x08, 0xfc, 0x00, 0x03, 0xe8, 0x00, 0x00, 0xe6]).toString('base64')
  expect(wattsOf([point('raw', { code: 'phase_a', access: 'ro' })], { phase_a: phase })).toEqual({
    a: 230,
    '': 230,
  })
})

it('a device that cannot be asked, or measures nothing, is left out', () => {
  expect(wattsOf([of('cur_power', 'W')], { cur_power: 5 }, false)).toBeUndefined()
  expect(wattsOf([of('cur_current', 'mA')], { cur_current: 5 })).toBeUndefined()
})

it('I-7: two dozen devices have a line of their own, and all count in the sum', () => {
  const inventory = newInventory(clock)
  const points = new Map([['cur_power', of('cur_power', 'W')]])
  for (let i = 0; i < 100; i++) {
    inventory.setDevices([deviceOf(`d${i}`)])
    inventory.setSpecification(`d${i}`, { source: 'cloud', points })
    inventory.apply(reportOf(`d${i}`, { cur_power: 10 }, clock.now()))
  }
  const chart = new PowerChart(valueCodec)
  chart.sample(inventory.devices.values(), 1)
  const watts = chart.samples.all()[0]?.watts ?? {}
  expect(watts['']).toBe(1_000)
  expect(Object.keys(watts)).toHaveLength(25)
})
