import { BridgeError, type BridgeErrorOptions } from '../util/error.ts'
import type { Secret } from '../util/secret.ts'
import type { Automation } from './automation.ts'
import type { Path, Write } from './command.ts'
import type { Device } from './device.ts'
import type { Home, Room } from './home.ts'
import type { Member } from './member.ts'
import type { Report } from './report.ts'
import type { Scene, SceneBinding } from './scene.ts'
import type { ChannelNames, PointSource } from './specification.ts'

export interface Waiting {
  readonly signal: AbortSignal
}

/** Whether the device may have acted although sending failed. */
export type SendOutcome = 'not-sent' | 'refused' | 'unknown'

/** A failed send. `not-sent`: no byte left. `refused`: the other side said no. `unknown`: it may have happened. */
export class SendError extends BridgeError {
  readonly outcome: SendOutcome

  constructor(outcome: SendOutcome, code: string, message: string, options: BridgeErrorOptions = {}) {
    super(code, message, options)
    this.outcome = outcome
  }
}

/** What an accepted send proves: the device itself acknowledged, or only the cloud took the command. */
export interface Sent {
  readonly by: 'device' | 'cloud'
}

/** A way to a device. */
export interface Sender {
  readonly path: Path
  /** Resolves when the other side accepted; rejects with SendError. Reports come by the Reporter. */
  send(write: Write, waiting: Waiting): Promise<Sent>
}

/** A source of reports; ends when the signal aborts. */
export interface Reporter {
  reports(waiting: Waiting): AsyncIterable<Report>
}

/** Asks for the present values of a device; they arrive as reports. Rejects with BridgeError. */
export interface Reader {
  readonly path: Path
  read(deviceId: string, waiting: Waiting): Promise<void>
}

/**
 * What a cloud says of a thing that it does not show: `gone` = there is no such thing; `denied` = the project has no right
 * to it, which is also how platforms speak of things that somebody took away.
 */
export type Absent = 'gone' | 'denied'

/** Devices with their present values, which come as reports. Rooms are not told here. */
export interface Listing {
  readonly devices: readonly Device[]
  readonly reports: readonly Report[]
  /** When the cloud was asked, by its own clock. */
  readonly askedMs?: number
}

/** What exists. Every call may reject with BridgeError. */
export interface Directory {
  homes(waiting: Waiting): Promise<readonly Home[]>
  home(id: string, waiting: Waiting): Promise<Home | Absent>
  rooms(home: Home, waiting: Waiting): Promise<readonly Room[]>
  /** The ids of the devices that stand in a room. */
  placed(room: Room, waiting: Waiting): Promise<readonly string[] | Absent>
  devices(home: Home, waiting: Waiting): Promise<Listing>
  device(
    id: string,
    waiting: Waiting,
  ): Promise<
    { readonly device: Device; readonly reports: readonly Report[]; readonly askedMs?: number } | Absent
  >
  /** What is remembered of a device is of before it was paired anew: the next list asks for it again. */
  forget(deviceId: string): void
  /** By device, those of its points that scenes can use: all devices of a home with one call. */
  sketches(home: Home, waiting: Waiting): Promise<ReadonlyMap<string, readonly PointSource[]>>
  /** The standard set of the device's product; the same for all its devices. */
  standardSet(device: Device, waiting: Waiting): Promise<readonly PointSource[]>
  /** The thing model of the device's product, which also knows the points outside the standard set. */
  thingModel(device: Device, waiting: Waiting): Promise<readonly PointSource[]>
  /** What only this device tells: names that people gave its points, points that no model lists, their values. */
  shadow(device: Device, waiting: Waiting): Promise<{ sources: readonly PointSource[]; report: Report }>
  /** What people call the channels of a device. */
  channelNames(device: Device, waiting: Waiting): Promise<ChannelNames>
  scenes(home: Home, waiting: Waiting): Promise<readonly Scene[]>
  automations(home: Home, waiting: Waiting): Promise<readonly Automation[]>
  members(home: Home, waiting: Waiting): Promise<readonly Member[]>
  /** Which keys of a scene switch run which scenes. */
  bindings(device: Device, waiting: Waiting): Promise<readonly SceneBinding[]>
}

export type LinkStatus = 'up' | 'degraded' | 'down' | 'unused'

/** The public state of a link; `reason` is a word of the contract. */
export interface LinkHealth {
  readonly state: LinkStatus
  readonly sinceMs: number
  readonly reason: string | null
  readonly lastMs: number | null
}

export const unusedLink: LinkHealth = { state: 'unused', sinceMs: 0, reason: null, lastMs: null }

/** What it takes to speak with a device on the LAN, as its account tells it. */
export interface LanAccess {
  readonly deviceId: string
  readonly localKey: Secret
  /** What its gateway calls it; null where that was not told. */
  readonly nodeId: string | null
  /** What a gateway calls it where nobody tells its node; null where it has none. */
  readonly uuid: string | null
}

/** A device without a way on the LAN. */
export const unusedLan: DevicePaths['lan'] = { ...unusedLink, version: null }

/** The ways to one device. */
export interface DevicePaths {
  /** `version` of the protocol, as long as one is known. */
  readonly lan: LinkHealth & { readonly version: string | null }
  readonly cloud: LinkHealth
}
