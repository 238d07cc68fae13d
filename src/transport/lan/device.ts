import type { LanVersion } from '../../codec/lan/version.ts'
import type { Secret } from '../../util/secret.ts'

export interface LanAddress {
  readonly host: string
  readonly port: number
}

/** What is known of a device that has a socket of its own, from whatever source. */
export interface LanDevice {
  readonly id: string
  /** 16 characters, one byte each. */
  readonly localKey: Secret
  /** Null: whatever discovery tells. */
  readonly address: LanAddress | null
  /** Null: whatever discovery tells, else found out by trying. */
  readonly version: LanVersion | null
  /** Devices behind it: their ids, by what the gateway calls them (`cid`). */
  readonly children: ReadonlyMap<string, string>
  /** Data points that it is known to have, for devices that answer only for those. */
  readonly pointIds: readonly number[]
  /** Data points that it measures only when asked. */
  readonly refreshIds: readonly number[]
  /** Awake for seconds at a time: down is its usual state. */
  readonly sleeps: boolean
}

/** Where a device is said to be; believed once it has proved itself there (R-L5). */
export interface Proposal {
  readonly deviceId: string
  readonly address: LanAddress
  readonly version: LanVersion | null
}

/** What a device said of itself or of one behind it. */
export interface LanValues {
  readonly deviceId: string
  /** By data point id, as they stand on the wire. */
  readonly values: ReadonlyMap<number, unknown>
  readonly receivedMs: number
  /** An answer to a question: no news by itself. */
  readonly asked: boolean
}

/** What the fleet tells. */
export type FleetEvents = {
  readonly values: LanValues
  /** The way to this device, or what is known of it, has changed. */
  readonly health: { readonly deviceId: string }
  /** It does not know the key (R-L4). */
  readonly keyWanted: { readonly deviceId: string }
  /** A gateway speaks of one that nobody has told us of. */
  readonly unknownChild: { readonly gatewayId: string; readonly cid: string }
}
