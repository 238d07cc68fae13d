import mqtt from 'mqtt'
import { Bridge } from '../src/app/bridge.ts'
import { memoryDisk } from '../src/app/demo.ts'
import { Log } from '../src/app/log.ts'
import { Simulator } from '../src/simulator/simulator.ts'
import { deferred } from '../src/util/deferred.ts'
import { type Random, seededRandom } from '../src/util/random.ts'
import { Redactor } from '../src/util/redact.ts'
import { Secret } from '../src/util/secret.ts'
import { testConfig } from '../test/support/config.ts'
import { DirectExchange } from '../test/support/direct-exchange.ts'
import { VirtualClock } from '../test/support/virtual-clock.ts'
import { type Figure, figure } from './statistics.ts'
import { worldOf } from './world.ts'

const budget = 800
const commandsADay = 60
const hourMs = 3_600_000

/** A day with 200 devices that move, and people who press switches, on the simulated clock: what it costs. */
export async function steadyDay(hours: number): Promise<Figure[]> {
  const clock = new VirtualClock(Date.UTC(2026, 10, 21, 0, 0, 1))
  await using simulator = new Simulator({ world: worldOf(200), clock, seed: 7, alive: false })
  await simulator.start()
  const http = new DirectExchange(simulator.cloud)
  const { accessId, accessSecret } = simulator.address.cloud
  const config = testConfig({
    tuya: {
      region: 'eu',
      endpoint: null,
      accessId,
      accessSecret: new Secret(accessSecret),
      accessSecretFile: null,
      uid: null,
      homes: [],
      schema: null,
    },
    budget: { cloudCallsPerDay: budget },
    poll: { minSeconds: 30 },
  } as never)
  const redactor = new Redactor()
  const log = new Log({ level: 'error', format: 'json', redactor })
  const bridge = new Bridge({
    config,
    redactor,
    log,
    clock,
    random: seededRandom(7),
    http,
    disk: memoryDisk(),
    watchdog: false,
  })
  await bridge.start()
  let confirmed = 0
  const commands = Math.round((commandsADay * hours) / 24)
  const random = seededRandom(11)
  let oldestMs = 0
  for (let i = 0; i < commands; i++) {
    await clock.advance(((hours * hourMs) / commands) * (0.5 + random()))
    oldestMs = Math.max(oldestMs, staleness(bridge, clock.now()))
    live(simulator, random)
    const id = `bfbench${String(Math.floor(random() * 25) * 8).padStart(13, '0')}`
    confirmed += Number(await toggles(bridge.ports.mqtt, id, clock))
  }
  await clock.during(bridge[Symbol.asyncDispose]())
  const days = Math.max(1, (clock.now() - Date.UTC(2026, 10, 21)) / 86_400_000)
  const perDay = http.calls / days
  return [
    figure(
      `cloud calls in ${hours} h with 200 devices and ${commands} commands`,
      `${http.calls} calls`,
      `<= ${budget} a day`,
      perDay <= budget,
    ),
    figure('commands of that day confirmed', `${confirmed} of ${commands}`, 'all', confirmed === commands),
    figure(
      'oldest value of a device that is read, at any moment',
      `${Math.round(oldestMs / 1_000)} s`,
      'told',
      true,
    ),
  ]
}

/** Somebody comes, presses a switch and waits for the answer; true when it was confirmed. */
async function toggles(port: number, deviceId: string, clock: VirtualClock): Promise<boolean> {
  // For each press anew: who says nothing for hours is no longer a client.
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 })
  const answer = deferred<string>()
  client.on('message', (_topic, payload) => answer.resolve(payload.toString()))
  await client.subscribeAsync(`tuya/result/device/${deviceId}`, { qos: 1 })
  client.publish(`tuya/cmd/device/${deviceId}/dp/switch_1`, 'toggle', { qos: 1 })
  const { state } = JSON.parse(await clock.during(answer.promise)) as { state: string }
  client.end(true)
  return state === 'confirmed'
}

/** What happens in a house meanwhile: power wanders, rooms warm up, doors open. */
function live({ world }: Simulator, random: Random): void {
  for (const device of world.devices.values()) {
    const { status } = device
    if (status.has('cur_power')) world.report(device.id, { cur_power: Math.round(random() * 5_000) })
    if (status.has('va_temperature'))
      world.report(device.id, { va_temperature: 150 + Math.round(random() * 100) })
    if (status.has('doorcontact_state')) world.report(device.id, { doorcontact_state: random() < 0.5 })
  }
}

/** The age of the device that was read longest ago. */
function staleness(bridge: Bridge, now: number): number {
  let oldest = 0
  for (const { state } of bridge.inventory.devices.values()) {
    const newest = state.newestMs()
    if (newest !== undefined) oldest = Math.max(oldest, now - newest)
  }
  return oldest
}
