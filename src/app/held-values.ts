import type { PointFact } from '../domain/state.ts'
import type { DeviceRecord } from '../inventory/events.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { Documents } from '../mqtt/device-topics.ts'

/** What a device has said, as far as the broker has it in the document of that device. */
export interface HeldDevice {
  readonly facts: ReadonlyMap<string, PointFact>
  /** Sums of what its points report in portions. */
  readonly totals: ReadonlyMap<string, number>
}

/** `codes`: the points that are others now. `isFirst`: nothing was held of the device before. */
export type HeldListener = (deviceId: string, codes: readonly string[], isFirst: boolean) => void

/**
 * The values that may be said over another connection than the bridge's own: only the document has their times, so none
 * of them goes before it (I-2).
 */
export class HeldValues {
  readonly #inventory: Inventory
  readonly #documents: Documents
  readonly #held = new Map<string, HeldDevice>()
  /** What was said and is not held yet. */
  readonly #waiting = new Map<string, HeldDevice>()
  /** What was said after that. */
  readonly #next = new Map<string, HeldDevice>()
  readonly #listeners: HeldListener[] = []
  #isOn = false

  constructor(inventory: Inventory, documents: Documents) {
    this.#inventory = inventory
    this.#documents = documents
    documents.events.on('said', ({ published }) => this.#said(published.device.id))
    inventory.events.on('deviceRemoved', ({ device }) => this.#forget(device.id))
  }

  /** Undefined until the first document of the device is held. */
  of(deviceId: string): HeldDevice | undefined {
    return this.#held.get(deviceId)
  }

  /** Called when there is something new to say. */
  on(listener: HeldListener): void {
    this.#listeners.push(listener)
  }

  /** From now on somebody wants them, or nobody does. */
  turn(isOn: boolean): void {
    if (this.#isOn === isOn) return
    this.#isOn = isOn
    for (const id of [...this.#held.keys(), ...this.#waiting.keys()]) if (!isOn) this.#forget(id)
    if (!isOn) return
    for (const id of this.#inventory.devices.keys()) {
      this.#documents.hurry(id)
      this.#said(id)
    }
  }

  #said(deviceId: string): void {
    const record = this.#isOn ? this.#inventory.device(deviceId) : undefined
    if (!record) return
    const said = this.#look(record)
    if (this.#waiting.has(deviceId)) this.#next.set(deviceId, said)
    else this.#await(deviceId, said)
  }

  #await(id: string, said: HeldDevice): void {
    this.#waiting.set(id, said)
    // A document that no broker takes keeps nobody waiting.
    this.#documents.whenHeld(id, () => {
      // What somebody waited for who does not any more is older than what is waited for now.
      if (this.#waiting.get(id) !== said) return
      this.#waiting.delete(id)
      this.#arrived(id, said)
      const next = this.#next.get(id)
      this.#next.delete(id)
      if (next) this.#await(id, next)
    })
  }

  #arrived(deviceId: string, now: HeldDevice): void {
    const before = this.#held.get(deviceId)
    this.#held.set(deviceId, now)
    const codes = new Set([...(before?.facts.keys() ?? []), ...now.facts.keys()])
    const changed = [...codes].filter(
      (code) =>
        before?.facts.get(code) !== now.facts.get(code) || before?.totals.get(code) !== now.totals.get(code),
    )
    for (const listener of this.#listeners) listener(deviceId, changed, before === undefined)
  }

  #look({ device, state }: DeviceRecord): HeldDevice {
    const totals = new Map<string, number>()
    for (const [code] of state.entries()) {
      const total = this.#inventory.energy.total(device.id, code)
      if (total !== undefined) totals.set(code, total)
    }
    return { facts: new Map(state.entries()), totals }
  }

  #forget(deviceId: string): void {
    this.#held.delete(deviceId)
    this.#waiting.delete(deviceId)
    this.#next.delete(deviceId)
  }
}
