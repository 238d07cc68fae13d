import { CloudSide, type CloudSideParts } from '../../src/app/cloud-side.ts'
import { valueCodec } from '../../src/codec/data-point/codec.ts'
import type { Outcome, Write } from '../../src/domain/command.ts'
import type { Json } from '../../src/domain/data-point.ts'
import { Inventory } from '../../src/inventory/inventory.ts'
import { Router } from '../../src/router/router.ts'
import { Simulator } from '../../src/simulator/simulator.ts'
import { demoWorld, type WorldFile } from '../../src/simulator/world-file.ts'
import type { HttpExchange } from '../../src/transport/cloud/http.ts'
import { seededRandom } from '../../src/util/random.ts'
import { Redactor } from '../../src/util/redact.ts'
import { Secret } from '../../src/util/secret.ts'
import { testConfig } from './config.ts'
import { DirectExchange } from './direct-exchange.ts'
import { ScriptedExchange } from './scripted-exchange.ts'
import { VirtualClock } from './virtual-clock.ts'
import { writeOf } from './write.ts'

export interface CloudHouseOptions {
  readonly seed?: number
  /** That of the demo unless told. */
  readonly world?: WorldFile
  /** Between two readings of all lists; 5 unless told. */
  readonly pollSeconds?: number
  /** The project's secret as the bridge has it. */
  readonly accessSecret?: string
  /** Real sockets instead of none; given the simulator, which listens. */
  readonly http?: () => HttpExchange
  /** Told where the simulator listens; where the bridge looks for it. */
  readonly endpoint?: (listening: string) => string
}

/**
 * The bridge from the cloud to the router, without MQTT: everything that speaks with the simulated cloud, put together
 * as the program does it, on one clock.
 */
export class CloudHouse implements AsyncDisposable {
  readonly clock: VirtualClock
  readonly simulator: Simulator
  readonly inventory: Inventory
  readonly http: ScriptedExchange
  readonly cloud: CloudSide
  readonly router: Router
  /** Troubles that were told, `what: code`. */
  readonly errors: string[] = []
  /** `state reason` at every change of the public health. */
  readonly health: string[] = []

  private constructor(
    options: CloudHouseOptions,
    simulator: Simulator,
    clock: VirtualClock,
    endpoint: string,
  ) {
    this.clock = clock
    this.simulator = simulator
    this.inventory = new Inventory({ codec: valueCodec, now: () => clock.now() })
    this.http = new ScriptedExchange(options.http?.() ?? new DirectExchange(simulator.cloud, clock), clock)
    const { accessId, accessSecret } = simulator.world.project
    const config = testConfig({
      budget: { cloudCallsPerDay: 10_000_000 },
      poll: { minSeconds: options.pollSeconds ?? 5 },
      tuya: {
        region: 'eu',
        endpoint,
        accessId,
        accessSecret: new Secret(options.accessSecret ?? accessSecret),
        accessSecretFile: null,
        uid: null,
        homes: [],
        schema: null,
      },
    } as never)
    const random = seededRandom(options.seed ?? 1)
    const parts: CloudSideParts = {
      config,
      redactor: new Redactor(),
      clock,
      random,
      http: this.http,
      inventory: this.inventory,
      saved: undefined,
      pushes: () => false,
      pollNeeded: () => true,
      onLease: () => {},
      onAccess: () => {},
      onChange: () => {
        const { state, reason } = this.cloud.client.health
        this.health.push(`${state} ${reason}`)
      },
      onError: (error, what) => this.errors.push(`${what}: ${error.code}`),
      onListed: () => false,
      onRead: () => {},
    }
    this.cloud = new CloudSide(parts)
    this.router = new Router({
      routes: [this.cloud.route],
      prefer: () => 'cloud',
      specification: (id) => this.inventory.specification(id),
      current: () => undefined,
      clock,
      random,
      now: () => this.cloud.client.now(),
    })
    this.inventory.events.on('report', ({ record, source, observed }) => {
      this.router.observe(record.device.id, observed, source === 'poll')
    })
  }

  static async open(options: CloudHouseOptions = {}): Promise<CloudHouse> {
    const clock = new VirtualClock()
    const simulator = new Simulator({
      world: options.world ?? demoWorld(),
      clock,
      seed: options.seed ?? 1,
      alive: false,
      faults: ['throttle=1000'],
    })
    const listening = options.http ? (await simulator.start()).cloud.endpoint : 'http://cloud.test'
    const endpoint = options.endpoint?.(listening) ?? listening
    const house = new CloudHouse(options, simulator, clock, endpoint)
    house.cloud.sync.start()
    return house
  }

  /** Everything was read, and half a minute has passed since. */
  async ready(): Promise<this> {
    await this.pass(30_000)
    if (!this.cloud.sync.ready) throw new Error('the simulated cloud was not read')
    return this
  }

  /** Lets so much time pass. */
  pass(ms: number): Promise<void> {
    return this.clock.advance(ms)
  }

  /** The same over real sockets: what was asked for in a step has its answer before the next one. */
  async passStepwise(ms: number, stepMs: number): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      await this.clock.advance(Math.min(left, stepMs))
      while (this.http.pending > 0) {
        await new Promise((resolve) => setTimeout(resolve, 1))
        await this.clock.advance(0)
      }
    }
  }

  /** A submitted write and, once it has ended, its outcome and when that was. */
  submit(
    deviceId: string,
    values: Readonly<Record<string, Json>>,
    changes: Partial<Write> = {},
  ): { outcome: Outcome | undefined; ms: number } {
    const run = { outcome: undefined as Outcome | undefined, ms: Number.NaN }
    const startedAt = this.clock.monotonic()
    void this.router.submit(writeOf(values, { deviceId, ...changes })).then((outcome) => {
      run.outcome = outcome
      run.ms = this.clock.monotonic() - startedAt
    })
    return run
  }

  /** Does something again and again for so long. */
  async repeat(ms: number, everyMs: number, work: (i: number) => void): Promise<void> {
    for (let i = 0; i * everyMs < ms; i++) {
      work(i)
      await this.pass(everyMs)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stopped = this.router.stop()
    await this.clock.advance(3_000)
    await stopped
    await this.cloud[Symbol.asyncDispose]()
    await this.simulator[Symbol.asyncDispose]()
  }
}
