import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Simulator } from '../../src/simulator/simulator.ts'
import { demoWorld } from '../../src/simulator/world-file.ts'
import { demo } from '../support/simulator-desk.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

interface Example {
  readonly family: string
  readonly protocol: number | null
  readonly bizCode: string | null
  readonly body: Readonly<Record<string, unknown>>
}

const { examples } = JSON.parse(
  readFileSync(new URL('../vector/event-examples.json', import.meta.url), 'utf8'),
) as { examples: readonly Example[] }

/** Nothing in this world causes them. */
const neverTold = new Set([
  'event_notify',
  'share',
  'deviceSignal',
  'deviceDpCommand',
  'userDelete',
  'roomSort',
  'deviceQueryPropertyMessage',
  'deviceEventMessage',
  'deviceActionResponseMessage',
  'deviceTransfer',
  'deviceFreeze',
  'deviceUnFreeze',
  'HighPriorityNotice',
])

function build(families: readonly ('legacy' | 'iotcore')[] = ['legacy', 'iotcore']) {
  const clock = new VirtualClock()
  const world = demoWorld()
  const firmware = [{ module: 0, version: '1', upgrade: '2' }]
  const devices = world.devices.map((device) => (device.id === demo.lamp ? { ...device, firmware } : device))
  const simulator = new Simulator({ world: { ...world, devices }, clock, seed: 1, alive: false, families })
  return { clock, simulator, world: simulator.world, feed: simulator.feed }
}

/** Everything that can happen, once at least. */
async function live({ clock, simulator, world }: ReturnType<typeof build>): Promise<void> {
  world.report(demo.lamp, { switch_led: false, bright_value_v2: 350 })
  world.setOnline(demo.lamp, false)
  world.setOnline(demo.lamp, true)
  world.rename(demo.lamp, 'Desk')
  const switchLed = world.device(demo.lamp).model.dps[0]
  if (switchLed) world.renamePoint(world.device(demo.lamp), switchLed, 'Light')
  const token = world.pairing.open(demo.uid, demo.home)
  await clock.advance(20_000)
  expect(token.joined).toHaveLength(1)
  const [module] = world.device(demo.lamp).modules
  if (module) world.upgrades.start(world.device(demo.lamp), module)
  await clock.advance(60_000)
  const members = [{ uid: demo.uid, name: 'Demo', admin: true }]
  const home = world.addHome({ id: '7', name: 'New', owner: demo.uid, rooms: [], members })
  world.changeHome(home, { name: 'Newer', lat: 1, lon: 2 })
  const room = world.addRoom(home, 'Attic')
  world.renameRoom(home, room, 'Loft')
  world.removeRoom(home, room)
  world.addDevice({ id: 'bfgone', name: 'Gone', model: 'plug', home: home.id })
  world.removeHome(home.id)
  world.addUser({ uid: 'eu1' }, 'demoApp')
  world.changeUser('eu1', { nickName: 'One' }, 'demoApp')
  const house = world.homes.get(demo.home)
  const scene = house?.scenes.get(demo.movieEvening)
  const bedtime = house?.automations.get(demo.bedtime)
  if (!house || !scene || !bedtime) throw new Error('the demo has lost its rules')
  simulator.engine.trigger(house, scene)
  simulator.engine.external(
    house,
    bedtime,
    bedtime.conditions.map(({ entity_id }) => ({ entityId: entity_id, code: 'bedtime', value: true })),
  )
}

/** Names and types, whatever the values; the names of DP ids and the types of their values do not count. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])]
  if (typeof value !== 'object' || value === null) return typeof value
  const members = Object.entries(value).map(([key, member]) => [
    /^\d+$/.test(key) ? 'DP id' : key,
    key === 'value' ? 'any' : shapeOf(member),
  ])
  return Object.fromEntries(members.sort())
}

describe('what the platform tells', () => {
  const told = (async () => {
    const house = build()
    await live(house)
    return house.feed.since()
  })()

  it.each(examples.map((example) => [`${example.family} ${example.bizCode ?? 'status'}`, example] as const))(
    '%s looks like the example',
    async (_name, example) => {
      const entry = (await told).find(
        ({ family, bizCode }) => family === example.family && bizCode === example.bizCode,
      )
      if (neverTold.has(example.bizCode ?? '')) {
        expect(entry).toBeUndefined()
        return
      }
      const bizData = entry?.body['bizData']
      const body =
        example.bizCode === 'automationExternalAction' ? { ...example.body, bizData } : example.body
      expect(shapeOf(entry?.body)).toEqual(shapeOf(body))
      if (example.protocol !== null) expect(entry?.protocol).toBe(example.protocol)
    },
  )

  it('has no kind without an example', async () => {
    const known = new Set(examples.map(({ family, bizCode }) => `${family} ${bizCode}`))
    const kinds = new Set((await told).map(({ family, bizCode }) => `${family} ${bizCode}`))
    expect([...kinds].filter((kind) => !known.has(kind))).toEqual([])
  })

  it('is numbered without a gap, and of one device in the order in which it happened', async () => {
    const sequence = (await told).map((entry) => entry.sequence)
    expect(sequence).toEqual(sequence.map((_, i) => i + 1))
    const ofLamp = (await told).filter(({ key, family }) => key === demo.lamp && family === 'legacy')
    expect(ofLamp.slice(0, 5).map(({ bizCode }) => bizCode)).toEqual([
      null,
      'offline',
      'online',
      'nameUpdate',
      'dpNameUpdate',
    ])
  })

  it('names the pairing token, the home as text, and then that the device is online', async () => {
    const [bound, online] = (await told).filter(
      ({ key, family }) => key.startsWith('bf81') && family === 'legacy',
    )
    expect(bound?.body).toMatchObject({
      bizCode: 'bindUser',
      bizData: { uid: demo.uid, ownerId: demo.home, token: expect.stringMatching(/^\w{8}$/) },
    })
    expect(online?.bizCode).toBe('online')
  })

  it('of a home that is deleted comes last, after its devices', async () => {
    const codes = (await told)
      .filter(({ key }) => key === '7' || key === 'bfgone')
      .map((entry) => entry.bizCode)
    expect(codes.slice(-3)).toEqual(['delete', 'deviceUnbindSpace', 'homeDelete'])
  })

  it('comes in the older words alone unless both are wanted, and then twice', () => {
    const older = build(['legacy'])
    older.world.report(demo.lamp, { switch_led: true })
    expect(older.feed.since().map(({ bizCode }) => bizCode)).toEqual([null])
    const both = build()
    both.world.report(demo.lamp, { switch_led: true })
    expect(both.feed.since().map(({ bizCode }) => bizCode)).toEqual([null, 'devicePropertyMessage'])
  })

  it('of a point outside the standard set has its DP id and no code, the value once as text', () => {
    const { world, feed } = build(['legacy'])
    world.report(demo.plug, { standby_limit: 30 })
    expect(feed.since()[0]?.body['status']).toEqual([{ t: expect.any(Number), '101': '30', value: 30 }])
  })

  it('never comes from the answer to a command: a dead device says nothing', () => {
    const { world, feed } = build(['legacy'])
    world.device(demo.lamp).dead = true
    world.command(demo.lamp, { switch_led: false })
    expect(feed.last).toBe(0)
  })
})
