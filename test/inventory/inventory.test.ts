import { describe, expect, it } from 'vitest'
import type { Specification } from '../../src/domain/data-point.ts'
import { joinSpecification, type PointSource } from '../../src/domain/specification.ts'
import type { InventoryEvents } from '../../src/inventory/events.ts'
import { deviceOf, homeOf, reportOf, roomOf } from '../support/device.ts'
import { newInventory, toldBy } from '../support/inventory.ts'

const start = Date.UTC(2026, 10, 21)

const lampSet: PointSource[] = [
  { code: 'switch_led', dpId: 20, type: 'boolean', access: 'rw' },
  { code: 'bright_value', dpId: 22, type: 'integer', access: 'rw', min: 10, max: 1000, scale: 0 },
  { code: 'temp_current', dpId: 24, type: 'integer', access: 'ro', scale: 1 },
  { code: 'switch_mode1', dpId: 30, type: 'enum', access: 'ro', range: ['click', 'press'] },
]

function specificationOf(standard: readonly PointSource[] = lampSet): Specification {
  return joinSpecification({ standard, thing: [], shadow: [] }, {})
}

function bench() {
  const inventory = newInventory({ now: () => start })
  const told = toldBy(inventory)
  const last = <K extends keyof InventoryEvents>(kind: K) =>
    told.filter(([each]) => each === kind).at(-1)?.[1] as InventoryEvents[K] | undefined
  const count = (kind: keyof InventoryEvents) => told.filter(([each]) => each === kind).length
  const value = (code: string, id = 'bf1') => inventory.device(id)?.state.get(code)?.value
  return { inventory, told, last, count, value }
}

/** A lamp that is known with all its points. */
function lamp() {
  const self = bench()
  self.inventory.setDevices([deviceOf('bf1')])
  self.inventory.setSpecification('bf1', specificationOf())
  return self
}

describe('what exists', () => {
  it('homes, rooms and devices are told when they are new or changed, and only then', () => {
    const { inventory, count, last } = bench()
    for (let i = 0; i < 3; i++) {
      inventory.setHome(homeOf('h1'))
      inventory.setRoom(roomOf('r1'))
      inventory.setDevices([deviceOf('bf1')])
    }
    expect([count('home'), count('room'), count('device')]).toEqual([1, 1, 1])
    expect(last('device')).toMatchObject({ before: undefined, record: { listedMs: start } })
    inventory.setHome(homeOf('h1', { name: 'Villa' }))
    inventory.setRoom(roomOf('r1', { name: 'Attic' }))
    inventory.setDevices([deviceOf('bf1', { name: 'Reading lamp' })])
    expect(last('home')).toMatchObject({ home: { name: 'Villa' }, before: { name: 'Home h1' } })
    expect(last('room')).toMatchObject({ room: { name: 'Attic' }, before: { name: 'Room r1' } })
    expect(last('device')).toMatchObject({ before: { name: 'Device bf1' } })
  })

  it('a list that does not know rooms leaves a device in its room, unless it moved to another home', () => {
    const { inventory } = bench()
    inventory.setDevices([deviceOf('bf1')])
    inventory.setPlaces('h1', new Map([['r1', ['bf1']]]))
    inventory.setDevices([deviceOf('bf1', { online: false })])
    expect(inventory.device('bf1')?.device).toMatchObject({ roomId: 'r1', online: false })
    inventory.setDevices([deviceOf('bf1', { homeId: 'h2' })])
    expect(inventory.device('bf1')?.device).toMatchObject({ roomId: null, homeId: 'h2' })
  })

  it('members of rooms: those who stand in none stand in none, other homes are left alone', () => {
    const { inventory } = bench()
    inventory.setDevices([deviceOf('bf1'), deviceOf('bf2'), deviceOf('bf3', { homeId: 'h2', roomId: 'r9' })])
    inventory.setPlaces('h1', new Map([['r1', ['bf1', 'bf2']]]))
    inventory.setPlaces('h1', new Map([['r2', ['bf2', 'unknown']]]))
    expect([...inventory.devices.values()].map(({ device }) => device.roomId)).toEqual([null, 'r2', 'r9'])
  })

  it('what belongs to a removed home goes with it, each told', () => {
    const { inventory, told } = bench()
    inventory.setHome(homeOf('h1'))
    inventory.setHome(homeOf('h2'))
    inventory.setRoom(roomOf('r1'))
    inventory.setDevices([deviceOf('bf1'), deviceOf('bf2', { homeId: 'h2' })])
    told.length = 0
    inventory.removeHome('h1')
    expect(told.map(([kind]) => kind)).toEqual(['deviceRemoved', 'roomRemoved', 'homeRemoved'])
    expect([...inventory.devices.keys()]).toEqual(['bf2'])
    expect([...inventory.homes.keys()]).toEqual(['h2'])
    expect(inventory.rooms.size).toBe(0)
  })

  it('the devices of a removed room stay in the home', () => {
    const { inventory } = bench()
    inventory.setRoom(roomOf('r1'))
    inventory.setDevices([deviceOf('bf1')])
    inventory.setPlaces('h1', new Map([['r1', ['bf1']]]))
    inventory.removeRoom('r1')
    expect(inventory.device('bf1')?.device).toMatchObject({ homeId: 'h1', roomId: null })
  })

  it('removing what is not there tells nothing', () => {
    const { inventory, told } = bench()
    inventory.removeHome('h9')
    inventory.removeRoom('r9')
    inventory.removeDevice('bf9')
    inventory.setOnline('bf9', true, 1)
    inventory.setSpecification('bf9', specificationOf())
    expect(told).toEqual([])
  })

  it('a removed device is told with what it understood, so that its topics can be cleared', () => {
    const { inventory, last } = lamp()
    inventory.removeDevice('bf1')
    expect(last('deviceRemoved')?.specification?.points.has('switch_led')).toBe(true)
  })

  it('a device that a command found offline is offline before the next list', () => {
    const { inventory, last } = lamp()
    inventory.setOnline('bf1', false, 1)
    expect(last('device')).toMatchObject({ before: { online: true }, record: { device: { online: false } } })
  })
})

describe('slugs', () => {
  it('follow the names, and the older device keeps the bare one', () => {
    const { inventory } = bench()
    inventory.setDevices([
      deviceOf('bfyoung0001', { name: 'Lamp', createdMs: 2 }),
      deviceOf('bfelder0002', { name: 'Lamp', createdMs: 1 }),
    ])
    expect(inventory.slugs.device.slug('bfelder0002')).toBe('lamp')
    expect(inventory.slugs.device.slug('bfyoung0001')).toBe('lamp~0001')
    inventory.setDevices([deviceOf('bfyoung0001', { name: 'Desk', createdMs: 2 })])
    expect(inventory.slugs.device.slug('bfyoung0001')).toBe('desk')
  })

  it('are there when a device is told, and free when it is gone', () => {
    const { inventory } = bench()
    let seen: string | undefined
    inventory.events.on('device', ({ record }) => {
      seen = inventory.slugs.device.slug(record.device.id)
    })
    inventory.setDevices([deviceOf('bf1', { name: 'Lamp' })])
    expect(seen).toBe('lamp')
    inventory.removeDevice('bf1')
    expect(inventory.slugs.device.id('lamp')).toBeUndefined()
  })
})

describe('reports', () => {
  it('are merged point by point: newer in, older out (I-2)', () => {
    const { inventory, value, last } = lamp()
    inventory.apply(reportOf('bf1', { switch_led: true, bright_value: 100 }, start))
    inventory.apply(reportOf('bf1', { bright_value: 300 }, start + 10))
    inventory.apply(reportOf('bf1', { switch_led: false, bright_value: 200 }, start + 5))
    expect([value('switch_led'), value('bright_value')]).toEqual([false, 300])
    expect(inventory.counts).toMatchObject({ reports: 3, older: 1 })
    expect(last('report')).toMatchObject({
      changed: ['switch_led'],
      observed: [{ code: 'switch_led', value: false, timeMs: start + 5 }],
    })
  })

  it('of two with the same time the later arrival wins', () => {
    const { inventory, value } = lamp()
    inventory.apply(reportOf('bf1', { bright_value: 100 }, start))
    inventory.apply(reportOf('bf1', { bright_value: 200 }, start))
    expect(value('bright_value')).toBe(200)
  })

  it('that repeat a value are observed but change nothing', () => {
    const { inventory, last } = lamp()
    inventory.apply(reportOf('bf1', { bright_value: 100 }, start))
    inventory.apply(reportOf('bf1', { bright_value: 100 }, start + 1))
    expect(last('report')).toMatchObject({ changed: [], observed: [{ value: 100, timeMs: start + 1 }] })
  })

  it('too far in the future count as just received', () => {
    const { inventory } = lamp()
    inventory.apply(reportOf('bf1', { bright_value: 100 }, start + 3_600_000, { receivedMs: start }))
    expect(inventory.device('bf1')?.state.get('bright_value')?.timeMs).toBe(start)
  })

  it('are shown in the units of the specification', () => {
    const { inventory, value } = lamp()
    inventory.apply(reportOf('bf1', { temp_current: 215 }, start))
    expect(value('temp_current')).toBe(21.5)
    expect(inventory.device('bf1')?.state.get('temp_current')?.raw).toBe(215)
  })

  it('that do not fit their type are kept as they came, and counted', () => {
    const { inventory, value } = lamp()
    inventory.apply(reportOf('bf1', { bright_value: 'bright' }, start))
    expect(value('bright_value')).toBe('bright')
    expect(inventory.device('bf1')?.state.get('bright_value')?.odd).toBe(true)
    expect(inventory.counts.odd).toBe(1)
  })

  it('of momentary points never enter the state', () => {
    const { inventory, value, last } = lamp()
    inventory.apply(reportOf('bf1', { switch_mode1: 'click', bright_value: 5 }, start))
    expect(value('switch_mode1')).toBeUndefined()
    expect(last('report')?.observed.map(({ code }) => code)).toEqual(['bright_value'])
  })

  it('of unknown devices are counted and dropped', () => {
    const { inventory, told } = bench()
    inventory.apply(reportOf('bf9', { a: 1 }, start))
    expect(inventory.counts).toMatchObject({ reports: 1, unknownDevice: 1 })
    expect(told).toEqual([])
  })

  it('find a point by its number when they name it otherwise', () => {
    const { inventory, value } = lamp()
    const points = [{ code: 'dp_22', dpId: 22, raw: 70, timeMs: start }]
    inventory.apply({ deviceId: 'bf1', source: 'lan', receivedMs: start, points })
    expect(value('bright_value')).toBe(70)
    expect(value('dp_22')).toBeUndefined()
  })
})

describe('reports before the specification', () => {
  it('wait for it, since without it values would be wrong by powers of ten, and are counted once', () => {
    const { inventory, value, count } = bench()
    inventory.setDevices([deviceOf('bf1')])
    inventory.apply(reportOf('bf1', { temp_current: 200 }, start))
    inventory.apply(reportOf('bf1', { temp_current: 215 }, start + 1))
    expect(value('temp_current')).toBeUndefined()
    expect(count('report')).toBe(0)
    inventory.setSpecification('bf1', specificationOf())
    expect(value('temp_current')).toBe(21.5)
    expect(count('report')).toBe(2)
    expect(inventory.counts.reports).toBe(2)
  })

  it('the newest twenty are kept', () => {
    const { inventory, value, count } = bench()
    inventory.setDevices([deviceOf('bf1')])
    for (let i = 0; i < 30; i++)
      inventory.apply(
        reportOf('bf1', { bright_value: i, ...(i === 5 ? { switch_led: true } : {}) }, start + i),
      )
    inventory.setSpecification('bf1', specificationOf())
    expect(count('report')).toBe(20)
    expect(value('bright_value')).toBe(29)
    expect(value('switch_led')).toBeUndefined()
  })
})

describe('points that nobody described', () => {
  it('join the specification when they are first reported', () => {
    const { inventory, value, last } = lamp()
    inventory.apply(reportOf('bf1', { mystery: 7 }, start))
    expect(value('mystery')).toBe(7)
    expect(last('specification')?.record.specification?.points.get('mystery')).toMatchObject({
      type: 'unknown',
      standard: false,
    })
    expect(last('specification')?.before?.points.has('mystery')).toBe(false)
  })

  it('are momentary when their code says so', () => {
    const { inventory, value } = lamp()
    inventory.apply(reportOf('bf1', { doorbell_call: 1 }, start))
    expect(value('doorbell_call')).toBeUndefined()
    expect(inventory.specification('bf1')?.points.get('doorbell_call')?.momentary).toBe(true)
  })

  it('are a thousand at most; known ones go on (I-7)', () => {
    const { inventory, value } = lamp()
    for (let i = 0; i < 1_200; i++) inventory.apply(reportOf('bf1', { [`invented_${i}`]: i }, start + i))
    expect(inventory.specification('bf1')?.points.size).toBe(1_000)
    expect(inventory.device('bf1')?.state.size).toBeLessThanOrEqual(1_000)
    inventory.apply(reportOf('bf1', { bright_value: 77, invented_3: 'new' }, start + 2_000))
    expect([value('bright_value'), value('invented_3')]).toEqual([77, 'new'])
    expect(value('invented_1199')).toBeUndefined()
  })

  it('with names of inherited members are points like others', () => {
    const { inventory, value } = lamp()
    for (const code of ['__proto__', 'constructor', 'toString']) {
      inventory.apply({
        deviceId: 'bf1',
        source: 'poll',
        receivedMs: start,
        points: [{ code, raw: 1, timeMs: start }],
      })
      expect(value(code)).toBe(1)
    }
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })
})

describe('a new specification', () => {
  it('that says the same is no news', () => {
    const { inventory, count } = lamp()
    inventory.setSpecification('bf1', specificationOf())
    expect(count('specification')).toBe(1)
  })

  it('shows the known raw values in its own units', () => {
    const { inventory, value, last } = lamp()
    inventory.apply(reportOf('bf1', { temp_current: 215, switch_led: true }, start))
    const finer = lampSet.map((row) => (row.code === 'temp_current' ? { ...row, scale: 2 } : row))
    inventory.setSpecification('bf1', specificationOf(finer))
    expect([value('temp_current'), value('switch_led')]).toEqual([2.15, true])
    expect(last('specification')?.before).toBeDefined()
    expect(inventory.device('bf1')?.state.get('temp_current')).toMatchObject({
      timeMs: start,
      source: 'poll',
    })
  })

  it('takes points out of the state that it calls momentary', () => {
    const { inventory, value } = lamp()
    inventory.apply(reportOf('bf1', { bright_value: 5 }, start))
    const sources = { standard: lampSet, thing: [], shadow: [] }
    inventory.setSpecification('bf1', joinSpecification(sources, { bright_value: { momentary: true } }))
    expect(value('bright_value')).toBeUndefined()
  })

  it('keeps the bounds of an earlier run for points without a value', () => {
    const { inventory, value } = lamp()
    inventory.setFloors('bf1', new Map([['bright_value', start]]))
    inventory.apply(reportOf('bf1', { switch_led: true }, start))
    inventory.setSpecification('bf1', specificationOf(lampSet.slice(0, 3)))
    inventory.apply(reportOf('bf1', { bright_value: 5 }, start - 1))
    expect(value('bright_value')).toBeUndefined()
  })
})

describe('bounds of an earlier run (R-S4)', () => {
  it.each(['before', 'after'] as const)(
    'keep older values out, when they are known %s the device',
    (when) => {
      const { inventory, value } = bench()
      const floors = new Map([['bright_value', start]])
      if (when === 'before') inventory.setFloors('bf1', floors)
      inventory.setDevices([deviceOf('bf1')])
      if (when === 'after') inventory.setFloors('bf1', floors)
      inventory.setSpecification('bf1', specificationOf())
      inventory.apply(reportOf('bf1', { bright_value: 100, switch_led: true }, start - 1))
      expect([value('bright_value'), value('switch_led')]).toEqual([undefined, true])
      inventory.apply(reportOf('bf1', { bright_value: 200 }, start))
      expect(value('bright_value')).toBe(200)
    },
  )
})

describe('staleness (R-S1)', () => {
  it('what came from disk is stale until somebody confirms it', () => {
    const { inventory, last } = lamp()
    inventory.apply(reportOf('bf1', { switch_led: true }, start, { source: 'snapshot' }))
    const fact = () => inventory.device('bf1')?.state.get('switch_led')
    expect(inventory.isStale(fact() as never, 'bf1')).toBe(true)
    inventory.markStale('poll', false)
    expect(inventory.isStale(fact() as never, 'bf1')).toBe(true)
    inventory.apply(reportOf('bf1', { switch_led: true }, start + 1))
    expect(inventory.isStale(fact() as never, 'bf1')).toBe(false)
    expect(last('report')?.changed).toEqual(['switch_led'])
  })

  it('turns with the sources, and tells which of them turned', () => {
    const { inventory, last, count } = lamp()
    inventory.apply(reportOf('bf1', { switch_led: true }, start))
    inventory.markStale('poll', true)
    expect(last('staleness')).toEqual(new Set(['poll']))
    expect(inventory.isStale(inventory.device('bf1')?.state.get('switch_led') as never, 'bf1')).toBe(true)
    inventory.markStale('poll', true)
    expect(count('staleness')).toBe(1)
    inventory.markStale('queue', true)
    expect(last('staleness')).toEqual(new Set(['queue']))
    inventory.markStale('poll', false)
    expect(last('staleness')).toEqual(new Set(['poll']))
    expect(inventory.isStale(inventory.device('bf1')?.state.get('switch_led') as never, 'bf1')).toBe(false)
  })
})
