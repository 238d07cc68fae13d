import type { Clock, Timer } from '../util/clock.ts'
import type { Random } from '../util/random.ts'
import type { SimDevice } from './world/device.ts'
import type { World } from './world.ts'
import type { DpEntry, LifeEntry } from './world-file.ts'

const skyMs = 15 * 60_000

/** Devices that move by themselves: power wanders, a sensor drifts, a door opens. */
export class Life {
  readonly #world: World
  readonly #clock: Clock
  readonly #random: Random
  readonly #timers = new Map<string, Timer>()
  #unsubscribe: (() => void)[] = []

  constructor(world: World, clock: Clock, random: Random) {
    this.#world = world
    this.#clock = clock
    this.#random = random
  }

  start(): void {
    for (const device of this.#world.devices.values()) this.#begin(device)
    for (const city of this.#world.weather.cities) this.#watchSky(city)
    this.#unsubscribe = [
      this.#world.events.on('added', ({ device }) => this.#begin(device)),
      this.#world.events.on('removed', ({ device }) => this.#end(device)),
    ]
  }

  stop(): void {
    for (const off of this.#unsubscribe) off()
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
  }

  #begin(device: SimDevice): void {
    if (device.still) return
    for (const dp of device.model.dps) if (dp.life) this.#schedule(device, dp, dp.life)
  }

  #end(device: SimDevice): void {
    for (const dp of device.model.dps) this.#timers.get(`${device.id}/${dp.code}`)?.cancel()
  }

  #schedule(device: SimDevice, dp: DpEntry, life: LifeEntry): void {
    const [least, most] = life.everyMs
    const timer = this.#clock.after(least + this.#random() * (most - least), () => {
      this.#move(device, dp, life)
      if (this.#world.devices.has(device.id)) this.#schedule(device, dp, life)
    })
    this.#timers.set(`${device.id}/${dp.code}`, timer)
  }

  /** It gets a little warmer or colder every quarter of an hour. */
  #watchSky(city: string): void {
    const timer = this.#clock.after(skyMs, () => {
      const temp = Number(this.#world.weather.of(city)['temp'])
      const moved = temp + Math.round(this.#random() * 2 - 1)
      this.#world.weather.change(city, { temp: Math.min(40, Math.max(-40, moved)) })
      this.#watchSky(city)
    })
    this.#timers.set(`weather/${city}`, timer)
  }

  #move(device: SimDevice, dp: DpEntry, life: LifeEntry): void {
    if (!device.online || device.dead) return
    const now = device.status.get(dp.code)
    const value = idle(device, life) ?? nextValue(device, dp, life, this.#random)
    // Portions are added up by those who hear them, so equal ones count too.
    if (value !== undefined && (value !== now || (life.kind === 'portion' && value !== 0)))
      this.#world.report(device.id, { [dp.code]: value })
  }
}

/** The value while the device is off, when the point depends on that. */
function idle(device: SimDevice, life: LifeEntry): unknown {
  const { when } = life
  return when && device.status.get(when.code) !== when.equals ? when.otherwise : undefined
}

function nextValue(device: SimDevice, dp: DpEntry, life: LifeEntry, random: Random): unknown {
  const now = device.status.get(dp.code)
  const number = typeof now === 'number' ? now : 0
  switch (life.kind) {
    case 'wander': {
      const [min, max, step] = [life.min ?? 0, life.max ?? 100, life.step ?? 1]
      const moved = number + Math.round((random() * 2 - 1) * step)
      return Math.min(max, Math.max(min, moved))
    }
    case 'flip': {
      const range = dp.type === 'Boolean' ? [true, false] : (dp.values['range'] as readonly unknown[])
      const others = range.filter((value) => value !== now)
      return others[Math.floor(random() * others.length)]
    }
    case 'add': {
      const [least, most] = life.amount ?? [1, 1]
      return number + least + Math.floor(random() * (most - least + 1))
    }
    case 'portion': {
      const [least, most] = life.amount ?? [1, 1]
      return least + Math.floor(random() * (most - least + 1))
    }
    case 'approach': {
      const goal = Number(device.status.get(life.of ?? '') ?? number)
      const step = life.step ?? 1
      return Math.abs(goal - number) <= step ? goal : number + Math.sign(goal - number) * step
    }
  }
}
