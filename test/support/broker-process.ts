import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Disturbable } from './broker-scenarios.ts'
import { freePort } from './process.ts'

const child = fileURLToPath(new URL('./broker-child.ts', import.meta.url))

/** aedes in a process of its own. What it retained is gone with it. */
export class BrokerProcess implements Disturbable, AsyncDisposable {
  #process: ChildProcess | undefined
  #port = 0

  static async open(): Promise<BrokerProcess> {
    const broker = new BrokerProcess()
    await broker.start()
    return broker
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.#port}`
  }

  async start(): Promise<void> {
    this.#port ||= await freePort()
    const forked = fork(child, [String(this.#port)], { execArgv: ['--import', 'tsx'] })
    this.#process = forked
    await once(forked, 'message')
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  freeze(): void {
    this.#process?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const ending = this.#process
    this.#process = undefined
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    const exited = once(ending, 'exit')
    ending.kill(signal)
    await exited
  }
}
