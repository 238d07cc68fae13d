import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import mqtt from 'mqtt'
import { Simulator } from '../src/simulator/simulator.ts'
import { freePort, startBridge, startScript } from './child.ts'
import { type Figure, figure, quantile } from './statistics.ts'
import { worldOf } from './world.ts'

/** Somewhat slower than the pace at which the cloud may be asked: what waits for that would be measured instead. */
const spacingMs = 110
const warmUp = 50

/**
 * From the publish of a command to its request on the wire: the bridge (which checks, signs, paces and answers) beside a
 * bare MQTT.js + undici script, on one broker, turn by turn.
 */
export async function commandLatency(directory: string, samples: number): Promise<Figure[]> {
  const world = worldOf(50, 'switch')
  await using simulator = new Simulator({ world, alive: false })
  const address = await simulator.start()
  const brokerPort = await freePort()
  await using _broker = await startScript('plain-broker.ts', [String(brokerPort)])
  const arrivals: number[] = []
  const sink = createServer((_request, response) => {
    arrivals.push(performance.now())
    response.end('{}')
  })
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', () => resolve()))
  const target = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`
  await using _bare = await startScript('bare-command.ts', [String(brokerPort), target])
  const { child } = await startBridge(
    address,
    { DP2MQTT_MQTT_URL: `mqtt://127.0.0.1:${brokerPort}`, DP2MQTT_BUDGET_CLOUD_CALLS_PER_DAY: '1000000' },
    directory,
  )
  await using _bridge = child
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${brokerPort}`)
  const { bare, bridge } = await measure(
    client,
    simulator,
    arrivals,
    world.devices.map(({ id }) => id),
    samples,
  )
  client.end(true)
  sink.close()
  sink.closeAllConnections()
  const over = (share: number) => quantile(bridge, share) - quantile(bare, share)
  const shown = (share: number) => {
    const sign = over(share) < 0 ? '' : '+'
    return `${quantile(bridge, share).toFixed(2)} ms against ${quantile(bare, share).toFixed(2)} ms: ${sign}${over(share).toFixed(2)} ms`
  }
  return [
    figure('command to request on the wire, p50 over bare', shown(0.5), '<= +3 ms', over(0.5) <= 3),
    figure('command to request on the wire, p99 over bare', shown(0.99), '<= +15 ms', over(0.99) <= 15),
  ]
}

async function measure(
  client: mqtt.MqttClient,
  simulator: Simulator,
  arrivals: number[],
  ids: readonly string[],
  samples: number,
) {
  const [bare, bridge]: [number[], number[]] = [[], []]
  for (let i = 0; i < samples + warmUp; i++) {
    const id = ids[i % ids.length] ?? ''
    const payload = String(i % 2 === Math.floor(i / ids.length) % 2)
    arrivals.length = 0
    const bareAt = performance.now()
    client.publish(`bare/cmd/device/${id}/dp/switch_1`, payload, { qos: 1 })
    await arrival(() => arrivals[0])
    if (i >= warmUp) bare.push((arrivals[0] ?? Number.NaN) - bareAt)
    simulator.journal.clear()
    const bridgeAt = performance.now()
    client.publish(`tuya/cmd/device/${id}/dp/switch_1`, payload, { qos: 1 })
    const seen = await arrival(() => simulator.journal.entries('command')[0]?.at)
    if (i >= warmUp) bridge.push(seen - bridgeAt)
    await new Promise((resolve) => setTimeout(resolve, spacingMs))
  }
  return { bare, bridge }
}

async function arrival(look: () => number | undefined): Promise<number> {
  const end = performance.now() + 5_000
  for (;;) {
    const at = look()
    if (at !== undefined) return at
    if (performance.now() > end) throw new Error('a command did not arrive')
    // The moment itself was noted by whoever saw it; this only asks.
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
