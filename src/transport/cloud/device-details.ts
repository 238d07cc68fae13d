import { associatedDevices } from '../../codec/cloud/operation/associated-devices.ts'
import { deviceList } from '../../codec/cloud/operation/device-list.ts'
import { userDevices } from '../../codec/cloud/operation/user-devices.ts'
import type { ListedDevice } from '../../codec/cloud/shape.ts'
import type { Device } from '../../domain/device.ts'
import type { LanAccess } from '../../domain/link.ts'
import { Secret } from '../../util/secret.ts'
import type { CloudClient } from './client.ts'
import { optional } from './optional.ts'
import { allPages, numberedPages, pageSize } from './pages.ts'

export interface DeviceDetailsParts {
  readonly client: Pick<CloudClient, 'call'>
  /** The app user whose homes are mirrored; null = every linked app account. */
  readonly uid: string | null
  /** Told whenever a device is listed with its key. */
  readonly onAccess?: (access: LanAccess) => void
}

/** More details than this are not read again with each list of homes. */
const refreshedAtMost = 3 * pageSize
const idsPerCall = 20

/** What lists of users tell of devices and the list of a home leaves out; it changes hardly ever. */
export class DeviceDetails {
  readonly #parts: DeviceDetailsParts
  /** By device id; refreshed with the list of homes. */
  readonly #details = new Map<string, Device>()
  /** Whose devices were asked for details. */
  #detailsOf: readonly string[] = []
  /** Devices whose details nobody told, by what they were asked for as. */
  readonly #undetailed = new Set<string>()

  constructor(parts: DeviceDetailsParts) {
    this.#parts = parts
  }

  /** The accounts of the project, found by the devices that they have. */
  async uids(signal: AbortSignal): Promise<readonly string[]> {
    const { client, uid } = this.#parts
    if (uid !== null) return [uid]
    const listed = await optional(
      allPages('the devices of the linked accounts', async (last_row_key: string | undefined) => {
        const args = { size: pageSize, ...(last_row_key === undefined ? {} : { last_row_key }) }
        const { devices, next } = await client.call(associatedDevices, args, {
          priority: 'discovery',
          signal,
        })
        return { rows: devices, next }
      }),
    )
    this.learn(listed ?? [])
    return [...new Set((listed ?? []).flatMap(({ device }) => device.ownerUid ?? []))]
  }

  /** What joined since the list of homes was read is asked for once: by the ids where that takes fewer calls. */
  async joined(listed: readonly ListedDevice[], signal: AbortSignal): Promise<void> {
    this.#tellAccess(listed)
    const isNew = ({ device }: ListedDevice) =>
      !this.#detailsFor(device) && !this.#undetailed.has(identity(device))
    const ids = listed.filter(isNew).map(({ device }) => device.id)
    if (this.#detailsOf.length === 0 || ids.length === 0) return
    if (this.#details.size <= pageSize) await this.#readDetails(this.#detailsOf, signal)
    else await this.#readDetailsOf(ids, signal)
    for (const { device } of listed.filter(isNew)) this.#undetailed.add(identity(device))
  }

  /**
   * The lists of users bring product names, icons and times, which the list of a home leaves out. They change hardly
   * ever: where they take many pages they are read once.
   */
  async refresh(uids: readonly string[], signal: AbortSignal): Promise<void> {
    const isKnown = uids.every((uid) => this.#detailsOf.includes(uid))
    if (isKnown && this.#details.size > refreshedAtMost) return
    const isTold =
      this.#details.size > 0 && [...this.#details.values()].every(({ product }) => product.name !== '')
    this.#detailsOf = uids
    // The list by which accounts are found has told everything already.
    if (this.#parts.uid === null && isTold) return
    await this.#readDetails(uids, signal)
  }

  async #readDetails(uids: readonly string[], signal: AbortSignal): Promise<void> {
    const { client } = this.#parts
    for (const uid of uids) {
      const listed = await optional(
        numberedPages<ListedDevice>(
          'the devices of the account',
          ({ device }) => device.id,
          (page) => client.call(userDevices, { uid, ...page }, { priority: 'discovery', signal }),
        ),
      )
      this.learn(listed ?? [])
    }
  }

  async #readDetailsOf(ids: readonly string[], signal: AbortSignal): Promise<void> {
    for (let i = 0; i < ids.length; i += idsPerCall) {
      const device_ids = ids.slice(i, i + idsPerCall).join(',')
      const answer = await optional(
        this.#parts.client.call(deviceList, { device_ids }, { priority: 'discovery', signal }),
      )
      this.learn(answer?.devices ?? [])
    }
  }

  learn(listed: readonly ListedDevice[]): void {
    for (const { device } of listed) this.#details.set(device.id, device)
    this.#tellAccess(listed)
  }

  forget(deviceId: string): void {
    const known = this.#details.get(deviceId)
    if (known) this.#undetailed.delete(identity(known))
    this.#details.delete(deviceId)
  }

  #tellAccess(listed: readonly ListedDevice[]): void {
    for (const { device, localKey, nodeId = null, uuid = null } of listed) {
      if (localKey === undefined) continue
      this.#parts.onAccess?.({ deviceId: device.id, localKey: new Secret(localKey), nodeId, uuid })
    }
  }

  /** Those of the product that it is now: what was paired anew as another one has nothing of the old. */
  #detailsFor({ id, product }: Device): Device | undefined {
    const details = this.#details.get(id)
    const isSame = product.id === '' || details?.product.id === '' || details?.product.id === product.id
    return isSame ? details : undefined
  }

  complete(device: Device, homeId: string): Device {
    const details = this.#detailsFor(device)
    return {
      ...device,
      homeId,
      product:
        details && device.product.name === '' ? { ...device.product, ...details.product } : device.product,
      gatewayId: device.gatewayId ?? details?.gatewayId ?? null,
      icon: device.icon ?? details?.icon ?? null,
      createdMs: device.createdMs ?? details?.createdMs ?? null,
      updatedMs: device.updatedMs ?? details?.updatedMs ?? null,
    }
  }
}

function identity({ id, product }: Device): string {
  return `${id} ${product.id}`
}
