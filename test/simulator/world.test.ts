import { describe, expect, it } from 'vitest'
import type { WorldEvents } from '../../src/simulator/world/event.ts'
import { World } from '../../src/simulator/world.ts'
import { builtinModels, demoWorld, type WorldFile } from '../../src/simulator/world-file.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const home = '3182004'
const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const button = 'bf96e3a4d0c7b8f152le5u'
const curtain = 'bf04ac8e91f37d62b5te8r'

/** A world and everything that it tells. */
function build(changes: Partial<WorldFile> = {}) {
  const clock = new VirtualClock()
  const world = new World({ ...demoWorld(), ...changes }, clock)
  const told: string[] = []
  const hear = <K extends keyof WorldEvents>(kind: K, tell: (event: WorldEvents[K]) => string) =>
    world.events.on(kind, (event) => told.push(`${kind} ${tell(event)}`))
  hear('status', ({ device, points }) =>
    [device.id, ...points.map(({ dp, value }) => `${dp.code}=${String(value)}`)].join(' '),
  )
  hear('presence', ({ device, online }) => `${device.id} ${online}`)
  hear('renamed', ({ device }) => `${device.id} ${device.name}`)
  hear('added', ({ device }) => device.id)
  hear('removed', ({ device }) => device.id)
  return { clock, world, told }
}

describe('a world', () => {
  it('of the demo has two homes, twenty devices and at least twelve categories', () => {
    const { world } = build()
    expect([...world.homes.keys()]).toEqual(['3182004', '3182917'])
    expect(world.devices.size).toBe(20)
    const categories = new Set([...world.devices.values()].map(({ model }) => model.category))
    expect(categories.size).toBeGreaterThanOrEqual(12)
    expect(world.devicesOf(home)).toHaveLength(18)
  })

  it('has devices whose rooms and gateways are there, each with an initial value for what it reports', () => {
    const { world } = build()
    for (const device of world.devices.values()) {
      const found = world.homes.get(device.homeId)
      if (device.roomId !== null) expect(found?.rooms.has(device.roomId), device.name).toBe(true)
      if (device.gatewayId !== null) expect(world.devices.has(device.gatewayId), device.name).toBe(true)
      const reported = device.model.dps.filter(({ access }) => access !== 'wo').map(({ code }) => code)
      expect([...device.status.keys()]).toEqual(reported)
      expect(device.localKey).toMatch(/^.{16}$/)
    }
  })

  it('takes models and first values from its file', () => {
    const fan = { ...(builtinModels()['switch'] as object), category: 'fs' } as never
    const entry = { id: 'bffan', name: 'Fan', model: 'fan', home, status: { switch_1: true } }
    const { world } = build({ models: { fan }, devices: [entry] })
    expect(world.device('bffan')).toMatchObject({ model: { category: 'fs' }, roomId: null, online: true })
    expect(world.device('bffan').status.get('switch_1')).toBe(true)
    expect(world.device('bffan').status.get('switch_2')).toBe(true)
  })

  it('gives the same key and uuid to the same device in every run', () => {
    const [one, other] = [build().world.device(lamp), build().world.device(lamp)]
    expect(one.localKey).toBe(other.localKey)
    expect(one.uuid).toBe(other.uuid)
    expect(build().world.device(curtain).localKey).not.toBe(one.localKey)
  })

  it('refuses devices of models and homes that there are not', () => {
    const device = { id: 'bfx', name: 'X', model: 'lamp_v2', home }
    expect(() => build({ devices: [{ ...device, model: 'toaster' }] })).toThrow(
      /bfx: there is no model "toaster"/,
    )
    expect(() => build({ devices: [{ ...device, home: '1' }] })).toThrow(/bfx: there is no home 1/)
    expect(() => build().world.device('bfnobody')).toThrow(/no device bfnobody/)
  })
})

describe('a report', () => {
  it('sets the values, dates them and is told', async () => {
    const { clock, world, told } = build()
    await clock.advance(5_000)
    world.report(lamp, { switch_led: false, bright_value_v2: 10 })
    expect(world.device(lamp).status.get('switch_led')).toBe(false)
    expect(world.device(lamp).updatedMs).toBe(clock.now())
    expect(told).toEqual([`status ${lamp} switch_led=false bright_value_v2=10`])
  })

  it('of a value that was there before is told again: a button repeats itself', () => {
    const { world, told } = build()
    world.report(button, { switch_mode1: 'click' })
    world.report(button, { switch_mode1: 'click' })
    expect(told).toEqual([`status ${button} switch_mode1=click`, `status ${button} switch_mode1=click`])
  })

  it('of codes that the device does not have changes and tells nothing', () => {
    const { world, told } = build()
    world.report(lamp, { nothing: 1 })
    expect(world.device(lamp).status.has('nothing')).toBe(false)
    expect(told).toEqual([])
  })

  it('of a device that is offline is kept and not told', () => {
    const { world, told } = build()
    world.setOnline(lamp, false)
    world.report(lamp, { switch_led: false })
    expect(world.device(lamp).status.get('switch_led')).toBe(false)
    expect(told).toEqual([`presence ${lamp} false`])
  })
})

describe('a command', () => {
  it('is told as the report of all that follows from it', () => {
    const { world, told } = build()
    world.command(curtain, { control: 'close' })
    expect(told).toEqual([
      `status ${curtain} control=close percent_control=0 percent_state=0 work_state=closing`,
    ])
    world.command(curtain, { control: 'stop' })
    expect(told.at(-1)).toBe(`status ${curtain} control=stop`)
  })

  it('to a dead or absent device does nothing', () => {
    const { world, told } = build()
    world.device(lamp).dead = true
    world.command(lamp, { switch_led: false })
    world.setOnline(curtain, false)
    world.command(curtain, { control: 'open' })
    expect(world.device(lamp).status.get('switch_led')).toBe(true)
    expect(world.device(curtain).status.get('control')).toBe('stop')
    expect(told).toEqual([`presence ${curtain} false`])
  })

  it('for a point that only accepts leaves no value behind', () => {
    const { world, told } = build()
    world.command(lamp, { music_data: 'x' })
    expect(world.device(lamp).status.has('music_data')).toBe(false)
    expect(told).toEqual([`status ${lamp} music_data=x`])
  })
})

describe('what comes and goes', () => {
  it('devices are added, renamed, moved and removed, and that is told', () => {
    const { world, told } = build()
    world.addDevice({ id: 'bfnew', name: 'New', model: 'plug', home })
    world.rename('bfnew', 'Old')
    world.moveToRoom('bfnew', '1408002')
    expect(world.device('bfnew')).toMatchObject({ name: 'Old', roomId: '1408002' })
    world.removeDevice('bfnew')
    expect(world.devices.has('bfnew')).toBe(false)
    expect(told).toEqual(['added bfnew', 'renamed bfnew Old', 'removed bfnew'])
  })

  it('presence is told when it changes, not when it is said again', () => {
    const { world, told } = build()
    world.setOnline(lamp, true)
    world.setOnline(lamp, false)
    world.setOnline(lamp, false)
    world.setOnline(lamp, true)
    expect(told).toEqual([`presence ${lamp} false`, `presence ${lamp} true`])
  })

  it('a home takes its devices with it', () => {
    const { world, told } = build()
    world.removeHome('3182917')
    expect(world.homes.has('3182917')).toBe(false)
    expect(told).toEqual(['removed bf70e6b1a9d4c2f853vf9y', 'removed bf25d9f8c3b07a6e14cj1b'])
    expect(world.devices.size).toBe(18)
    world.addHome({
      id: '7',
      name: 'New',
      owner: 'eu1528964101460qLVPu',
      rooms: [{ id: '70', name: 'Room' }],
    })
    expect(world.homes.get('7')?.rooms.get('70')?.name).toBe('Room')
  })
})
