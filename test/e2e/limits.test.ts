import { describe, expect, it } from 'vitest'
import { isMomentary } from '../../src/domain/momentary.ts'
import { builtinModels, demoWorld, type WorldFile } from '../../src/simulator/world-file.ts'
import { CloudHouse } from '../support/cloud-house.ts'
import { canaryWorld } from '../support/house.ts'
import { VirtualHouse } from '../support/virtual-house.ts'

type HomeEntry = WorldFile['homes'][number]

const background = 'https://images.tuyaeu.com/smart/rule/cover/starry.png'
const uid = demoWorld().users[0]?.uid ?? ''

/** Products whose points all stand in the standard set, and that have no channels to be named. */
const plain = ['lamp_v1', 'dimmer', 'curtain', 'contact', 'leak', 'climate_sensor', 'smoke', 'motion_zigbee']

/** Everything that the simulator knows: also points outside that set, names of channels, keys that run scenes. */
const every = Object.keys(builtinModels())

const wait = { action_executor: 'delay', executor_property: { seconds: '5' } }

/** A home with as much in it as the platform's app allows. */
function fullHome(n: number, models: readonly string[]): { home: HomeEntry; devices: WorldFile['devices'] } {
  const id = String(3_200_000 + n)
  const rooms = range(20).map((i) => ({ id: `${1_500_000 + n * 100 + i}`, name: `Room ${i}` }))
  const devices = range(200).map((i) => ({
    id: `bf${n}home${i}device`.padEnd(22, '0'),
    name: `Device ${i}`,
    model: models[i % models.length] ?? '',
    home: id,
    room: rooms[i % rooms.length]?.id ?? '',
  }))
  const condition = {
    entity_type: 15,
    entity_id: `c${n}`,
    order_num: 1,
    display: { code: 'go', operator: '==', value: 'true' },
  }
  const home: HomeEntry = {
    id,
    name: `Home ${n}`,
    owner: uid,
    rooms,
    members: [{ uid, name: 'Demo', admin: true }],
    scenes: range(100).map((i) => ({ id: `s${n}x${i}`, name: `Scene ${i}`, background, actions: [wait] })),
    automations: range(100).map((i) => ({
      id: `a${n}x${i}`,
      name: `Automation ${i}`,
      background,
      conditions: [condition],
      actions: [wait],
    })),
  }
  return { home, devices }
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i)
}

/** So many products that are like those of the simulator, each with an id of its own. */
function manyModels(count: number): NonNullable<WorldFile['models']> {
  const known = Object.values(builtinModels())
  return Object.fromEntries(
    range(count).map((i) => {
      const model = known[i % known.length] as (typeof known)[number]
      return [`model${i}`, { ...model, productId: `product${String(i).padStart(9, '0')}` }]
    }),
  )
}

function worldOf(homes: number, names: readonly string[], models?: WorldFile['models']): WorldFile {
  const full = range(homes).map((n) => fullHome(n, names))
  return canaryWorld({
    ...demoWorld(),
    ...(models ? { models } : {}),
    homes: full.map(({ home }) => home),
    devices: full.flatMap(({ devices }) => devices),
    pairable: [],
  })
}

/** Calls by what they ask for, ids left out. */
function byKind(made: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const call of made) {
    const kind = call.replace(/\/(?:[0-9a-f]{32}|\d{5,}|bf\w+|eu\w+)(?=\/|$)/g, '/{id}')
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

async function mirrored(names: readonly string[], models?: WorldFile['models']): Promise<VirtualHouse> {
  const world = worldOf(1, names, models)
  const house = await VirtualHouse.open({
    world,
    config: { members: 'roles', budget: { cloudCallsPerDay: 800 } } as never,
  })
  await house.time.pass(5_000)
  const { inventory } = house.bridge
  const numbers = [inventory.devices, inventory.rooms, inventory.scenes.all, inventory.automations.all]
  expect(numbers.map(({ size }) => size)).toEqual([200, 20, 100, 100])
  for (const { device, specification } of inventory.devices.values())
    expect([device.roomId !== null, specification !== undefined], device.id).toEqual([true, true])
  return house
}

describe('homes at the platform’s limits', { timeout: 120_000 }, () => {
  it('one is mirrored whole in at most 60 calls', async () => {
    await using house = await mirrored(plain)
    expect(house.http.calls, JSON.stringify(byKind(house.http.made))).toBeLessThanOrEqual(60)
  })

  it('one is with any mix of products, and what devices have of their own follows within the hour', async () => {
    await using house = await mirrored(every)
    expect(house.http.calls, JSON.stringify(byKind(house.http.made))).toBeLessThanOrEqual(60)
    const own = /multiple-names|shadow\/properties|\/model$|devices\/[^/]+\/scenes$/
    const further = () => house.http.made.filter((call) => own.test(call))
    const before = further().length
    await house.time.pass(60_000)
    expect(further().length - before).toBeLessThanOrEqual(6)
    await house.time.pass(30 * 60_000)
    const all = further()
    expect(new Set(all).size).toBe(all.length)
    // Twelve of each: plugs, thermostats and gateways have points of their own, switches and others channels.
    expect(byKind(all)).toMatchObject({
      'GET /v2.0/cloud/thing/{id}/shadow/properties': expect.any(Number),
      'GET /v1.0/devices/{id}/multiple-names': expect.any(Number),
      'GET /v1.0/devices/{id}/scenes': expect.any(Number),
    })
    const { inventory } = house.bridge
    const plug = [...inventory.devices.values()].find(({ device }) => device.category === 'cz')
    expect(plug?.specification?.points.has('standby_limit')).toBe(true)
    await house.time.pass(30 * 60_000)
    expect(further().length).toBe(all.length)
  })

  it('one is with two hundred products, whose numbers are right from the first moment', async () => {
    const models = manyModels(200)
    await using house = await mirrored(Object.keys(models), models)
    expect(house.http.calls, JSON.stringify(byKind(house.http.made))).toBeLessThanOrEqual(60)
    const { inventory } = house.bridge
    const sensors = () => [...inventory.devices.values()].filter(({ device }) => device.category === 'wsdcg')
    const shown = () => sensors().map(({ state }) => state.get('va_temperature')?.value)
    const first = shown()
    expect(new Set(first).size).toBe(1)
    expect(Number(first[0])).toBeLessThan(60)
    expect(sensors().some(({ specification }) => specification?.partial)).toBe(true)
    await house.time.pass(60 * 60_000)
    expect([...inventory.devices.values()].some(({ specification }) => specification?.partial)).toBe(false)
    expect(shown()).toEqual(first)
    for (const { device, state } of inventory.devices.values()) {
      const simulated = house.simulator.world.device(device.id)
      const codes = simulated.model.dps.filter(
        ({ access, standard }) => access !== 'wo' && standard !== false,
      )
      for (const { code } of codes)
        expect(state.get(code) ?? isMomentary(code), `${device.id} ${code}`).toBeTruthy()
    }
  })

  it('twenty take less than 60 calls each: products and accounts are asked about once', async () => {
    await using house = await CloudHouse.open({ world: worldOf(20, plain), pollSeconds: 3_600 })
    // At the pace of the project.
    await house.pass(60_000)
    expect([house.cloud.sync.ready, house.errors]).toEqual([true, []])
    const { inventory } = house
    const numbers = [inventory.devices, inventory.rooms, inventory.scenes.all, inventory.automations.all]
    expect(numbers.map(({ size }) => size)).toEqual([4_000, 400, 2_000, 2_000])
    const made = house.http.made.map(({ request, path }) => `${request.method} ${path.split('?')[0]}`)
    const counts = byKind(made)
    expect(counts['GET /v1.1/devices/{id}/specifications']).toBe(plain.length)
    expect(counts['GET /v1.0/homes/{id}/rooms/{id}/devices']).toBe(400)
    expect(made.length, JSON.stringify(counts)).toBeLessThanOrEqual(20 * 31)
  })
})
