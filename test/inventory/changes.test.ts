import { expect, it } from 'vitest'
import type { Area } from '../../src/inventory/area.ts'
import { Changes } from '../../src/inventory/changes.ts'
import { Troubles } from '../../src/inventory/troubles.ts'
import { seededRandom } from '../../src/util/random.ts'
import { minuteMs } from '../support/span.ts'
import { unavailable } from '../support/sync-bench.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const rooms: Area = { of: 'rooms', homeId: 'h1' }
const scenes: Area = { of: 'scenes', homeId: 'h1' }
const members: Area = { of: 'members', homeId: 'h1' }

/** A cloud that answers one list with an error as long as the test says so. */
function bench() {
  const clock = new VirtualClock()
  const errors: string[] = []
  const house = { inTrouble: rooms.of as string | undefined, read: [] as string[], passes: 0 }
  const changes = new Changes({
    clock,
    random: seededRandom(1),
    troubles: new Troubles((error, what) => errors.push(`${what}: ${error.code}`)),
    read: async ({ of }) => {
      if (of === house.inTrouble) throw unavailable
      house.read.push(of)
      return []
    },
    turn: (work) => work(),
    homeOf: () => 'h1',
    onRead: () => house.passes++,
    onFlood: () => {},
  })
  return { clock, changes, house, errors }
}

it('one list in trouble keeps no other waiting, nor what follows from them', async () => {
  const { clock, changes, house, errors } = bench()
  changes.ours([rooms, scenes])
  await clock.advance(1_000)
  expect(house.read).toEqual(['scenes'])
  expect(house.passes).toBeGreaterThan(0)
  expect(errors).toHaveLength(1)
  house.inTrouble = undefined
  await clock.advance(minuteMs)
  expect(house.read).toEqual(['scenes', 'rooms'])
  expect(clock.waiting).toBe(0)
})

it('a list in trouble is asked for ever more seldom', async () => {
  const { clock, changes, house } = bench()
  changes.ours([rooms])
  await clock.advance(60 * minuteMs)
  const before = house.passes
  await clock.advance(60 * minuteMs)
  expect(house.passes - before).toBeGreaterThanOrEqual(12)
  expect(house.passes - before).toBeLessThan(30)
  changes.stop()
  expect(clock.waiting).toBe(0)
})

it('what we change meanwhile is read in a moment all the same', async () => {
  const { clock, changes, house } = bench()
  changes.ours([rooms])
  await clock.advance(60 * minuteMs)
  changes.ours([members])
  await clock.advance(1_000)
  expect(house.read).toEqual(['members'])
  changes.stop()
})
