import { expect, it } from 'vitest'
import { memoryDisk } from '../../src/app/demo.ts'
import { Secret } from '../../src/util/secret.ts'
import { canaries } from '../support/canary.ts'
import { canaryWorld, House } from '../support/house.ts'
import { until } from '../support/until.ts'

/** A cloud that does not answer. */
const nowhere = {
  region: 'eu',
  endpoint: 'http://127.0.0.1:1',
  accessId: canaryWorld().project.accessId,
  accessSecret: new Secret(canaries.accessSecret),
  accessSecretFile: null,
  uid: null,
  homes: [],
  schema: null,
} as const

it('a scene is known by id and name right after a restart without the cloud, and the answer is about the cloud', async () => {
  const disk = memoryDisk()
  let known: readonly { readonly id: string; readonly name: string }[]
  {
    await using before = await (await House.open({ disk })).ready()
    known = [...before.bridge.inventory.scenes.all.values()]
  }
  const [scene] = known
  expect(scene).toBeDefined()
  await using house = await House.open({ disk, config: { tuya: nowhere } })
  const client = await house.observe()
  await until(() => house.last(`meta/scene/${scene?.id}`), 10_000, 'the scene of the run before')
  expect(house.last(`meta/scene/${scene?.id}`)).toMatchObject({ name: scene?.name })
  await house.publish(client, `cmd/scene/${scene?.id}/trigger`, '1')
  expect((await house.answer(`scene/${scene?.id}`, 1, 20_000))['reason']).toMatch(/^cloud\//)
  await house.publish(client, `cmd/named/scene/${scene?.name}/trigger`, '1')
  expect((await house.answer(`scene/${scene?.id}`, 2, 20_000))['reason']).toMatch(/^cloud\//)
})

it('4.4: portions of energy are added up, equal ones too, and the sum is there after a restart', async () => {
  const disk = memoryDisk()
  const plug = 'bf5b8310dfe2a947c3jy2h'
  const topic = `state/device/${plug}/view/add_ele/total`
  {
    await using house = await (await House.open({ disk })).ready()
    const client = await house.observe()
    const total = () => house.on(topic).at(-1)?.payload
    await until(() => total() === '0', 20_000, 'the sum before the first portion')
    for (const expected of ['0.03', '0.06']) {
      house.simulator.world.report(plug, { add_ele: 30 })
      await house.publish(client, `cmd/device/${plug}/get`, '1')
      await until(() => total() === expected, 10_000, `a sum of ${expected}`)
    }
    await house.publish(client, `cmd/device/${plug}/get`, '1')
    await house.answer(`device/${plug}`, 3)
    await house.quiet()
    expect(total()).toBe('0.06')
  }
  await using house = await House.open({ disk, config: { tuya: nowhere } })
  await house.observe()
  await until(() => house.on(topic).at(-1)?.payload === '0.06', 10_000, 'the sum of the run before')
})
