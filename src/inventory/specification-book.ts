import type { Device } from '../domain/device.ts'
import type { Directory, Waiting } from '../domain/link.ts'
import {
  type ChannelNames,
  hasChannels,
  hasExtraPoints,
  joinSpecification,
  type PointOverride,
  type PointSource,
  type ProductModel,
} from '../domain/specification.ts'
import type { Inventory } from './inventory.ts'

/** Corrections by product id, then by code. */
export type Overrides = Readonly<Record<string, Readonly<Record<string, PointOverride>>>>

export interface BookState {
  readonly models: Readonly<Record<string, ProductModel>>
  readonly shadows: Readonly<Record<string, readonly PointSource[]>>
  /** By device; absent in what earlier versions saved. */
  readonly names?: Readonly<Record<string, ChannelNames>>
}

export interface BookParts {
  readonly directory: Pick<Directory, 'model' | 'shadow' | 'channelNames'>
  readonly inventory: Inventory
  readonly overrides: Overrides
}

/** The specification of every device, read once a product and kept over restarts: calls are dear. */
export class SpecificationBook {
  readonly #parts: BookParts
  readonly #models = new Map<string, ProductModel>()
  /** What devices told of themselves, the one asked longest ago first. */
  readonly #shadows = new Map<string, readonly PointSource[]>()
  /** What the channels of devices are called; empty where nobody tells. */
  readonly #names = new Map<string, ChannelNames>()
  /** Devices whose own points are known from an earlier run, their values not yet read in this one. */
  readonly #unread = new Set<string>()
  readonly #loading = new Map<string, Promise<ProductModel>>()
  /** Devices whose models the project may not read: they go with what their reports and their shadow tell. */
  readonly #bare = new Set<string>()

  constructor(parts: BookParts, saved?: BookState) {
    this.#parts = parts
    for (const [key, model] of Object.entries(saved?.models ?? {})) this.#models.set(key, model)
    for (const [id, names] of Object.entries(saved?.names ?? {})) this.#names.set(id, names)
    for (const [id, shadow] of Object.entries(saved?.shadows ?? {})) {
      this.#shadows.set(id, shadow)
      this.#unread.add(id)
    }
  }

  get state(): BookState {
    return {
      models: Object.fromEntries(this.#models),
      shadows: Object.fromEntries(this.#shadows),
      // A refusal is not kept, so that a later permission is noticed.
      names: Object.fromEntries([...this.#names].filter(([, names]) => Object.keys(names).length > 0)),
    }
  }

  /** Gives the device its specification if all of it is known already. */
  recall(device: Device): boolean {
    const model = this.#models.get(keyOf(device))
    const shadow = this.#shadows.get(device.id)
    if (!model || (shadow === undefined && hasExtraPoints(model))) return false
    this.#set(device, model, shadow ?? [])
    return true
  }

  /** Whether the names of its channels are still to be read. */
  isUnnamed(device: Device): boolean {
    const model = this.#models.get(keyOf(device))
    return model !== undefined && hasChannels(model) && !this.#names.has(device.id)
  }

  /** Reads the names of its channels again, where it has several. Rejects with BridgeError. */
  async rename(device: Device, waiting: Waiting): Promise<void> {
    const model = this.#models.get(keyOf(device))
    if (!model || !hasChannels(model)) return
    const told = await this.#parts.directory.channelNames(device, waiting)
    const known = this.#names.get(device.id)
    this.#names.set(device.id, known && Object.keys(told).length === 0 ? known : told)
    this.#set(device, model, this.#shadows.get(device.id) ?? [])
  }

  /** Reads the names of its points again, whatever tells them. Rejects with BridgeError. */
  async renamePoints(device: Device, waiting: Waiting): Promise<void> {
    const model = this.#models.get(keyOf(device))
    if (!model) return
    if (hasChannels(model)) return this.rename(device, waiting)
    if (this.isExtended(device.id)) return this.load(device, waiting)
    const { sources, report } = await this.#parts.directory.shadow(device, waiting)
    const codes = new Map(model.standard.map(({ dpId, code }) => [dpId, code]))
    const named = sources.flatMap(({ dpId, code, name }) =>
      name === undefined ? [] : [[(dpId === undefined ? undefined : codes.get(dpId)) ?? code, name] as const],
    )
    this.#names.set(device.id, Object.fromEntries(named))
    this.#set(device, model, [])
    this.#parts.inventory.apply(report)
  }

  /** Whether values that no list of devices carries are still those of an earlier run. */
  isUnread(deviceId: string): boolean {
    return this.#unread.has(deviceId)
  }

  /** The device whose values outside the standard set were read longest ago. */
  get longestUnread(): Device | undefined {
    for (const id of this.#shadows.keys()) {
      const device = this.#parts.inventory.device(id)?.device
      if (device && this.isExtended(id)) return device
    }
    return undefined
  }

  /** Whether the device has points that no list of devices carries. */
  isExtended(deviceId: string): boolean {
    return this.#shadows.has(deviceId) && !this.#bare.has(deviceId)
  }

  /** Whether reading its models again may bring what a refusal kept back. */
  isBare(deviceId: string): boolean {
    return this.#bare.has(deviceId)
  }

  /** Reads what is missing and gives the device its specification. Rejects with BridgeError. */
  async load(device: Device, waiting: Waiting): Promise<void> {
    const model = await this.#model(device, waiting)
    if (isEmpty(model) && this.#bare.has(device.id)) return
    if (!hasExtraPoints(model)) this.#set(device, model, [])
    else await this.#loadShadow(device, model, waiting)
    if (this.isUnnamed(device)) await this.rename(device, waiting)
    if (isEmpty(model)) this.#bare.add(device.id)
    else this.#bare.delete(device.id)
  }

  /** The corrections are others now: every specification is put together again. */
  correct(): void {
    for (const { device, specification } of [...this.#parts.inventory.devices.values()]) {
      const model = this.#models.get(keyOf(device))
      const shadow = this.#shadows.get(device.id)
      if (specification && (model || shadow)) this.#set(device, model ?? noModel, shadow ?? [])
    }
  }

  forget(deviceId: string): void {
    this.#shadows.delete(deviceId)
    this.#names.delete(deviceId)
    this.#unread.delete(deviceId)
    this.#bare.delete(deviceId)
  }

  async #loadShadow(device: Device, model: ProductModel, waiting: Waiting): Promise<void> {
    const known = this.#shadows.get(device.id)
    // To the end of the row at once: a device that fails does not keep the others from their turn.
    if (known && this.#shadows.delete(device.id)) this.#shadows.set(device.id, known)
    const { sources, report } = await this.#parts.directory.shadow(device, waiting)
    // A refusal tells nothing; what the device said before still holds.
    const told = known && sources.length === 0 ? known : sources
    this.#shadows.set(device.id, told)
    this.#unread.delete(device.id)
    this.#set(device, model, told)
    this.#parts.inventory.apply(report)
  }

  /** Devices of one product wait for the same read. */
  #model(device: Device, waiting: Waiting): Promise<ProductModel> {
    const key = keyOf(device)
    const known = this.#models.get(key)
    if (known) return Promise.resolve(known)
    const loading =
      this.#loading.get(key) ??
      this.#parts.directory
        .model(device, waiting)
        .then((model) => {
          // A refusal leaves the model empty; that is not kept, so that a later permission is noticed.
          if (!isEmpty(model)) this.#models.set(key, model)
          return model
        })
        .finally(() => this.#loading.delete(key))
    this.#loading.set(key, loading)
    return loading
  }

  #set(device: Device, model: ProductModel, shadow: readonly PointSource[]): void {
    const overrides = this.#parts.overrides[device.product.id] ?? {}
    const names = this.#names.get(device.id) ?? {}
    this.#parts.inventory.setSpecification(
      device.id,
      joinSpecification({ ...model, shadow, names }, overrides),
    )
  }
}

const noModel: ProductModel = { standard: [], thing: [] }

function isEmpty({ standard, thing }: ProductModel): boolean {
  return standard.length === 0 && thing.length === 0
}

function keyOf(device: Device): string {
  return device.product.id === '' ? `device:${device.id}` : device.product.id
}
