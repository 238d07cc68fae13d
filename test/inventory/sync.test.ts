import { describe, expect, it } from 'vitest'
import { valueCodec } from '../../src/codec/data-point/codec.ts'
import type { LinkHealth } from '../../src/domain/link.ts'
import { Inventory } from '../../src/inventory/inventory.ts'
import type { Listed } from '../../src/inventory/reading.ts'
import { SpecificationBook } from '../../src/inventory/specification-book.ts'
import { Sync, type SyncParts } from '../../src/inventory/sync.ts'
import { BridgeError } from '../../src/util/error.ts'
import { seededRandom } from '../../src/util/random.ts'
import { deviceOf, homeOf, reportOf, roomOf } from '../support/device.ts'
import { extendedModel, FakeDirectory, lampModel, sceneSwitchModel } from '../support/fake-directory.ts'
import { automationOf, sceneOf } from '../support/rule.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const midnight = Date.UTC(2026, 10, 21)

const unavailable = new BridgeError('cloud/unavailable', 'trouble', { retry: 'later' })
const forbidden = new BridgeError('cloud/permission', 'not yours', { retry: 'never' })

/** What is asked for of a home, in order. */
const partsOfHome = ['devices h1', 'rooms h1', 'scenes h1', 'automations h1']

/** A house of one home with two lamps in a room, read every half a minute at most. */
class Bench {
  readonly clock = new VirtualClock(midnight)
  readonly directory = new FakeDirectory(this.clock)
  readonly inventory = new Inventory({ codec: valueCodec, now: () => this.clock.now() })
  readonly errors: string[] = []
  readonly listed: { readonly kind: Listed; readonly ids: readonly string[] }[] = []
  readonly valueReads: string[][] = []
  readonly sync: Sync
  health: LinkHealth = { state: 'up', sinceMs: midnight, reason: null, lastMs: null }
  /** How often everything was read. */
  reads = 0
  /** Calls that the day still allows. */
  left = 1_000_000
  pollNeeded = true
  valueTrouble: (deviceIds: readonly string[]) => Error | undefined = () => undefined

  constructor(changes: Partial<SyncParts> = {}) {
    const { clock, directory, inventory } = this
    directory.homesNow = [homeOf('h1')]
    directory.roomsNow = [roomOf('r1')]
    directory.devicesNow = [deviceOf('bf1', { roomId: 'r1' }), deviceOf('bf2')]
    directory.models = { p1: lampModel }
    this.sync = new Sync({
      directory,
      inventory,
      book: new SpecificationBook({ directory, inventory, overrides: {} }),
      values: {
        batch: 20,
        read: async (deviceIds) => {
          this.valueReads.push([...deviceIds])
          const trouble = this.valueTrouble(deviceIds)
          if (trouble) throw trouble
          for (const id of deviceIds) inventory.apply(reportOf(id, { switch_led: true }, clock.now()))
        },
      },
      budget: {
        left: () => this.left,
        get resetMs() {
          return (Math.floor(clock.now() / dayMs) + 1) * dayMs
        },
      },
      link: () => this.health,
      clock,
      random: seededRandom(1),
      leastPollMs: 30_000,
      pollNeeded: () => this.pollNeeded,
      onError: (error, what) => this.errors.push(`${what}: ${error.code}`),
      members: false,
      onListed: (kind, ids) => {
        this.listed.push({ kind, ids: [...ids] })
        return false
      },
      onRead: () => this.reads++,
      ...changes,
    })
  }

  /** Started, with everything read once. */
  async started(): Promise<this> {
    this.sync.start()
    await this.clock.advance(1)
    return this
  }

  get deviceIds(): string[] {
    return [...this.inventory.devices.keys()]
  }

  /** What was asked for while so much time passed. */
  async calls(ms: number): Promise<string[]> {
    const before = this.directory.calls.length
    await this.clock.advance(ms)
    return this.directory.calls.slice(before)
  }
}

describe('the first reading', () => {
  it('brings homes, devices with values and specifications, rooms with members', async () => {
    const { sync, inventory, listed } = await new Bench().started()
    expect(sync.ready).toBe(true)
    expect([...inventory.homes.keys()]).toEqual(['h1'])
    expect([...inventory.rooms.keys()]).toEqual(['r1'])
    expect(inventory.device('bf1')?.device.roomId).toBe('r1')
    expect(inventory.device('bf1')?.state.get('switch_led')?.value).toBe(true)
    expect(listed).toEqual([
      { kind: 'home', ids: ['h1'] },
      { kind: 'device', ids: ['bf1', 'bf2'] },
      { kind: 'room', ids: ['r1'] },
      { kind: 'scene', ids: [] },
      { kind: 'automation', ids: [] },
    ])
  })

  it('is tried again until it succeeds, and told once (I-12)', async () => {
    const bench = new Bench()
    bench.directory.trouble = () => unavailable
    await bench.started()
    await bench.clock.advance(10 * minuteMs)
    expect(bench.sync.ready).toBe(false)
    expect(bench.errors).toEqual(['reading the inventory: cloud/unavailable'])
    expect(bench.directory.calls.length).toBeLessThanOrEqual(30)
    bench.directory.trouble = () => undefined
    await bench.clock.advance(minuteMs)
    expect(bench.sync.ready).toBe(true)
  })

  it('and its end: nothing is asked for after the stop', async () => {
    const bench = await new Bench().started()
    await bench.sync.stop()
    expect(await bench.calls(dayMs)).toEqual([])
    expect(bench.clock.waiting).toBe(0)
  })

  it('that is stopped half-way ends, and tells no trouble', async () => {
    const bench = new Bench()
    bench.directory.trouble = (_call, { signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    await bench.started()
    await bench.sync.stop()
    await bench.clock.advance(hourMs)
    expect(bench.errors).toEqual([])
  })
})

describe('polling', () => {
  it('reads the lists of devices as often as wanted, and everything each six hours (R-S3)', async () => {
    const bench = await new Bench().started()
    const calls = await bench.calls(6 * hourMs)
    expect(calls.filter((call) => call === 'homes')).toHaveLength(1)
    expect(calls.filter((call) => call === 'rooms h1')).toHaveLength(1)
    expect(calls.filter((call) => call === 'devices h1')).toHaveLength(720)
  })

  it('R-C6: not while a better source of state is healthy', async () => {
    const bench = await new Bench().started()
    bench.pollNeeded = false
    expect(await bench.calls(5 * hourMs)).toEqual([])
  })

  it('R-C6, I-13: spends the day’s calls evenly and never beyond', async () => {
    const bench = new Bench()
    bench.left = 640
    const perHour: number[] = []
    bench.directory.trouble = () => {
      bench.left--
      return bench.left < 0 ? new Error('beyond the budget') : undefined
    }
    bench.sync.start()
    for (let hour = 0; hour < 24; hour++) perHour.push((await bench.calls(hourMs - 1)).length)
    expect(bench.left).toBeGreaterThanOrEqual(0)
    expect(bench.left).toBeLessThanOrEqual(2)
    expect(Math.max(...perHour)).toBeLessThanOrEqual(34)
    expect(Math.min(...perHour.slice(0, 23))).toBeGreaterThanOrEqual(22)
  })

  it('the same when lists come without values, so that a round takes more calls than there are homes', async () => {
    const bench = new Bench()
    bench.directory.devicesNow = Array.from({ length: 100 }, (_, i) => deviceOf(`bf${i}`))
    for (const { id } of bench.directory.devicesNow) bench.directory.silent.add(id)
    bench.left = 600
    bench.directory.trouble = () => {
      bench.left--
      return undefined
    }
    bench.valueTrouble = () => {
      bench.left--
      return undefined
    }
    const perQuarter: number[] = []
    bench.sync.start()
    for (let quarter = 0; quarter < 4; quarter++) {
      const before = bench.left
      await bench.clock.advance(6 * hourMs - 1)
      perQuarter.push(before - bench.left)
    }
    expect(bench.left).toBeGreaterThanOrEqual(0)
    expect(Math.max(...perQuarter)).toBeLessThanOrEqual(180)
    expect(Math.min(...perQuarter)).toBeGreaterThanOrEqual(120)
  })

  it('with nothing left waits for the next day, without a try', async () => {
    const bench = await new Bench().started()
    bench.left = 0
    await bench.clock.advance(30_000)
    expect(await bench.calls(5 * hourMs)).toEqual([])
    bench.left = 640
    expect((await bench.calls(19 * hourMs)).length).toBeGreaterThan(0)
  })

  it('that the budget refuses waits for the next day as well, instead of asking each minute', async () => {
    const bench = await new Bench().started()
    bench.left = 0
    bench.directory.trouble = () => new BridgeError('cloud/quota', 'no calls left', { retry: 'later' })
    expect((await bench.calls(5 * hourMs)).length).toBeLessThanOrEqual(1)
    expect(bench.errors.length).toBeLessThanOrEqual(1)
  })

  it('a jump of the wall clock moves no round (R-C3)', async () => {
    const bench = await new Bench().started()
    await bench.clock.advance(10_000)
    bench.clock.jump(3 * hourMs)
    expect(await bench.calls(19_998)).toEqual([])
    expect(await bench.calls(2)).toEqual(['devices h1'])
  })

  it('goes on after trouble with growing pauses, and as before once it is over', async () => {
    const bench = await new Bench().started()
    bench.directory.trouble = () => unavailable
    expect((await bench.calls(hourMs)).length).toBeLessThanOrEqual(130)
    bench.directory.trouble = () => undefined
    await bench.clock.advance(minuteMs)
    expect(await bench.calls(10 * minuteMs)).toHaveLength(20)
    expect(bench.errors).toEqual(['reading the inventory: cloud/unavailable'])
  })
})

describe('several homes', () => {
  async function twoHomes(): Promise<Bench> {
    const bench = new Bench()
    bench.directory.homesNow = [homeOf('h1'), homeOf('h2')]
    bench.directory.devicesNow = [deviceOf('bf1'), deviceOf('bf2', { homeId: 'h2' })]
    return bench
  }

  it('one that is refused does not hide the others', async () => {
    const bench = await twoHomes()
    bench.directory.trouble = (call) => (call.endsWith(' h1') ? forbidden : undefined)
    await bench.started()
    expect(bench.deviceIds).toEqual(['bf2'])
    expect(bench.sync.ready).toBe(true)
    expect(bench.errors).toEqual([
      'reading the devices of home h1: cloud/permission',
      'reading the rooms of home h1: cloud/permission',
      'reading the scenes of home h1: cloud/permission',
      'reading the automations of home h1: cloud/permission',
    ])
  })

  it('one that has trouble does not either, and all are tried again soon', async () => {
    const bench = await twoHomes()
    bench.directory.trouble = (call) => (call === 'devices h1' ? unavailable : undefined)
    await bench.started()
    expect(bench.deviceIds).toEqual(['bf2'])
    expect(bench.sync.ready).toBe(false)
    bench.directory.trouble = () => undefined
    await bench.clock.advance(minuteMs)
    expect(bench.deviceIds.sort()).toEqual(['bf1', 'bf2'])
  })

  it('one that turns refused makes the list of homes due before its time, once', async () => {
    const bench = await (await twoHomes()).started()
    bench.directory.trouble = (call) => (call === 'devices h2' ? forbidden : undefined)
    const calls = await bench.calls(5 * hourMs)
    expect(calls.filter((call) => call === 'homes')).toHaveLength(1)
    expect(bench.errors).toEqual(['reading the devices of home h2: cloud/permission'])
    expect(bench.deviceIds).toContain('bf2')
  })

  it('one that is gone is removed with that', async () => {
    const bench = await (await twoHomes()).started()
    bench.directory.homesNow = [homeOf('h1')]
    bench.directory.trouble = (call) => (call === 'devices h2' ? forbidden : undefined)
    await bench.clock.advance(13 * minuteMs)
    expect([...bench.inventory.homes.keys()]).toEqual(['h1'])
    expect(bench.deviceIds).toEqual(['bf1'])
  })
})

describe('C14, R-S3: what lists leave out', () => {
  it('C14: a device that one list leaves out stays, one that two lists leave out a minute apart goes', async () => {
    const bench = await new Bench().started()
    bench.directory.devicesNow = [deviceOf('bf1', { roomId: 'r1' })]
    await bench.clock.advance(30_000)
    expect(bench.deviceIds).toEqual(['bf1', 'bf2'])
    await bench.clock.advance(59_000)
    expect(bench.deviceIds).toEqual(['bf1', 'bf2'])
    await bench.clock.advance(2_000)
    expect(bench.deviceIds).toEqual(['bf1'])
  })

  it('the second list is asked for after 61 s, however rare polling is', async () => {
    const bench = await new Bench({ leastPollMs: 2 * hourMs }).started()
    bench.directory.devicesNow = [deviceOf('bf1', { roomId: 'r1' })]
    await bench.clock.advance(2 * hourMs)
    expect(await bench.calls(60_000)).toEqual([])
    expect(await bench.calls(1_001)).toEqual(['devices h1'])
    expect(bench.deviceIds).toEqual(['bf1'])
  })

  it('also where polling is not needed', async () => {
    const bench = await new Bench({ leastPollMs: 2 * hourMs }).started()
    bench.directory.devicesNow = [deviceOf('bf1', { roomId: 'r1' })]
    await bench.clock.advance(2 * hourMs)
    bench.pollNeeded = false
    await bench.clock.advance(61_001)
    expect(bench.deviceIds).toEqual(['bf1'])
  })

  it('C14: an empty list of devices removes nothing, however often it comes', async () => {
    const bench = await new Bench().started()
    bench.directory.devicesNow = []
    await bench.clock.advance(dayMs)
    expect(bench.deviceIds).toEqual(['bf1', 'bf2'])
  })

  it('C14: an empty list of rooms removes nothing', async () => {
    const bench = await new Bench().started()
    bench.directory.roomsNow = []
    await bench.clock.advance(dayMs)
    expect([...bench.inventory.rooms.keys()]).toEqual(['r1'])
  })

  it('C14: an empty list of homes removes nothing, and the known homes are read on', async () => {
    const bench = await new Bench().started()
    bench.directory.homesNow = []
    await bench.clock.advance(6 * hourMs)
    expect(bench.directory.calls.slice(-4)).toEqual(partsOfHome)
    const calls = await bench.calls(dayMs)
    expect([...bench.inventory.homes.keys()]).toEqual(['h1'])
    expect(bench.deviceIds).toEqual(['bf1', 'bf2'])
    expect(calls.filter((call) => call === 'devices h1').length).toBeGreaterThan(2_000)
  })

  it('C14: rooms and homes go by the same rule', async () => {
    const bench = new Bench()
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
    const bench = new Bench()
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
    const bench = await new Bench().started()
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
    const bench = new Bench()
    bench.directory.devicesNow = Array.from({ length: 45 }, (_, i) => deviceOf(`bf${i}`))
    for (const { id } of bench.directory.devicesNow.slice(2)) bench.directory.silent.add(id)
    await bench.started()
    expect(bench.valueReads.map((ids) => ids.length)).toEqual([20, 20, 3])
    expect(bench.valueReads.flat()).not.toContain('bf0')
    const known = [...bench.inventory.devices.values()].filter(({ state }) => state.get('switch_led'))
    expect(known).toHaveLength(45)
  })

  it('and are refused for some are read for the others (I-9)', async () => {
    const bench = new Bench()
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
    const bench = new Bench()
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
    const bench = new Bench()
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
    const bench = new Bench()
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

  it('are left for the next list while the cloud has trouble, whatever the number of devices', async () => {
    const bench = new Bench()
    bench.directory.devicesNow = Array.from({ length: 50 }, (_, i) =>
      deviceOf(`bf${i}`, { product: { id: `p${i}`, name: '' } }),
    )
    bench.directory.trouble = (call) => (call.startsWith('model') ? unavailable : undefined)
    await bench.started()
    expect(bench.directory.count('model')).toBeLessThanOrEqual(4)
    bench.directory.trouble = () => undefined
    await bench.clock.advance(30_000)
    expect([...bench.inventory.devices.values()].every(({ specification }) => specification)).toBe(true)
  })

  it('that are refused are asked for with the next full reading, not with each list', async () => {
    const bench = new Bench()
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
    const bench = await new Bench().started()
    bench.directory.devicesNow.push(deviceOf('bf3', { product: { id: 'p9', name: '' } }))
    await bench.clock.advance(30_000)
    expect(bench.inventory.specification('bf3')).toBeDefined()
  })
})

describe('resync', () => {
  it('of everything reads everything', async () => {
    const bench = await new Bench().started()
    await bench.clock.advance(61_000)
    const before = bench.directory.calls.length
    await bench.sync.resync({ kind: 'all' })
    expect(bench.directory.calls.slice(before)).toEqual(['homes', ...partsOfHome])
  })

  it('of a home reads everything in it, of a device its values', async () => {
    const bench = await new Bench().started()
    const before = bench.directory.calls.length
    await bench.sync.resync({ kind: 'home', id: 'h1' })
    expect(bench.directory.calls.slice(before)).toEqual(partsOfHome)
    await bench.clock.advance(61_000)
    await bench.sync.resync({ kind: 'device', id: 'bf2' })
    expect(bench.valueReads.at(-1)).toEqual(['bf2'])
  })

  it.each([
    [{ kind: 'home', id: 'h9' }, 'command/unknown-home'],
    [{ kind: 'device', id: 'bf9' }, 'command/unknown-device'],
  ] as const)('of what is not there (%o) is %s, and costs nobody his turn', async (scope, code) => {
    const bench = await new Bench().started()
    await expect(bench.sync.resync(scope)).rejects.toMatchObject({ code })
    await expect(bench.sync.resync({ kind: 'home', id: 'h1' })).resolves.toBeUndefined()
  })

  it('is done at most once a minute', async () => {
    const bench = await new Bench().started()
    await expect(bench.sync.resync({ kind: 'all' })).rejects.toMatchObject({
      code: 'command/rate',
      retry: 'later',
    })
    await bench.sync.resync({ kind: 'device', id: 'bf1' })
    await bench.clock.advance(59_999)
    for (const scope of [
      { kind: 'home', id: 'h1' },
      { kind: 'device', id: 'bf1' },
    ] as const)
      await expect(bench.sync.resync(scope)).rejects.toMatchObject({ code: 'command/rate' })
    await bench.clock.advance(1)
    await expect(bench.sync.resync({ kind: 'all' })).resolves.toBeUndefined()
  })

  it('counts as a list: what two of them leave out is gone', async () => {
    const bench = await new Bench({ leastPollMs: 2 * hourMs }).started()
    bench.directory.devicesNow = [deviceOf('bf1', { roomId: 'r1' })]
    await bench.sync.resync({ kind: 'home', id: 'h1' })
    expect(bench.deviceIds).toEqual(['bf1', 'bf2'])
    await bench.clock.advance(61_001)
    expect(bench.deviceIds).toEqual(['bf1'])
  })

  it('that misses a room has the second look after 61 s', async () => {
    const bench = new Bench({ leastPollMs: 2 * hourMs })
    bench.directory.roomsNow = [roomOf('r1'), roomOf('r2')]
    await bench.started()
    bench.directory.roomsNow = [roomOf('r1')]
    await bench.sync.resync({ kind: 'home', id: 'h1' })
    await bench.clock.advance(61_001)
    expect([...bench.inventory.rooms.keys()]).toEqual(['r1'])
  })

  it('that fails says so, and polling goes on', async () => {
    const bench = await new Bench().started()
    await bench.clock.advance(61_000)
    bench.directory.trouble = () => unavailable
    await expect(bench.sync.resync({ kind: 'all' })).rejects.toBe(unavailable)
    bench.directory.trouble = () => undefined
    expect((await bench.calls(2 * minuteMs)).length).toBeGreaterThanOrEqual(2)
  })
})

describe('R-S1: staleness', () => {
  const isStale = ({ inventory }: Bench) =>
    inventory.isStale(inventory.device('bf1')?.state.get('switch_led') as never)
  const down = (bench: Bench, reason = 'unavailable') => {
    bench.health = { ...bench.health, state: 'down', reason, sinceMs: bench.clock.now() }
    bench.directory.trouble = () => unavailable
  }

  it('a minute without the link makes what came over it stale; the first reading after it makes it fresh', async () => {
    const bench = await new Bench().started()
    await bench.clock.advance(minuteMs)
    down(bench)
    await bench.clock.advance(59_000)
    expect(isStale(bench)).toBe(false)
    await bench.clock.advance(11_000)
    expect(isStale(bench)).toBe(true)
    bench.health = { ...bench.health, state: 'up', reason: null }
    await bench.clock.advance(30_000)
    expect(isStale(bench)).toBe(true)
    bench.directory.trouble = () => undefined
    await bench.clock.advance(minuteMs)
    expect(isStale(bench)).toBe(false)
  })

  it('a link that comes back within the minute leaves everything fresh', async () => {
    const bench = await new Bench().started()
    for (let i = 0; i < 5; i++) {
      bench.health = { ...bench.health, state: 'down', sinceMs: bench.clock.now() }
      await bench.clock.advance(40_000)
      bench.health = { ...bench.health, state: 'up' }
      await bench.clock.advance(10_000)
    }
    expect(isStale(bench)).toBe(false)
  })

  it('a jump of the wall clock makes nothing stale, and keeps nothing fresh (R-C3)', async () => {
    for (const jump of [hourMs, -hourMs]) {
      const bench = await new Bench().started()
      await bench.clock.advance(minuteMs)
      down(bench)
      await bench.clock.advance(10_000)
      bench.clock.jump(jump)
      await bench.clock.advance(40_000)
      expect(isStale(bench)).toBe(false)
      await bench.clock.advance(20_000)
      expect(isStale(bench)).toBe(true)
    }
  })

  it('a link that says up while no reading succeeds does not hide it', async () => {
    const bench = await new Bench().started()
    bench.directory.trouble = () => unavailable
    await bench.clock.advance(minuteMs)
    expect(isStale(bench)).toBe(false)
    await bench.clock.advance(2 * minuteMs)
    expect(isStale(bench)).toBe(true)
  })

  it('where polling is not needed silence is no sign', async () => {
    const bench = await new Bench().started()
    bench.pollNeeded = false
    await bench.clock.advance(5 * hourMs)
    expect(isStale(bench)).toBe(false)
  })
})

describe('scenes, automations, members and scene keys', () => {
  /** One scene, one automation, a scene switch with a bound key. */
  async function richHome(changes: Partial<SyncParts> = {}): Promise<Bench> {
    const bench = new Bench({ members: true, ...changes })
    const { directory } = bench
    directory.scenesNow = [sceneOf('s1', { name: 'Dinner' })]
    directory.automationsNow = [automationOf('a1', { name: 'Bedtime' })]
    directory.membersNow = [{ uid: 'u1', name: 'Kim', admin: false }]
    directory.models = { p1: lampModel, keys: sceneSwitchModel }
    directory.devicesNow.push(deviceOf('bfkeys', { product: { id: 'keys', name: 'Scene switch' } }))
    directory.bindingsNow = [{ code: 'switch_mode1', value: 'click', sceneId: 's1', sceneName: 'Dinner' }]
    return bench
  }

  const sceneIds = ({ inventory }: Bench) => [...inventory.scenes.all.keys()]
  const automationIds = ({ inventory }: Bench) => [...inventory.automations.all.keys()]

  function follow({ inventory }: Bench): string[] {
    const told: string[] = []
    inventory.events.on('members', ({ members }) => told.push(`members ${members.map(({ name }) => name)}`))
    inventory.events.on('bindings', ({ deviceId, bindings }) =>
      told.push(`keys ${deviceId} ${bindings.map(({ code, sceneName }) => `${code}=${sceneName}`)}`),
    )
    return told
  }

  it('are read at the start', async () => {
    const bench = await richHome()
    const told = follow(bench)
    await bench.started()
    await bench.clock.advance(5_000)
    expect([sceneIds(bench), automationIds(bench)]).toEqual([['s1'], ['a1']])
    expect(told).toEqual(['members Kim', 'keys bfkeys switch_mode1=Dinner'])
    expect(bench.listed.slice(-2)).toEqual([
      { kind: 'scene', ids: ['s1'] },
      { kind: 'automation', ids: ['a1'] },
    ])
    expect(bench.reads).toBe(1)
  })

  it('keys are asked for where a device has some, once, also when its specification comes late', async () => {
    const bench = await richHome()
    bench.directory.trouble = (call) =>
      call.startsWith('model')
        ? new Promise((resolve) => bench.clock.after(10_000, () => resolve(0)))
        : undefined
    await bench.started()
    expect(bench.directory.count('bindings')).toBe(0)
    await bench.clock.advance(minuteMs)
    expect(bench.directory.calls.filter((call) => call.startsWith('bindings'))).toEqual(['bindings bfkeys'])
  })

  it('members are not asked for unless they are wanted', async () => {
    const bench = await (await richHome({ members: false })).started()
    bench.sync.changed({ of: 'members', homeId: 'h1' })
    await bench.clock.advance(7 * hourMs)
    expect(bench.directory.count('members')).toBe(0)
  })

  it('are not polled: between the full readings nobody asks for them (R-C6)', async () => {
    const bench = await (await richHome()).started()
    await bench.clock.advance(minuteMs)
    const calls = await bench.calls(5 * hourMs)
    expect(calls.filter((call) => !call.startsWith('devices'))).toEqual([])
  })

  it('that we changed show within 5 s; many changes are one reading of each list', async () => {
    const bench = await (await richHome()).started()
    await bench.clock.advance(minuteMs)
    const told = follow(bench)
    const { directory, inventory } = bench
    directory.scenesNow = [sceneOf('s1', { name: 'Supper' }), sceneOf('s2')]
    directory.automationsNow = [automationOf('a1', { enabled: false })]
    directory.membersNow = [{ uid: 'u1', name: 'Kim', admin: true }]
    directory.bindingsNow = []
    const before = directory.calls.length
    for (let i = 0; i < 10; i++) {
      bench.sync.changed({ of: 'scenes', homeId: 'h1' }, { of: 'automations', homeId: 'h1' })
      bench.sync.changed({ of: 'members', homeId: 'h1' }, { of: 'bindings', deviceId: 'bfkeys' })
    }
    await bench.clock.advance(5_000)
    expect([inventory.scenes.get('s1')?.name, sceneIds(bench)]).toEqual(['Supper', ['s1', 's2']])
    expect(inventory.automations.get('a1')?.enabled).toBe(false)
    expect(told).toEqual(['members Kim', 'keys bfkeys '])
    expect(directory.calls.slice(before)).toEqual([
      'scenes h1',
      'automations h1',
      'members h1',
      'bindings bfkeys',
    ])
  })

  it('a home that we made shows within 5 s with all that is in it', async () => {
    const bench = await (await richHome()).started()
    bench.directory.homesNow = [homeOf('h1'), homeOf('h2')]
    bench.directory.scenesNow.push(sceneOf('s2', { homeId: 'h2' }))
    bench.sync.changed({ of: 'homes' })
    await bench.clock.advance(5_000)
    expect([...bench.inventory.homes.keys()]).toEqual(['h1', 'h2'])
    expect(sceneIds(bench)).toEqual(['s1', 's2'])
  })

  it('what there is no more is not asked for', async () => {
    const bench = await (await richHome()).started()
    await bench.clock.advance(minuteMs)
    bench.sync.changed({ of: 'scenes', homeId: 'h9' }, { of: 'bindings', deviceId: 'bf9' })
    expect((await bench.calls(5_000)).filter((call) => !call.startsWith('devices'))).toEqual([])
  })

  it('that somebody else deleted go after two lists a minute apart, the last one too', async () => {
    const bench = await (await richHome()).started()
    await bench.clock.advance(minuteMs)
    bench.directory.scenesNow = []
    bench.directory.automationsNow = []
    await bench.sync.resync({ kind: 'all' })
    expect([sceneIds(bench), automationIds(bench)]).toEqual([['s1'], ['a1']])
    await bench.clock.advance(59_000)
    expect([sceneIds(bench), automationIds(bench)]).toEqual([['s1'], ['a1']])
    await bench.clock.advance(3_000)
    expect([sceneIds(bench), automationIds(bench)]).toEqual([[], []])
  })

  it('the second list follows soon after a change of ours too, however rare polling is', async () => {
    const bench = await (await richHome({ leastPollMs: 2 * hourMs })).started()
    await bench.clock.advance(10 * minuteMs)
    bench.directory.scenesNow = []
    bench.sync.changed({ of: 'scenes', homeId: 'h1' })
    await bench.clock.advance(5_000)
    expect(sceneIds(bench)).toEqual(['s1'])
    await bench.clock.advance(minuteMs)
    expect(sceneIds(bench)).toEqual([])
  })

  it('that come back meanwhile stay', async () => {
    const bench = await (await richHome()).started()
    const { scenesNow } = bench.directory
    await bench.clock.advance(minuteMs)
    bench.directory.scenesNow = []
    bench.sync.changed({ of: 'scenes', homeId: 'h1' })
    await bench.clock.advance(5_000)
    bench.directory.scenesNow = scenesNow
    await bench.clock.advance(10 * minuteMs)
    bench.directory.scenesNow = []
    bench.sync.changed({ of: 'scenes', homeId: 'h1' })
    await bench.clock.advance(5_000)
    expect(sceneIds(bench)).toEqual(['s1'])
  })

  it('another list that an earlier run’s leftovers wait for comes after a minute', async () => {
    let pending = true
    const bench = await new Bench({ onListed: (kind) => kind === 'scene' && pending }).started()
    pending = false
    expect((await bench.calls(62_000)).filter((call) => call === 'scenes h1')).toHaveLength(1)
    expect((await bench.calls(hourMs)).filter((call) => call === 'scenes h1')).toHaveLength(0)
  })

  it('lists that are refused are told once, do not hold up the rest, and are asked for again only with everything', async () => {
    const bench = await richHome()
    const refused = ['scenes h1', 'automations h1', 'members h1', 'bindings bfkeys']
    bench.directory.trouble = (call) => (refused.includes(call) ? forbidden : undefined)
    await bench.started()
    await bench.clock.advance(5_000)
    expect(bench.sync.ready).toBe(true)
    expect(bench.reads).toBe(1)
    expect(bench.errors.sort()).toEqual([
      'reading the automations of home h1: cloud/permission',
      'reading the members of home h1: cloud/permission',
      'reading the scene keys of bfkeys: cloud/permission',
      'reading the scenes of home h1: cloud/permission',
    ])
    const calls = await bench.calls(13 * hourMs)
    expect(calls.filter((call) => refused.includes(call))).toHaveLength(2 * refused.length)
    expect(calls.filter((call) => call === 'homes')).toHaveLength(2)
    expect(bench.errors).toHaveLength(4)
  })

  it('a list that is refused proves nothing: what is known stays, and nobody is told a list', async () => {
    const bench = await (await richHome()).started()
    bench.directory.trouble = (call) => (call === 'scenes h1' ? forbidden : undefined)
    bench.listed.length = 0
    await bench.clock.advance(dayMs)
    expect(sceneIds(bench)).toEqual(['s1'])
    expect(bench.listed.filter(({ kind }) => kind === 'scene')).toEqual([])
    expect(bench.listed.filter(({ kind }) => kind === 'automation').length).toBeGreaterThan(2)
  })

  it('a reading after a change that is refused is told once, and again when it had worked in between', async () => {
    const bench = await (await richHome()).started()
    await bench.clock.advance(minuteMs)
    const change = async (trouble: BridgeError | undefined) => {
      bench.directory.trouble = (call) => (call === 'scenes h1' ? trouble : undefined)
      bench.sync.changed({ of: 'scenes', homeId: 'h1' })
      await bench.clock.advance(5_000)
    }
    for (const trouble of [forbidden, forbidden, undefined, forbidden]) await change(trouble)
    expect(bench.errors).toEqual([
      'reading the scenes again: cloud/permission',
      'reading the scenes again: cloud/permission',
    ])
  })

  it('trouble on the way is tried again until the change shows', async () => {
    const bench = await (await richHome()).started()
    await bench.clock.advance(minuteMs)
    bench.directory.scenesNow = [sceneOf('s2')]
    bench.directory.trouble = (call) => (call === 'scenes h1' ? unavailable : undefined)
    bench.sync.changed({ of: 'scenes', homeId: 'h1' })
    await bench.clock.advance(5 * minuteMs)
    expect(sceneIds(bench)).toEqual(['s1'])
    expect(bench.errors).toEqual(['reading what was changed: cloud/unavailable'])
    bench.directory.trouble = () => undefined
    await bench.clock.advance(minuteMs)
    expect(sceneIds(bench)).toContain('s2')
  })

  it('nothing is read after the stop, whatever was changed before and after', async () => {
    const bench = await (await richHome()).started()
    bench.sync.changed({ of: 'scenes', homeId: 'h1' })
    await bench.sync.stop()
    bench.sync.changed({ of: 'automations', homeId: 'h1' })
    expect(await bench.calls(dayMs)).toEqual([])
    expect(bench.clock.waiting).toBe(0)
  })
})
