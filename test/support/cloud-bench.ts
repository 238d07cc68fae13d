import { Simulator } from '../../src/simulator/simulator.ts'
import { demoWorld, type WorldFile } from '../../src/simulator/world-file.ts'
import { CallBudget } from '../../src/transport/cloud/budget.ts'
import { CloudClient, type CloudClientParts } from '../../src/transport/cloud/client.ts'
import { seededRandom } from '../../src/util/random.ts'
import { Secret } from '../../src/util/secret.ts'
import { DirectExchange } from './direct-exchange.ts'
import { ScriptedExchange } from './scripted-exchange.ts'
import { VirtualClock } from './virtual-clock.ts'

export interface BenchOptions {
  readonly world?: WorldFile
  readonly limit?: number
  readonly seed?: number
  readonly client?: Partial<CloudClientParts>
}

/** The client with all its layers against the simulated cloud, in one process and on one clock. */
export class CloudBench implements AsyncDisposable {
  readonly clock: VirtualClock
  readonly simulator: Simulator
  readonly http: ScriptedExchange
  readonly budget: CallBudget
  readonly client: CloudClient
  readonly learned: Secret[] = []
  /** `state reason` at every change of the public health. */
  readonly health: string[] = []

  constructor(options: BenchOptions = {}) {
    const clock = new VirtualClock()
    this.clock = clock
    this.simulator = new Simulator({
      world: options.world ?? demoWorld(),
      clock,
      seed: options.seed ?? 1,
      alive: false,
      faults: ['throttle=1000'],
    })
    this.http = new ScriptedExchange(new DirectExchange(this.simulator.cloud, clock), clock)
    this.budget = new CallBudget(options.limit ?? 100_000, clock, undefined)
    const { accessId, accessSecret } = this.simulator.world.project
    this.client = new CloudClient({
      credentials: { endpoint: 'http://cloud.test', accessId, accessSecret: new Secret(accessSecret) },
      http: this.http,
      budget: this.budget,
      clock,
      random: seededRandom(options.seed ?? 1),
      learn: (secret) => this.learned.push(secret),
      onChange: () => {
        const { state, reason } = this.client.health
        this.health.push(`${state} ${reason}`)
      },
      ...options.client,
    })
  }

  /** The call to its end, for which at least so much time passes; what it throws is its result. */
  async run(call: Promise<unknown>, ms = 0): Promise<unknown> {
    let ended = false
    const result = call
      .catch((thrown: unknown) => thrown)
      .finally(() => {
        ended = true
      })
    await this.clock.advance(ms)
    while (!ended) await this.clock.advance(100)
    return result
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]()
    await this.simulator[Symbol.asyncDispose]()
  }
}
