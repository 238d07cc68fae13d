import type { Device } from '../domain/device.ts'
import type { Directory, Waiting } from '../domain/link.ts'
import {
  type ChannelNames,
  hasChannels,
  type PointSource,
  type ProductModel,
} from '../domain/specification.ts'

type NameDirectory = Pick<Directory, 'standardSet' | 'shadow' | 'channelNames'>

/** What people call channels and other points of devices, read once and kept over restarts. */
export class PointNames {
  readonly #directory: NameDirectory
  /** By device; empty where nobody tells. */
  readonly #names: Map<string, ChannelNames>

  constructor(directory: NameDirectory, saved: Readonly<Record<string, ChannelNames>> = {}) {
    this.#directory = directory
    this.#names = new Map(Object.entries(saved))
  }

  /** A refusal is not kept, so that a later permission is noticed. */
  get state(): Readonly<Record<string, ChannelNames>> {
    return Object.fromEntries([...this.#names].filter(([, names]) => Object.keys(names).length > 0))
  }

  of(deviceId: string): ChannelNames {
    return this.#names.get(deviceId) ?? {}
  }

  /** Whether the names of its channels are still to be read. */
  lacks(device: Device, model: ProductModel): boolean {
    return hasChannels(model) && !this.#names.has(device.id)
  }

  forget(deviceId: string): void {
    this.#names.delete(deviceId)
  }

  /** Reads the names of its channels; where nobody tells any, those known before stay. Rejects with BridgeError. */
  async readChannels(device: Device, waiting: Waiting): Promise<void> {
    const told = await this.#directory.channelNames(device, waiting)
    const known = this.#names.get(device.id)
    this.#names.set(device.id, known && Object.keys(told).length === 0 ? known : told)
  }

  /** Reads the names that people gave its other points. Rejects with BridgeError. */
  async readGiven(device: Device, model: ProductModel, waiting: Waiting): Promise<void> {
    const given = await this.#given(device, model, waiting)
    const channels = hasChannels(model) ? this.of(device.id) : {}
    this.#names.set(device.id, { ...channels, ...given })
  }

  /** What the shadow says; where that may not be read, what of the standard set differs from the product's. */
  async #given(device: Device, model: ProductModel, waiting: Waiting): Promise<ChannelNames> {
    const { sources } = await this.#directory.shadow(device, waiting)
    if (sources.length > 0) return namesIn(sources, model)
    const own = await this.#directory.standardSet(device, waiting)
    const usual = new Map(model.standard.map(({ code, name }) => [code, name]))
    return namesIn(
      own.filter(({ code, name }) => name !== usual.get(code)),
      model,
    )
  }
}

/** Names by the code that a point has here; sources may know it by its number alone. */
function namesIn(sources: readonly PointSource[], { standard, thing }: ProductModel): ChannelNames {
  return Object.fromEntries(
    [...thing, ...standard].flatMap(({ code, dpId }) => {
      const told = sources.find((one) => one.code === code || (dpId !== undefined && one.dpId === dpId))
      return told?.name === undefined ? [] : [[code, told.name]]
    }),
  )
}
