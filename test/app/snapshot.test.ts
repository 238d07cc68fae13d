import { expect, it } from 'vitest'
import { memoryDisk } from '../../src/app/demo.ts'
import {
  asSnapshot,
  ofHome,
  restore,
  type Snapshot,
  SnapshotKeeper,
  takeSnapshot,
} from '../../src/app/snapshot.ts'
import { type SnapshotDisk, SnapshotFile } from '../../src/app/snapshot-file.ts'
import { valueCodec } from '../../src/codec/data-point/codec.ts'
import type { Automation } from '../../src/domain/automation.ts'
import type { Scene } from '../../src/domain/scene.ts'
import { Inventory } from '../../src/inventory/inventory.ts'
import { SpecificationBook } from '../../src/inventory/specification-book.ts'
import { deviceOf, homeOf } from '../support/device.ts'
import { FakeDirectory } from '../support/fake-directory.ts'
import { firmwareModule } from '../support/firmware.ts'
import { specification } from '../support/mirrored.ts'
import { point } from '../support/point.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const empty: Snapshot = {
  savedMs: 0,
  homes: [],
  rooms: [],
  devices: [],
  scenes: [],
  automations: [],
  names: [],
  sceneNames: [],
  automationNames: [],
  book: { models: {}, shadows: {} },
  values: {},
  firmware: {},
  bindings: {},
  energy: {},
  budget: undefined,
  queueHeardMs: null,
  isWhole: false,
}

function keeperOn(disk: SnapshotDisk) {
  const clock = new VirtualClock()
  const troubles: unknown[] = []
  let saves = 0
  const counting: SnapshotDisk = {
    ...disk,
    write: async (path, data) => {
      await disk.write(path, data)
      saves++
    },
  }
  const keeper = new SnapshotKeeper(
    new SnapshotFile('/d', 1, counting),
    () => empty,
    clock,
    (thrown) => troubles.push(thrown),
  )
  keeper.start()
  return { clock, keeper, troubles, saves: () => saves }
}

it('saves five seconds after the last change', async () => {
  const { clock, keeper, saves } = keeperOn(memoryDisk())
  await clock.advance(120_000)
  expect(saves()).toBe(0)
  keeper.touch()
  await clock.advance(3_000)
  keeper.touch()
  await clock.advance(4_000)
  expect(saves()).toBe(0)
  await clock.advance(3_000)
  expect(saves()).toBe(1)
  keeper.stop()
})

it('is never more than a minute behind, however busy the house is', async () => {
  const { clock, keeper, saves } = keeperOn(memoryDisk())
  for (let second = 0; second < 130; second++) {
    keeper.touch()
    await clock.advance(1_000)
  }
  expect(saves()).toBeGreaterThanOrEqual(2)
  keeper.stop()
})

it('saves at once what must not be lost', async () => {
  const { clock, keeper, saves } = keeperOn(memoryDisk())
  keeper.hurry()
  await clock.advance(1_100)
  expect(saves()).toBe(1)
  keeper.stop()
})

it('saves one after the other, whoever asks for it meanwhile', async () => {
  let [running, most, written] = [0, 0, 0]
  const disk = {
    ...memoryDisk(),
    write: async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      written++
    },
  }
  const { clock, keeper } = keeperOn(disk)
  const asked = [keeper.saveNow(), keeper.saveNow()]
  keeper.hurry()
  await clock.advance(2_000)
  await Promise.all([...asked, keeper.saveNow()])
  expect([written, most]).toEqual([3, 1])
  keeper.stop()
})

it('P5: a full disk is told, survived, and forgotten within a minute after there is room again', async () => {
  const memory = memoryDisk()
  let code: string | undefined = 'ENOSPC'
  const disk: SnapshotDisk = {
    ...memory,
    write: (path, data) =>
      code === undefined
        ? memory.write(path, data)
        : Promise.reject(Object.assign(new Error(code), { code })),
  }
  const { clock, keeper, troubles } = keeperOn(disk)
  for (const failure of ['ENOSPC', 'EIO', 'EROFS']) {
    code = failure
    keeper.touch()
    await clock.advance(70_000)
    expect(keeper.failing).toBe(true)
  }
  expect(troubles.length).toBeGreaterThanOrEqual(3)
  code = undefined
  await clock.advance(60_000)
  expect(keeper.failing).toBe(false)
  keeper.stop()
})

it('takes only what has the shape of a snapshot', () => {
  expect(asSnapshot(JSON.parse(JSON.stringify(empty)))).toBeDefined()
  for (const wrong of [null, [], 'x', {}, { ...empty, homes: {} }, { ...empty, values: [] }]) {
    expect(asSnapshot(wrong)).toBeUndefined()
  }
})

it('takes snapshots of versions that knew neither scenes nor automations', () => {
  const { scenes, automations, sceneNames, automationNames, firmware, bindings, energy, ...old } = empty
  expect(asSnapshot(old)).toEqual(empty)
  expect(asSnapshot({ ...old, scenes: {} })).toBeUndefined()
})

/** An inventory with its specifications, before anything was read. */
function house() {
  const clock = new VirtualClock()
  const inventory = new Inventory({ codec: valueCodec, now: () => clock.now() })
  const directory = new FakeDirectory(clock)
  return { inventory, book: new SpecificationBook({ directory, inventory, overrides: {} }), clock }
}

/** What a run with this inventory finds after the one before it has ended. */
function restarted(before: ReturnType<typeof house>): Inventory {
  const taken = takeSnapshot(before.inventory, before.book, undefined, before.clock.now())
  const { inventory, book } = house()
  restore(asSnapshot(JSON.parse(JSON.stringify(taken))) as Snapshot, inventory, book)
  return inventory
}

const scene = (id: string, name: string): Scene => ({
  id,
  name,
  homeId: 'h1',
  background: '',
  enabled: true,
  valid: true,
  actions: [{ kind: 'device', deviceId: 'bf1', group: false, values: { switch_led: true } }],
})

const automation = (id: string, name: string): Automation => ({
  ...scene(id, name),
  enabled: false,
  match: 'any',
  rule: null,
  conditions: [{ kind: 'external', order: 1, id: 'e1', code: 'bedtime', operator: '==', value: true }],
  preconditions: [],
})

it('scenes and automations are there after a restart as they were', () => {
  const before = house()
  before.inventory.setHome(homeOf('h1'))
  before.inventory.setDevices([deviceOf('bf1')])
  before.inventory.scenes.set([scene('s1', 'Good night')])
  before.inventory.automations.set([automation('a1', 'Bedtime')])
  const after = restarted(before)
  expect(after.scenes.get('s1')).toEqual(scene('s1', 'Good night'))
  expect(after.automations.get('a1')).toEqual(automation('a1', 'Bedtime'))
  expect(after.scenes.slugs.id('good_night')).toBe('s1')
  expect(after.automations.slugs.id('bedtime')).toBe('a1')
})

it('a name stays with its scene over a restart, whichever is listed first', () => {
  const before = house()
  before.inventory.scenes.set([scene('s2222', 'Evening')])
  before.inventory.scenes.set([scene('s1111', 'Evening')])
  expect(before.inventory.scenes.slugs.id('evening')).toBe('s2222')
  const after = restarted(before)
  after.scenes.set([scene('s1111', 'Evening'), scene('s2222', 'Evening')])
  expect(after.scenes.slugs.id('evening')).toBe('s2222')
  expect(after.scenes.slugs.slug('s1111')).toBe('evening~1111')
})

it('firmware and sums of energy are there after a restart', () => {
  const before = house()
  const running = firmwareModule(0, { status: 'running', latest: '2.0.0' })
  before.inventory.setDevices([deviceOf('bf1')])
  before.inventory.firmware.set('bf1', [running])
  before.inventory.setSpecification('bf1', specification([point('integer', { code: 'add_ele', scale: 2 })]))
  for (const timeMs of [1_000, 2_000])
    before.inventory.apply({
      deviceId: 'bf1',
      source: 'queue',
      receivedMs: timeMs,
      points: [{ code: 'add_ele', raw: 7, timeMs }],
    })
  const after = restarted(before)
  expect(after.firmware.get('bf1')).toEqual([running])
  expect(after.energy.total('bf1', 'add_ele')).toBe(0.14)
})

it('keys of scene switches come back with their scenes', () => {
  const [before, after] = [house(), house()]
  const bindings = [{ code: 'switch_mode1', value: 'click', sceneId: 's1', sceneName: 'Dinner' }]
  before.inventory.setDevices([deviceOf('bfkeys')])
  before.inventory.bindings.set('bfkeys', bindings)
  restore(takeSnapshot(before.inventory, before.book, undefined, 0), after.inventory, after.book)
  expect(after.inventory.bindings.get('bfkeys')).toEqual(bindings)
})

it('of a house without its account only what belongs to no account comes back', () => {
  const [before, after] = [house(), house()]
  for (const id of ['h1', 'lan']) before.inventory.setHome(homeOf(id))
  before.inventory.setDevices([deviceOf('bf1'), { ...deviceOf('bf2'), homeId: 'lan' }])
  before.inventory.scenes.set([scene('s1', 'Good night')])
  const taken = takeSnapshot(before.inventory, before.book, undefined, 0)
  restore(ofHome('lan', taken), after.inventory, undefined)
  expect([...after.inventory.devices.keys()]).toEqual(['bf2'])
  expect([...after.inventory.homes.keys()]).toEqual(['lan'])
  expect(after.inventory.scenes.all.size).toBe(0)
  expect(after.inventory.slugs.device.entries().map(([, id]) => id)).toEqual(['bf2'])
})
