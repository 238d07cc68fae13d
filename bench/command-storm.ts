import mqtt, { type MqttClient } from 'mqtt'
import { residentMiB } from './child.ts'
import { QueueBridge } from './queue-bridge.ts'
import { type Figure, figure, median } from './statistics.ts'
import { worldOf } from './world.ts'

const devices = 200
const perSecond = 2_000
/** Of the kind that is sent once or not at all, to one device: three times what is let through. */
const oncePerSecond = 60
const tickMs = 10
const lookMs = 100
const settleMs = 60_000

/**
 * A storm of commands over many devices, and of toggles to one: every command gets its receipt, and the bridge, a
 * process of its own, needs little memory for it (K2).
 */
export async function commandStorm(directory: string, seconds: number, rounds: number): Promise<Figure[]> {
  await using bench = await QueueBridge.start(directory, devices)
  const { bridge: child, url } = bench
  const client = await mqtt.connectAsync(url, { protocolVersion: 4 })
  client.stream.setMaxListeners(0)
  const storm = new Storm(client)
  await client.subscribeAsync('tuya/result/device/+', { qos: 1 })
  // What every process takes once, for its first commands.
  await storm.run(2, () => residentMiB(child.pid))
  const grown: number[] = []
  let [asked, answered] = [0, 0]
  for (let round = 0; round < rounds; round++) {
    const before = residentMiB(child.pid)
    const run = await storm.run(seconds, () => residentMiB(child.pid))
    grown.push(run.mostMiB - before)
    asked += run.asked
    answered += run.answered
  }
  client.end(true)
  const rate = `${perSecond.toLocaleString('en')} commands a second to ${devices} devices and ${oncePerSecond} toggles to one, ${seconds} s`
  const most = median(grown)
  return [
    figure(`${rate}: commands with a final receipt`, `${answered} of ${asked}`, 'all', answered === asked),
    figure(
      'resident memory added by it, at most, median of the storms',
      `${most.toFixed(0)} MiB (${grown.map((one) => one.toFixed(0)).join(', ')})`,
      '<= 16 MiB',
      most <= 16,
    ),
  ]
}

class Storm {
  readonly #client: MqttClient
  readonly #ids = worldOf(devices).devices.map(({ id }) => id)
  readonly #open = new Set<string>()
  #count = 0

  constructor(client: MqttClient) {
    this.#client = client
    client.on('message', (_topic, payload) => {
      const { id, final } = JSON.parse(payload.toString()) as { id: string; final: boolean }
      if (final) this.#open.delete(id)
    })
  }

  async run(
    seconds: number,
    weigh: () => number,
  ): Promise<{ readonly asked: number; readonly answered: number; readonly mostMiB: number }> {
    const first = this.#count
    let [mostMiB, writes, toggles] = [0, 0, 0]
    const look = setInterval(() => {
      mostMiB = Math.max(mostMiB, weigh())
    }, lookMs)
    const startedAt = performance.now()
    for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - startedAt) / 1_000) {
      const due = Math.min(elapsed, seconds)
      for (; writes < due * perSecond; writes++)
        this.#command(this.#ids[writes % (devices - 1)] as string, { countdown_1: writes % 86_400 })
      for (; toggles < due * oncePerSecond; toggles++)
        this.#command(this.#ids.at(-1) as string, { switch_1: 'TOGGLE' })
      await new Promise((resolve) => setTimeout(resolve, tickMs))
    }
    const end = performance.now() + settleMs
    while (this.#open.size > 0 && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 50))
    clearInterval(look)
    const asked = this.#count - first
    const answered = asked - this.#open.size
    this.#open.clear()
    return { asked, answered, mostMiB }
  }

  #command(device: string, dp: object): void {
    const id = `s${this.#count++}`
    this.#open.add(id)
    this.#client.publish(`tuya/cmd/device/${device}`, JSON.stringify({ dp, id }), { qos: 0 })
  }
}
