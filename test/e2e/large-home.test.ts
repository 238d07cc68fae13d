import { afterAll, beforeAll, expect, it } from 'vitest'
import type { WorldFile } from '../../src/simulator/world-file.ts'
import { canaryWorld, House } from '../support/house.ts'
import { until } from '../support/until.ts'

const largest = 128 * 1024
const scenes = 1_000
const huge = 'hugescene0000001'

type HomeEntry = WorldFile['homes'][number]
type SceneEntry = NonNullable<HomeEntry['scenes']>[number]

/** A home with a thousand scenes, one of which does more than a message can hold. */
function largeWorld(): WorldFile {
  const world = canaryWorld()
  const [home, ...others] = world.homes
  const [scene] = home?.scenes ?? []
  if (!home || !scene) throw new Error('the demo has no scene')
  const named = (id: string, name: string): SceneEntry => ({ ...scene, id, name })
  const many = Array.from({ length: scenes }, (_, i) =>
    named(`scene${String(i).padStart(11, '0')}`, `Everything off, upstairs and downstairs ${i}`),
  )
  const action = scene.actions?.[0]
  const all = {
    ...named(huge, 'Too much'),
    actions: Array.from({ length: 2_000 }, () => action),
  } as SceneEntry
  return { ...world, homes: [{ ...home, scenes: [...many, all] }, ...others] }
}

let house: House
const retained = new Map<string, string>()

beforeAll(async () => {
  house = await (
    await House.open({ world: largeWorld(), config: { publish: { homeassistant: true } } as never })
  ).ready()
  const client = await house.client()
  client.on('message', (topic, payload) => {
    retained.set(topic, payload.toString())
  })
  await client.subscribeAsync('#', { qos: 0 })
  // While documents become more, an entity may be seen where it was and where it goes.
  const isSettled = () =>
    listed().size > scenes && new Set(told()).size > scenes && new Set(told()).size === told().length
  await until(() => retained.has(`tuya/state/scene/${huge}/enabled`) && isSettled(), 60_000)
}, 120_000)

afterAll(() => house[Symbol.asyncDispose]())

/** Ids of the scenes in all pages of their list. */
function listed(): ReadonlySet<string> {
  const pages = [...retained].filter(([topic]) => topic.startsWith('tuya/meta/index/scenes'))
  return new Set(pages.flatMap(([, text]) => JSON.parse(text).items as { id: string }[]).map(({ id }) => id))
}

/** Unique ids of the scenes that Home Assistant is told of. */
function told(): string[] {
  return [...retained]
    .filter(([topic]) => topic.startsWith('homeassistant/device/tuya_main_scenes_'))
    .flatMap(([, text]) =>
      Object.values(JSON.parse(text).components as Record<string, { platform: string; unique_id?: string }>),
    )
    .flatMap(({ platform, unique_id }) =>
      platform === 'scene' && unique_id !== undefined ? [unique_id] : [],
    )
}

it('each scene of a large home has its topics, its place in the lists and its entity, once', () => {
  expect(listed().size).toBeGreaterThanOrEqual(scenes + 1)
  const entities = told()
  expect(new Set(entities).size).toBe(entities.length)
  for (let i = 0; i < scenes; i++) {
    const id = `scene${String(i).padStart(11, '0')}`
    expect(retained.has(`tuya/meta/scene/${id}`), id).toBe(true)
    expect(entities, id).toContain(`tuya_scene_${id}`)
  }
})

it('R-M3: nothing larger than a message may be is said', () => {
  for (const [topic, text] of retained) expect(Buffer.byteLength(text), topic).toBeLessThanOrEqual(largest)
})

it('R-M3: a document that fits in no message is refused, which is told, logged and counted', async () => {
  const topic = `tuya/meta/scene/${huge}`
  expect(retained.has(topic)).toBe(false)
  expect(house.logLines.some((line) => line.includes('payload-size') && line.includes(topic))).toBe(true)
  expect(house.bridge.health.counts['dead']).toBeGreaterThan(0)
  const client = await house.observe('tuya/bridge/deadletter')
  await house.publish(client, 'cmd/bridge/republish', '1')
  await until(() => house.on('bridge/deadletter').length > 0)
  expect(house.last('bridge/deadletter')).toMatchObject({ link: 'mqtt', reason: 'payload-size' })
})
