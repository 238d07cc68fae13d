import type { Specification } from '../../domain/data-point.ts'
import type { DeviceRecord } from '../../inventory/events.ts'
import { devicePicture, modelPicture, type Surroundings } from './picture.ts'

export interface DevicePicturesParts {
  readonly devices: ReadonlyMap<string, DeviceRecord>
  readonly surroundings: (record: DeviceRecord) => Surroundings
  readonly redact: (text: string) => string
}

type Model = readonly [key: string, text: string]

/** Members of a message, each as finished JSON. */
export type Members = readonly (readonly [name: string, text: string])[]

/** The devices as the page shows them: made when somebody looks, and kept until they change. */
export class DevicePictures {
  readonly #parts: DevicePicturesParts
  readonly #texts = new Map<string, string>()
  /** By specification and category: together they say what each point is good for. */
  readonly #models = new WeakMap<Specification, Map<string, Model>>()
  readonly #changed = new Set<string>()
  readonly #described = new Set<string>()
  readonly #gone = new Set<string>()

  constructor(parts: DevicePicturesParts) {
    this.#parts = parts
  }

  get hasNews(): boolean {
    return this.#changed.size + this.#gone.size > 0
  }

  touch(id: string): void {
    this.#texts.delete(id)
    this.#changed.add(id)
  }

  touchAll(): void {
    for (const id of this.#parts.devices.keys()) this.touch(id)
  }

  /** New, or with another specification. */
  described(id: string): void {
    this.touch(id)
    this.#described.add(id)
  }

  gone(id: string): void {
    this.#texts.delete(id)
    this.#changed.delete(id)
    this.#gone.add(id)
  }

  /** Everything, as members of a message. */
  all(): Members {
    const { devices } = this.#parts
    return this.#members([...devices.values()], [...devices.values()])
  }

  /** What is new since this was asked last, as members of a message. */
  news(): Members {
    const of = (ids: ReadonlySet<string>) => [...ids].flatMap((id) => this.#parts.devices.get(id) ?? [])
    const gone = [...this.#gone].filter((id) => !this.#parts.devices.has(id))
    const members = this.#members(of(this.#changed), of(this.#described))
    this.forget()
    return gone.length > 0 ? [...members, ['gone', JSON.stringify(gone)]] : members
  }

  /** Nobody looks: what changes is not noted for anyone. */
  forget(): void {
    this.#changed.clear()
    this.#described.clear()
    this.#gone.clear()
  }

  #members(changed: readonly DeviceRecord[], described: readonly DeviceRecord[]): Members {
    const models = new Map(
      described.flatMap((record) => {
        const model = this.#model(record)
        return model ? [model] : []
      }),
    )
    const members: [string, string][] = []
    if (models.size > 0)
      members.push(['models', `{${[...models].map(([key, text]) => `"${key}":${text}`).join(',')}}`])
    if (changed.length > 0)
      members.push(['devices', `[${changed.map((record) => this.#text(record)).join(',')}]`])
    return members
  }

  #model({ device: { category }, specification }: DeviceRecord): Model | undefined {
    if (!specification) return undefined
    const known = this.#models.get(specification) ?? new Map<string, Model>()
    this.#models.set(specification, known)
    const model = known.get(category) ?? this.#newModel(category, specification)
    known.set(category, model)
    return model
  }

  #newModel(category: string, specification: Specification): Model {
    const { key, text } = modelPicture(category, specification)
    return [key, this.#parts.redact(text)]
  }

  #text(record: DeviceRecord): string {
    const { id } = record.device
    const known = this.#texts.get(id)
    if (known !== undefined) return known
    const { surroundings, redact } = this.#parts
    const model = this.#model(record)?.[0] ?? null
    const text = redact(JSON.stringify(devicePicture(record, model, surroundings(record))))
    this.#texts.set(id, text)
    return text
  }
}
