import { describe, expect, it } from 'vitest'
import { adoptLanDevices } from '../../src/app/lan-only.ts'
import { configuredDevice as entry } from '../support/configured-device.ts'
import { deviceOf } from '../support/device.ts'
import { newInventory } from '../support/inventory.ts'

const bench = () => newInventory({ now: () => 0 })
const ids = (inventory: ReturnType<typeof bench>) => [...inventory.devices.keys()]

describe('devices that no account knows', () => {
  it('are in a home of their own, with the points that are named', () => {
    const inventory = bench()
    adoptLanDevices([entry('bf1', { name: 'Lamp', points: [{ dpId: 20, code: 'switch_led' }] })], inventory)
    expect(inventory.homes.get('lan')).toMatchObject({ name: 'LAN', local: true })
    expect(inventory.device('bf1')?.device).toMatchObject({ name: 'Lamp', homeId: 'lan' })
    expect(inventory.specification('bf1')?.points.get('switch_led')?.dpId).toBe(20)
  })

  it('those of an account are the account’s', () => {
    const inventory = bench()
    inventory.setDevices([deviceOf('bf1')])
    adoptLanDevices([entry('bf1', { name: 'Other' })], inventory)
    expect(inventory.device('bf1')?.device).toMatchObject({ name: 'Device bf1', homeId: 'h1' })
    expect(inventory.homes.has('lan')).toBe(false)
  })

  it('leave when the configuration does not name them any more, and the home with the last', () => {
    const inventory = bench()
    adoptLanDevices([entry('bf1'), entry('bf2')], inventory)
    adoptLanDevices([entry('bf2')], inventory)
    expect(ids(inventory)).toEqual(['bf2'])
    adoptLanDevices([], inventory)
    expect([ids(inventory), inventory.homes.has('lan')]).toEqual([[], false])
  })

  it('take a new name, and keep what they have told of themselves', () => {
    const inventory = bench()
    adoptLanDevices([entry('bf1')], inventory)
    inventory.apply({
      deviceId: 'bf1',
      source: 'lan',
      receivedMs: 1,
      points: [{ code: 'dp_22', dpId: 22, raw: 500, timeMs: 1 }],
    })
    adoptLanDevices([entry('bf1', { name: 'Lamp', points: [{ dpId: 20, code: 'switch_led' }] })], inventory)
    expect(inventory.device('bf1')?.device.name).toBe('Lamp')
    expect(inventory.device('bf1')?.state.get('dp_22')?.value).toBe(500)
    expect([...(inventory.specification('bf1')?.points.keys() ?? [])].sort()).toEqual(['dp_22', 'switch_led'])
  })

  it('begin anew where a point gets another code: the old one would stay for ever', () => {
    const inventory = bench()
    adoptLanDevices([entry('bf1')], inventory)
    inventory.apply({
      deviceId: 'bf1',
      source: 'lan',
      receivedMs: 1,
      points: [{ code: 'dp_22', dpId: 22, raw: 500, timeMs: 1 }],
    })
    adoptLanDevices([entry('bf1', { points: [{ dpId: 22, code: 'bright_value_v2' }] })], inventory)
    expect([...(inventory.specification('bf1')?.points.keys() ?? [])]).toEqual(['bright_value_v2'])
    expect(inventory.device('bf1')?.state.get('dp_22')).toBeUndefined()
  })

  it('nothing is told twice when nothing has changed', () => {
    const inventory = bench()
    const all = [entry('bf1', { points: [{ dpId: 20, code: 'switch_led' }] })]
    adoptLanDevices(all, inventory)
    let told = 0
    for (const kind of ['home', 'device', 'deviceRemoved', 'specification'] as const)
      inventory.events.on(kind, () => told++)
    adoptLanDevices(all, inventory)
    expect(told).toBe(0)
  })
})
