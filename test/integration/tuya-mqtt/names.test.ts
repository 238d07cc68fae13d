import { expect, it } from 'vitest'
import { DeviceState } from '../../../src/domain/state.ts'
import { Names } from '../../../src/integration/tuya-mqtt/names.ts'
import { levelOf, type Thing } from '../../../src/integration/tuya-mqtt/thing.ts'
import { deviceOf } from '../../support/device.ts'

const thing = (id: string, name: string, createdMs: number | null = null): Thing => ({
  device: deviceOf(id, { name, createdMs }),
  specification: undefined,
  state: new DeviceState(),
})

const house = (...things: readonly Thing[]) => new Map(things.map((one) => [one.device.id, one]))

it('names are written as that bridge writes them', () => {
  expect(levelOf('Kitchen Table')).toBe('kitchen_table')
  expect(levelOf('LED strip+ (TV)/#2')).toBe('led_strip__(tv)__2')
})

it('a device is called by its id unless names are wanted', () => {
  const names = new Names(house(thing('a', 'Lamp')), 'id')
  expect(names.review()).toEqual(['a'])
  expect(names.level('a')).toBe('a')
})

it('of several devices with one name the oldest has it', () => {
  const names = new Names(house(thing('a', 'Lamp', 2), thing('b', 'lamp', 1), thing('c', 'LAMP')), 'name')
  names.review()
  expect(['a', 'b', 'c'].map((id) => names.level(id))).toEqual(['a', 'lamp', 'c'])
  expect(names.find('lamp')?.device.id).toBe('b')
})

it('a command finds its device by id and by name, whichever is published', () => {
  for (const by of ['id', 'name'] as const) {
    const names = new Names(house(thing('a', 'Kitchen Table')), by)
    names.review()
    expect(names.find('a')?.device.id).toBe('a')
    expect(names.find('kitchen_table')?.device.id).toBe('a')
    expect(names.find('Kitchen_Table')?.device.id).toBe('a')
    expect(names.find('nobody')).toBeUndefined()
  }
})

it('a review tells which devices are called otherwise from now on', () => {
  const devices = house(thing('a', 'Lamp', 1), thing('b', 'Lamp', 2))
  const names = new Names(devices, 'name')
  names.review()
  devices.set('a', thing('a', 'Desk', 1))
  expect(names.review()).toEqual(['a', 'b'])
  expect(names.level('b')).toBe('lamp')
  expect(names.review()).toEqual([])
})
