import { describe, expect, it } from 'vitest'
import { type TopicName, TopicTree, topics } from '../../src/mqtt/topic.ts'
import { demoWorld, type WorldFile } from '../../src/simulator/world-file.ts'
import { canaryWorld } from '../support/house.ts'
import { VirtualDesk } from '../support/virtual-desk.ts'

const tree = new TopicTree('tuya')
const background = 'https://images.tuyaeu.com/smart/rule/cover/starry.png'

const home = '3190001'
const room = '1410001'
const lamp = 'bf00lamp00000000000001'
const keys = 'bf00keys00000000000001'
const uid = demoWorld().users[0]?.uid ?? ''

/** The bridge speaks of itself as long as it is there. */
const ofTheBridge: readonly TopicName[] = ['bridgeState', 'bridgeInfo', 'bridgeHealth', 'bridgeCatalog']

/** What nobody knows belongs to no thing that could go; it expires. */
const ofNothing: readonly TopicName[] = ['lastQueue']

/** Every other kind of topic that is retained. */
const kinds = (Object.keys(topics) as TopicName[]).filter(
  (name) => topics[name].retained && ![...ofTheBridge, ...ofNothing].includes(name),
)

/** So many entries make a list take two pages. */
const twoPages = 510

/** A home that stays, and one with everything that can be deleted. */
function world(scenes: number): WorldFile {
  const stays = demoWorld().homes[1] as WorldFile['homes'][number]
  const wait = { action_executor: 'delay', executor_property: { seconds: '5' } }
  return canaryWorld({
    ...demoWorld(),
    homes: [
      stays,
      {
        id: home,
        name: 'Cottage',
        owner: uid,
        rooms: [{ id: room, name: 'Attic' }],
        members: [{ uid, name: 'Demo', admin: true }],
        scenes: Array.from({ length: scenes }, (_, i) => ({
          id: `scene${i}`,
          name: `Scene ${i}`,
          background,
          actions: [wait],
        })),
        automations: [
          {
            id: 'automation0',
            name: 'Bedtime',
            background,
            conditions: [
              {
                entity_type: 15,
                entity_id: 'c1',
                order_num: 1,
                display: { code: 'bedtime', operator: '==', value: 'true' },
              },
            ],
            actions: [wait],
          },
        ],
      },
    ],
    devices: [
      ...demoWorld().devices.filter((device) => device.home === stays.id && device.gateway === undefined),
      {
        id: lamp,
        name: 'Attic lamp',
        model: 'lamp_v2',
        home,
        room,
        status: { colour_data_v2: '{"h":1,"s":2,"v":3}' },
      },
      {
        id: keys,
        name: 'Attic keys',
        model: 'button_zigbee',
        home,
        room,
        scenes: [{ code: 'switch_mode1', value: 'click', scene: 'scene0' }],
      },
    ],
    pairable: [],
  })
}

/** The cottage, everything of it said. */
async function cottageWith(scenes: number, listens = true): Promise<VirtualDesk> {
  const allow = ['destructive', 'config']
  const at = await VirtualDesk.open({
    world: world(scenes),
    listens,
    config: {
      operations: { allow, raw: false },
      members: 'roles',
      names: 'mirror',
      publish: { entities: true },
    } as never,
  })
  await at.command(`device/${lamp}/ota`, 'check')
  if (listens) await everythingHappens(at)
  else await at.house.time.pass(5_000)
  return at
}

/** Each kind of event, once, to things of the cottage. */
async function everythingHappens(at: VirtualDesk): Promise<void> {
  const { simulator, time } = at.house
  const { world, queue } = simulator
  const tell = (bizCode: string, bizData: object, more: object = {}, devId: string | undefined = lamp) =>
    queue.publish({
      protocol: 20,
      bizCode,
      key: lamp,
      body: { ...(devId === '' ? {} : { devId }), bizCode, bizData, ts: time.clock.now(), ...more },
    })
  await at.until(() => at.house.bridge.health.links.queue.state === 'up', 30_000, 'the queue being heard')
  world.report(keys, { switch_mode1: 'click' })
  for (const etype of ['ac_doorbell', 'hijack', 'self_test']) tell('event_notify', { devId: lamp, etype })
  const code = 'unlock_fingerprint'
  const t = time.clock.now()
  const status = [{ code, t, '101': '7', value: 7 }]
  queue.publish({ protocol: 4, bizCode: null, key: lamp, body: { dataId: 'd', devId: lamp, status } })
  world.setOnline(lamp, false)
  world.setOnline(lamp, true)
  tell('nameUpdate', { devId: lamp, name: 'Attic lamp' })
  tell('bindUser', { devId: lamp, ownerId: home })
  // Contradicted by the cloud, which is asked: an event it is all the same.
  tell('delete', { devId: lamp, ownerId: home })
  tell('upgradeStatus', { devId: lamp, upgradeStatus: '2', description: 'upgrading', moduleType: 'wifi' })
  tell('share', { share: true, groupId: home, addDevIds: [lamp], removedDevIds: [] }, {}, '')
  tell('sceneExecute', { id: 'scene0', name: 'Scene 0' }, { gid: Number(home), actions: [] }, '')
  tell('automationExternalAction', { action: 'attic' }, { automationId: 'automation0' }, '')
  tell('homeUpdate', { homeId: Number(home), homeName: 'Cottage' }, {}, '')
  tell('simStop', { iccid: '8949' }, {}, '')
  await time.pass(10_000)
}

/** The kinds of topics that hold something of what the pattern names, in topic or payload. */
async function kindsWith(at: VirtualDesk, pattern: RegExp): Promise<Set<TopicName>> {
  const found = new Set<TopicName>()
  for (const [topic, text] of await at.retained()) {
    const name = tree.parse(`tuya/${topic}`)?.name
    if (name && !ofTheBridge.includes(name) && pattern.test(`${topic} ${text}`)) found.add(name)
  }
  return found
}

const cottage = new RegExp([home, room, lamp, keys, 'scene\\d+', 'automation0', '[Aa]ttic'].join('|'))
const topicsOf = async (at: VirtualDesk, ...parts: string[]) =>
  [...(await at.retained()).keys()].filter((topic) => topic.split('/').some((level) => parts.includes(level)))

describe('every kind of retained topic', { timeout: 60_000 }, () => {
  it('is there as long as its thing is', async () => {
    await using at = await cottageWith(twoPages)
    expect([...(await kindsWith(at, cottage))].sort()).toEqual([...kinds].sort())
  })

  it('goes with what we delete, one thing after the other', async () => {
    await using at = await cottageWith(3)
    const gone = async (operation: string, params: object, ...levels: string[]) => {
      expect((await topicsOf(at, ...levels)).length, operation).toBeGreaterThan(0)
      await at.result(operation, params)
      await at.house.time.pass(5_000)
      expect(await topicsOf(at, ...levels), operation).toEqual([])
    }
    const home_id = home
    await gone('scene-delete', { home_id, scene_id: 'scene1' }, 'scene1')
    await gone('automation-delete', { home_id, automation_id: 'automation0' }, 'automation0')
    await gone('device-delete', { device_id: lamp }, lamp, 'attic_lamp')
    await gone('room-delete', { home_id, room_id: room }, room)
    await at.result('device-scene-unbind', { device_id: keys, scene_id: 'scene0', code: 'switch_mode1' })
    await at.house.time.pass(5_000)
    expect((await topicsOf(at, keys)).filter((topic) => topic.endsWith('/scenes'))).toEqual([])
    await at.result('home-delete', { home_id })
    await at.house.time.pass(5_000)
    expect([...(await kindsWith(at, cottage))]).toEqual([])
  })

  it('goes with a scene that a key runs: the key does not tell it any more', async () => {
    await using at = await cottageWith(3)
    await at.result('scene-delete', { home_id: home, scene_id: 'scene0' })
    await at.house.time.pass(5_000)
    expect(await topicsOf(at, 'scene0')).toEqual([])
    expect((await topicsOf(at, keys)).filter((topic) => topic.endsWith('/scenes'))).toEqual([])
  })

  it('goes when two lists do not show what somebody else deleted, things first and the home after them', async () => {
    await using at = await cottageWith(twoPages, false)
    const twoLists = async () => {
      await at.house.time.pass(60_000)
      expect(await at.command('bridge/resync', { scope: 'all' })).toMatchObject({ ok: true })
      await at.house.time.pass(70_000)
    }
    const { simulator } = at.house
    const there = simulator.world.homes.get(home)
    if (!there) throw new Error('no cottage')
    there.scenes.clear()
    there.automations.clear()
    simulator.world.removeDevice(lamp)
    await twoLists()
    const left = await kindsWith(at, /scene\d+|automation0|bf00lamp|attic_lamp/)
    expect([...left]).toEqual([])
    expect(await topicsOf(at, '2')).toEqual([])
    simulator.world.removeHome(home)
    await twoLists()
    expect([...(await kindsWith(at, cottage))]).toEqual([])
  })

  it('goes at once with what the queue tells to be gone, the home with everything in it', async () => {
    await using at = await cottageWith(3)
    at.house.simulator.world.removeHome(home)
    await at.house.time.pass(10_000)
    expect([...(await kindsWith(at, cottage))]).toEqual([])
  })

  it('and what is deleted at once by somebody else while nobody tells', async () => {
    await using at = await cottageWith(3, false)
    at.house.simulator.world.removeHome(home)
    await at.house.time.pass(60_000)
    await at.command('bridge/resync', { scope: 'all' })
    expect([...(await kindsWith(at, cottage))].length).toBeGreaterThan(0)
    await at.house.time.pass(70_000)
    expect([...(await kindsWith(at, cottage))]).toEqual([])
  })
})
