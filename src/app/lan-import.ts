import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { joinNotes, type NotedDevice, readDeviceFile } from '../codec/lan/device-file.ts'
import { type LanVersion, lanVersion } from '../codec/lan/version.ts'
import type { PointSource } from '../domain/specification.ts'
import type { LanAddress } from '../transport/lan/device.ts'
import type { DiscoverySettings } from '../transport/lan/discovery.ts'
import { type JsonError, limits, parseJson } from '../util/json.ts'
import type { Secret } from '../util/secret.ts'
import { addressRule, parseSubnet, type Subnet } from '../util/subnet.ts'
import type { ConfigFault } from './config-fault.ts'
import type { Config } from './config-types.ts'

/** What configuration and device files say of a device, without any cloud. */
export interface ConfiguredDevice {
  readonly id: string
  readonly name: string | null
  readonly localKey: Secret | null
  /** Null: where discovery or the cloud says. */
  readonly address: LanAddress | null
  /** Where it takes connections, also while its address is not known. */
  readonly port: number
  readonly version: LanVersion | null
  /** What its gateway calls it; null for a device with a socket of its own. */
  readonly cid: string | null
  readonly gatewayId: string | null
  readonly category: string | null
  /** Codes by data point id, with types where a file knows them; empty when nothing is known. */
  readonly points: readonly PointSource[]
}

export interface ConfiguredDevices {
  readonly devices: readonly ConfiguredDevice[]
  readonly faults: readonly ConfigFault[]
  /** By path, a digest of what each file holds. */
  readonly digests: ReadonlyMap<string, string>
}

type Listed = Config['lan']['devices'][number]
const usualPort = 6668

/** The devices of `lan.devices` and `lan.deviceFiles`; what is written by hand wins, then the first file that knows it. */
export function lanDevices({ lan }: Pick<Config, 'lan'>): ConfiguredDevices {
  const faults: ConfigFault[] = []
  const digests = new Map<string, string>()
  const noted = new Map<string, NotedDevice>()
  for (const [i, file] of lan.deviceFiles.entries()) {
    const path = `lan.deviceFiles.${i}`
    for (const device of readFile(file, path, faults, digests)) {
      const known = noted.get(device.id)
      noted.set(device.id, known ? joinNotes(known, device) : device)
    }
  }
  const verdict = addressRule(subnetsOf(lan))
  const listed = new Map(lan.devices.map((device) => [device.id, device]))
  const devices = [...new Set([...listed.keys(), ...noted.keys()])].map((id) => {
    const note = noted.get(id)
    const host = note?.host && verdict(note.host) === 'ok' ? note.host : null
    return deviceOf(id, listed.get(id), note && { ...note, host })
  })
  return { devices, faults, digests }
}

/** The networks of the configuration; those that are none are left out, and are faults elsewhere. */
export function subnetsOf({ subnets }: Pick<Config['lan'], 'subnets'>): Subnet[] {
  return subnets.flatMap((text) => parseSubnet(text) ?? [])
}

/** How discovery is set up by the configuration. */
export function lanDiscoverySettings({ lan }: Pick<Config, 'lan'>): DiscoverySettings {
  return { ports: lan.udpPorts.slice(0, -1), probePort: lan.udpPorts.at(-1) ?? 7000, subnets: subnetsOf(lan) }
}

function readFile(
  file: string,
  path: string,
  faults: ConfigFault[],
  digests: Map<string, string>,
): readonly NotedDevice[] {
  let content: Buffer
  try {
    content = readFileSync(file)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    faults.push({
      path,
      message: `${file} cannot be read (${code}).`,
      hint: 'Check the path and its rights.',
    })
    return []
  }
  digests.set(file, createHash('sha256').update(content).digest('hex'))
  const read = parse(content)
  if (typeof read === 'string') {
    faults.push({ path, message: `${file} ${read}`, hint: howToList })
    return []
  }
  return read
}

const howToList =
  'It may be devices.json, snapshot.json or tuya-raw.json of tinytuya, the list of tuya-cli’s wizard, or core.config_entries of Home Assistant.'

/** The devices, or what is wrong. */
function parse(content: Buffer): readonly NotedDevice[] | string {
  let value: unknown
  try {
    value = parseJson(content, limits.deviceFile)
  } catch (thrown) {
    return (thrown as JsonError).fault === 'bad-json'
      ? 'is not valid JSON.'
      : 'is too large or nests too deep.'
  }
  const file = readDeviceFile(value)
  if (!file) return 'is no list of devices.'
  return file.devices.length > 0 ? file.devices : 'lists no device.'
}

function deviceOf(id: string, listed: Listed | undefined, note: NotedDevice | undefined): ConfiguredDevice {
  const port = listed?.port ?? usualPort
  const host = listed?.ip ?? note?.host ?? null
  const points = Object.entries(listed?.points ?? {}).map(([dpId, code]) => ({ dpId: Number(dpId), code }))
  return {
    id,
    name: listed?.name ?? note?.name ?? null,
    localKey: listed?.localKey ?? note?.localKey ?? null,
    address: host === null ? null : { host, port },
    port,
    version: lanVersion(listed?.version) ?? note?.version ?? null,
    cid: listed?.cid ?? note?.cid ?? null,
    gatewayId: listed?.gateway ?? note?.gatewayId ?? null,
    category: listed?.category ?? note?.category ?? null,
    points: joinPoints(points, note?.points ?? []),
  }
}

/** Codes that are given by hand replace those of the file. */
function joinPoints(given: readonly PointSource[], noted: readonly PointSource[]): readonly PointSource[] {
  const byId = new Map(noted.map((point) => [point.dpId, point]))
  for (const point of given) byId.set(point.dpId, { ...byId.get(point.dpId), ...point })
  return [...byId.values()]
}
