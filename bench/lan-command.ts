import mqtt, { type MqttClient } from 'mqtt'
import { Simulator } from '../src/simulator/simulator.ts'
import { freePort, startScript } from './child.ts'
import { lanHouse, leave } from './lan-house.ts'
import { lanWorldOf } from './lan-world.ts'
import { type Figure, figure, quantile } from './statistics.ts'

const devices = 50
/** The program takes 200 commands a second. */
const spacingMs = 10
const warmUp = 100

/**
 * From the publish of a command to the device's understanding of its frame: the built program with its own broker, and
 * a bare script that is broker and LAN client too, each with devices of its own, turn by turn. Publisher and devices
 * are in this process, so that one clock sees both ends.
 */
export async function lanCommand(directory: string, samples: number): Promise<Figure[]> {
  const house = await lanHouse(directory, devices)
  await using simulator = new Simulator({
    world: lanWorldOf(devices),
    alive: false,
    lan: { address: '127.0.0.1' },
  })
  const { lan = [] } = await simulator.start()
  const port = await freePort()
  await using _bare = await startScript('lan-bare-bridge.ts', [String(port), JSON.stringify(lan)])
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`)
  const [bridge, bare]: [number[], number[]] = [[], []]
  try {
    for (let i = 0; i < samples + warmUp; i++) {
      const id = house.devices[i % devices]?.id ?? ''
      const payload = String(Math.floor(i / devices) % 2 === 0)
      const ours = () => one(house.client, house.simulator, `tuya/cmd/device/${id}/dp/switch_1`, payload)
      const theirs = () => one(client, simulator, `bare/cmd/device/${id}`, payload)
      const [first, second] = i % 2 === 0 ? [ours, theirs] : [theirs, ours]
      const [a, b] = [await first(), await second()]
      if (i < warmUp) continue
      bridge.push(i % 2 === 0 ? a : b)
      bare.push(i % 2 === 0 ? b : a)
    }
  } finally {
    client.end(true)
    await leave(house)
  }
  const shown = (share: number) =>
    `${quantile(bridge, share).toFixed(2)} ms (bare script: ${quantile(bare, share).toFixed(2)} ms)`
  return [
    figure('command to frame on the LAN, p50', shown(0.5), '<= 1 ms', quantile(bridge, 0.5) <= 1),
    figure('command to frame on the LAN, p99', shown(0.99), '<= 5 ms', quantile(bridge, 0.99) <= 5),
  ]
}

async function one(
  client: MqttClient,
  { journal }: Simulator,
  topic: string,
  payload: string,
): Promise<number> {
  journal.clear()
  const publishedAt = performance.now()
  client.publish(topic, payload, { qos: 1 })
  const end = publishedAt + 5_000
  // The moment itself was noted by the device; this only asks.
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, spacingMs))
    const at = journal.entries('command')[0]?.at
    if (at !== undefined) return at - publishedAt
    if (performance.now() > end) throw new Error('a command did not arrive')
  }
}
