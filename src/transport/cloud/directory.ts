import { automationList } from '../../codec/cloud/operation/automation-list.ts'
import { deviceGet } from '../../codec/cloud/operation/device-get.ts'
import { deviceMultipleNames } from '../../codec/cloud/operation/device-multiple-names.ts'
import { deviceSceneList } from '../../codec/cloud/operation/device-scene-list.ts'
import { deviceSpecifications } from '../../codec/cloud/operation/device-specifications.ts'
import { deviceSpecificationsV11 } from '../../codec/cloud/operation/device-specifications-v1-1.ts'
import { homeDevices } from '../../codec/cloud/operation/home-devices.ts'
import { homeGet } from '../../codec/cloud/operation/home-get.ts'
import { homeLinkageCodes } from '../../codec/cloud/operation/home-linkage-codes.ts'
import { memberList } from '../../codec/cloud/operation/member-list.ts'
import { roomDevicesList } from '../../codec/cloud/operation/room-devices-list.ts'
import { roomList } from '../../codec/cloud/operation/room-list.ts'
import { sceneList } from '../../codec/cloud/operation/scene-list.ts'
import { thingModel } from '../../codec/cloud/operation/thing-model.ts'
import { thingProperties } from '../../codec/cloud/operation/thing-properties.ts'
import { userHomes } from '../../codec/cloud/operation/user-homes.ts'
import type { ListedDevice } from '../../codec/cloud/shape.ts'
import type { Automation } from '../../domain/automation.ts'
import type { Device } from '../../domain/device.ts'
import type { Home, Room } from '../../domain/home.ts'
import type { Absent, Directory, LanAccess, Listing, Waiting } from '../../domain/link.ts'
import type { Member } from '../../domain/member.ts'
import type { Report } from '../../domain/report.ts'
import type { Scene, SceneBinding } from '../../domain/scene.ts'
import type { ChannelNames, PointSource } from '../../domain/specification.ts'
import { BridgeError } from '../../util/error.ts'
import type { CloudClient } from './client.ts'
import { DeviceDetails } from './device-details.ts'
import { CloudError } from './layer.ts'
import { optional } from './optional.ts'
import { reportOf, shadowReport } from './reader.ts'

export interface CloudDirectoryParts {
  readonly client: Pick<CloudClient, 'call' | 'now'>
  /** The app user whose homes are mirrored; null = every linked app account. */
  readonly uid: string | null
  /** Ids of the homes to mirror; empty = all. */
  readonly homes: readonly string[]
  /** Told whenever a device is listed with its key. */
  readonly onAccess?: (access: LanAccess) => void
}

/** What exists, as the cloud tells it. */
export class CloudDirectory implements Directory {
  readonly #parts: CloudDirectoryParts
  readonly #details: DeviceDetails

  constructor(parts: CloudDirectoryParts) {
    this.#parts = parts
    this.#details = new DeviceDetails(parts)
  }

  async homes({ signal }: Waiting): Promise<readonly Home[]> {
    const { client } = this.#parts
    const uids = await this.#details.uids(signal)
    const { homes } = this.#parts
    if (uids.length === 0 && homes.length === 0) {
      throw new BridgeError(
        'cloud/permission',
        'No app account is linked to the cloud project. In the console: Cloud, your project, Devices, Link App Account; or set tuya.uid.',
        { retry: 'later' },
      )
    }
    await this.#details.refresh(uids, signal)
    if (uids.length === 0) {
      return Promise.all(
        homes.map((home_id) => client.call(homeGet, { home_id }, { priority: 'discovery', signal })),
      )
    }
    const lists = await Promise.all(
      uids.map((uid) => client.call(userHomes, { uid }, { priority: 'discovery', signal })),
    )
    const all = new Map(lists.flat().map((home) => [home.id, home]))
    return [...all.values()].filter((home) => homes.length === 0 || homes.includes(home.id))
  }

  async home(id: string, { signal }: Waiting): Promise<Home | Absent> {
    const { client, homes } = this.#parts
    if (homes.length > 0 && !homes.includes(id)) return 'denied'
    return present(client.call(homeGet, { home_id: id }, { priority: 'reconcile', urgent: true, signal }))
  }

  rooms(home: Home, { signal }: Waiting): Promise<readonly Room[]> {
    return this.#parts.client.call(roomList, { home_id: home.id }, { priority: 'discovery', signal })
  }

  async placed({ id, homeId }: Room, { signal }: Waiting): Promise<readonly string[] | Absent> {
    const args = { home_id: homeId, room_id: id }
    const listed = await present(
      this.#parts.client.call(roomDevicesList, args, { priority: 'discovery', signal }),
    )
    return typeof listed === 'string' ? listed : listed.map(({ device }) => device.id)
  }

  async devices(home: Home, { signal }: Waiting): Promise<Listing> {
    const { client } = this.#parts
    const timeMs = client.now()
    const listed = await client.call(homeDevices, { home_id: home.id }, { priority: 'reconcile', signal })
    const answeredMs = client.now()
    await this.#details.joined(listed, signal)
    return {
      devices: listed.map(({ device }) => this.#details.complete(device, home.id)),
      reports: listed.flatMap((one) => reportsOf(one, timeMs, answeredMs)),
      askedMs: timeMs,
    }
  }

  /** Asked whatever an earlier refusal said: what it tells is needed now. */
  async device(
    id: string,
    { signal }: Waiting,
  ): Promise<{ device: Device; reports: readonly Report[]; askedMs: number } | Absent> {
    const { client } = this.#parts
    const timeMs = client.now()
    const found = await present(
      client.call(deviceGet, { device_id: id }, { priority: 'reconcile', urgent: true, signal }),
    )
    if (typeof found === 'string') return found
    this.#details.learn([found])
    return {
      device: this.#details.complete(found.device, found.device.homeId),
      reports: reportsOf(found, timeMs, client.now()),
      askedMs: timeMs,
    }
  }

  forget(deviceId: string): void {
    this.#details.forget(deviceId)
  }

  /** None where the project may not read them. */
  async sketches(
    { id: home_id }: Home,
    { signal }: Waiting,
  ): Promise<ReadonlyMap<string, readonly PointSource[]>> {
    const told = this.#parts.client.call(homeLinkageCodes, { home_id }, { priority: 'discovery', signal })
    return new Map(((await optional(told)) ?? []).map(({ deviceId, points }) => [deviceId, points]))
  }

  /** With DP ids, else without; empty where the project may read neither. */
  async standardSet({ id: device_id }: Device, { signal }: Waiting): Promise<readonly PointSource[]> {
    const { client } = this.#parts
    const options = { priority: 'discovery', signal } as const
    return (
      (await optional(client.call(deviceSpecificationsV11, { device_id }, options))) ??
      (await optional(client.call(deviceSpecifications, { device_id }, options))) ??
      []
    )
  }

  /** Empty where the project may not read it. */
  async thingModel({ id: device_id }: Device, { signal }: Waiting): Promise<readonly PointSource[]> {
    const model = this.#parts.client.call(thingModel, { device_id }, { priority: 'discovery', signal })
    return (await optional(model)) ?? []
  }

  async shadow(
    device: Device,
    { signal }: Waiting,
  ): Promise<{ sources: readonly PointSource[]; report: Report }> {
    const { client } = this.#parts
    const timeMs = client.now()
    const options = { priority: 'discovery', signal } as const
    const shadow = (await optional(client.call(thingProperties, { device_id: device.id }, options))) ?? []
    return {
      sources: shadow.map(({ source }) => source),
      report: shadowReport(device.id, shadow, timeMs, client.now(), () => undefined),
    }
  }

  async channelNames(device: Device, { signal }: Waiting): Promise<ChannelNames> {
    const args = { device_id: device.id }
    const names = this.#parts.client.call(deviceMultipleNames, args, { priority: 'discovery', signal })
    return Object.fromEntries(
      ((await optional(names)) ?? []).flatMap(({ code, name }) => (code === null ? [] : [[code, name]])),
    )
  }

  async scenes(home: Home, { signal }: Waiting): Promise<readonly Scene[]> {
    const args = { home_id: home.id }
    const scenes = await this.#parts.client.call(sceneList, args, { priority: 'discovery', signal })
    return scenes.map((scene) => ({ ...scene, homeId: home.id }))
  }

  async automations(home: Home, { signal }: Waiting): Promise<readonly Automation[]> {
    const args = { home_id: home.id }
    const automations = await this.#parts.client.call(automationList, args, { priority: 'discovery', signal })
    return automations.map((automation) => ({ ...automation, homeId: home.id }))
  }

  async members(home: Home, { signal }: Waiting): Promise<readonly Member[]> {
    const args = { home_id: home.id }
    const members = await this.#parts.client.call(memberList, args, { priority: 'discovery', signal })
    return members.map(({ uid, name, admin }) => ({ uid, name, admin }))
  }

  async bindings(device: Device, { signal }: Waiting): Promise<readonly SceneBinding[]> {
    const args = { device_id: device.id }
    const bindings = this.#parts.client.call(deviceSceneList, args, { priority: 'discovery', signal })
    return (await optional(bindings)) ?? []
  }
}

/** No permission for this device, home or user. */
const notOurs = 1106

/**
 * What the cloud says of a thing that is not there. That the project may not use the operation at all is no such word:
 * it is thrown, like all trouble.
 */
async function present<T extends object>(call: Promise<T>): Promise<T | Absent> {
  try {
    return await call
  } catch (thrown) {
    if (!(thrown instanceof CloudError)) throw thrown
    if (thrown.kind === 'gone') return 'gone'
    if (thrown.kind === 'permission' && thrown.tuya?.code === notOurs) return 'denied'
    throw thrown
  }
}

function reportsOf({ device, status }: ListedDevice, timeMs: number, answeredMs: number): readonly Report[] {
  return status === undefined ? [] : [reportOf(device.id, status, timeMs, answeredMs)]
}
