import type { Automation } from '../domain/automation.ts'
import type { Device } from '../domain/device.ts'
import type { FirmwareModule } from '../domain/firmware.ts'
import type { Home, Room } from '../domain/home.ts'
import type { Scene, SceneBinding } from '../domain/scene.ts'
import type { EnergyState } from '../inventory/energy-totals.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { BookState, SpecificationBook } from '../inventory/specification-book.ts'
import type { BudgetState } from '../transport/cloud/budget.ts'
import { type Clock, every, type Timer } from '../util/clock.ts'
import { isRecord } from '../util/json.ts'
import type { SnapshotFile } from './snapshot-file.ts'

type Name = readonly [slug: string, id: string]

/** What outlives a restart. No secrets: keys and tokens come from the cloud again. */
export interface Snapshot {
  readonly savedMs: number
  readonly homes: readonly Home[]
  readonly rooms: readonly Room[]
  readonly devices: readonly Device[]
  readonly scenes: readonly Scene[]
  readonly automations: readonly Automation[]
  /** Names of devices. */
  readonly names: readonly Name[]
  readonly sceneNames: readonly Name[]
  readonly automationNames: readonly Name[]
  readonly book: BookState
  /** By device: code, raw value, source time. */
  readonly values: Readonly<
    Record<string, readonly (readonly [code: string, raw: unknown, timeMs: number])[]>
  >
  /** By device. */
  readonly firmware: Readonly<Record<string, readonly FirmwareModule[]>>
  readonly bindings: Readonly<Record<string, readonly SceneBinding[]>>
  readonly energy: EnergyState
  readonly budget: BudgetState | undefined
  /** When the event queue was heard for the last time; null when it never was. */
  readonly queueHeardMs: number | null
  /** Everything had been read once by then; otherwise devices may be missing, or what is needed to understand them. */
  readonly isWhole: boolean
}

export const snapshotVersion = 1

const listed = [
  'homes',
  'rooms',
  'devices',
  'names',
  'scenes',
  'automations',
  'sceneNames',
  'automationNames',
]

const records = ['book', 'values', 'firmware', 'bindings', 'energy']

/** What snapshots of earlier versions do not hold. */
const additions = {
  scenes: [],
  automations: [],
  sceneNames: [],
  automationNames: [],
  firmware: {},
  bindings: {},
  energy: {},
  queueHeardMs: null,
  isWhole: false,
}

/** Loose on purpose: the checksum says that we wrote it, this says that the shape is still ours. */
export function asSnapshot(data: unknown): Snapshot | undefined {
  if (!isRecord(data)) return undefined
  const filled: Record<string, unknown> = { ...additions, ...data }
  const lists = listed.every((key) => Array.isArray(filled[key]))
  return lists && records.every((key) => isRecord(filled[key])) ? (filled as unknown as Snapshot) : undefined
}

/** What a run before this one left; `warn` is told of damage. */
export async function loadSnapshot(
  file: Pick<SnapshotFile, 'load'>,
  warn: (message: string) => void,
): Promise<Snapshot | undefined> {
  const { data, from } = await file.load((read) => asSnapshot(read) !== undefined)
  if (from === 'damaged') warn('the snapshot and the one before it are damaged; everything is read anew')
  if (from === 'previous') warn('the snapshot is damaged; the one before it is used')
  return data === undefined ? undefined : asSnapshot(data)
}

export function takeSnapshot(
  inventory: Inventory,
  book: Pick<SpecificationBook, 'state'>,
  budget: BudgetState | undefined,
  now: number,
  queueHeardMs: number | null = null,
  isWhole = false,
): Snapshot {
  const devices = [...inventory.devices.values()]
  return {
    savedMs: now,
    homes: [...inventory.homes.values()],
    rooms: [...inventory.rooms.values()],
    // Whose a device is, is nobody's business on a disk.
    devices: devices.map(({ device }) => ({ ...device, ownerUid: null })),
    scenes: [...inventory.scenes.all.values()],
    automations: [...inventory.automations.all.values()],
    names: inventory.slugs.device.entries(),
    sceneNames: inventory.scenes.slugs.entries(),
    automationNames: inventory.automations.slugs.entries(),
    book: book.state,
    values: Object.fromEntries(
      devices.map(({ device, state }) => [
        device.id,
        [...state.entries()].map(([code, fact]) => [code, fact.raw, fact.timeMs] as const),
      ]),
    ),
    firmware: Object.fromEntries(inventory.firmware.all),
    bindings: Object.fromEntries(inventory.bindings.all),
    energy: inventory.energy.state,
    budget,
    queueHeardMs,
    isWhole,
  }
}

/** Everything comes back as it was, its values marked as from the snapshot: stale until somebody confirms them. */
export function restore(
  snapshot: Snapshot,
  inventory: Inventory,
  book: Pick<SpecificationBook, 'recall'> | undefined,
): void {
  for (const [slug, id] of snapshot.names) inventory.slugs.device.restore(slug, id)
  for (const [slug, id] of snapshot.sceneNames) inventory.scenes.slugs.restore(slug, id)
  for (const [slug, id] of snapshot.automationNames) inventory.automations.slugs.restore(slug, id)
  for (const home of snapshot.homes) inventory.setHome(home)
  for (const room of snapshot.rooms) inventory.setRoom(room)
  inventory.energy.restore(snapshot.energy)
  inventory.setDevices(snapshot.devices)
  for (const device of snapshot.devices) {
    book?.recall(device)
    const points = (snapshot.values[device.id] ?? []).map(([code, raw, timeMs]) => ({ code, raw, timeMs }))
    inventory.apply({ deviceId: device.id, source: 'snapshot', receivedMs: snapshot.savedMs, points })
  }
  for (const [deviceId, modules] of Object.entries(snapshot.firmware))
    inventory.firmware.set(deviceId, modules)
  for (const [deviceId, bindings] of Object.entries(snapshot.bindings))
    inventory.bindings.set(deviceId, bindings)
  inventory.scenes.set(snapshot.scenes)
  inventory.automations.set(snapshot.automations)
}

/** What of it belongs to one home; where no account is asked any more, nobody would tell that the rest is gone. */
export function ofHome(homeId: string, snapshot: Snapshot): Snapshot {
  const devices = snapshot.devices.filter((device) => device.homeId === homeId)
  const ids = new Set(devices.map(({ id }) => id))
  const isOurs = ([id]: readonly [string, unknown]) => ids.has(id)
  return {
    ...snapshot,
    homes: snapshot.homes.filter(({ id }) => id === homeId),
    rooms: [],
    devices,
    scenes: [],
    automations: [],
    names: snapshot.names.filter(([, id]) => ids.has(id)),
    sceneNames: [],
    automationNames: [],
    energy: Object.fromEntries(Object.entries(snapshot.energy).filter(isOurs)),
    firmware: {},
    bindings: {},
  }
}

const debounceMs = 5_000
const oldestMs = 60_000

/** R-S2: saved five seconds after a change, and never older than a minute; a full disk is told and survived. */
export class SnapshotKeeper {
  readonly #file: SnapshotFile
  readonly #take: () => Snapshot
  readonly #clock: Clock
  readonly #onTrouble: (thrown: unknown) => void
  #dirtySince: number | undefined
  #changedAt = 0
  #timer: Timer | undefined
  #saving: Promise<void> | undefined
  #urgent = false
  #failing = false

  constructor(file: SnapshotFile, take: () => Snapshot, clock: Clock, onTrouble: (thrown: unknown) => void) {
    this.#file = file
    this.#take = take
    this.#clock = clock
    this.#onTrouble = onTrouble
  }

  start(): void {
    this.#timer = every(this.#clock, 1_000, () => this.#review())
  }

  /** Something is worth saving. */
  touch(): void {
    this.#changedAt = this.#clock.monotonic()
    this.#dirtySince ??= this.#changedAt
  }

  /** Worth saving before the next crash. */
  hurry(): void {
    this.touch()
    this.#urgent = true
  }

  get failing(): boolean {
    return this.#failing
  }

  /** One after the other: each moves the file of the one before out of its way. */
  saveNow(): Promise<void> {
    const saving = (this.#saving?.then(() => this.#save()) ?? this.#save()).finally(() => {
      if (this.#saving === saving) this.#saving = undefined
    })
    this.#saving = saving
    return saving
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #review(): void {
    if (this.#dirtySince === undefined || this.#saving !== undefined) return
    const now = this.#clock.monotonic()
    const due = this.#urgent || now - this.#changedAt >= debounceMs || now - this.#dirtySince >= oldestMs
    if (due) void this.saveNow()
  }

  async #save(): Promise<void> {
    this.#dirtySince = undefined
    this.#urgent = false
    try {
      await this.#file.save(this.#take())
      this.#failing = false
    } catch (thrown) {
      this.#failing = true
      this.touch()
      this.#onTrouble(thrown)
    }
  }
}
