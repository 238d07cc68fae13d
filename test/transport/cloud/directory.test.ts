import { describe, expect, it } from 'vitest'
import type { Device } from '../../../src/domain/device.ts'
import { demoWorld, type WorldFile } from '../../../src/simulator/world-file.ts'
import { CloudDirectory } from '../../../src/transport/cloud/directory.ts'
import { CloudBench } from '../../support/cloud-bench.ts'
import { refusal, type Script } from '../../support/scripted-exchange.ts'

const uid = 'eu1528964101460qLVPu'
const home = { id: '3182004', name: 'Home' }
const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const plug = 'bf5b8310dfe2a947c3jy2h'
const gatewayChild = 'bfb05c1f8e6d2a9743mt7p'

const waiting = () => ({ signal: new AbortController().signal })

/** The demo's world with a second account, and so many devices more; from 300 on in homes of their own. */
function crowded(extra: number): WorldFile {
  const world = demoWorld()
  const other = 'eu1700000000000second'
  const further = Array.from({ length: Math.ceil(Math.max(0, extra - 300) / 200) }, (_, i) => ({
    id: String(5_000_000 + i),
    name: `Home ${i}`,
    owner: uid,
    rooms: [],
  }))
  return {
    ...world,
    users: [...world.users, { uid: other }],
    homes: [...world.homes, { id: '4000001', name: 'Second', owner: other, rooms: [] }, ...further],
    devices: [
      ...world.devices,
      ...Array.from({ length: extra }, (_, i) => ({
        id: `bfextra${String(i).padStart(4, '0')}`,
        name: `Extra ${i}`,
        model: 'plug',
        home: further[Math.floor((i - 300) / 200)]?.id ?? (i % 2 === 0 ? '4000001' : home.id),
      })),
    ],
  }
}

function bench(parts: { uid?: string | null; homes?: readonly string[]; world?: WorldFile } = {}) {
  const cloud = new CloudBench(parts.world ? { world: parts.world } : {})
  const directory = new CloudDirectory({
    client: cloud.client,
    uid: parts.uid ?? null,
    homes: parts.homes ?? [],
  })
  return { cloud, directory }
}

/** Answers the operations whose path holds one of these with a code. */
function refusing(code: number, ...parts: readonly string[]): Script {
  return ({ path }) => (parts.some((part) => path.includes(part)) ? refusal(code) : undefined)
}

const deviceOf = async (directory: CloudDirectory, id: string): Promise<Device> => {
  const { devices } = await directory.devices(home, waiting())
  return devices.find((device) => device.id === id) as Device
}

const modelOf = async (directory: CloudDirectory, device: Device) => ({
  standard: await directory.standardSet(device, waiting()),
  thing: await directory.thingModel(device, waiting()),
})

describe('homes', () => {
  it('are those of the configured user', async () => {
    const { cloud, directory } = bench({ uid })
    await using _ = cloud
    expect((await directory.homes(waiting())).map(({ id, name }) => [id, name])).toEqual([
      ['3182004', 'Home'],
      ['3182917', 'Cabin'],
    ])
    expect(cloud.http.made.some(({ path }) => path.includes('associated-users'))).toBe(false)
  })

  it('are those of all linked accounts, which are found over several pages', async () => {
    const { cloud, directory } = bench({ world: crowded(230) })
    await using _ = cloud
    expect((await directory.homes(waiting())).map(({ id }) => id).sort()).toEqual([
      '3182004',
      '3182917',
      '4000001',
    ])
    const pages = cloud.http.made.filter(({ path }) => path.includes('associated-users'))
    expect(pages).toHaveLength(3)
    expect(pages[1]?.request.url).toContain('last_row_key=')
  })

  it('are only those that are asked for', async () => {
    const { cloud, directory } = bench({ homes: ['3182917', '99'] })
    await using _ = cloud
    expect((await directory.homes(waiting())).map(({ id }) => id)).toEqual(['3182917'])
  })

  it('can be asked for by id where the project may not list its users', async () => {
    const { cloud, directory } = bench({ homes: ['3182917'] })
    await using _ = cloud
    cloud.http.script = refusing(28841105, 'associated-users')
    expect(await directory.homes(waiting())).toMatchObject([
      { id: '3182917', name: 'Cabin', geoName: 'Harz' },
    ])
  })

  it('without any linked account are an error that says what to do', async () => {
    const world = demoWorld()
    const { cloud, directory } = bench({
      world: { ...world, users: world.users.map((user) => ({ ...user, linked: false })) },
    })
    await using _ = cloud
    await expect(directory.homes(waiting())).rejects.toMatchObject({
      code: 'cloud/permission',
      message: expect.stringContaining('Link App Account'),
    })
  })

  it('are an error when the cloud has trouble, never a shorter list', async () => {
    const { cloud, directory } = bench({ world: crowded(130) })
    await using _ = cloud
    cloud.http.script = ({ request }) => (request.url.includes('last_row_key') ? refusal(500) : undefined)
    expect(await cloud.run(directory.homes(waiting()))).toMatchObject({ kind: 'transient' })
  })

  it('are an error also when a later page is refused, and one that is tried again', async () => {
    const { cloud, directory } = bench({ world: crowded(130) })
    await using _ = cloud
    cloud.http.script = ({ request }) => (request.url.includes('last_row_key') ? refusal(1109) : undefined)
    expect(await cloud.run(directory.homes(waiting()))).toMatchObject({
      retry: 'later',
      message: expect.stringContaining('Page 2 of the list of the devices of the linked accounts'),
    })
  })
})

describe('details of accounts with thousands of devices', () => {
  const pagesOf = ({ http }: CloudBench) =>
    http.made.filter(({ path }) => path === `/v1.0/users/${uid}/devices`).map(({ request }) => request.url)
  const named = async (cloud: CloudBench, directory: CloudDirectory) => {
    const { devices } = (await cloud.run(directory.devices(home, waiting()))) as Awaited<
      ReturnType<CloudDirectory['devices']>
    >
    return devices.filter(({ product }) => product.name !== '').length / devices.length
  }

  it('are read page by page, once', async () => {
    const { cloud, directory } = bench({ uid, world: crowded(5_000) })
    await using _ = cloud
    await cloud.run(directory.homes(waiting()))
    const pages = pagesOf(cloud)
    expect(pages).toHaveLength(49)
    expect(pages.at(-1)).toContain('page_no=49')
    expect(await named(cloud, directory)).toBe(1)
    await cloud.run(directory.homes(waiting()))
    expect(pagesOf(cloud)).toHaveLength(49)
  })

  it('and of what joins by its id alone', async () => {
    const { cloud, directory } = bench({ uid, world: crowded(300) })
    await using _ = cloud
    await cloud.run(directory.homes(waiting()))
    cloud.simulator.world.addDevice({ id: 'bfnew', name: 'New', model: 'plug', home: home.id })
    const before = cloud.http.made.length
    expect(await named(cloud, directory)).toBe(1)
    expect(cloud.http.made.slice(before).map(({ request }) => new URL(request.url).search)).toEqual([
      '',
      '?device_ids=bfnew',
    ])
  })

  it('fail the list of homes when one of their pages fails', async () => {
    for (const code of [500, 1109]) {
      const { cloud, directory } = bench({ uid, world: crowded(300) })
      await using _ = cloud
      cloud.http.script = ({ request }) => (request.url.includes('page_no=2') ? refusal(code) : undefined)
      expect(await cloud.run(directory.homes(waiting())), String(code)).toMatchObject({
        tuya: { code },
        retry: 'later',
      })
    }
  })
})

describe('rooms', () => {
  it('come with the devices that stand in them', async () => {
    const { cloud, directory } = bench({ uid })
    await using _ = cloud
    const rooms = await directory.rooms(home, waiting())
    expect(rooms.map(({ id, homeId }) => [id, homeId])).toEqual(
      ['1408001', '1408002', '1408003', '1408004'].map((id) => [id, home.id]),
    )
    expect(await directory.placed({ id: '1408002', name: '', homeId: home.id }, waiting())).toEqual([
      plug,
      'bfa6f4790c1b8d25e9pv7s',
      'bfd17e3a8b0549c6f2um4c',
    ])
  })

  it('that are not there are said to be gone', async () => {
    const { cloud, directory } = bench({ uid })
    await using _ = cloud
    expect(await directory.placed({ id: '99', name: '', homeId: home.id }, waiting())).toBe('gone')
  })
})

describe('one thing by itself', () => {
  it('is a home, unless it is none of those that are wanted', async () => {
    const { cloud, directory } = bench({ homes: ['3182917'] })
    await using _ = cloud
    expect(await directory.home('3182917', waiting())).toMatchObject({ id: '3182917', name: 'Cabin' })
    const before = cloud.http.made.length
    expect(await directory.home(home.id, waiting())).toBe('denied')
    expect(cloud.http.made).toHaveLength(before)
  })

  it('is a device with its home, its details and its values', async () => {
    const { cloud, directory } = bench({ uid })
    await using _ = cloud
    expect(await directory.device(lamp, waiting())).toMatchObject({
      device: { id: lamp, homeId: home.id, product: { name: expect.stringMatching(/./) } },
      reports: [{ deviceId: lamp, source: 'poll' }],
    })
  })

  it.each([
    [2010, 'gone'],
    [1106, 'denied'],
  ])('that the cloud answers with %i is %s', async (code, absent) => {
    const { cloud, directory } = bench({ uid })
    await using _ = cloud
    cloud.http.script = refusing(code, '/devices/', '/homes/')
    expect(await directory.device(lamp, waiting())).toBe(absent)
    expect(await directory.home(home.id, waiting())).toBe(absent)
  })

  it('is asked for although it was refused before', async () => {
    const { cloud, directory } = bench({ uid })
    await using _ = cloud
    cloud.http.script = refusing(1106, '/devices/')
    await directory.device(lamp, waiting())
    cloud.http.script = undefined
    expect(await directory.device(lamp, waiting())).toMatchObject({ device: { id: lamp } })
  })

  it('is neither there nor absent when the project may not ask, or the way there has trouble', async () => {
    for (const code of [28841105, 500]) {
      const { cloud, directory } = bench({ uid })
      await using _ = cloud
      cloud.http.script = refusing(code, '/devices/')
      expect(await cloud.run(directory.device(lamp, waiting()))).toMatchObject({ tuya: { code } })
    }
  })
})

describe('devices', () => {
  it('come with their values, dated with the moment at which the request began', async () => {
    const { cloud, directory } = bench({ uid })
    await using _ = cloud
    await directory.homes(waiting())
    cloud.simulator.faults.set('latency=400')
    const startMs = cloud.clock.now()
    const { devices, reports } = (await cloud.run(directory.devices(home, waiting()))) as Awaited<
      ReturnType<CloudDirectory['devices']>
    >
    expect(devices).toHaveLength(18)
    const report = reports.find(({ deviceId }) => deviceId === lamp)
    expect(report).toMatchObject({ source: 'poll', receivedMs: startMs + 400 })
    expect(report?.points).toContainEqual({ code: 'work_mode', raw: 'white', timeMs: startMs })
  })

  it('are completed with what the list of a home leaves out', async () => {
    const { cloud, directory } = bench({ uid })
    await using _ = cloud
    expect((await deviceOf(directory, lamp)).product.name).toBe('')
    await directory.homes(waiting())
    const details = await deviceOf(directory, lamp)
    const { model, createdMs } = cloud.simulator.world.device(lamp)
    expect(details).toMatchObject({
      homeId: home.id,
      product: { id: model.productId, name: model.productName },
      icon: expect.any(String),
      createdMs: Math.floor(createdMs / 1_000) * 1_000,
    })
    expect((await deviceOf(directory, gatewayChild)).gatewayId).toBe('bf4e9d7a01b3c6f825zs8j')
  })

  it('go without the details that the project may not read', async () => {
    const { cloud, directory } = bench({ uid })
    await using _ = cloud
    cloud.http.script = refusing(28841105, `/users/${uid}/devices`)
    expect(await directory.homes(waiting())).toHaveLength(2)
    expect((await deviceOf(directory, lamp)).product.name).toBe('')
  })

  it('are an error when the cloud has trouble', async () => {
    const { cloud, directory } = bench({ uid })
    await using _ = cloud
    cloud.http.script = refusing(500, '/homes/')
    expect(await cloud.run(directory.devices(home, waiting()))).toMatchObject({ kind: 'transient' })
  })
})

describe('the model of a product', () => {
  it('is the standard set with DP ids and the thing model', async () => {
    const { cloud, directory } = bench({ uid })
    await using _ = cloud
    const { standard, thing } = await modelOf(directory, await deviceOf(directory, plug))
    expect(standard.find(({ code }) => code === 'switch_1')).toMatchObject({ dpId: 1, type: 'boolean' })
    expect(standard.some(({ code }) => code === 'standby_limit')).toBe(false)
    expect(thing.find(({ code }) => code === 'standby_limit')).toMatchObject({ dpId: 101, type: 'integer' })
  })

  it('is the set without DP ids where that is all the project may read', async () => {
    const { cloud, directory } = bench({ uid })
    await using _ = cloud
    const device = await deviceOf(directory, plug)
    cloud.http.script = refusing(28841105, '/v1.1/', '/v2.0/')
    const { standard, thing } = await modelOf(directory, device)
    expect(standard.find(({ code }) => code === 'switch_1')).not.toHaveProperty('dpId')
    expect(thing).toEqual([])
  })

  it.each([
    ['permission', 28841105],
    ['no permission for the device', 1106],
    ['a category without specification', 2009],
    ['no such device', 2002],
    ['no such path', 1108],
    ['a code that nobody knows', 987654],
  ])('is empty where nothing may be read (%s)', async (_what, code) => {
    const { cloud, directory } = bench({ uid })
    await using _ = cloud
    const device = await deviceOf(directory, plug)
    cloud.http.script = () => refusal(code)
    expect(await cloud.run(modelOf(directory, device))).toEqual({ standard: [], thing: [] })
    expect(await cloud.run(modelOf(directory, device))).toEqual({ standard: [], thing: [] })
  })

  it.each([
    ['system error', 500],
    ['quota', 28841004],
    ['credentials', 1114],
    ['rate', 1199],
  ])('is an error when the way there has trouble (%s)', async (_what, code) => {
    const { cloud, directory } = bench({ uid })
    await using _ = cloud
    const device = await deviceOf(directory, plug)
    cloud.http.script = () => refusal(code)
    expect(await cloud.run(modelOf(directory, device))).toMatchObject({ tuya: { code } })
    expect(await cloud.run(modelOf(directory, device))).toBeInstanceOf(Error)
  })
})

describe('the shadow', () => {
  it('tells every point of the device with its value', async () => {
    const { cloud, directory } = bench({ uid })
    await using _ = cloud
    const device = await deviceOf(directory, plug)
    const startMs = cloud.clock.now()
    const { sources, report } = await directory.shadow(device, waiting())
    expect(sources).toContainEqual(expect.objectContaining({ code: 'standby_limit', dpId: 101 }))
    expect(report).toMatchObject({ deviceId: plug, source: 'poll' })
    expect(report.points.find(({ code }) => code === 'standby_limit')).toMatchObject({
      dpId: 101,
      timeMs: startMs,
    })
  })

  it('is empty where the project may not read it, and an error on trouble', async () => {
    const { cloud, directory } = bench({ uid })
    await using _ = cloud
    const device = await deviceOf(directory, plug)
    cloud.http.script = refusing(28841105, '/shadow/')
    expect(await directory.shadow(device, waiting())).toMatchObject({ sources: [], report: { points: [] } })
    cloud.client.forgetRefusals()
    cloud.http.script = refusing(500, '/shadow/')
    expect(await cloud.run(directory.shadow(device, waiting()))).toMatchObject({ kind: 'transient' })
  })

  it('a call that is given up is no answer', async () => {
    const { cloud, directory } = bench({ uid })
    await using _ = cloud
    const device = await deviceOf(directory, plug)
    cloud.simulator.faults.set('latency=1000')
    const given = new AbortController()
    const call = directory.shadow(device, { signal: given.signal })
    cloud.clock.after(100, () => given.abort())
    expect(await cloud.run(call)).toMatchObject({ name: 'AbortError' })
  })
})

describe('the names of channels', () => {
  const ceiling = 'bf9e22b7c6d14f50a1xz3m'

  it('come by code, without that of the device itself', async () => {
    const { cloud, directory } = bench()
    await using _ = cloud
    const device = await deviceOf(directory, ceiling)
    expect(await directory.channelNames(device, waiting())).toEqual({
      switch_1: 'Dining table',
      switch_2: 'Reading corner',
    })
  })

  it('are none where the project may not read them', async () => {
    const { cloud, directory } = bench()
    await using _ = cloud
    const device = await deviceOf(directory, ceiling)
    cloud.http.script = refusing(28841105, '/multiple-names')
    expect(await directory.channelNames(device, waiting())).toEqual({})
  })
})

it('what a home got since is asked for its details once, and then it has its gateway', async () => {
  const { cloud, directory } = bench({ uid })
  await using _ = cloud
  await directory.homes(waiting())
  await directory.devices(home, waiting())
  const asked = () =>
    cloud.http.made.filter(({ path }) => path.startsWith(`/v1.0/users/${uid}/devices`)).length
  const before = asked()
  const gateway = 'bf4e9d7a01b3c6f825zs8j'
  cloud.simulator.world.addDevice({
    id: 'bfnew',
    name: 'New',
    model: 'motion_zigbee',
    home: home.id,
    gateway,
  })
  expect(await deviceOf(directory, 'bfnew')).toMatchObject({ gatewayId: gateway, sub: true })
  await directory.devices(home, waiting())
  expect(asked()).toBe(before + 1)
})

it('what was paired anew as the same product is as old as it is now', async () => {
  const { cloud, directory } = bench({ uid })
  await using _ = cloud
  const { world } = cloud.simulator
  await directory.homes(waiting())
  const before = await deviceOf(directory, plug)
  world.removeDevice(plug)
  await cloud.clock.advance(60_000)
  world.addDevice({ id: plug, name: 'New', model: 'plug', home: home.id })
  directory.forget(plug)
  const now = await deviceOf(directory, plug)
  expect(now?.createdMs).toBeGreaterThanOrEqual((before?.createdMs ?? 0) + 60_000)
})

it('what was paired anew as another product is asked for its details once more, and is nothing of the old one', async () => {
  const { cloud, directory } = bench({ uid })
  await using _ = cloud
  const { world } = cloud.simulator
  await directory.homes(waiting())
  await directory.devices(home, waiting())
  const asked = () =>
    cloud.http.made.filter(({ path }) => path.startsWith(`/v1.0/users/${uid}/devices`)).length
  const renewed = async (model: string) => {
    world.removeDevice(plug)
    world.addDevice({ id: plug, name: 'New', model, home: home.id })
    const before = asked()
    const { product } = await deviceOf(directory, plug)
    const after = asked()
    for (let i = 0; i < 3; i++) await directory.devices(home, waiting())
    expect([after > before, asked() - after]).toEqual([true, 0])
    return product
  }
  const thermostat = await renewed('thermostat')
  const { productId, productName } = world.device(plug).model
  expect(thermostat).toEqual({ id: productId, name: productName })
  cloud.http.script = refusing(28841105, `/users/${uid}/devices`)
  expect(await renewed('plug')).toEqual({ id: world.device(plug).model.productId, name: '' })
})
