import { expect, it } from 'vitest'
import { seededRandom } from '../../src/util/random.ts'
import { FakeBroker } from '../support/fake-broker.ts'
import { House } from '../support/house.ts'
import { lanFleetWorld } from '../support/lan-fleet-world.ts'
import { until } from '../support/until.ts'

const { world, ids } = lanFleetWorld(5)
const parts = ['broker', 'cloud', 'queue', 'lan'] as const
type Part = (typeof parts)[number]

/** What takes a part away; the broker is stopped. */
const faults = { cloud: 'http=503', queue: 'queue-handshake=503', lan: 'lan-absent' } as const

const subsets = Array.from({ length: 16 }, (_, mask) => parts.filter((_part, i) => mask & (1 << i)))
/** Another order for each, the same in every run. */
const random = seededRandom(10)
const cases = subsets.map((down) => {
  const back = down.map((part) => ({ part, at: random() })).sort((a, b) => a.at - b.at)
  return {
    down,
    back: back.map(({ part }) => part),
    name: back.map(({ part }) => part).join(', ') || 'nothing',
  }
})

function linkOf({ bridge }: House, part: Part): string {
  const { mqtt, cloud, queue } = bridge.health.links
  if (part === 'lan') return ids.every((id) => bridge.inventory.device(id)?.lanUp) ? 'up' : 'down'
  return { broker: mqtt, cloud, queue }[part].state
}

it.concurrent.each(cases)(
  'P10: away at the start and back one after the other: $name; each is joined, and all is there within 30 s',
  async ({ down, back }) => {
    await using broker = await FakeBroker.open()
    if (down.includes('broker')) await broker.stop()
    const away = down.filter((part) => part !== 'broker')
    await using house = await House.open({
      lan: true,
      world,
      config: { mqtt: { url: broker.url } } as never,
      simulator: { faults: away.map((part) => faults[part]) },
    })
    // What needs nothing of what is away is there meanwhile; keys and devices are the cloud's to tell.
    if (!down.includes('broker'))
      await until(() => linkOf(house, 'broker') === 'up', 20_000, 'the broker being joined')
    if (!down.includes('cloud'))
      await until(() => house.bridge.inventory.device(ids[0] ?? ''), 20_000, 'devices')
    expect(down.filter((part) => linkOf(house, part) === 'up')).toEqual([])
    for (const part of back) {
      await new Promise((resolve) => setTimeout(resolve, 700))
      if (part === 'broker') await broker.start()
      else house.simulator.faults.clear(faults[part].split('=')[0] as never)
    }
    const returnedAt = performance.now()
    for (const part of parts)
      await until(() => linkOf(house, part) === 'up', 60_000, `${part} being joined after ${back.join(', ')}`)
    await until(() => house.bridge.ready, 60_000, 'the bridge being ready')
    expect(performance.now() - returnedAt).toBeLessThan(30_000)
    const isTold = (id: string) =>
      broker.stored.get(`tuya/state/device/${id}/availability`) === 'online' &&
      broker.stored.has(`tuya/state/device/${id}`)
    await until(() => ids.every(isTold), 20_000, 'the devices on the broker')
  },
  180_000,
)
