import type { Automation } from '../domain/automation.ts'
import type { Json, Specification } from '../domain/data-point.ts'
import type { Device } from '../domain/device.ts'
import type { FirmwareModule } from '../domain/firmware.ts'
import type { Home, Room } from '../domain/home.ts'
import type { Member } from '../domain/member.ts'
import type { SaidPoint, Source } from '../domain/report.ts'
import type { Scene, SceneBinding } from '../domain/scene.ts'
import type { DeviceState } from '../domain/state.ts'
import type { Emitter } from '../util/emitter.ts'
import type { Settlement } from '../util/settlement.ts'
import type { DefinitionEvents } from './definition-set.ts'

/** All that is known of one device. */
export interface DeviceRecord {
  readonly device: Device
  /** Undefined until it was read: values without it would be wrong by powers of ten. */
  readonly specification: Specification | undefined
  readonly state: DeviceState
  /** When the device was first listed in this run. */
  readonly listedMs: number
  /** The device itself answers on the LAN. */
  readonly lanUp: boolean
}

/** One accepted point of a report, also when its value did not change. */
export interface Observation {
  readonly code: string
  readonly value: Json
  readonly timeMs: number
}

export type InventoryEvents = {
  home: { readonly home: Home; readonly before: Home | undefined }
  homeRemoved: Home
  room: { readonly room: Room; readonly before: Room | undefined }
  roomRemoved: Room
  members: { readonly homeId: string; readonly members: readonly Member[] }
  bindings: { readonly deviceId: string; readonly bindings: readonly SceneBinding[] }
  /** New, or any fact about it changed; `before` is undefined for a new one. */
  device: { readonly record: DeviceRecord; readonly before: Device | undefined }
  deviceRemoved: { readonly device: Device; readonly specification: Specification | undefined }
  specification: { readonly record: DeviceRecord; readonly before: Specification | undefined }
  /** A report was applied; `changed`, values and sums that are others now, may be empty. */
  report: {
    readonly record: DeviceRecord
    readonly source: Source
    readonly receivedMs: number
    readonly changed: readonly string[]
    readonly observed: readonly Observation[]
    /** All that was said, presses and old values too; without what the other way had told already. */
    readonly said: readonly SaidPoint[]
    /** Somebody waits until what follows from the report is with the broker: who publishes takes a part. */
    readonly settlement: Settlement | undefined
    /** The same of what was said alone, where the queue will bring it too. */
    readonly told: Settlement | undefined
  }
  /** The cloud says, of a time after what the device said on the LAN, something else: the device has to be asked. */
  doubted: DeviceRecord
  /** The sum of the portions of a data point has changed without a report. */
  total: { readonly record: DeviceRecord; readonly code: string }
  firmware: { readonly deviceId: string; readonly modules: readonly FirmwareModule[] }
  /** Names of things that no list shows any more are free. */
  namesForgotten: undefined
  /** Facts of these sources turned stale, or fresh again. */
  staleness: ReadonlySet<Source>
  /** The device can be reached on the LAN, or not any more. */
  lan: DeviceRecord
  /** What one device said on the LAN turned stale, or fresh again. */
  lanStaleness: DeviceRecord
}

/** What changes what is known, as against what is thought of it. */
const changes = [
  'home',
  'homeRemoved',
  'room',
  'roomRemoved',
  'device',
  'deviceRemoved',
  'specification',
  'report',
  'firmware',
  'bindings',
  'namesForgotten',
] as const

/** Tells that something is known which was not before. */
export function onAnyChange(inventory: Observable, tell: () => void): void {
  for (const kind of changes) inventory.events.on(kind, tell)
  for (const { events } of [inventory.scenes, inventory.automations]) {
    events.on('changed', tell)
    events.on('removed', tell)
  }
}

interface Observable {
  readonly events: Emitter<InventoryEvents>
  readonly scenes: { readonly events: Emitter<DefinitionEvents<Scene>> }
  readonly automations: { readonly events: Emitter<DefinitionEvents<Automation>> }
}
