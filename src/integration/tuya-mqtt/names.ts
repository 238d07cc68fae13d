import { levelOf, type Thing } from './thing.ts'

/** Which level of a topic stands for which device, both ways. */
export class Names {
  readonly #devices: ReadonlyMap<string, Thing>
  readonly #by: 'id' | 'name'
  #bearers = new Map<string, string>()
  #levels = new Map<string, string>()

  constructor(devices: ReadonlyMap<string, Thing>, by: 'id' | 'name') {
    this.#devices = devices
    this.#by = by
  }

  /** The devices have changed: gives those that are called otherwise from now on, new ones too. */
  review(): readonly string[] {
    const before = this.#levels
    const things = [...this.#devices.values()].sort(byAge)
    this.#bearers = new Map()
    for (const { device } of things) {
      const level = levelOf(device.name)
      if (level !== '' && !this.#bearers.has(level)) this.#bearers.set(level, device.id)
    }
    this.#levels = new Map(things.map(({ device }) => [device.id, this.#levelOf(device)]))
    return [...this.#levels].flatMap(([id, level]) => (before.get(id) === level ? [] : [id]))
  }

  level(deviceId: string): string {
    return this.#levels.get(deviceId) ?? deviceId
  }

  /** The device that a level of a command means; its id and its name do, whichever is published. */
  find(level: string): Thing | undefined {
    return this.#devices.get(level) ?? this.#devices.get(this.#bearers.get(levelOf(level)) ?? '')
  }

  /** Of several with one name the oldest has it; the others are called by their ids. */
  #levelOf({ id, name }: Thing['device']): string {
    const level = levelOf(name)
    return this.#by === 'name' && this.#bearers.get(level) === id ? level : id
  }
}

function byAge({ device: a }: Thing, { device: b }: Thing): number {
  const age = (a.createdMs ?? Number.MAX_SAFE_INTEGER) - (b.createdMs ?? Number.MAX_SAFE_INTEGER)
  return age || (a.id < b.id ? -1 : 1)
}
