import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import mqtt, { type MqttClient } from 'mqtt'
import { generate } from 'mqtt-packet'
import { Simulator } from '../src/simulator/simulator.ts'
import { freePort, startScript } from './child.ts'
import { wireTimes } from './command-on-wire.ts'
import { lanHouse, leave } from './lan-house.ts'
import { lanWorldOf } from './lan-world.ts'
import { type Figure, figure, quantile } from './statistics.ts'
import { WireTap } from './wire-tap.ts'

const devices = 50
/** Reports and receipts that follow from a command are none of the next one's business. */
const aftermathMs = 40
/** While nothing is judged. The broker inside takes fifty messages a second of a client, and one of both goes to it. */
const shortAftermathMs = 12
const warmUp = 100

/**
 * From the packet of a command, ready to be written, to the arrival of its frame at the device's socket: the built
 * program with its own broker, and a bare script that is broker and LAN client too, each with devices of its own, turn
 * by turn. Publisher and devices are in this process, so that one clock sees both ends. Where tcpdump may listen, the way
 * from wire to wire is judged instead: what this process needs to write and to look is left out. Judged are commands
 * after a silence, in processes that have carried out many (`seasoning`): by then the engine has made its best code of all
 * that a command passes. How it is soon after the start is told.
 */
export async function lanCommand(directory: string, samples: number, seasoning: number): Promise<Figure[]> {
  using arrivals = new Arrivals()
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
  ;(client.stream as Socket).setNoDelay(true)
  await using tap = await WireTap.start(directory)
  const [bridge, bare]: [number[], number[]] = [[], []]
  const young = warmUp + samples
  const all = young + seasoning + samples
  try {
    for (let i = 0; i < all; i++) {
      const id = house.devices[i % devices]?.id ?? ''
      const payload = String(Math.floor(i / devices) % 2 === 0)
      const restMs = i >= young && i < young + seasoning ? shortAftermathMs : aftermathMs
      const ours = () =>
        one(house.client, house.simulator, arrivals, `tuya/cmd/device/${id}/dp/switch_1`, payload, restMs)
      const theirs = () => one(client, simulator, arrivals, `bare/cmd/device/${id}`, payload, restMs)
      const [first, second] = i % 2 === 0 ? [ours, theirs] : [theirs, ours]
      const [a, b] = [await first(), await second()]
      bridge.push(i % 2 === 0 ? a : b)
      bare.push(i % 2 === 0 ? b : a)
    }
  } finally {
    client.end(true)
    await leave(house)
  }
  const packets = await tap?.stop()
  const ports = new Set([...house.devices, ...lan].map((device) => device.port))
  const way = (base: string) => wireTimes(packets ?? [], `${base}/cmd/device/`, ports)
  const [ourWay, theirWay] = packets ? [way('tuya'), way('bare')] : [bridge, bare]
  const what = `command to frame on the LAN${packets ? ', from wire to wire' : ''}`
  return [
    ...judged(what, ourWay.slice(-samples), theirWay.slice(-samples)),
    ...told(`${what}, the first ${young}`, ourWay.slice(warmUp, young), theirWay.slice(warmUp, young)),
    ...(packets
      ? told('the same with writing and reading', bridge.slice(-samples), bare.slice(-samples))
      : []),
  ]
}

function told(what: string, bridge: readonly number[], bare: readonly number[]): Figure[] {
  return [0.5, 0.99].map((share) =>
    figure(`${what}, p${share * 100}`, shown(bridge, bare, share), 'told', null),
  )
}

function judged(what: string, bridge: readonly number[], bare: readonly number[]): Figure[] {
  return [
    figure(`${what}, p50`, shown(bridge, bare, 0.5), '<= 1 ms', quantile(bridge, 0.5) <= 1),
    figure(`${what}, p99`, shown(bridge, bare, 0.99), '<= 5 ms', quantile(bridge, 0.99) <= 5),
  ]
}

function shown(bridge: readonly number[], bare: readonly number[], share: number): string {
  return `${quantile(bridge, share).toFixed(2)} ms (bare script: ${quantile(bare, share).toFixed(2)} ms)`
}

async function one(
  client: MqttClient,
  { journal }: Simulator,
  arrivals: Arrivals,
  topic: string,
  payload: string,
  restMs: number,
): Promise<number> {
  journal.clear()
  arrivals.clear()
  const messageId = client.messageIdProvider.allocate() ?? 1
  const packet = generate({ cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false, messageId })
  const publishedAt = performance.now()
  client.stream.write(packet)
  let at: number | undefined
  while (at === undefined) {
    // The moment itself was noted; this only asks.
    await new Promise((resolve) => setTimeout(resolve, 1))
    at = journal.entries('command')[0]?.at
    if (performance.now() - publishedAt > 5_000) throw new Error('a command did not arrive')
  }
  await new Promise((resolve) => setTimeout(resolve, restMs))
  return arrivals.before(at) - publishedAt
}

/** When bytes came to servers of this process: devices note a command once they have understood it. */
class Arrivals implements Disposable {
  #times: number[] = []

  constructor() {
    subscribe('net.server.socket', this.#welcome)
  }

  clear(): void {
    this.#times = []
  }

  /** The last arrival before that moment. */
  before(moment: number): number {
    return this.#times.findLast((time) => time <= moment) ?? Number.NaN
  }

  [Symbol.dispose](): void {
    unsubscribe('net.server.socket', this.#welcome)
  }

  readonly #welcome = (message: unknown): void => {
    const { socket } = message as { socket: Socket }
    socket.prependListener('data', () => this.#times.push(performance.now()))
  }
}
