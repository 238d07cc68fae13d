import mqtt, { type MqttClient } from 'mqtt'
import { ask, type Child, processorSeconds, residentMiB } from './child.ts'
import { QueueBridge } from './queue-bridge.ts'
import type { Done, Order, Prepared } from './queue-source.ts'
import { type Figure, figure, quantile } from './statistics.ts'
import { worldOf } from './world.ts'

const devices = 200
const lastDevice = worldOf(devices).devices.at(-1)?.id ?? ''
const statesFilter = 'tuya/state/device/+/dp/countdown_1'
const lookMs = 500
/** What is still in the queue will be told; what is a minute old by then is told as state alone. */
const drainMs = 180_000

/**
 * Reports at a steady rate through a queue, the built program, a broker, and a subscriber: four processes, of which each
 * gets its share of the processors of this machine.
 */
export async function queueLoad(
  directory: string,
  steadySeconds: number,
  stormSeconds: number,
): Promise<Figure[]> {
  await using bench = await QueueBridge.start(directory, devices)
  const { bridge: child, source, url } = bench
  const client = await mqtt.connectAsync(url)
  const load = new Load(source, client)
  await load.listen()
  // Both sides warm up.
  await load.run(2_000, 10)
  const restMiB = residentMiB(child.pid)
  const steady = await load.run(2_000, steadySeconds)
  const usedBefore = processorSeconds(child.pid)
  const storm = await load.run(5_000, stormSeconds, () => residentMiB(child.pid))
  const eachMicros = ((processorSeconds(child.pid) - usedBefore) / storm.told) * 1e6
  client.end(true)
  const told = (ms: number) => `${Math.round(ms)} ms`
  const grown = storm.mostMiB - restMiB
  return [
    figure(
      `2,000 reports a second for ${steadySeconds} s, from the device to the subscriber, p99`,
      told(quantile(steady.latencies, 0.99)),
      '<= 500 ms',
      quantile(steady.latencies, 0.99) <= 500,
    ),
    figure(
      `5,000 reports a second for ${stormSeconds} s: reports that were not told as events`,
      `${storm.lost + steady.lost} of ${(storm.told + steady.told).toLocaleString('en')}`,
      '0',
      storm.lost + steady.lost === 0,
    ),
    figure('devices whose state is wrong afterwards', String(storm.wrong), '0', storm.wrong === 0),
    figure(
      'receipts of commands meanwhile, p99',
      `${told(quantile(storm.receipts, 0.99))} of ${storm.receipts.length}`,
      '<= 1000 ms',
      quantile(storm.receipts, 0.99) <= 1_000,
    ),
    figure(
      'processor time of the bridge for each of these reports',
      `${eachMicros.toFixed(0)} µs`,
      '<= 200 µs: 5,000 a second on one core',
      eachMicros <= 200,
    ),
    figure('resident memory added by it', `${grown.toFixed(0)} MiB`, '<= 32 MiB', grown <= 32),
  ]
}

interface Run {
  readonly told: number
  readonly lost: number
  readonly wrong: number
  readonly latencies: number[]
  readonly receipts: number[]
  readonly mostMiB: number
}

class Load {
  readonly #source: Child
  readonly #client: MqttClient
  readonly #states = new Map<string, number>()
  #seen = new Set<string>()
  #latencies: number[] = []
  #receipts: number[] = []
  readonly #asked = new Map<string, number>()

  constructor(source: Child, client: MqttClient) {
    this.#source = source
    this.#client = client
  }

  async listen(): Promise<void> {
    this.#client.on('message', (topic, payload) => this.#hear(topic, payload))
    await this.#client.subscribeAsync(['tuya/event/device/+/report', 'tuya/result/device/+'], { qos: 1 })
  }

  /** So many reports a second, and two commands. */
  async run(perSecond: number, seconds: number, weigh: () => number = () => 0): Promise<Run> {
    this.#seen = new Set()
    this.#latencies = []
    this.#receipts = []
    let mostMiB = 0
    const { startMs } = await this.#order<Prepared>({ kind: 'prepare', perSecond, seconds })
    await new Promise((resolve) => setTimeout(resolve, startMs - Date.now()))
    const look = setInterval(() => {
      mostMiB = Math.max(mostMiB, weigh())
      this.#command()
    }, lookMs)
    const { told, last } = await this.#order<Done>({ kind: 'run' })
    clearInterval(look)
    const end = performance.now() + drainMs
    while (performance.now() < end && this.#seen.size < told)
      await new Promise((resolve) => setTimeout(resolve, 50))
    const wrong = await this.#wrongOf(last)
    const { size } = this.#seen
    return { told, lost: told - size, wrong, latencies: this.#latencies, receipts: this.#receipts, mostMiB }
  }

  #order<T>(order: Order): Promise<T> {
    return ask<T>(this.#source, order)
  }

  /** Devices of whose last value the broker knows nothing. Nobody listens to them before, for that takes the machine's time. */
  async #wrongOf(last: Done['last']): Promise<number> {
    const isRight = ([id, value]: Done['last'][number]) => this.#states.get(id) === value
    const end = performance.now() + 10_000
    // This broker may give a new subscriber what was stored before something that he has heard already; so he comes again.
    while (performance.now() < end && !last.every(isRight)) {
      await this.#client.subscribeAsync(statesFilter)
      await new Promise((resolve) => setTimeout(resolve, 500))
      await this.#client.unsubscribeAsync(statesFilter)
    }
    return last.filter((one) => !isRight(one)).length
  }

  /** To the one device that reports nothing by itself. */
  #command(): void {
    const id = lastDevice
    const command = `c${this.#asked.size}-${performance.now()}`
    this.#asked.set(command, performance.now())
    const payload = JSON.stringify({ dp: { switch_1: this.#asked.size % 2 === 0 }, id: command })
    this.#client.publish(`tuya/cmd/device/${id}`, payload, { qos: 1 })
  }

  #hear(topic: string, payload: Buffer): void {
    const levels = topic.split('/')
    const id = levels[3] ?? ''
    if (levels[1] === 'state') this.#states.set(id, Number(payload.toString()))
    else if (levels[1] === 'result') {
      const { id: command, final } = JSON.parse(payload.toString()) as { id: string; final: boolean }
      const at = this.#asked.get(command)
      if (final && at !== undefined) this.#receipts.push(performance.now() - at)
    } else {
      const { timeMs, data } = JSON.parse(payload.toString()) as {
        timeMs: number
        data: { dp: { countdown_1?: number } }
      }
      if (data.dp.countdown_1 === undefined) return
      this.#seen.add(`${id} ${data.dp.countdown_1}`)
      this.#latencies.push(Date.now() - timeMs)
    }
  }
}
