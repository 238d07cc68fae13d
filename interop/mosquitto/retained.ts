import assert from 'node:assert/strict'
import mqtt from 'mqtt'
import { Bridge } from '../../src/app/bridge.ts'
import { memoryDisk } from '../../src/app/demo.ts'
import { Log } from '../../src/app/log.ts'
import { Simulator } from '../../src/simulator/simulator.ts'
import type { Clock, Timer } from '../../src/util/clock.ts'
import { Redactor } from '../../src/util/redact.ts'
import { Secret } from '../../src/util/secret.ts'
import { testConfig } from '../../test/support/config.ts'
import { until } from '../../test/support/until.ts'
import type { Court } from '../court.ts'
import { Mosquitto } from './broker.ts'
import { Observer } from './observer.ts'
import { lamp } from './point.ts'
import { BrokerProxy } from './proxy.ts'
import { markedWorld, named, Rig, type Version, versions } from './rig.ts'

const topic = `tuya/cmd/device/${lamp}/dp/switch_led`
const reconnects = 100
/** The user is warned once an hour, and a slow machine takes more than one for all the connections. */
const warnedEveryMs = 3_600_000

/** Retained commands at a broker that is not ours: none may ever reach a device. */
export async function judgeRetained(court: Court): Promise<void> {
  await Promise.all([
    ...versions.map((version) =>
      court.check(
        `K3, ${named(version)}: a stored command survives ${reconnects} reconnects and is never carried out`,
        () => staysUntouched(version),
      ),
    ),
    court.check(
      'K3: stored commands of another broker are refused when the link between the brokers comes up',
      () => comesOverALink(),
    ),
  ])
}

/** Time runs faster, so that the waits between reconnects pass. */
class HurriedClock implements Clock {
  readonly #speed: number
  readonly #start = Date.now()

  constructor(speed: number) {
    this.#speed = speed
  }

  now(): number {
    return this.#start + this.monotonic()
  }

  monotonic(): number {
    return performance.now() * this.#speed
  }

  after(ms: number, run: () => void): Timer {
    const timer = setTimeout(run, ms / this.#speed)
    return { cancel: () => clearTimeout(timer) }
  }
}

const speed = 40
/** Younger connections that drop count as a quarrel over the client id, and are followed by a long wait. */
const oldEnoughMs = 11_000 / speed

async function staysUntouched(version: Version): Promise<string> {
  await using broker = await Mosquitto.start()
  await using proxy = await BrokerProxy.start(broker.port)
  const clock = new HurriedClock(speed)
  await using simulator = new Simulator({
    world: markedWorld(),
    alive: false,
    clock,
    faults: ['throttle=1000'],
  })
  const { cloud } = await simulator.start()
  const client = await mqtt.connectAsync(broker.place.url, { protocolVersion: 5 })
  const observer = new Observer(client)
  await client.subscribeAsync('tuya/#', { qos: 1 })
  await client.publishAsync(topic, 'true', { qos: 1, retain: true })
  await using bridge = new Bridge({
    config: testConfig({
      tuya: {
        region: 'eu',
        endpoint: cloud.endpoint,
        accessId: cloud.accessId,
        accessSecret: new Secret(cloud.accessSecret),
        uid: null,
        homes: [],
        schema: null,
      },
      mqtt: { url: proxy.url, protocolVersion: version },
      // The point of the row: what is not cleared comes again with every subscription.
      commands: { clearRetained: false },
      budget: { cloudCallsPerDay: 10_000_000 },
      poll: { minSeconds: 600 },
    } as never),
    redactor: new Redactor(),
    log: new Log({ level: 'silent', format: 'json', redactor: new Redactor() }),
    clock,
    disk: memoryDisk(),
    watchdog: false,
  })
  const started = clock.monotonic()
  await bridge.start()
  for (let i = 0; i <= reconnects; i++) {
    await until(() => bridge.health.links.mqtt.state === 'up', 20_000, `connection ${i + 1}`)
    await new Promise((resolve) => setTimeout(resolve, oldEnoughMs))
    if (i === reconnects) break
    proxy.cut()
    await until(() => bridge.health.links.mqtt.state !== 'up', 5_000, `the end of connection ${i + 1}`)
  }
  const refused = observer.on(`result/device/${lamp}`).length
  // A warning whose PUBACK was cut off comes again as it was: that is one, told twice.
  const warnings = new Set(
    observer
      .on('bridge/error')
      .map(({ payload }) => payload)
      .filter((payload) => payload.includes('command/retained')),
  ).size
  const hours = (clock.monotonic() - started) / warnedEveryMs
  client.end(true)
  assert.equal(simulator.journal.entries('command').length, 0)
  // MQTT 5 keeps stored messages away; 3.1.1 sends them with every subscription, the flag set.
  if (version === 5) assert.deepEqual([refused, warnings], [0, 0])
  else {
    assert.ok(refused >= reconnects, `${refused} refusals`)
    assert.ok(warnings >= 1 && warnings <= 1 + Math.floor(hours), `${warnings} warnings in ${hours} hours`)
  }
  return `0 writes, ${refused} refusals, ${warnings} warnings`
}

/** Another mosquitto hands its stored commands over as soon as it is linked to ours. */
async function comesOverALink(): Promise<string> {
  await using broker = await Mosquitto.start()
  await using rig = await Rig.open({ broker: broker.place, version: 5 })
  await rig.ready()
  const observer = await rig.observe()
  await observer.quiet()
  const link = [
    'connection house',
    `address 127.0.0.1:${broker.port}`,
    'topic tuya/cmd/# out 1',
    'start_type automatic',
  ]
  await using other = await Mosquitto.start({ lines: link })
  const client = await mqtt.connectAsync(other.place.url, { protocolVersion: 5 })
  await client.publishAsync(topic, 'true', { qos: 1, retain: true })
  const { payload } = await observer.next(`result/device/${lamp}`, 0, 15_000)
  assert.equal(JSON.parse(payload).reason, 'command/retained')
  // Once more, with the copy stored before the link comes up.
  await broker.stop('SIGKILL')
  await broker.startAgain()
  await rig.linkTurns('up', 30_000)
  await new Promise((resolve) => setTimeout(resolve, 6_000))
  client.end(true)
  assert.equal(rig.writes(lamp), 0)
  return `${observer.on(`result/device/${lamp}`).length} refusals`
}
