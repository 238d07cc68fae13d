import { fileURLToPath } from 'node:url'
import type { SimulatorAddress } from '../src/simulator/simulator.ts'
import { Child } from './child.ts'

/** The built program. */
export const program = fileURLToPath(new URL('../dist/main.js', import.meta.url))

/** `dp2mqtt simulate`, as anybody's tests would start it. */
export class SimulatorProcess implements AsyncDisposable {
  readonly cloud: SimulatorAddress['cloud']
  readonly queue: SimulatorAddress['queue']
  readonly lan: NonNullable<SimulatorAddress['lan']>
  readonly udp: readonly number[]
  readonly #child: Child

  private constructor(child: Child, { cloud, queue, lan, udp }: SimulatorAddress) {
    this.#child = child
    this.cloud = cloud
    this.queue = queue
    this.lan = lan ?? []
    this.udp = udp ?? []
  }

  static start(...faults: readonly string[]): Promise<SimulatorProcess> {
    return SimulatorProcess.run(...faults.flatMap((fault) => ['--fault', fault]))
  }

  /** With arguments of the command line. */
  static async run(...args: readonly string[]): Promise<SimulatorProcess> {
    const child = new Child(process.execPath, [program, 'simulate', '--still', '--seed', '1', ...args])
    return new SimulatorProcess(child, JSON.parse(await child.firstLine()) as SimulatorAddress)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]()
  }
}
