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
import { directQueue } from '../test/support/direct-queue.ts'
import { VirtualClock } from '../test/support/virtual-clock.ts'
import { type Figure, figure } from './statistics.ts'
import { worldOf } from './world.ts'

const budget = 800
const commandsADay = 60
const hourMs = 3_600_000

/** A house of 200 devices on the simulated clock. */
async function houseOf200(listens: boolean) {
  const clock = new VirtualClock(Date.UTC(2026, 10, 21, 0, 0, 1))
  const simulator = new Simulator({ world: worldOf(200), clock, seed: 7, alive: false })
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
    queue: { channel: listens ? 'pulsar' : 'off' },
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
    queueSockets: { pulsar: directQueue(simulator, clock) },
  })
  await bridge.start()
  return { clock, simulator, http, bridge }
}

const eventsADay = 50_000
const stepMs = 60_000

/** A day with 200 devices that report 50,000 times through the event queue: what it costs beyond the start. */
export async function queueDay(hours: number): Promise<Figure[]> {
  const { clock, simulator, http, bridge } = await houseOf200(true)
  await using _simulator = simulator
  // The first day has what is read once in it.
  await clock.advance(10 * stepMs)
  const random = seededRandom(13)
  const ids = [...simulator.world.devices.keys()]
  const before = { calls: http.calls, received: bridge.health.counts['queueReceived'] ?? 0 }
  const steps = (hours * hourMs) / stepMs
  const perStep = eventsADay / ((24 * hourMs) / stepMs)
  let told = 0
  for (let step = 1; step <= steps; step++) {
    for (; told < step * perStep; told++)
      moves(simulator, ids[Math.floor(random() * ids.length)] ?? '', random)
    await clock.advance(stepMs)
  }
  const calls = http.calls - before.calls
  const { counts } = bridge.health
  const received = (counts['queueReceived'] ?? 0) - before.received
  const wrong = ids.filter((id) => !shows(bridge, simulator, id))
  await clock.during(bridge[Symbol.asyncDispose]())
  return [
    figure(
      `cloud calls in ${hours} h with 200 devices and ${told.toLocaleString('en')} events by the queue`,
      `${calls} calls`,
      '<= 30 a day',
      calls <= Math.max(1, (30 * hours) / 24) && hours > 0,
    ),
    figure('events of that day that arrived', `${received} of ${told}`, 'all', received === told),
    figure('devices whose state is wrong at its end', String(wrong.length), '0', wrong.length === 0),
  ]
}

/** A day with 200 devices that move, and people who press switches, on the simulated clock: what it costs. */
export async function steadyDay(hours: number): Promise<Figure[]> {
  const { clock, simulator, http, bridge } = await houseOf200(false)
  await using _simulator = simulator
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

/** One device says something new. */
function moves({ world }: Simulator, id: string, random: Random): void {
  const { status } = world.device(id)
  const numbers = [
    'cur_power',
    'va_temperature',
    'temp_current',
    'bright_value_v2',
    'bright_value_1',
    'percent_state',
  ]
  const code = numbers.find((one) => status.has(one))
  if (code !== undefined) world.report(id, { [code]: 10 + Math.floor(random() * 90) })
  else {
    const [toggle] = [...status].find(([, value]) => typeof value === 'boolean') ?? []
    if (toggle !== undefined) world.report(id, { [toggle]: !status.get(toggle) })
  }
}

/** Whether every plain value that the bridge knows is the one that the device has. */
function shows(bridge: Bridge, { world }: Simulator, id: string): boolean {
  const { status } = world.device(id)
  const state = bridge.inventory.device(id)?.state
  return [...status].every(([code, value]) => {
    const raw = state?.get(code)?.raw
    return typeof value === 'object' || raw === undefined || String(raw) === String(value)
  })
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
