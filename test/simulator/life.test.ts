import { describe, expect, it } from 'vitest'
import { Life } from '../../src/simulator/life.ts'
import { World } from '../../src/simulator/world.ts'
import { type DeviceEntry, demoWorld, type WorldFile } from '../../src/simulator/world-file.ts'
import { seededRandom } from '../../src/util/random.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const plug = 'bf5b8310dfe2a947c3jy2h'
const door = 'bfc2f16b94d8e03a75ol9t'
const meter = 'bfd9c05b3e81f7a246nx4q'
const thermostat = 'bf28c95d07e4b61fa3gn0w'
const minute = 60_000

/** A world that lives, and every value that a point took. */
function build(
  devices: readonly DeviceEntry[] = demoWorld().devices,
  weather: NonNullable<WorldFile['weather']> = {},
) {
  const clock = new VirtualClock()
  const world = new World({ ...demoWorld(), devices, weather }, clock)
  const life = new Life(world, clock, seededRandom(7))
  const seen: { readonly id: string; readonly code: string; readonly value: unknown; readonly at: number }[] =
    []
  world.events.on('status', ({ device, points }) => {
    for (const { dp, value } of points)
      seen.push({ id: device.id, code: dp.code, value, at: clock.monotonic() })
  })
  life.start()
  const taken = (id: string, code: string) =>
    seen.filter((entry) => entry.id === id && entry.code === code).map(({ value }) => value)
  return { clock, world, life, seen, taken }
}

describe('a device that lives', () => {
  it('draws power that wanders within its limits, at its own pace', async () => {
    const { clock, seen, taken } = build()
    await clock.advance(10 * minute)
    const power = taken(plug, 'cur_power') as number[]
    expect(power.length).toBeGreaterThan(100)
    for (const [i, value] of power.entries()) {
      expect(value).toBeGreaterThanOrEqual(410)
      expect(value).toBeLessThanOrEqual(600)
      expect(Math.abs(value - (power[i - 1] ?? 487))).toBeLessThanOrEqual(21)
    }
    const times = seen.filter(({ id, code }) => id === plug && code === 'cur_power').map(({ at }) => at)
    for (const [i, at] of times.entries()) expect(at - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(2_000)
  })

  it('opens and closes its door in turn', async () => {
    const { clock, taken } = build()
    await clock.advance(10 * minute)
    const states = taken(door, 'doorcontact_state')
    expect(states.length).toBeGreaterThanOrEqual(20)
    expect(states[0]).toBe(true)
    for (const [i, state] of states.entries()) if (i > 0) expect(state).toBe(!states[i - 1])
  })

  it('adds to what it counted, and never takes away', async () => {
    const { clock, taken } = build()
    await clock.advance(10 * minute)
    const counted = taken(meter, 'total_forward_energy') as number[]
    expect(counted.length).toBeGreaterThan(30)
    for (const [i, value] of counted.entries()) {
      const added = value - (counted[i - 1] ?? 184_233)
      expect(added).toBeGreaterThanOrEqual(1)
      expect(added).toBeLessThanOrEqual(3)
    }
  })

  it('approaches what was set, and stays there', async () => {
    const { clock, world, taken } = build()
    await clock.advance(10 * minute)
    const temperatures = taken(thermostat, 'temp_current')
    expect(temperatures).toEqual([209, 210, 211, 212, 213, 214, 215])
    world.command(thermostat, { temp_set: 200 })
    await clock.advance(10 * minute)
    expect(world.device(thermostat).status.get('temp_current')).toBe(200)
  })

  it('that is switched off draws nothing, and something again when it is switched on', async () => {
    const { clock, world, taken } = build()
    world.command(plug, { switch_1: false })
    await clock.advance(minute)
    expect(taken(plug, 'cur_power')).toEqual([0])
    expect(taken(plug, 'cur_current')).toEqual([0])
    expect(taken(plug, 'cur_voltage').length).toBeGreaterThan(5)
    world.command(plug, { switch_1: true })
    await clock.advance(minute)
    const power = taken(plug, 'cur_power').slice(1) as number[]
    expect(power.length).toBeGreaterThan(5)
    expect(Math.min(...power)).toBeGreaterThanOrEqual(410)
  })
})

describe('a device that does not', () => {
  it('is offline, dead, or stands still by its file', async () => {
    const entry = demoWorld().devices.find(({ id }) => id === plug) as DeviceEntry
    const { clock, world, seen } = build([
      { ...entry, id: 'bfstill', still: true },
      { ...entry, id: 'bfoffline', online: false },
      { ...entry, id: 'bfdead' },
    ])
    world.device('bfdead').dead = true
    await clock.advance(10 * minute)
    expect(seen).toEqual([])
    expect(world.device('bfoffline').status.get('cur_power')).toBe(487)
  })

  it('begins when it comes back', async () => {
    const { clock, world, taken } = build()
    world.setOnline(door, false)
    await clock.advance(10 * minute)
    expect(taken(door, 'doorcontact_state')).toEqual([])
    world.setOnline(door, true)
    await clock.advance(minute)
    expect(taken(door, 'doorcontact_state').length).toBeGreaterThan(0)
  })
})

describe('what is added up', () => {
  it('comes in portions while the device is on, equal ones too', async () => {
    const { clock, world, taken } = build()
    await clock.advance(60 * minute)
    const portions = taken(plug, 'add_ele') as number[]
    expect(portions.length).toBeGreaterThanOrEqual(30)
    for (const portion of portions) expect(portion).toBeGreaterThanOrEqual(2)
    expect(portions.some((portion, i) => portion === portions[i - 1])).toBe(true)
    const total = portions.reduce((sum, portion) => sum + portion, 0)
    expect(world.statistics.total(world.device(plug), 'add_ele')).toBe(total)
    world.report(plug, { switch_1: false })
    await clock.advance(60 * minute)
    expect(world.statistics.total(world.device(plug), 'add_ele')).toBe(total)
  })
})

describe('the weather', () => {
  it('changes by small steps and stays within what a city can have', async () => {
    const { clock, world, life } = build([], { berlin: { temp: 39 } })
    const temps: number[] = []
    world.events.on('weather', ({ now }) => temps.push(Number(now['temp'])))
    await clock.advance(24 * 60 * minute)
    expect(temps).toHaveLength(96)
    for (const [i, temp] of temps.entries()) {
      expect(temp).toBeLessThanOrEqual(40)
      expect(Math.abs(temp - (temps[i - 1] ?? 39))).toBeLessThanOrEqual(1)
    }
    life.stop()
    expect(clock.waiting).toBe(0)
  })
})

describe('life', () => {
  it('begins with a device and ends with it', async () => {
    const { clock, world, taken } = build([])
    world.addDevice({ ...(demoWorld().devices.find(({ id }) => id === door) as DeviceEntry), id: 'bfnew' })
    await clock.advance(minute)
    const before = taken('bfnew', 'doorcontact_state').length
    expect(before).toBeGreaterThan(0)
    world.removeDevice('bfnew')
    await clock.advance(10 * minute)
    expect(taken('bfnew', 'doorcontact_state')).toHaveLength(before)
    expect(clock.waiting).toBe(0)
  })

  it('that was stopped leaves no timer and hears of nothing new', async () => {
    const { clock, world, life, seen } = build()
    life.stop()
    world.addDevice({ ...(demoWorld().devices[0] as DeviceEntry), id: 'bfnew', model: 'contact' })
    await clock.advance(10 * minute)
    expect(seen).toEqual([])
    expect(clock.waiting).toBe(0)
  })

  it('repeats itself with the same seed', async () => {
    const [one, other] = [build(), build()]
    await one.clock.advance(minute)
    await other.clock.advance(minute)
    expect(one.seen.length).toBeGreaterThan(50)
    expect(one.seen).toEqual(other.seen)
  })
})
