import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import type { LanVersion } from '../src/codec/lan/version.ts'
import type { LanDeviceAddress } from '../src/simulator/lan/lan.ts'
import { Simulator } from '../src/simulator/simulator.ts'
import { type Child, startBridge } from './child.ts'
import { lanWorldOf } from './lan-world.ts'

/** The built program with its own broker, its devices on the LAN and the simulated cloud, all of them up. */
export interface LanHouse {
  readonly simulator: Simulator
  readonly bridge: Child
  readonly client: MqttClient
  readonly devices: readonly LanDeviceAddress[]
}

export async function lanHouse(
  directory: string,
  devices: number,
  versions?: readonly LanVersion[],
): Promise<LanHouse> {
  const simulator = new Simulator({
    world: lanWorldOf(devices, versions),
    alive: false,
    lan: { address: '127.0.0.1' },
  })
  const address = await simulator.start()
  const lan = address.lan ?? []
  const config = join(directory, '..', `${devices}-devices.json`)
  const listed = lan.map(({ id, ip, port }) => ({ id, ip, port }))
  writeFileSync(config, JSON.stringify({ lan: { discovery: false, devices: listed } }))
  const { child, broker } = await startBridge(
    address,
    { DP2MQTT_BUDGET_CLOUD_CALLS_PER_DAY: '1000000' },
    directory,
    ['--config', config],
  )
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker}`)
  const up = new Set<string>()
  client.on('message', (topic, payload) => {
    const [, kind, , id = '', what] = topic.split('/')
    if (kind !== 'state' || what !== 'paths') return
    const { lan: path } = JSON.parse(payload.toString()) as { lan: { state: string } }
    if (path.state === 'up') up.add(id)
    else up.delete(id)
  })
  await client.subscribeAsync('tuya/state/device/+/paths')
  const end = performance.now() + 60_000
  while (up.size < devices) {
    if (performance.now() > end) throw new Error(`${devices - up.size} devices did not connect on the LAN`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return { simulator, bridge: child, client, devices: lan }
}

export async function leave({ simulator, bridge, client }: LanHouse): Promise<void> {
  client.end(true)
  await bridge[Symbol.asyncDispose]()
  await simulator[Symbol.asyncDispose]()
}
