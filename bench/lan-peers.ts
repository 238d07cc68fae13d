import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { LanVersion } from '../src/codec/lan/version.ts'
import type { LanDeviceAddress } from '../src/simulator/lan/lan.ts'
import { LanFleet } from '../src/transport/lan/fleet.ts'
import { systemClock } from '../src/util/clock.ts'
import { systemRandom } from '../src/util/random.ts'
import { BareLanClient } from './lan-bare.ts'
import { knownDevice, pointIds } from './lan-world.ts'

/** One of those who are compared: milliseconds of a round trip to its own device of that version. */
export interface Party {
  readonly name: string
  /** Its code becomes faster the more it runs. */
  readonly isCompiled: boolean
  get(version: LanVersion): Promise<number>
  set(version: LanVersion, value: boolean): Promise<number>
  end(): Promise<void>
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

const idOf = (devices: readonly LanDeviceAddress[], version: LanVersion) =>
  devices.find((device) => device.version === version)?.id ?? ''

export async function ours(devices: readonly LanDeviceAddress[]): Promise<Party> {
  const fleet = new LanFleet({ clock: systemClock, random: systemRandom })
  fleet.replace(devices.map(knownDevice))
  fleet.start()
  const { signal } = new AbortController()
  while (!devices.every(({ id }) => fleet.health(id).state === 'up'))
    await new Promise((resolve) => setTimeout(resolve, 50))
  return {
    name: 'dp2mqtt',
    isCompiled: true,
    get: (version) => timed(() => fleet.query(idOf(devices, version), { signal })),
    set: (version, value) => timed(() => fleet.set(idOf(devices, version), { '1': value }, { signal })),
    end: () => fleet[Symbol.asyncDispose](),
  }
}

export async function bare(devices: readonly LanDeviceAddress[]): Promise<Party> {
  const clients = new Map<LanVersion, BareLanClient>()
  for (const device of devices) clients.set(device.version, await new BareLanClient(device).open())
  return {
    name: 'bare client',
    isCompiled: true,
    get: (version) => timed(async () => clients.get(version)?.query()),
    set: (version, value) => timed(async () => clients.get(version)?.set({ '1': value })),
    end: async () => {
      for (const client of clients.values()) client.end()
    },
  }
}

interface TuyApi {
  on(event: 'error', listener: (error: unknown) => void): void
  connect(): Promise<unknown>
  get(options: object): Promise<unknown>
  set(options: object): Promise<unknown>
  disconnect(): void
}

/** Undefined where it is not installed. */
export async function tuyapi(devices: readonly LanDeviceAddress[]): Promise<Party | undefined> {
  const require = createRequire(new URL('../interop/package.json', import.meta.url))
  if (!existsSync(new URL('../interop/node_modules/tuyapi', import.meta.url))) return undefined
  const Device = require('tuyapi') as new (options: object) => TuyApi
  const clients = new Map<LanVersion, TuyApi>()
  for (const { id, ip, port, localKey: key, version } of devices) {
    const client = new Device({ id, ip, port, key, version, issueGetOnConnect: false })
    client.on('error', () => {})
    await client.connect()
    clients.set(version, client)
  }
  return {
    name: 'tuyapi 7.7.1',
    isCompiled: true,
    get: (version) => timed(() => within(clients.get(version)?.get({ schema: true }))),
    set: (version, value) => timed(() => within(clients.get(version)?.set({ dps: 1, set: value }))),
    end: async () => {
      for (const client of clients.values()) client.disconnect()
    },
  }
}

/** Some never end. */
async function within(work: Promise<unknown> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), 3_000)
  })
  await Promise.race([work, late])
  clearTimeout(timer)
}

const python = fileURLToPath(new URL('../interop/.venv/bin/python', import.meta.url))

/** Undefined where it is not installed. Measures itself, in its own process. */
export async function tinytuya(devices: readonly LanDeviceAddress[]): Promise<Party | undefined> {
  if (!existsSync(python)) return undefined
  const script = fileURLToPath(new URL('lan-tinytuya.py', import.meta.url))
  const child = spawn(python, ['-B', script, JSON.stringify(devices), JSON.stringify(pointIds)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  if ((await lines.next()).value !== 'ready') return undefined
  const ask = async (request: string) => {
    child.stdin.write(`${request}\n`)
    const { value } = await lines.next()
    if (!Number.isFinite(Number(value))) throw new Error('no answer')
    return Number(value)
  }
  return {
    name: 'tinytuya 1.20.0',
    isCompiled: false,
    get: (version) => ask(`get ${version}`),
    set: (version, value) => ask(`set ${version} ${value}`),
    end: () => gone(child),
  }
}

async function gone(child: ChildProcess): Promise<void> {
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exit
}
