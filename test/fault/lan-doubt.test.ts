import { expect, it } from 'vitest'
import { House } from '../support/house.ts'
import { lanFleetWorld } from '../support/lan-fleet-world.ts'
import { until } from '../support/until.ts'

const { world, ids } = lanFleetWorld(3)
const lamp = ids[2] as string

it('I-3, R-Q2: what only the cloud tells within two seconds of the LAN is asked for', async () => {
  await using house = await House.open({ lan: true, world })
  await house.ready()
  await house.onLan(lamp)
  await house.observe()
  await house.quiet()
  const values = () => house.on(`state/device/${lamp}/dp/bright_value_v2`).map(({ payload }) => payload)
  house.simulator.world.report(lamp, { bright_value_v2: 111 })
  await until(() => values().at(-1) === '111', 5_000, 'what the device said')
  house.simulator.faults.set(`lan-no-push=,device=${lamp}`)
  house.simulator.world.report(lamp, { bright_value_v2: 222 })
  await until(() => values().at(-1) === '222', 8_000, 'what it said to the cloud alone')
  expect(values().slice(-2)).toEqual(['111', '222'])
}, 60_000)
