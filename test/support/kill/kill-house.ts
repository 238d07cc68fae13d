import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Simulator } from '../../../src/simulator/simulator.ts'
import { Disposer } from '../../../src/util/disposer.ts'
import type { Random } from '../../../src/util/random.ts'
import { canaries } from '../canary.ts'
import { Folder } from '../folder.ts'
import { Ledger } from '../ledger/history.ts'
import { ownNetwork } from '../own-network.ts'
import { freePort } from '../process.ts'
import { BridgeProcess, type BridgeProcessOptions, compileChild } from './bridge-process.ts'
import { openBroker } from './broker.ts'
import { Load } from './load.ts'
import { numberIn } from './number.ts'
import { Observer, retained } from './observer.ts'
import { type Retained, retainedValues } from './reader.ts'
import { onNote, tapQueue } from './source-tap.ts'
import { countingWorld, stateCodes } from './world.ts'

/** How a bridge is broken on purpose. */
export type Sabotage = 'acknowledges-early' | 'forgets-source-times'

export interface KillHouseOptions {
  readonly devices: number
  readonly eventsPerSecond: number
  readonly commandsPerSecond: number
  readonly seed: number
  readonly random: Random
  /** So many of the devices are on the LAN too, and only they are commanded. */
  readonly onLan?: number
  /** A promise that the bridge is to break; see bridge-child.ts. */
  readonly sabotage?: Sabotage
}

interface Truth {
  readonly key: string
  readonly number: number
}

interface Rig {
  readonly ledger: Ledger
  readonly simulator: Simulator
  readonly observers: readonly Observer[]
  readonly load: Load
  readonly broker: { readonly name: string; readonly port: number }
  readonly child: Pick<BridgeProcessOptions, 'script' | 'env'>
  readonly devices: readonly string[]
  /** Where the bridges keep theirs. */
  readonly state: string
}

/** Cloud, queue, observers and ledger here; the broker beside; and a bridge that is killed, again and again. */
export class KillHouse implements AsyncDisposable {
  readonly ledger: Ledger
  readonly simulator: Simulator
  readonly load: Load
  readonly brokerName: string
  /** Commands that devices carried out because somebody on the LAN told them to. */
  lanCommands = 0
  readonly #rig: Rig
  readonly #disposer: Disposer
  #bridge: BridgeProcess | undefined
  #onDelivered: (() => void) | undefined

  private constructor(rig: Rig, disposer: Disposer) {
    this.#rig = rig
    this.#disposer = disposer
    this.ledger = rig.ledger
    this.simulator = rig.simulator
    this.load = rig.load
    this.brokerName = rig.broker.name
    onNote(rig.simulator.journal, (kind, subject, { path }) => {
      if (kind === 'command' && path === 'lan') this.lanCommands++
      if (kind !== 'queue' || subject !== 'deliver') return
      const tell = this.#onDelivered
      this.#onDelivered = undefined
      tell?.()
    })
  }

  /** Calls back at the next message that the queue delivers. */
  onceDelivered(tell: () => void): void {
    this.#onDelivered = tell
  }

  static async open(options: KillHouseOptions): Promise<KillHouse> {
    const disposer = new Disposer((name, thrown) => console.error(name, thrown))
    try {
      return new KillHouse(await openRig(options, disposer), disposer)
    } catch (thrown) {
      await disposer[Symbol.asyncDispose]()
      throw thrown
    }
  }

  /** A bridge on the same state directory as the one before. */
  start(dieAt?: BridgeProcessOptions['dieAt']): BridgeProcess {
    const bridge = new BridgeProcess({ ...this.#rig.child, dieAt })
    this.#bridge = bridge
    void bridge.up.then(() => {
      if (bridge.running) this.ledger.note({ did: 'started' })
    })
    void bridge.exited.then((end) => {
      if (end === 'SIGKILL') this.ledger.note({ did: 'died' })
    })
    return bridge
  }

  /**
   * Until nothing is owed by the queue, and what is retained is what the devices have. A busy machine may take long;
   * false when nothing has moved for `stillMs`.
   */
  async settles(stillMs: number): Promise<boolean> {
    const { simulator, broker, devices, ledger } = this.#rig
    let [noted, movedAt] = [-1, 0]
    for (;;) {
      if (ledger.entries.length !== noted) movedAt = performance.now()
      noted = ledger.entries.length
      const isEmpty = simulator.queue.backlog() === 0
      if (isEmpty && equal(this.#truth(), await retainedStates(broker.port, devices.length))) return true
      if (performance.now() - movedAt > stillMs) return false
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  /**
   * Until the bridge has read everything once and both states that it keeps say so: whatever the next one finds, it
   * knows the house without the cloud.
   */
  async isLearnt(): Promise<void> {
    const kept = ['snapshot.json', 'snapshot.previous.json'].map((name) => join(this.#rig.state, name))
    const isWhole = (path: string) => contentOf(path).includes('"isWhole":true')
    const end = performance.now() + 60_000
    while (!kept.every(isWhole)) {
      if (performance.now() > end) throw new Error('the bridge did not read the house')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** Into the ledger: what the devices have, and what is retained. */
  async closeBooks(): Promise<void> {
    const { ledger, broker, devices, observers } = this.#rig
    for (const state of this.#truth()) ledger.note({ did: 'held', ...state })
    for (const state of await retainedStates(broker.port, devices.length))
      ledger.note({ did: 'found', ...state })
    for (const observer of observers) if (observer.closed) throw new Error(`the broker lost ${observer.name}`)
  }

  #truth(): Truth[] {
    const { simulator, devices } = this.#rig
    return devices.flatMap((id) => {
      const { status } = simulator.world.device(id)
      return stateCodes.map((code) => ({ key: `${id}/${code}`, number: numberIn(status.get(code)) }))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.load.stop()
    await this.#bridge?.[Symbol.asyncDispose]()
    await this.#disposer[Symbol.asyncDispose]()
  }
}

async function openRig(options: KillHouseOptions, disposer: Disposer): Promise<Rig> {
  const { devices, eventsPerSecond, commandsPerSecond, seed, random, onLan = 0 } = options
  const folder = new Folder()
  disposer.add('folder', () => folder[Symbol.dispose]())
  const ledger = new Ledger(() => performance.now())
  const broker = await openBroker()
  disposer.add('broker', async () => {
    await broker[Symbol.asyncDispose]()
  })
  const simulator = new Simulator({
    world: countingWorld(devices, onLan),
    alive: false,
    ...(onLan > 0 ? { lan: { address: ownNetwork() } } : {}),
    seed,
    faults: ['throttle=1000'],
    queueHandOverMs: 0,
  })
  const address = await simulator.start()
  disposer.add('simulator', () => simulator[Symbol.asyncDispose]())
  const second = broker.speaks5 ? 5 : 4
  const observers = await Promise.all([
    Observer.open(
      'observer of 3.1.1',
      { port: broker.port, protocolVersion: 4, filters: everything },
      ledger,
    ),
    Observer.open(
      `second observer, of ${second === 5 ? '5' : '3.1.1'}`,
      { port: broker.port, protocolVersion: second, filters: essentials },
      ledger,
    ),
  ])
  for (const observer of observers) disposer.add(observer.name, () => observer[Symbol.dispose]())
  const [observer] = observers
  const load = new Load({
    simulator,
    ledger,
    random,
    eventsPerSecond,
    commandsPerSecond,
    ...(onLan > 0 ? { commanded: [...simulator.world.devices.keys()].slice(0, onLan) } : {}),
    retainsCommands: broker.speaks5,
    publish: (topic, payload, retain) => observer.publish(topic, payload, retain),
  })
  tapQueue(simulator, ledger)
  onNote(simulator.journal, (kind, device, { values }) => {
    if (kind !== 'command') return
    for (const value of Object.values(values as Readonly<Record<string, unknown>>))
      ledger.note({ did: 'wrote', device, command: numberIn(value) })
  })
  return {
    ledger,
    simulator,
    observers,
    load,
    broker,
    child: {
      script: compileChild(folder),
      env: {
        ...(await environment(folder, broker.port, address)),
        ...lanSettings(address.lan ?? []),
        ...(options.sabotage ? { KILL_SABOTAGE: options.sabotage } : {}),
      },
    },
    devices: [...simulator.world.devices.keys()],
    state: folder.file('state'),
  }
}

const everything = ['tuya/state/#', 'tuya/event/#', 'tuya/result/#']
const essentials = ['tuya/state/device/+', 'tuya/event/#']

async function environment(
  folder: Folder,
  broker: number,
  { cloud, queue }: Simulator['address'],
): Promise<Readonly<Record<string, string>>> {
  return {
    DP2MQTT_TUYA_ENDPOINT: cloud.endpoint,
    DP2MQTT_TUYA_ACCESS_ID: cloud.accessId,
    DP2MQTT_TUYA_ACCESS_SECRET: canaries.accessSecret,
    DP2MQTT_QUEUE_URL: queue.url,
    DP2MQTT_MQTT_URL: `mqtt://127.0.0.1:${broker}`,
    DP2MQTT_HTTP_PORT: String(await freePort()),
    DP2MQTT_STATE_DIRECTORY: folder.file('state'),
    DP2MQTT_BUDGET_CLOUD_CALLS_PER_DAY: '1000000',
    // However long a busy machine leaves messages lying.
    DP2MQTT_EVENTS_MAX_EVENT_AGE_MS: '3600000',
    DP2MQTT_MQTT_REPUBLISH_PER_SECOND: '0',
    DP2MQTT_LOG_LEVEL: 'warn',
  }
}

/** Where they are is known, so that a bridge that does not live long finds them. */
function lanSettings(devices: NonNullable<Simulator['address']['lan']>): Readonly<Record<string, string>> {
  const known = devices.map(({ id, ip, port, version }) => ({ id, ip, port, version }))
  return {
    DP2MQTT_LAN_ENABLED: String(devices.length > 0),
    DP2MQTT_LAN_DISCOVERY: 'false',
    DP2MQTT_LAN_SUBNETS: '["127.0.0.0/8"]',
    DP2MQTT_LAN_DEVICES: JSON.stringify(known),
  }
}

/** Nothing while the bridge puts another file in its place. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw thrown
  }
}

async function retainedStates(port: number, devices: number): Promise<Retained[]> {
  const found = await retained(port, 'tuya/state/device/+', devices)
  return [...found].flatMap(([topic, payload]) => retainedValues(topic.split('/').at(-1) ?? '', payload))
}

function equal(truth: readonly Truth[], found: readonly Retained[]): boolean {
  const byKey = new Map(found.map((state) => [state.key, state]))
  return truth.every(
    ({ key, number }) => byKey.get(key)?.number === number && byKey.get(key)?.stale === false,
  )
}
