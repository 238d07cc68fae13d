import { describe, expect, it } from 'vitest'
import { House } from '../support/house.ts'
import { until } from '../support/until.ts'
import { VirtualHouse } from '../support/virtual-house.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const home = '3182004'
const room = '1408001'
const minuteMs = 60_000

describe('one operation of the cloud answers 500 for hours', () => {
  it.each(['scene-list', 'automation-list', 'room-list'])(
    'R-C6, I-1: %s, from the start: the queue is heard all the same, and the reading does not use up the day',
    async (operation) => {
      await using house = await VirtualHouse.open({
        listens: true,
        cloudDown: true,
        config: { budget: { cloudCallsPerDay: 800 } } as never,
      })
      const { faults, journal, queue, world } = house.simulator
      queue.subscribe('sub')
      await house.time.pass(5_000)
      faults.set(`error=${operation}:500`)
      faults.clear('http')
      await house.time.pass(5 * minuteMs)
      expect(house.bridge.health.links.queue.state).toBe('up')
      world.report(lamp, { bright_value_v2: 321 })
      await house.time.pass(175 * minuteMs)
      expect(queue.backlog()).toBe(0)
      expect(journal.entries('request').length).toBeLessThan(320)
      faults.clear('error')
      // Seldom by then, so that half of what the day still allows is left.
      await house.time.until(() => house.bridge.ready, 90 * minuteMs, 'everything being read')
    },
    200_000,
  )

  it.each(['room-list', 'home-get'])(
    'I-9: %s: what is told of others is followed meanwhile, and the rest when it is over',
    async (operation) => {
      await using house = await (await House.open()).ready()
      const { world, faults } = house.simulator
      const { inventory } = house.bridge
      faults.set(`error=${operation}:500`)
      const place = world.homes.get(home)
      const hall = place?.rooms.get(room)
      if (!place || !hall) throw new Error('the world has another home')
      if (operation === 'room-list') world.renameRoom(place, hall, 'Parlour')
      else world.changeHome(place, { name: 'Our home' })
      await new Promise((resolve) => setTimeout(resolve, 200))
      world.rename(lamp, 'Lamp of now')
      await until(() => inventory.device(lamp)?.device.name === 'Lamp of now', 30_000, 'the name of the lamp')
      faults.clear('error')
      const isThere = () =>
        operation === 'room-list'
          ? inventory.rooms.get(room)?.name === 'Parlour'
          : inventory.homes.get(home)?.name === 'Our home'
      await until(isThere, 100_000, 'the other name')
    },
    180_000,
  )
})
