import { describe, expect, it } from 'vitest'
import { subDevicesRequest } from '../../../src/codec/lan/request.ts'
import { Simulator } from '../../../src/simulator/simulator.ts'
import { demoWorld } from '../../../src/simulator/world-file.ts'
import { LanClient } from '../../support/lan-client.ts'
import { LanHouse } from '../../support/lan-house.ts'
import { demo } from '../../support/simulator-desk.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

/** What the platform told, as values by code or by id. */
const told = (house: LanHouse) =>
  house.simulator.feed.since(0).map(({ body }) => {
    const rows = body['status'] as readonly { code?: string; value: unknown }[] | undefined
    return rows?.map(({ code, value }) => [code, value])
  })

describe('a device on the LAN and in the cloud is one', () => {
  it('what is set over the LAN is told by the queue and stands in the journal once', async () => {
    await using house = await LanHouse.start({ version: '3.5' })
    await using client = await LanClient.open(house.lamp)
    client.set({ 20: false, 22: 77 })
    await client.take(2)
    expect(told(house)).toEqual([
      [
        ['switch_led', false],
        ['bright_value_v2', 77],
      ],
    ])
    expect(house.commands()).toEqual([{ values: { switch_led: false, bright_value_v2: 77 }, path: 'lan' }])
  })

  it('what the cloud commands is pushed to everybody who is connected', async () => {
    await using house = await LanHouse.start({ version: '3.4' })
    await using first = await LanClient.open(house.lamp)
    await using second = await LanClient.open(house.lamp)
    await first.isHeard()
    await second.isHeard()
    house.simulator.world.command(house.lamp.id, { switch_led: false })
    expect(await first.values()).toEqual({ 20: false })
    expect(await second.values()).toEqual({ 20: false })
  })

  it('points outside the standard set are points on the LAN', async () => {
    await using house = await LanHouse.start(
      { version: '3.5' },
      { more: { [demo.plug]: { version: '3.3' } } },
    )
    await using client = await LanClient.open(house.device(demo.plug))
    client.query()
    expect(await client.values()).toMatchObject({ 101: 25, 26: 0, 20: 2297 })
    client.set({ 101: 50 })
    await client.take(2)
    expect(house.status('standby_limit', demo.plug)).toBe(50)
  })

  it('colours are 14 digits of red, green, blue and the rest, or 12 where the range is finer', async () => {
    const strip = 'bf71d05c2ab94e83f0kq6d'
    await using house = await LanHouse.start({ version: '3.5' }, { more: { [strip]: { version: '3.1' } } })
    await using old = await LanClient.open(house.device(strip))
    old.query()
    expect(await old.values()).toMatchObject({ 5: 'c87b000025ffc8' })
    old.set({ 5: 'ff00000000ffff' })
    await old.take(2)
    expect(house.status('colour_data', strip)).toBe('{"h":0,"s":255,"v":255}')
    await using client = await LanClient.open(house.lamp)
    client.query()
    expect(await client.values()).toMatchObject({ 24: '00c901ff0383' })
    client.set({ 24: '016803e8000a' })
    await client.take(2)
    expect(house.status('colour_data_v2')).toBe('{"h":360,"s":1000,"v":10}')
  })

  it('its key is the one that the cloud tells, also after it has changed', async () => {
    await using house = await LanHouse.start({ version: '3.3' })
    const { world } = house.simulator
    expect(house.lamp.localKey).toBe(world.device(demo.lamp).localKey)
    await using client = await LanClient.open(house.lamp)
    world.changeKey(demo.lamp, `<&'"$\\ #;%!?~{}`.slice(0, 15).padEnd(16, 'x'))
    expect(await client.isEnded()).toBe(true)
    await house.simulator.lan?.settled()
    await using second = await LanClient.open(house.lamp)
    second.query()
    expect(await second.values()).toMatchObject({ 20: true })
  })

  it('another address and another version are where it then is', async () => {
    await using house = await LanHouse.start({ version: '3.3' })
    const { world, lan } = house.simulator
    world.changeLan(demo.lamp, { ip: '127.67.1.2', version: '3.5' })
    await lan?.settled()
    expect(house.lamp).toMatchObject({ ip: '127.67.1.2', version: '3.5' })
    await using client = await LanClient.open(house.lamp)
    client.query()
    expect(await client.values()).toMatchObject({ 20: true })
    expect(() => world.changeLan(demo.door, { version: '3.3' })).toThrow()
  })

  it('unplugged it is gone without a word, and resets what was, when it comes back', async () => {
    await using house = await LanHouse.start({ version: '3.5' })
    await using client = await LanClient.open(house.lamp)
    await client.isHeard()
    house.simulator.world.setOnline(demo.lamp, false)
    client.query()
    expect(await client.isLeftAlone()).toBe(true)
    await expect(LanClient.connect(house.lamp)).rejects.toThrow(/ECONNREFUSED/)
    house.simulator.world.setOnline(demo.lamp, true)
    expect(await client.isEnded('reset')).toBe(true)
    await house.simulator.lan?.settled()
    await using second = await LanClient.open(house.lamp)
    second.query()
    expect(await second.values()).toMatchObject({ 20: true })
  })

  it('what goes from the home goes from the LAN', async () => {
    await using house = await LanHouse.start({ version: '3.5' })
    const { lamp } = house
    house.simulator.world.removeDevice(demo.lamp)
    await house.simulator.lan?.settled()
    await expect(LanClient.connect(lamp)).rejects.toThrow(/ECONNREFUSED/)
    expect(house.simulator.address.lan).toEqual([])
  })
})

describe('places for clients', () => {
  it('are as many as it has; whoever comes then is closed at once', async () => {
    await using house = await LanHouse.start({ version: '3.3', clients: 1 })
    await using first = await LanClient.open(house.lamp)
    first.query()
    await first.values()
    await using second = await LanClient.connect(house.lamp)
    expect(await second.isEnded('closed')).toBe(true)
    await first[Symbol.asyncDispose]()
    await house.clock.advance(10)
    await using third = await LanClient.open(house.lamp)
    third.query()
    expect(await third.values()).toMatchObject({ 20: true })
  })

  it.each([
    [{ version: '3.5' } as const, 30_000],
    [{ version: '3.5', idle: 12 } as const, 12_000],
  ])(
    'are lost by silence; what the client says begins it anew, what the device says does not',
    async (lan, ms) => {
      await using house = await LanHouse.start(lan)
      await using client = await LanClient.open(house.lamp)
      await client.isHeard()
      await house.clock.advance(ms - 1_000)
      await client.isHeard()
      await house.clock.advance(ms - 1_000)
      house.simulator.world.report(demo.lamp, { switch_led: false })
      await client.next()
      expect(client.ended).toBeUndefined()
      await house.clock.advance(1_000)
      expect(await client.isEnded('closed')).toBe(true)
    },
  )
})

describe('a gateway', () => {
  const more = { more: { [demo.gateway]: { version: '3.4' } as const } }

  it('speaks for those behind it, by what the cloud calls their node', async () => {
    await using house = await LanHouse.start({ version: '3.5' }, more)
    await using client = await LanClient.open(house.device(demo.gateway))
    const { uuid } = house.simulator.world.device(demo.motion)
    client.query(uuid)
    expect((await client.next()).reply).toMatchObject({ kind: 'values', cid: uuid })
    house.simulator.world.report(demo.motion, { pir: 'pir' })
    const { reply } = await client.next()
    expect(reply).toMatchObject({ kind: 'values', cid: uuid })
    expect(reply.kind === 'values' && [...reply.values]).toEqual([[1, 'pir']])
    expect(house.simulator.address.lan?.map(({ id }) => id)).toEqual([demo.lamp, demo.gateway])
  })

  it('lists who is there, and says by itself who comes and goes', async () => {
    await using house = await LanHouse.start({ version: '3.5' }, more)
    await using client = await LanClient.open(house.device(demo.gateway))
    const { world } = house.simulator
    const [motion, button] = [world.device(demo.motion).uuid, world.device(demo.button).uuid]
    client.send(subDevicesRequest())
    expect((await client.next()).reply).toMatchObject({ online: [motion, button], offline: [] })
    world.setOnline(demo.motion, false)
    expect((await client.next()).reply).toMatchObject({ online: [button], offline: [motion] })
  })

  it('of 3.3 keeps silent about them', async () => {
    const old = { more: { [demo.gateway]: { version: '3.3' } as const } }
    await using house = await LanHouse.start({ version: '3.5' }, old)
    await using client = await LanClient.open(house.device(demo.gateway))
    client.send(subDevicesRequest())
    expect(await client.isLeftAlone()).toBe(true)
  })

  it('has no neighbours with an address of their own behind it', () => {
    const world = demoWorld()
    const devices = world.devices.map((device) =>
      device.id === demo.motion ? { ...device, lan: { version: '3.3' as const } } : device,
    )
    expect(() => new Simulator({ world: { ...world, devices } })).toThrow(/behind a gateway/)
  })
})

describe('a device that measures only when asked', () => {
  it('says old values until then', async () => {
    const plug = { version: '3.4', metering: [18, 19, 20] } as const
    await using house = await LanHouse.start({ version: '3.5' }, { more: { [demo.plug]: plug } })
    await using client = await LanClient.open(house.device(demo.plug))
    await client.isHeard()
    house.simulator.world.report(demo.plug, { cur_power: 999, cur_current: 111 })
    client.query()
    expect(await client.values()).toMatchObject({ 18: 213, 19: 487 })
    client.refresh([19])
    expect((await client.next()).reply.kind).toBe('empty')
    expect(await client.values()).toEqual({ 19: 999 })
    client.query()
    expect(await client.values()).toMatchObject({ 18: 213, 19: 999 })
  })
})

describe('the simulator', () => {
  it('has no devices on the LAN unless it is asked to', async () => {
    await using simulator = new Simulator({ world: demoWorld(), alive: false })
    expect(Object.keys(await simulator.start())).toEqual(['cloud', 'queue'])
    expect(simulator.lan).toBeUndefined()
  })

  it('gives all devices of the demo ports on one address where there is no other', async () => {
    await using simulator = new Simulator({ world: demoWorld(), alive: false, lan: { address: '127.0.0.1' } })
    const { lan = [] } = await simulator.start()
    expect(lan.length).toBeGreaterThan(9)
    expect(new Set(lan.map(({ ip }) => ip))).toEqual(new Set(['127.0.0.1']))
    expect(new Set(lan.map(({ port }) => port)).size).toBe(lan.length)
    expect(new Set(lan.map(({ version }) => version))).toEqual(new Set(['3.1', '3.2', '3.3', '3.4', '3.5']))
    for (const { id, localKey } of lan) expect(localKey).toBe(simulator.world.device(id).localKey)
  })

  it('gives each an address of its own, from a first one on, and takes none that is in use', async () => {
    const lan = { address: '127.68.0.1', port: 0 }
    await using simulator = new Simulator({ world: demoWorld(), alive: false, lan })
    const { lan: devices = [] } = await simulator.start()
    expect(devices[0]?.ip).toBe('127.68.0.1')
    expect(new Set(devices.map(({ ip }) => ip)).size).toBe(devices.length)
    const same = { address: '127.68.0.1', port: devices[0]?.port ?? 0 }
    await using second = new Simulator({ world: demoWorld(), alive: false, lan: same })
    const { lan: others = [] } = await second.start()
    expect(others[0]).toMatchObject({ ip: '127.68.0.2', port: same.port })
  })

  it('refuses to listen anywhere but on loopback', () => {
    const lan = { address: '192.168.1.1' }
    expect(() => new Simulator({ world: demoWorld(), lan })).toThrow(/no loopback address/)
  })

  it('leaves nothing behind', async () => {
    const clock = new VirtualClock()
    const faults = [
      'lan-flood',
      'lan-reboot',
      'lan-rotate-key=100',
      'lan-sleep=100:200',
      'lan-merge',
      'lan-delay=900',
    ]
    const lan = { port: 0, udp: { ports: [0, 0, 0] as const } }
    const simulator = new Simulator({ world: demoWorld(), clock, seed: 1, lan, faults })
    await simulator.start()
    await clock.advance(1_000)
    await simulator[Symbol.asyncDispose]()
    expect(clock.waiting).toBe(0)
  })

  it.each([
    ['lan-drop=,tims=1', /Did you mean times/],
    ['lan-drop=,command=sett', /There is no command "sett"/],
    ['lan-drop=,times=many', /no number/],
    ['lan-bad=bad_luck', /lan-bad is one of bad_prefix/],
    ['lan-version=4.0', /one of 3.1/],
  ])('refuses the fault %s', (fault, why) => {
    expect(() => new Simulator({ world: demoWorld(), faults: [fault] })).toThrow(why)
  })
})
