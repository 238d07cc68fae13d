import { describe, expect, it } from 'vitest'
import type { ProductModel } from '../../src/domain/specification.ts'
import { registration } from '../../src/inventory/after-message.ts'
import { BridgeError } from '../../src/util/error.ts'
import { deviceOf, homeOf, roomOf } from '../support/device.ts'
import { dayMs, hourMs, minuteMs } from '../support/span.ts'
import { forbidden, partsOfHome, SyncBench, unavailable } from '../support/sync-bench.ts'

describe('the first reading', () => {
  it('brings homes, devices with values and specifications, rooms with members', async () => {
    const { sync, inventory, listed } = await new SyncBench().started()
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
    const bench = new SyncBench()
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
    const bench = await new SyncBench().started()
    await bench.sync.stop()
    expect(await bench.calls(dayMs)).toEqual([])
    expect(bench.clock.waiting).toBe(0)
  })

  it('that is stopped half-way ends, and tells no trouble', async () => {
    const bench = new SyncBench()
    bench.directory.trouble = (_call, { signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    await bench.started()
    await bench.sync.stop()
    await bench.clock.advance(hourMs)
    expect(bench.errors).toEqual([])
  })
})

describe('a device of another product under the same id, as after it was paired anew', () => {
  const thermostat: ProductModel = {
    standard: [{ code: 'temp_set', dpId: 2, type: 'integer', access: 'rw', scale: 1, min: 50, max: 350 }],
    thing: [],
  }

  /** The lamp is a thermostat now. */
  function swap({ directory }: SyncBench): void {
    directory.models = { ...directory.models, p2: thermostat }
    directory.devicesNow = [deviceOf('bf1', { product: { id: 'p2', name: 'Thermostat' } }), deviceOf('bf2')]
  }

  const points = ({ inventory }: SyncBench) => [...(inventory.specification('bf1')?.points.keys() ?? [])]

  /** The lists of this bench name its switch whatever it is; only the lamp's own description knows its number. */
  const lampPoint = ({ inventory }: SyncBench) =>
    inventory.specification('bf1')?.points.get('switch_led')?.dpId ?? null

  it('I-3: is described anew, and has nothing of the other, whichever list shows it', async () => {
    const bench = await new SyncBench().started()
    expect(points(bench)).toContain('switch_led')
    swap(bench)
    await bench.clock.advance(minuteMs)
    expect(points(bench)).toContain('temp_set')
    expect(lampPoint(bench)).toBeNull()
    expect(bench.inventory.device('bf1')?.device.roomId).toBe('r1')
  })

  it('I-3: also where it is looked at by itself', async () => {
    const bench = await new SyncBench().started()
    bench.pollNeeded = false
    swap(bench)
    bench.sync.changed(registration('bf1', { isComing: true }))
    await bench.clock.advance(minuteMs)
    expect(points(bench)).toContain('temp_set')
    expect(lampPoint(bench)).toBeNull()
  })

  it('is the same device where no product is told', async () => {
    const bench = await new SyncBench().started()
    bench.directory.devicesNow = [deviceOf('bf1', { product: { id: '', name: '' } }), deviceOf('bf2')]
    await bench.clock.advance(minuteMs)
    expect(points(bench)).toContain('switch_led')
  })
})

describe('polling', () => {
  it('reads the lists of devices as often as wanted, and everything each six hours (R-S3)', async () => {
    const bench = await new SyncBench().started()
    const calls = await bench.calls(6 * hourMs)
    expect(calls.filter((call) => call === 'homes')).toHaveLength(1)
    expect(calls.filter((call) => call === 'rooms h1')).toHaveLength(1)
    expect(calls.filter((call) => call === 'devices h1')).toHaveLength(720)
  })

  it('R-C6: not while a better source of state is healthy', async () => {
    const bench = await new SyncBench().started()
    bench.pollNeeded = false
    expect(await bench.calls(5 * hourMs)).toEqual([])
  })

  it('R-S3: then the lists of devices are read each six hours, and everything once a day', async () => {
    const bench = await new SyncBench().started()
    await bench.clock.advance(minuteMs)
    bench.pollNeeded = false
    expect(await bench.calls(23 * hourMs)).toEqual(['devices h1', 'devices h1', 'devices h1'])
    expect(await bench.calls(2 * hourMs)).toEqual(expect.arrayContaining(['homes', 'devices h1', 'rooms h1']))
    expect(await bench.calls(4 * hourMs)).toEqual([])
  })

  it('something may have been missed: the lists of devices are read, once in ten minutes', async () => {
    const bench = await new SyncBench().started()
    await bench.clock.advance(minuteMs)
    bench.pollNeeded = false
    for (let i = 0; i < 3; i++) bench.sync.reconcile()
    expect(await bench.calls(8 * minuteMs)).toEqual([])
    expect(await bench.calls(5 * minuteMs)).toEqual(['devices h1'])
    bench.sync.reconcile()
    expect(await bench.calls(5 * minuteMs)).toEqual([])
    expect(await bench.calls(10 * minuteMs)).toEqual(['devices h1'])
  })

  it('R-C6, I-13: spends the day’s calls evenly and never beyond', async () => {
    const bench = new SyncBench()
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
    const bench = new SyncBench()
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
    const bench = await new SyncBench().started()
    bench.left = 0
    await bench.clock.advance(30_000)
    expect(await bench.calls(5 * hourMs)).toEqual([])
    bench.left = 640
    expect((await bench.calls(19 * hourMs)).length).toBeGreaterThan(0)
  })

  it('that the budget refuses waits for the next day as well, instead of asking each minute', async () => {
    const bench = await new SyncBench().started()
    bench.left = 0
    bench.directory.trouble = () => new BridgeError('cloud/quota', 'no calls left', { retry: 'later' })
    expect((await bench.calls(5 * hourMs)).length).toBeLessThanOrEqual(1)
    expect(bench.errors.length).toBeLessThanOrEqual(1)
  })

  it('a jump of the wall clock moves no round (R-C3)', async () => {
    const bench = await new SyncBench().started()
    await bench.clock.advance(10_000)
    bench.clock.jump(3 * hourMs)
    expect(await bench.calls(19_998)).toEqual([])
    expect(await bench.calls(2)).toEqual(['devices h1'])
  })

  it('goes on after trouble with growing pauses, and as before once it is over', async () => {
    const bench = await new SyncBench().started()
    bench.directory.trouble = () => unavailable
    expect((await bench.calls(hourMs)).length).toBeLessThanOrEqual(130)
    bench.directory.trouble = () => undefined
    await bench.clock.advance(minuteMs)
    expect(await bench.calls(10 * minuteMs)).toHaveLength(20)
    expect(bench.errors).toEqual(['reading the inventory: cloud/unavailable'])
  })
})

describe('several homes', () => {
  async function twoHomes(): Promise<SyncBench> {
    const bench = new SyncBench()
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

describe('resync', () => {
  it('of everything reads everything', async () => {
    const bench = await new SyncBench().started()
    await bench.clock.advance(61_000)
    const before = bench.directory.calls.length
    await bench.sync.resync({ kind: 'all' })
    expect(bench.directory.calls.slice(before)).toEqual(['homes', ...partsOfHome])
  })

  it('of a home reads everything in it, of a device its values', async () => {
    const bench = await new SyncBench().started()
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
    const bench = await new SyncBench().started()
    await expect(bench.sync.resync(scope)).rejects.toMatchObject({ code })
    await expect(bench.sync.resync({ kind: 'home', id: 'h1' })).resolves.toBeUndefined()
  })

  it('is done at most once a minute', async () => {
    const bench = await new SyncBench().started()
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
    const bench = await new SyncBench({ leastPollMs: 2 * hourMs }).started()
    bench.directory.devicesNow = [deviceOf('bf1', { roomId: 'r1' })]
    await bench.sync.resync({ kind: 'home', id: 'h1' })
    expect(bench.deviceIds).toEqual(['bf1', 'bf2'])
    await bench.clock.advance(61_001)
    expect(bench.deviceIds).toEqual(['bf1'])
  })

  it('that misses a room has the second look after 61 s', async () => {
    const bench = new SyncBench({ leastPollMs: 2 * hourMs })
    bench.directory.roomsNow = [roomOf('r1'), roomOf('r2')]
    await bench.started()
    bench.directory.roomsNow = [roomOf('r1')]
    await bench.sync.resync({ kind: 'home', id: 'h1' })
    await bench.clock.advance(61_001)
    expect([...bench.inventory.rooms.keys()]).toEqual(['r1'])
  })

  it('that fails says so, and polling goes on', async () => {
    const bench = await new SyncBench().started()
    await bench.clock.advance(61_000)
    bench.directory.trouble = () => unavailable
    await expect(bench.sync.resync({ kind: 'all' })).rejects.toBe(unavailable)
    bench.directory.trouble = () => undefined
    expect((await bench.calls(2 * minuteMs)).length).toBeGreaterThanOrEqual(2)
  })
})

describe('R-S1: staleness', () => {
  const isStale = ({ inventory }: SyncBench) =>
    inventory.isStale(inventory.device('bf1')?.state.get('switch_led') as never, 'bf1')
  const down = (bench: SyncBench, reason = 'unavailable') => {
    bench.health = { ...bench.health, state: 'down', reason, sinceMs: bench.clock.now() }
    bench.directory.trouble = () => unavailable
  }

  it('a minute without the link makes what came over it stale; the first reading after it makes it fresh', async () => {
    const bench = await new SyncBench().started()
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
    const bench = await new SyncBench().started()
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
      const bench = await new SyncBench().started()
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
    const bench = await new SyncBench().started()
    bench.directory.trouble = () => unavailable
    await bench.clock.advance(minuteMs)
    expect(isStale(bench)).toBe(false)
    await bench.clock.advance(2 * minuteMs)
    expect(isStale(bench)).toBe(true)
  })

  it('where polling is not needed silence is no sign', async () => {
    const bench = await new SyncBench().started()
    bench.pollNeeded = false
    await bench.clock.advance(5 * hourMs)
    expect(isStale(bench)).toBe(false)
  })
})

describe('other settings', () => {
  it('another account or other homes: everything is read anew at once, once more after what is being read', async () => {
    const bench = await new SyncBench().started()
    await bench.clock.advance(1_000)
    expect(bench.reads).toBe(1)
    bench.sync.renew()
    await bench.clock.advance(1)
    expect(bench.reads).toBe(2)
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    bench.directory.trouble = (call) => (call === 'homes' ? held : undefined)
    bench.sync.renew()
    await bench.clock.advance(1)
    bench.sync.renew()
    release()
    await bench.clock.advance(1)
    await bench.clock.advance(1)
    expect(bench.reads).toBe(4)
    await bench.sync.stop()
  })

  it('a home that is left out on purpose goes at once with all that is in it, and comes back whole', async () => {
    let wanted = ['h1', 'h2']
    const bench = new SyncBench({ wanted: (id) => wanted.includes(id) })
    bench.directory.homesNow = [homeOf('h1'), homeOf('h2')]
    await bench.started()
    expect([...bench.inventory.homes.keys()]).toEqual(['h1', 'h2'])
    wanted = ['h2']
    bench.sync.renew()
    await bench.clock.advance(1)
    expect([...bench.inventory.homes.keys()]).toEqual(['h2'])
    expect([...bench.inventory.devices.values()].filter(({ device }) => device.homeId === 'h1')).toEqual([])
    wanted = []
    bench.sync.renew()
    await bench.clock.advance(1)
    expect([bench.inventory.homes.size, bench.deviceIds]).toEqual([0, []])
    wanted = ['h1']
    bench.sync.renew()
    await bench.clock.advance(1)
    expect([...bench.inventory.homes.keys()]).toEqual(['h1'])
    expect(bench.deviceIds).not.toEqual([])
    await bench.sync.stop()
  })

  it('a shorter interval is kept from now on', async () => {
    const bench = await new SyncBench({ leastPollMs: hourMs }).started()
    const settings = { ms: hourMs }
    const other = await new SyncBench({
      get leastPollMs() {
        return settings.ms
      },
    }).started()
    settings.ms = 10_000
    other.sync.replan()
    for (const [one, rounds] of [
      [bench, 0],
      [other, 6],
    ] as const)
      expect((await one.calls(minuteMs)).filter((call) => call === 'devices h1')).toHaveLength(rounds)
    await bench.sync.stop()
    await other.sync.stop()
  })

  it('members are read when they are wanted', async () => {
    const settings = { members: false }
    const bench = await new SyncBench({
      get members() {
        return settings.members
      },
    }).started()
    expect(bench.directory.calls).not.toContain('members h1')
    settings.members = true
    bench.sync.readMembers()
    expect(await bench.calls(1_000)).toContain('members h1')
    await bench.sync.stop()
  })
})
