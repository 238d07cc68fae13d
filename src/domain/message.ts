import type { Settlement } from '../util/settlement.ts'
import type { Json } from './data-point.ts'

/** What every message of the platform's queue has, whatever it tells. */
interface Told {
  /** The platform's coarse class; its numbers are not to be trusted for more than a log line. */
  readonly protocol: number
  /** The platform's word for the kind; null for the status reports of the older family. */
  readonly bizCode: string | null
  /** When it happened: the first plausible of the times that the message gives, in milliseconds. */
  readonly timeMs: number
  /** The details as they were sent, without ids that belong to accounts; null where the other members say it all. */
  readonly data: Json
}

export interface StatusPoint {
  /** Null for points outside the standard set; then the number is there. */
  readonly code: string | null
  readonly dpId: number | null
  /** As it was sent, which may be text for numbers and truth values. */
  readonly value: Json
  readonly timeMs: number
}

export interface StatusMessage extends Told {
  readonly kind: 'status'
  readonly deviceId: string
  readonly productId: string | null
  readonly dataId: string | null
  readonly points: readonly StatusPoint[]
}

export interface PresenceMessage extends Told {
  readonly kind: 'presence'
  readonly deviceId: string
  readonly productId: string | null
  readonly online: boolean
}

export interface DeviceRenamedMessage extends Told {
  readonly kind: 'deviceRenamed'
  readonly deviceId: string
  readonly productId: string | null
  readonly name: string
}

export interface PointRenamedMessage extends Told {
  readonly kind: 'pointRenamed'
  readonly deviceId: string
  readonly dpId: number
  readonly name: string
}

/** A device came into a home or left it. */
export interface BindingMessage extends Told {
  readonly kind: 'bound' | 'unbound'
  readonly deviceId: string
  readonly homeId: string | null
}

export interface UpgradeMessage extends Told {
  readonly kind: 'upgrade'
  readonly deviceId: string
  /** The platform's word or number for the module. */
  readonly module: string | null
  /** The number of cloud-api.md's upgrade states, as text. */
  readonly status: string | null
  readonly percent: number | null
}

/** Something that a device says besides its points: a doorbell, an event of its thing model, an answer to an action. */
export interface DeviceEventMessage extends Told {
  readonly kind: 'deviceEvent'
  readonly deviceId: string
  readonly code: string
}

/** Devices were shared with somebody, or are not any more. */
export interface SharedMessage extends Told {
  readonly kind: 'shared'
  readonly deviceIds: readonly string[]
}

/** A device changed hands or was frozen; what is known of it has to be read again. */
export interface DeviceChangedMessage extends Told {
  readonly kind: 'deviceChanged'
  readonly deviceId: string
}

export type HomeChange =
  | 'created'
  | 'updated'
  | 'deleted'
  | 'room_created'
  | 'room_renamed'
  | 'room_deleted'
  | 'rooms_sorted'

export interface HomeMessage extends Told {
  readonly kind: 'home'
  readonly homeId: string
  readonly change: HomeChange
}

export interface SceneRunMessage extends Told {
  readonly kind: 'sceneRun'
  readonly sceneId: string
  readonly homeId: string | null
  readonly actions: readonly { readonly device: string; readonly ok: boolean; readonly timeMs: number }[]
}

export interface ExternalActionMessage extends Told {
  readonly kind: 'externalAction'
  readonly automationId: string
  readonly homeId: string | null
  /** The object that the automation was made with; whatever came, when it is none. */
  readonly payload: Json
}

/** What nobody can use, by its nature: signals between cameras and apps. */
export interface IgnoredMessage extends Told {
  readonly kind: 'ignored'
}

/** Everything that has no kind of its own; it is passed on, never dropped. */
export interface UnknownMessage extends Told {
  readonly kind: 'unknown'
  readonly deviceId: string | null
}

/** What the platform's queue tells, freed of the wordings of its families. */
export type QueueMessage =
  | StatusMessage
  | PresenceMessage
  | DeviceRenamedMessage
  | PointRenamedMessage
  | BindingMessage
  | UpgradeMessage
  | DeviceEventMessage
  | SharedMessage
  | DeviceChangedMessage
  | HomeMessage
  | SceneRunMessage
  | ExternalActionMessage
  | IgnoredMessage
  | UnknownMessage

/** A message as a queue link hands it over. */
export interface Received {
  readonly message: QueueMessage
  readonly receivedMs: number
}

/**
 * Takes what a queue link received. Whoever publishes something that follows from it takes a part of the settlement,
 * at once; it is sealed by the link. Settled: everything in the message is with the broker, or something newer is, or
 * it was refused on purpose (I-1). Where there is no room for some part, the message has to be brought once more.
 */
export type Sink = (received: Received, settlement: Settlement) => void
