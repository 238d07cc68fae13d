import { Simulator, type SimulatorOptions } from '../../src/simulator/simulator.ts'
import { canaries } from './canary.ts'
import type { Folder } from './folder.ts'
import { canaryWorld } from './house.ts'
import { freePort } from './process.ts'

export interface InstallationOptions {
  /** Of the cloud; without one it is the demo. */
  readonly endpoint?: string
  readonly folder?: Folder
  readonly env?: Readonly<Record<string, string>>
}

/** What somebody sets before he starts the program: ports of its own, and a cloud and a folder if he has them. */
export interface Installation {
  /** The ports of the broker inside and of the pages. */
  readonly broker: number
  readonly http: number
  readonly env: Readonly<Record<string, string>>
}

export async function install(options: InstallationOptions = {}): Promise<Installation> {
  const { endpoint, folder, env = {} } = options
  const [broker, http] = [await freePort(), await freePort()]
  const project = {
    DP2MQTT_TUYA_ENDPOINT: endpoint ?? '',
    DP2MQTT_TUYA_ACCESS_ID: 'demo5q7w9e1r3t5y7u9i',
    DP2MQTT_TUYA_ACCESS_SECRET: canaries.accessSecret,
    DP2MQTT_POLL_MIN_SECONDS: '1',
  }
  return {
    broker,
    http,
    env: {
      ...(endpoint === undefined ? {} : project),
      ...(folder ? { DP2MQTT_STATE_DIRECTORY: folder.file('state') } : {}),
      DP2MQTT_BROKER_PORT: String(broker),
      DP2MQTT_HTTP_PORT: String(http),
      ...env,
    },
  }
}

/** The cloud in this process, for a program in another. */
export async function startCloud(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const cloud = new Simulator({ world: canaryWorld(), alive: false, ...options })
  await cloud.start()
  return cloud
}

export function isReady(http: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${http}/readyz`).then(
    (reply) => reply.ok,
    () => false,
  )
}

export async function becomesReady(http: number, withinMs = 40_000): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await isReady(http))) {
    if (performance.now() > end) throw new Error(`the program is not ready after ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
