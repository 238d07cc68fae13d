import { fileURLToPath } from 'node:url'
import { operationById } from '../src/codec/cloud/operation/index.ts'
import type { SimulatorAddress } from '../src/simulator/simulator.ts'
import { Child } from './child.ts'

/** The built program. */
export const program = fileURLToPath(new URL('../dist/main.js', import.meta.url))

/** `dp2mqtt simulate`, as anybody's tests would start it. */
export class SimulatorProcess implements AsyncDisposable {
  readonly cloud: SimulatorAddress['cloud']
  readonly #child: Child

  private constructor(child: Child, cloud: SimulatorAddress['cloud']) {
    this.#child = child
    this.cloud = cloud
  }

  static async start(...faults: readonly string[]): Promise<SimulatorProcess> {
    const args = faults.flatMap((fault) => ['--fault', fault])
    const child = new Child(process.execPath, [program, 'simulate', '--still', '--seed', '1', ...args])
    const { cloud } = JSON.parse(await child.firstLine()) as SimulatorAddress
    return new SimulatorProcess(child, cloud)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]()
  }
}

/** Operations that a judge calls and this version does not have. */
export function missingOperations(operations: readonly string[]): string[] {
  return operations.filter((id) => operationById(id) === undefined)
}
