import { describe, expect, it } from 'vitest'
import { deviceOf, homeOf, roomOf } from '../support/device.ts'
import { extendedModel, lampModel } from '../support/fake-directory.ts'
import { automationOf, sceneOf } from '../support/rule.ts'
import { dayMs, hourMs, minuteMs } from '../support/span.ts'
import { forbidden, partsOfHome, SyncBench, unavailable } from '../support/sync-bench.ts'

describe('C14, R-S3: what lists leave out', () => {
  it('C14: a device that one list leaves out stays, one that two lists leave out a minute apart goes', async () => {
    const bench = await new SyncBench().started()
    bench.directory.devicesNow = [deviceOf('bf1', { roomId: 'r1' })]
    await bench.clock.advance(30_000)
    expect(bench.deviceIds).toEqual(['bf1', 'bf2'])
    await bench.clock.advance(59_000)
    expect(bench.deviceIds).toEqual(['bf1', 'bf2'])
    await bench.clock.advance(2_000)
    expect(bench.deviceIds).toEqual(['bf1'])
  })

  it('the second list is asked for after 61 s, however rare polling is', async () => {
    const bench = await new SyncBench({ leastPollMs: 2 * hourMs }).started()
    bench.directory.devicesNow = [deviceOf('bf1', { roomId: 'r1' })]
    await bench.clock.advance(2 * hourMs)
    expect(await bench.calls(60_000)).toEqual([])
    expect(await bench.calls(1_001)).toEqual(['devices h1'])
    expect(bench.deviceIds).toEqual(['bf1'])
  })

  it('also where polling is not needed', async () => {
    const bench = await new SyncBench({ leastPollMs: 2 * hourMs }).started()
    bench.directory.devicesNow = [deviceOf('bf1', { roomId: 'r1' })]
    await bench.clock.advance(2 * hourMs)
    bench.pollNeeded = false
    await bench.clock.advance(61_001)
    expect(bench.deviceIds).toEqual(['bf1'])
  })

  it('C14: an empty list of devices removes nothing that is there, however often it comes', async () => {
    const bench = await new SyncBench().started()
    bench.directory.empty.add('devices')
    const calls = await bench.calls(dayMs)
    expect(bench.deviceIds).toEqual(['bf1', 'bf2'])
    // The home and the first device answer that they are there, once in six hours.
    expect(calls.filter((call) => call.startsWith('device '))).toHaveLength(4)
  })

  it('the last devices of a home go when two empty lists, the home and each of them say so', async () => {
    const bench = await new SyncBench().started()
    bench.directory.absent = 'denied'
    bench.directory.devicesNow = []
    await bench.clock.advance(60_000)
    expect(bench.deviceIds).toEqual(['bf1', 'bf2'])
    await bench.clock.advance(31_000)
    expect(bench.deviceIds).toEqual([])
    expect(bench.directory.calls.slice(-3)).toEqual(['home h1', 'device bf1', 'device bf2'])
  })

  it('the last devices of a home stay while the home itself may not be read', async () => {
    const bench = await new SyncBench().started()
    bench.directory.absent = 'denied'
    bench.directory.devicesNow = []
    bench.directory.trouble = (call) => (call === 'home h1' ? forbidden : undefined)
    await bench.clock.advance(dayMs)
    expect(bench.deviceIds).toEqual(['bf1', 'bf2'])
  })

  it('the last device that moves to another home is not removed', async () => {
    const bench = new SyncBench()
    bench.directory.homesNow = [homeOf('h1'), homeOf('h2')]
    bench.directory.devicesNow = [deviceOf('bf1')]
    await bench.started()
    bench.directory.devicesNow = [deviceOf('bf1', { homeId: 'h2' })]
    await bench.clock.advance(10 * minuteMs)
    expect(bench.inventory.device('bf1')?.device.homeId).toBe('h2')
  })

  it('C14: an empty list of rooms removes no room that is there', async () => {
    const bench = await new SyncBench().started()
    bench.directory.empty.add('rooms')
    await bench.clock.advance(dayMs)
    expect([...bench.inventory.rooms.keys()]).toEqual(['r1'])
  })

  it('the last room of a home goes when two empty lists and the room itself say so', async () => {
    const bench = await new SyncBench().started()
    bench.directory.roomsNow = []
    await bench.clock.advance(6 * hourMs)
    expect([...bench.inventory.rooms.keys()]).toEqual(['r1'])
    await bench.clock.advance(61_001)
    expect(bench.inventory.rooms.size).toBe(0)
    expect(bench.inventory.device('bf1')?.device.roomId).toBeNull()
  })

  it('a room that is merely denied stays', async () => {
    const bench = await new SyncBench().started()
    bench.directory.absent = 'denied'
    bench.directory.roomsNow = []
    await bench.clock.advance(dayMs)
    expect([...bench.inventory.rooms.keys()]).toEqual(['r1'])
  })

  it('C14: an empty list of homes removes no home that is there, and the known homes are read on', async () => {
    const bench = await new SyncBench().started()
    bench.directory.empty.add('homes')
    await bench.clock.advance(6 * hourMs)
    expect(bench.directory.calls.slice(-5)).toEqual(partsOfHome)
    const calls = await bench.calls(dayMs)
    expect([...bench.inventory.homes.keys()]).toEqual(['h1'])
    expect(bench.deviceIds).toEqual(['bf1', 'bf2'])
    expect(calls.filter((call) => call === 'devices h1').length).toBeGreaterThan(2_000)
  })

  it('the last home goes when the cloud says that there is no such home, not when it is merely denied', async () => {
    for (const [absent, left] of [
      ['denied', 1],
      ['gone', 0],
    ] as const) {
      const bench = await new SyncBench().started()
      bench.directory.absent = absent
      bench.directory.homesNow = []
      await bench.clock.advance(6 * hourMs + 61_001)
      expect(bench.inventory.homes.size, absent).toBe(left)
    }
  })

  it('C14: rooms and homes go by the same rule', async () => {
    const bench = new SyncBench()
    bench.directory.homesNow = [homeOf('h1'), homeOf('h2')]
    bench.directory.roomsNow = [roomOf('r1'), roomOf('r2')]
    await bench.started()
    bench.directory.homesNow = [homeOf('h1')]
    bench.directory.roomsNow = [roomOf('r1')]
    await bench.clock.advance(6 * hourMs)
    expect([...bench.inventory.homes.keys()]).toEqual(['h1', 'h2'])
    expect([...bench.inventory.rooms.keys()]).toEqual(['r1', 'r2'])
    await bench.clock.advance(61_001)
    expect([...bench.inventory.homes.keys()]).toEqual(['h1'])
    expect([...bench.inventory.rooms.keys()]).toEqual(['r1'])
  })

  it('C14: a device that moves to another home is not removed, whichever list comes first', async () => {
    const bench = new SyncBench()
    bench.directory.homesNow = [homeOf('h1'), homeOf('h2')]
    bench.directory.devicesNow = [deviceOf('bf1'), deviceOf('bf2'), deviceOf('bf3', { homeId: 'h2' })]
    await bench.started()
    const removed: string[] = []
    bench.inventory.events.on('deviceRemoved', ({ device }) => removed.push(device.id))
    for (const homeId of ['h2', 'h1', 'h2']) {
      bench.directory.devicesNow = [
        deviceOf('bf1'),
        deviceOf('bf2', { homeId }),
        deviceOf('bf3', { homeId: 'h2' }),
      ]
      await bench.clock.advance(10 * minuteMs)
      expect(bench.inventory.device('bf2')?.device.homeId).toBe(homeId)
    }
    expect(removed).toEqual([])
  })

  it('a removed device that comes back is a new one', async () => {
    const bench = await new SyncBench().started()
    bench.directory.devicesNow = [deviceOf('bf1')]
    await bench.clock.advance(3 * minuteMs)
    bench.directory.devicesNow = [deviceOf('bf1'), deviceOf('bf2')]
    await bench.clock.advance(30_000)
    expect(bench.deviceIds).toEqual(['bf1', 'bf2'])
    expect(bench.inventory.specification('bf2')).toBeDefined()
  })
})

describe('values that a list leaves out', () => {
  it('are read twenty devices at a time', async () => {
    const bench = new SyncBench()
    bench.directory.devicesNow = Array.from({ length: 45 }, (_, i) => deviceOf(`bf${i}`))
    for (const { id } of bench.directory.devicesNow.slice(2)) bench.directory.silent.add(id)
    await bench.started()
    expect(bench.valueReads.map((ids) => ids.length)).toEqual([20, 20, 3])
    expect(bench.valueReads.flat()).not.toContain('bf0')
    const known = [...bench.inventory.devices.values()].filter(({ state }) => state.get('switch_led'))
    expect(known).toHaveLength(45)
  })

  it('and are refused for some are read for the others (I-9)', async () => {
    const bench = new SyncBench()
    bench.directory.devicesNow = Array.from({ length: 45 }, (_, i) => deviceOf(`bf${i}`))
    for (const { id } of bench.directory.devicesNow) bench.directory.silent.add(id)
    bench.valueTrouble = (ids) => (ids.includes('bf0') ? forbidden : undefined)
    await bench.started()
    await bench.clock.advance(5 * minuteMs)
    expect(bench.sync.ready).toBe(true)
    expect(bench.inventory.device('bf44')?.state.get('switch_led')?.value).toBe(true)
    expect(bench.inventory.specification('bf0')).toBeDefined()
    expect(bench.errors).toHaveLength(1)
  })

  it('and meet trouble are tried again soon', async () => {
    const bench = new SyncBench()
    bench.directory.silent.add('bf1')
    bench.valueTrouble = () => unavailable
    await bench.started()
    expect(bench.sync.ready).toBe(false)
    bench.valueTrouble = () => undefined
    await bench.clock.advance(minuteMs)
    expect(bench.inventory.device('bf1')?.state.get('switch_led')?.value).toBe(true)
  })
})

describe('points that no list carries', () => {
  const extended = () => {
    const bench = new SyncBench()
    bench.directory.models = { p1: extendedModel }
    bench.directory.shadows = { bf1: [{ code: 'extra', dpId: 101 }], bf2: [{ code: 'extra', dpId: 101 }] }
    return bench
  }

  it('I-3: are read with each third list, one device after the other', async () => {
    const bench = await extended().started()
    expect(bench.directory.count('shadow')).toBe(2)
    const calls = await bench.calls(6 * 30_000 + 1)
    expect(calls.filter((call) => call.startsWith('devices'))).toHaveLength(6)
    expect(calls.filter((call) => call.startsWith('shadow'))).toEqual(['shadow bf1', 'shadow bf2'])
  })

  it('I-13: count into the calls of the day', async () => {
    const bench = extended()
    bench.limit = 250
    bench.left = 200
    bench.directory.trouble = () => (bench.left-- > 0 ? undefined : new Error('beyond the budget'))
    bench.sync.start()
    await bench.clock.advance(dayMs - 1)
    expect(bench.left).toBeGreaterThanOrEqual(0)
    expect(bench.left).toBeLessThanOrEqual(2)
    expect(bench.directory.count('shadow')).toBeGreaterThan(30)
  })

  it('are read when a resync of the device is asked for', async () => {
    const bench = await extended().started()
    await bench.clock.advance(minuteMs)
    const before = bench.directory.count('shadow bf2')
    await bench.sync.resync({ kind: 'device', id: 'bf2' })
    expect(bench.valueReads).toEqual([['bf2']])
    expect(bench.directory.count('shadow bf2')).toBe(before + 1)
  })

  it('and are refused keep no list from being read', async () => {
    const bench = await extended().started()
    bench.directory.trouble = (call) => (call.startsWith('shadow') ? forbidden : undefined)
    const calls = await bench.calls(12 * 30_000 + 1)
    expect(calls.filter((call) => call.startsWith('devices'))).toHaveLength(12)
    expect(bench.errors).toEqual([
      'reading the further points of bf1: cloud/permission',
      'reading the further points of bf2: cloud/permission',
    ])
  })
})

describe('specifications', () => {
  it('that cannot be read now are read later, and the rest meanwhile', async () => {
    const bench = new SyncBench()
    bench.directory.models = { p1: lampModel, p2: lampModel }
    bench.directory.devicesNow = [deviceOf('bf1'), deviceOf('bf2', { product: { id: 'p2', name: '' } })]
    bench.directory.trouble = (call) => (call === 'model bf1' ? unavailable : undefined)
    await bench.started()
    expect(bench.inventory.specification('bf1')).toBeUndefined()
    expect(bench.inventory.specification('bf2')).toBeDefined()
    await bench.clock.advance(10 * minuteMs)
    expect(bench.errors).toEqual(['reading the specification of bf1: cloud/unavailable'])
    bench.directory.trouble = () => undefined
    await bench.clock.advance(30_000)
    expect(bench.inventory.device('bf1')?.state.get('switch_led')?.value).toBe(true)
  })

  it('are left for the next lists while the cloud has trouble, whatever the number of devices', async () => {
    const bench = new SyncBench()
    bench.directory.devicesNow = Array.from({ length: 50 }, (_, i) =>
      deviceOf(`bf${i}`, { product: { id: `p${i}`, name: '' } }),
    )
    bench.directory.trouble = (call) => (call.startsWith('model') ? unavailable : undefined)
    await bench.started()
    expect(bench.directory.count('model')).toBeLessThanOrEqual(4)
    bench.directory.trouble = () => undefined
    await bench.clock.advance(2 * minuteMs)
    expect([...bench.inventory.devices.values()].every(({ specification }) => specification)).toBe(true)
  })

  it('of so many products that a home would cost too much begin with what one call tells of all devices', async () => {
    const bench = new SyncBench({ leastPollMs: 5 * hourMs })
    bench.directory.devicesNow = Array.from({ length: 50 }, (_, i) =>
      deviceOf(`bf${i}`, { product: { id: `p${i}`, name: '' } }),
    )
    bench.directory.models = Object.fromEntries(
      bench.directory.devicesNow.map(({ product }) => [product.id, lampModel]),
    )
    bench.directory.sketchesNow = new Map([['bf49', [{ code: 'switch_led', type: 'boolean', access: 'rw' }]]])
    bench.directory.trouble = (call) =>
      call.startsWith('model') && bench.directory.count('model') > 14 ? unavailable : undefined
    await bench.started()
    expect(bench.directory.count('sketches')).toBe(1)
    const { inventory } = bench
    expect(inventory.specification('bf49')).toMatchObject({ partial: true })
    expect(inventory.device('bf49')?.state.get('switch_led')?.value).toBe(true)
    // What nobody described waits: its value could be wrong by powers of ten.
    expect(inventory.device('bf48')?.state.get('switch_led')).toBeUndefined()
    bench.directory.trouble = () => undefined
    await bench.sync.resync({ kind: 'home', id: 'h1' }).catch(() => {})
    await bench.clock.advance(7 * hourMs)
    expect([...inventory.devices.values()].some(({ specification }) => specification?.partial)).toBe(false)
    expect(inventory.device('bf48')?.state.get('switch_led')?.value).toBe(true)
  })

  it('that are refused are asked for with the next full reading, not with each list', async () => {
    const bench = new SyncBench()
    bench.directory.models = {}
    await bench.started()
    expect(bench.inventory.specification('bf1')).toBeDefined()
    const asked = bench.directory.count('model')
    await bench.clock.advance(5 * hourMs)
    expect(bench.directory.count('model')).toBe(asked)
    bench.directory.models = { p1: lampModel }
    await bench.clock.advance(hourMs)
    expect([...(bench.inventory.specification('bf1')?.points.keys() ?? [])]).toEqual(['switch_led'])
  })

  it('of a device that joins are read with the list that shows it', async () => {
    const bench = await new SyncBench().started()
    bench.directory.devicesNow.push(deviceOf('bf3', { product: { id: 'p9', name: '' } }))
    await bench.clock.advance(30_000)
    expect(bench.inventory.specification('bf3')).toBeDefined()
  })
})

describe('names of an earlier run', () => {
  const twins = async () => {
    const bench = new SyncBench({ leastPollMs: 5 * hourMs })
    bench.directory.homesNow = [homeOf('h1'), homeOf('h2')]
    bench.directory.devicesNow = [
      deviceOf('bfold0001', { name: 'Lamp', createdMs: 1 }),
      deviceOf('bfnew0002', { name: 'Lamp', createdMs: 2, homeId: 'h2' }),
    ]
    return bench
  }

  it('stay with devices, scenes and automations of homes whose lists come later', async () => {
    const bench = await twins()
    const { inventory, directory } = bench
    directory.scenesNow = [sceneOf('s1', { name: 'Night' }), sceneOf('s2', { name: 'Night', homeId: 'h2' })]
    directory.automationsNow = [
      automationOf('a1', { name: 'Rain' }),
      automationOf('a2', { name: 'Rain', homeId: 'h2' }),
    ]
    inventory.slugs.device.restore('lamp', 'bfnew0002')
    inventory.scenes.slugs.restore('night', 's2')
    inventory.automations.slugs.restore('rain', 'a2')
    await bench.started()
    expect(inventory.slugs.device.slug('bfnew0002')).toBe('lamp')
    expect(inventory.slugs.device.slug('bfold0001')).toBe('lamp~0001')
    expect([inventory.scenes.slugs.slug('s2'), inventory.automations.slugs.slug('a2')]).toEqual([
      'night',
      'rain',
    ])
  })

  it('are free when two lists of all homes a minute apart do not show their things', async () => {
    const bench = await twins()
    const { inventory } = bench
    let told = 0
    inventory.events.on('namesForgotten', () => told++)
    inventory.slugs.device.restore('fan', 'bfgone')
    inventory.scenes.slugs.restore('night', 'sgone')
    await bench.started()
    expect([inventory.slugs.device.id('fan'), inventory.scenes.slugs.id('night')]).toEqual([
      'bfgone',
      'sgone',
    ])
    await bench.clock.advance(61_001)
    expect([inventory.slugs.device.id('fan'), inventory.scenes.slugs.id('night')]).toEqual([
      undefined,
      undefined,
    ])
    expect(told).toBe(2)
  })

  it('are kept as long as a home may not be read', async () => {
    const bench = await twins()
    bench.directory.trouble = (call) => (call === 'devices h2' ? forbidden : undefined)
    bench.inventory.slugs.device.restore('lamp', 'bfnew0002')
    await bench.started()
    await bench.clock.advance(dayMs)
    expect(bench.inventory.slugs.device.id('lamp')).toBe('bfnew0002')
  })
})
