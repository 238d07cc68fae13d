import { expect, it } from 'vitest'
import { canaries } from '../support/canary.ts'
import { House } from '../support/house.ts'
import { demo } from '../support/simulator-desk.ts'
import { until } from '../support/until.ts'

it.each(['1.0', '2.0'] as const)(
  'over the Open Hub, version %s, reports arrive as state',
  async (version) => {
    await using house = await House.open({
      uid: canaries.uid,
      config: { queue: { channel: 'openhub', openHub: { version } } } as never,
    })
    await house.ready()
    await house.observe()
    await house.quiet()
    const used = () => house.bridge.health.budget?.used ?? 0
    const before = used()
    house.simulator.world.report(demo.lamp, { bright_value_v2: 432 })
    const value = () => house.on(`state/device/${demo.lamp}/dp/bright_value_v2`).at(-1)?.payload
    await until(() => value() === '432', 5_000, 'the value')
    expect(house.last(`state/device/${demo.lamp}`)).toMatchObject({ source: 'queue' })
    house.simulator.world.setOnline(demo.plug, false)
    const availability = () => house.on(`state/device/${demo.plug}/availability`).at(-1)?.payload
    await until(() => availability() === 'offline', 5_000, 'the absence')
    expect(used()).toBe(before)
    expect(house.bridge.health.links.queue).toMatchObject({ state: 'up', reason: null })
  },
)
