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
import { PointNames } from './point-names.ts'

/** Corrections by product id, then by code. */
export type Overrides = Readonly<Record<string, Readonly<Record<string, PointOverride>>>>

export interface BookState {
  readonly models: Readonly<Record<string, ProductModel>>
  readonly shadows: Readonly<Record<string, readonly PointSource[]>>
  /** Products whose thing model is still to be read; absent in what earlier versions saved. */
  readonly halves?: readonly string[]
  /** By device; absent in what earlier versions saved. */
  readonly names?: Readonly<Record<string, ChannelNames>>
}

/** The standard set and the thing model of its product, its points outside the standard set, the names of its channels. */
export type Lack = 'set' | 'model' | 'points' | 'names'

export interface BookParts {
  readonly directory: Pick<Directory, 'standardSet' | 'thingModel' | 'shadow' | 'channelNames'>
  readonly inventory: Inventory
  readonly overrides: Overrides
}

/**
 * The specification of every device, read once a product and kept over restarts: calls are dear. The standard set is
 * enough to show all that lists carry; the thing model, the points outside that set and the names of channels come later.
 */
export class SpecificationBook {
  readonly #parts: BookParts
  readonly #models = new Map<string, ProductModel>()
  /** Products whose thing model is still to be read. */
  readonly #halves = new Set<string>()
  /** What devices told of themselves, the one asked longest ago first. */
  readonly #shadows = new Map<string, readonly PointSource[]>()
  readonly #names: PointNames
  /** Devices whose own points are known from an earlier run, their values not yet read in this one. */
  readonly #unread = new Set<string>()
  readonly #loading = new Map<string, Promise<ProductModel>>()
  /** Devices whose models the project may not read: they go with what their reports and their shadow tell. */
  readonly #bare = new Set<string>()

  constructor(parts: BookParts, saved?: BookState) {
    this.#parts = parts
    this.#names = new PointNames(parts.directory, saved?.names)
    for (const [key, model] of Object.entries(saved?.models ?? {})) this.#models.set(key, model)
    for (const key of saved?.halves ?? []) if (this.#models.has(key)) this.#halves.add(key)
    for (const [id, shadow] of Object.entries(saved?.shadows ?? {})) {
      this.#shadows.set(id, shadow)
      this.#unread.add(id)
    }
  }

  get state(): BookState {
    return {
      models: Object.fromEntries(this.#models),
      halves: [...this.#halves],
      shadows: Object.fromEntries(this.#shadows),
      names: this.#names.state,
    }
  }

  /** Gives the device what is known of its specification; false when that is nothing. */
  recall(device: Device): boolean {
    const model = this.#models.get(keyOf(device))
    if (!model) return false
    this.#set(device, model, this.#shadows.get(device.id) ?? [])
    return true
  }

  /** Whether the names of its channels are still to be read. */
  isUnnamed(device: Device): boolean {
    const model = this.#models.get(keyOf(device))
    return model !== undefined && this.#names.lacks(device, model)
  }

  /** Reads the names of its channels again, where it has several. Rejects with BridgeError. */
  async rename(device: Device, waiting: Waiting): Promise<void> {
    const model = this.#models.get(keyOf(device))
    if (!model || !hasChannels(model)) return
    await this.#names.readChannels(device, waiting)
    this.#set(device, model, this.#shadows.get(device.id) ?? [])
  }

  /** Reads the names of its points again, whatever tells them. Rejects with BridgeError. */
  async renamePoints(device: Device, waiting: Waiting): Promise<void> {
    const model = this.#modelOf(device)
    if (!model) return
    if (hasChannels(model)) return this.rename(device, waiting)
    if (this.isExtended(device.id)) return this.extend(device, waiting)
    await this.#names.readGiven(device, model, waiting)
    this.#set(device, model, [])
  }

  /**
   * Reads all names that people gave its points, of channels and of others: where the shadow is read anyway they come
   * with it. Rejects with BridgeError.
   */
  async renameAll(device: Device, waiting: Waiting): Promise<void> {
    const model = this.#modelOf(device)
    if (!model) return
    await this.rename(device, waiting)
    if (this.isExtended(device.id)) return
    await this.#names.readGiven(device, model, waiting)
    this.#set(device, model, this.#shadows.get(device.id) ?? [])
  }

  /** What of a described device is still to be read, of one call each. */
  lacks(device: Device): Lack | undefined {
    const model = this.#modelOf(device)
    if (!model) return this.#parts.inventory.specification(device.id)?.partial ? 'set' : undefined
    if (this.#halves.has(keyOf(device))) return 'model'
    const isAsked = this.#shadows.has(device.id) && !this.#unread.has(device.id)
    if (hasExtraPoints(model) && !isAsked) return 'points'
    return this.isUnnamed(device) ? 'names' : undefined
  }

  /** Reads one part of what is still to be read. Rejects with BridgeError. */
  async loadMore(device: Device, waiting: Waiting): Promise<void> {
    const lack = this.lacks(device)
    if (lack === 'set') return this.#loadSet(device, waiting)
    const model = this.#modelOf(device)
    if (!model || !lack) return
    if (lack === 'model') await this.#loadThing(device, model, waiting)
    else if (lack === 'points') await this.#loadShadow(device, model, waiting)
    else await this.rename(device, waiting)
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

  /** What a product that is still to be read is known by: devices with the same are of one product. */
  unreadProduct(device: Device): string | undefined {
    return this.#modelOf(device) ? undefined : keyOf(device)
  }

  /** Describes a device by some of its points, until its product is read. */
  sketch(device: Device, points: readonly PointSource[]): void {
    if (this.#modelOf(device) || this.#parts.inventory.specification(device.id)) return
    const overrides = this.#parts.overrides[device.product.id] ?? {}
    const joined = joinSpecification({ standard: points, thing: [], shadow: [] }, overrides)
    this.#parts.inventory.setSpecification(device.id, { ...joined, partial: true })
  }

  /** The set belongs to all devices of the product. */
  async #loadSet(device: Device, waiting: Waiting): Promise<void> {
    await this.load(device, waiting)
    const key = keyOf(device)
    for (const record of [...this.#parts.inventory.devices.values()])
      if (record.specification?.partial && keyOf(record.device) === key) this.recall(record.device)
  }

  /** Reads what the device cannot be shown without, and gives it its specification. Rejects with BridgeError. */
  async load(device: Device, waiting: Waiting): Promise<void> {
    const model = await this.#model(device, waiting)
    if (isEmpty(model) && this.#bare.has(device.id)) return
    this.#set(device, model, this.#shadows.get(device.id) ?? [])
    if (isEmpty(model)) this.#bare.add(device.id)
    else this.#bare.delete(device.id)
  }

  /** The corrections are others now: every specification is put together again. */
  correct(): void {
    for (const { device, specification } of [...this.#parts.inventory.devices.values()]) {
      const model = this.#modelOf(device)
      const shadow = this.#shadows.get(device.id)
      if (specification && (model || shadow)) this.#set(device, model ?? noModel, shadow ?? [])
    }
  }

  /** Reads the points outside the standard set again. Rejects with BridgeError. */
  async extend(device: Device, waiting: Waiting): Promise<void> {
    const model = this.#modelOf(device)
    if (model) await this.#loadShadow(device, model, waiting)
  }

  /** It was paired anew: what it has of its own is to be read once more. */
  renew(deviceId: string): void {
    if (this.#shadows.has(deviceId)) this.#unread.add(deviceId)
    this.#names.forget(deviceId)
  }

  forget(deviceId: string): void {
    this.#shadows.delete(deviceId)
    this.#names.forget(deviceId)
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

  #modelOf(device: Device): ProductModel | undefined {
    const known = this.#models.get(keyOf(device))
    return known ?? (this.#bare.has(device.id) ? { standard: [], thing: [] } : undefined)
  }

  /** The thing model belongs to all devices of the product. */
  async #loadThing(device: Device, { standard }: ProductModel, waiting: Waiting): Promise<void> {
    const key = keyOf(device)
    const model = { standard, thing: await this.#parts.directory.thingModel(device, waiting) }
    this.#halves.delete(key)
    this.#models.set(key, model)
    for (const record of [...this.#parts.inventory.devices.values()]) {
      if (keyOf(record.device) === key && record.specification)
        this.#set(record.device, model, this.#shadows.get(record.device.id) ?? [])
    }
  }

  /** Without a standard set the thing model is all there is, and is not left for later. */
  async #readModel(device: Device, waiting: Waiting): Promise<ProductModel> {
    const { directory } = this.#parts
    const standard = await directory.standardSet(device, waiting)
    const thing = standard.length === 0 ? await directory.thingModel(device, waiting) : []
    const model = { standard, thing }
    // A refusal leaves the model empty; that is not kept, so that a later permission is noticed.
    if (isEmpty(model)) return model
    this.#models.set(keyOf(device), model)
    if (standard.length > 0) this.#halves.add(keyOf(device))
    return model
  }

  /** Devices of one product wait for the same read. */
  #model(device: Device, waiting: Waiting): Promise<ProductModel> {
    const key = keyOf(device)
    const known = this.#models.get(key)
    if (known) return Promise.resolve(known)
    const loading =
      this.#loading.get(key) ?? this.#readModel(device, waiting).finally(() => this.#loading.delete(key))
    this.#loading.set(key, loading)
    return loading
  }

  #set(device: Device, model: ProductModel, shadow: readonly PointSource[]): void {
    const overrides = this.#parts.overrides[device.product.id] ?? {}
    const names = this.#names.of(device.id)
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
