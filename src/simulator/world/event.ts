import type { DpEntry, WeatherEntry } from '../world-file.ts'
import type { SimDevice } from './device.ts'
import type { FirmwareModule } from './firmware.ts'
import type { SimHome, SimRoom } from './home.ts'
import type { SimAutomation, SimScene } from './rule.ts'
import type { SimUser } from './user.ts'

export interface ChangedPoint {
  readonly dp: DpEntry
  readonly value: unknown
  /** What it was until now; undefined for what only accepts. */
  readonly before: unknown
  readonly timeMs: number
}

/** Who told a device to do something, in the numbers of the platform's logs. */
export type Origin = 'app' | 'api' | 'cloud'

/** One action of a scene that ran. */
export interface RanAction {
  readonly id: string
  readonly entityId: string
  readonly ok: boolean
  readonly timeMs: number
}

/** What the world tells those who watch it: the cloud's events and the LAN's pushes follow from these. */
export type WorldEvents = {
  status: { readonly device: SimDevice; readonly points: readonly ChangedPoint[] }
  presence: { readonly device: SimDevice; readonly online: boolean }
  /** Another local key, LAN address or LAN version. */
  relocated: { readonly device: SimDevice }
  renamed: { readonly device: SimDevice }
  pointRenamed: { readonly device: SimDevice; readonly dp: DpEntry; readonly name: string }
  /** `token` is the pairing token by which it came, when it did. */
  added: { readonly device: SimDevice; readonly token?: string }
  removed: { readonly device: SimDevice }
  commanded: {
    readonly device: SimDevice
    readonly values: Readonly<Record<string, unknown>>
    readonly by: Origin
  }
  upgrade: { readonly device: SimDevice; readonly module: FirmwareModule }
  upgradeProgress: { readonly device: SimDevice; readonly percent: number }
  homeAdded: { readonly home: SimHome }
  homeChanged: { readonly home: SimHome }
  homeRemoved: { readonly home: SimHome; readonly devices: readonly string[] }
  roomAdded: { readonly home: SimHome; readonly room: SimRoom }
  roomRenamed: { readonly home: SimHome; readonly room: SimRoom }
  roomRemoved: { readonly home: SimHome; readonly room: SimRoom }
  userAdded: { readonly user: SimUser; readonly schema: string }
  userChanged: { readonly user: SimUser; readonly schema: string }
  weather: { readonly city: string; readonly before: WeatherEntry; readonly now: WeatherEntry }
  sceneRan: { readonly home: SimHome; readonly scene: SimScene; readonly actions: readonly RanAction[] }
  externalAction: {
    readonly home: SimHome
    readonly automation: SimAutomation
    readonly payload: Readonly<Record<string, unknown>>
  }
}
