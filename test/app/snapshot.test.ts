import { expect, it } from 'vitest'
import { memoryDisk } from '../../src/app/demo.ts'
import { asSnapshot, type Snapshot, SnapshotKeeper } from '../../src/app/snapshot.ts'
import { type SnapshotDisk, SnapshotFile } from '../../src/app/snapshot-file.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const empty: Snapshot = {
  savedMs: 0,
  homes: [],
  rooms: [],
  devices: [],
  names: [],
  book: { models: {}, shadows: {} },
  values: {},
  budget: undefined,
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
