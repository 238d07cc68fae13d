import { expect, it } from 'vitest'
import type { CloudSide } from '../../src/app/cloud-side.ts'
import { memoryDisk } from '../../src/app/demo.ts'
import { StateSide } from '../../src/app/state-side.ts'
import { valueCodec } from '../../src/codec/data-point/codec.ts'
import { Inventory } from '../../src/inventory/inventory.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const cloudThat = (ready: boolean) =>
  ({
    sync: { ready },
    book: { state: { models: {}, shadows: {} }, recall: () => {} },
    budget: { state: undefined },
  }) as unknown as CloudSide

/** What is saved by runs one after the other; null is one without an account. */
async function savedBy(...runs: readonly (CloudSide | null)[]): Promise<(boolean | undefined)[]> {
  const disk = memoryDisk()
  const clock = new VirtualClock()
  const open = async (cloud: CloudSide | null) =>
    StateSide.open({
      directory: '/state',
      disk,
      inventory: new Inventory({ codec: valueCodec, now: () => clock.now() }),
      clock,
      log: { warn: () => {}, error: () => {} } as never,
      cloud: () => cloud ?? undefined,
      queue: () => undefined,
      onTrouble: (reason) => expect.fail(reason),
    })
  const saved: (boolean | undefined)[] = []
  for (const cloud of runs) {
    const state = await open(cloud)
    state.restore()
    await state.saveNow()
    saved.push((await open(cloud)).saved?.isWhole)
  }
  return saved
}

it('a house counts as whole once everything was read, in this run or in one before', async () => {
  expect(await savedBy(cloudThat(false), cloudThat(true), cloudThat(false))).toEqual([false, true, true])
})

it('what is kept while there is no account is a part of the house', async () => {
  expect(await savedBy(cloudThat(true), null, cloudThat(false))).toEqual([true, false, false])
})
