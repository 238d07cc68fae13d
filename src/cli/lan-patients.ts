import { type ConfiguredDevice, lanDevices } from '../app/lan-import.ts'
import { associatedDevices } from '../codec/cloud/operation/associated-devices.ts'
import { homeDevices } from '../codec/cloud/operation/home-devices.ts'
import { userHomes } from '../codec/cloud/operation/user-homes.ts'
import type { ListedDevice } from '../codec/cloud/shape.ts'
import type { CloudClient } from '../transport/cloud/client.ts'
import { Secret } from '../util/secret.ts'
import { type Context, progress } from './context.ts'
import { asFailure, openClient } from './direct.ts'

/** A device that is to be looked for, and who has told of it. */
export interface Wanted extends ConfiguredDevice {
  readonly sources: readonly ('configuration' | 'cloud')[]
  readonly isBehindGateway: boolean
}

/** Everybody that configuration, files and the cloud tell of; their keys are masked from now on. */
export async function wantedDevices(context: Context, signal: AbortSignal): Promise<readonly Wanted[]> {
  const listed = context.config.tuya ? await ofCloud(context, signal) : []
  const cloud = new Map(listed.map((one) => [one.device.id, one]))
  const configured = new Map(lanDevices(context.config).devices.map((device) => [device.id, device]))
  return [...new Set([...configured.keys(), ...cloud.keys()])].map((id) => {
    const wanted = joined(id, configured.get(id), cloud.get(id))
    if (wanted.localKey) context.redactor.keep(wanted.localKey)
    return wanted
  })
}

function joined(
  id: string,
  configured: ConfiguredDevice | undefined,
  listed: ListedDevice | undefined,
): Wanted {
  const key = listed?.localKey
  const localKey = configured?.localKey ?? (key === undefined ? null : new Secret(key))
  const gatewayId = configured?.gatewayId ?? listed?.device.gatewayId ?? null
  return {
    id,
    name: configured?.name ?? listed?.device.name ?? null,
    localKey,
    address: configured?.address ?? null,
    port: configured?.port ?? 6668,
    version: configured?.version ?? null,
    cid: configured?.cid ?? null,
    gatewayId,
    category: configured?.category ?? listed?.device.category ?? null,
    points: configured?.points ?? [],
    sources: [...(configured ? (['configuration'] as const) : []), ...(listed ? (['cloud'] as const) : [])],
    isBehindGateway: gatewayId !== null || configured?.cid != null || listed?.device.sub === true,
  }
}

async function ofCloud(context: Context, signal: AbortSignal): Promise<readonly ListedDevice[]> {
  const { client, tuya } = openClient(context)
  progress('asking the cloud for its devices …')
  try {
    const uids = tuya.uid === null ? await linkedUids(client, signal) : [tuya.uid]
    const devices: ListedDevice[] = []
    for (const uid of uids) {
      for (const home of await client.call(userHomes, { uid }, { priority: 'command', signal })) {
        if (tuya.homes.length > 0 && !tuya.homes.includes(home.id)) continue
        devices.push(
          ...(await client.call(homeDevices, { home_id: home.id }, { priority: 'command', signal })),
        )
      }
    }
    return devices
  } catch (thrown) {
    throw asFailure(thrown)
  } finally {
    progress('')
    await client[Symbol.asyncDispose]()
  }
}

async function linkedUids(client: CloudClient, signal: AbortSignal): Promise<readonly string[]> {
  const page = await client.call(associatedDevices, { size: 50 }, { priority: 'command', signal })
  return [...new Set(page.devices.flatMap(({ device }) => device.ownerUid ?? []))]
}
