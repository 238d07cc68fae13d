import type { Automation } from '../../src/domain/automation.ts'
import type { Device } from '../../src/domain/device.ts'
import type { Home, Room } from '../../src/domain/home.ts'
import type { Absent, Directory, Listing, Waiting } from '../../src/domain/link.ts'
import type { Member } from '../../src/domain/member.ts'
import type { Report } from '../../src/domain/report.ts'
import type { Scene, SceneBinding } from '../../src/domain/scene.ts'
import type { ChannelNames, PointSource, ProductModel } from '../../src/domain/specification.ts'
import type { Clock } from '../../src/util/clock.ts'
import { reportOf } from './device.ts'

/** A cloud made of plain lists, which the test changes as it likes. */
export class FakeDirectory implements Directory {
  homesNow: Home[] = []
  roomsNow: Room[] = []
  devicesNow: Device[] = []
  scenesNow: Scene[] = []
  automationsNow: Automation[] = []
  membersNow: Member[] = []
  bindingsNow: SceneBinding[] = []
  /** What is said of single things that are not there. */
  absent: Absent = 'gone'
  /** Lists that show nothing although there is something. */
  readonly empty = new Set<'homes' | 'rooms' | 'devices'>()
  /** Devices whose list comes without their values. */
  readonly silent = new Set<string>()
  models: Readonly<Record<string, ProductModel>> = {}
  channelNamesNow: Readonly<Record<string, ChannelNames>> = {}
  sketchesNow: ReadonlyMap<string, readonly PointSource[]> = new Map()
  shadows: Readonly<Record<string, readonly PointSource[]>> = {}
  /** Every call, in order: `devices h1`. */
  readonly calls: string[] = []
  /** What a call does instead of answering. */
  trouble: (call: string, waiting: Waiting) => Error | Promise<unknown> | undefined = () => undefined
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls whose name begins so. */
  count(prefix: string): number {
    return this.calls.filter((call) => call.startsWith(prefix)).length
  }

  async homes(waiting: Waiting): Promise<readonly Home[]> {
    await this.#note('homes', waiting)
    return this.empty.has('homes') ? [] : this.homesNow
  }

  async home(id: string, waiting: Waiting): Promise<Home | Absent> {
    await this.#note(`home ${id}`, waiting)
    return this.homesNow.find((home) => home.id === id) ?? this.absent
  }

  async rooms(home: Home, waiting: Waiting): Promise<readonly Room[]> {
    await this.#note(`rooms ${home.id}`, waiting)
    return this.empty.has('rooms') ? [] : this.roomsNow.filter(({ homeId }) => homeId === home.id)
  }

  async placed({ id }: Room, waiting: Waiting): Promise<readonly string[] | Absent> {
    await this.#note(`placed ${id}`, waiting)
    if (!this.roomsNow.some((room) => room.id === id)) return this.absent
    return this.devicesNow.filter(({ roomId }) => roomId === id).map((device) => device.id)
  }

  readonly forgotten: string[] = []

  forget(deviceId: string): void {
    this.forgotten.push(deviceId)
  }

  async devices(home: Home, waiting: Waiting): Promise<Listing> {
    await this.#note(`devices ${home.id}`, waiting)
    const devices = this.empty.has('devices')
      ? []
      : this.devicesNow.filter(({ homeId }) => homeId === home.id)
    return {
      devices: devices.map((device) => ({ ...device, roomId: null })),
      reports: devices.flatMap((device) => this.#reports(device)),
    }
  }

  async device(
    id: string,
    waiting: Waiting,
  ): Promise<{ device: Device; reports: readonly Report[] } | Absent> {
    await this.#note(`device ${id}`, waiting)
    const device = this.devicesNow.find((one) => one.id === id)
    return device ? { device: { ...device, roomId: null }, reports: this.#reports(device) } : this.absent
  }

  #reports({ id }: Device): Report[] {
    return this.silent.has(id) ? [] : [reportOf(id, { switch_led: true }, this.#clock.now())]
  }

  async sketches(home: Home, waiting: Waiting): Promise<ReadonlyMap<string, readonly PointSource[]>> {
    await this.#note(`sketches ${home.id}`, waiting)
    return this.sketchesNow
  }

  async standardSet(device: Device, waiting: Waiting): Promise<readonly PointSource[]> {
    await this.#note(`model ${device.id}`, waiting)
    return this.models[device.product.id]?.standard ?? []
  }

  async thingModel(device: Device, waiting: Waiting): Promise<readonly PointSource[]> {
    await this.#note(`thing ${device.id}`, waiting)
    return this.models[device.product.id]?.thing ?? []
  }

  async shadow(device: Device, waiting: Waiting) {
    await this.#note(`shadow ${device.id}`, waiting)
    const report = reportOf(device.id, { extra: 5 }, this.#clock.now())
    return { sources: this.shadows[device.id] ?? [], report }
  }

  async channelNames(device: Device, waiting: Waiting): Promise<ChannelNames> {
    await this.#note(`channelNames ${device.id}`, waiting)
    return this.channelNamesNow[device.id] ?? {}
  }

  async scenes(home: Home, waiting: Waiting): Promise<readonly Scene[]> {
    await this.#note(`scenes ${home.id}`, waiting)
    return this.scenesNow.filter(({ homeId }) => homeId === home.id)
  }

  async automations(home: Home, waiting: Waiting): Promise<readonly Automation[]> {
    await this.#note(`automations ${home.id}`, waiting)
    return this.automationsNow.filter(({ homeId }) => homeId === home.id)
  }

  async members(home: Home, waiting: Waiting): Promise<readonly Member[]> {
    await this.#note(`members ${home.id}`, waiting)
    return this.membersNow
  }

  async bindings(device: Device, waiting: Waiting): Promise<readonly SceneBinding[]> {
    await this.#note(`bindings ${device.id}`, waiting)
    return this.bindingsNow
  }

  async #note(call: string, waiting: Waiting): Promise<void> {
    this.calls.push(call)
    const trouble = this.trouble(call, waiting)
    if (trouble instanceof Error) throw trouble
    await trouble
  }
}

export const lampModel: ProductModel = {
  standard: [{ code: 'switch_led', dpId: 20, type: 'boolean', access: 'rw' }],
  thing: [{ code: 'switch_led', dpId: 20, type: 'boolean', access: 'rw' }],
}

/** The same with a point that only the thing model and the shadow know. */
export const extendedModel: ProductModel = {
  standard: lampModel.standard,
  thing: [...lampModel.thing, { code: 'extra', dpId: 101, type: 'integer', access: 'rw' }],
}

/** One key that can run a scene. */
export const sceneSwitchModel: ProductModel = {
  standard: [{ code: 'switch_mode1', dpId: 1, type: 'enum', access: 'ro', range: ['click', 'press'] }],
  thing: [],
}

/** A switch of two channels. */
export const switchModel: ProductModel = {
  standard: [1, 2].map((dpId) => ({ code: `switch_${dpId}`, dpId, type: 'boolean', access: 'rw' }) as const),
  thing: [],
}
