import { expect, it } from 'vitest'
import { memoryDisk } from '../../src/app/demo.ts'
import { Secret } from '../../src/util/secret.ts'
import { canaries } from '../support/canary.ts'
import { canaryWorld, House } from '../support/house.ts'
import { until } from '../support/until.ts'

it('a scene is known by id and name right after a restart without the cloud, and the answer is about the cloud', async () => {
  const disk = memoryDisk()
  let known: readonly { readonly id: string; readonly name: string }[]
  {
    await using before = await (await House.open({ disk })).ready()
    known = [...before.bridge.inventory.scenes.all.values()]
  }
  const [scene] = known
  expect(scene).toBeDefined()
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
  await using house = await House.open({ disk, config: { tuya: nowhere } })
  const client = await house.observe()
  await until(() => house.last(`meta/scene/${scene?.id}`), 10_000, 'the scene of the run before')
  expect(house.last(`meta/scene/${scene?.id}`)).toMatchObject({ name: scene?.name })
  await house.publish(client, `cmd/scene/${scene?.id}/trigger`, '1')
  expect((await house.answer(`scene/${scene?.id}`, 1, 20_000))['reason']).toMatch(/^cloud\//)
  await house.publish(client, `cmd/named/scene/${scene?.name}/trigger`, '1')
  expect((await house.answer(`scene/${scene?.id}`, 2, 20_000))['reason']).toMatch(/^cloud\//)
})
