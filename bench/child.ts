import { type ChildProcess, fork, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { SimulatorAddress } from '../src/simulator/simulator.ts'

/** A process beside the bench, killed with it. */
export class Child implements AsyncDisposable {
  readonly process: ChildProcess
  /** What a script said when it was ready. */
  readonly said: unknown

  constructor(process: ChildProcess, said?: unknown) {
    this.process = process
    this.said = said
  }

  get pid(): number {
    return this.process.pid ?? 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise<void>((resolve) => this.process.once('exit', () => resolve()))
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill('SIGKILL')
      await gone
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Gives a script something to do; resolves with its answer. */
export function ask<T>(child: Child, order: object): Promise<T> {
  return new Promise((resolve, reject) => {
    child.process.once('message', (answer) => resolve(answer as T))
    child.process.send(order, (error) => {
      if (error) reject(error)
    })
  })
}

/** A script of this folder in a process of its own; resolves when it says that it is ready. */
export async function startScript(name: string, args: readonly string[]): Promise<Child> {
  return (await startTelling(name, args)).child
}

/** The same, with the first thing that it says. */
export async function startTelling<T>(
  name: string,
  args: readonly string[],
  nodeOptions: readonly string[] = [],
): Promise<{ child: Child; told: T }> {
  const child = fork(fileURLToPath(new URL(name, import.meta.url)), [...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [...process.execArgv, ...nodeOptions],
  })
  const told = await new Promise<unknown>((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)))
  })
  return { child: new Child(child, told), told: told as T }
}

export interface BridgeProcess extends Child {
  readonly http: number
}

/** The built program against a simulated cloud, with a broker of its own or the given one; resolves when ready. */
export async function startBridge(
  { cloud }: SimulatorAddress,
  env: Readonly<Record<string, string>>,
  directory: string,
  args: readonly string[] = [],
): Promise<{ child: Child; broker: number; http: number }> {
  const [broker, http] = [await freePort(), await freePort()]
  const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
  const child = new Child(
    spawn(process.execPath, [main, ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PATH: process.env['PATH'] ?? '',
        DP2MQTT_TUYA_ENDPOINT: cloud.endpoint,
        DP2MQTT_TUYA_ACCESS_ID: cloud.accessId,
        DP2MQTT_TUYA_ACCESS_SECRET: cloud.accessSecret,
        DP2MQTT_BROKER_PORT: String(broker),
        DP2MQTT_HTTP_PORT: String(http),
        DP2MQTT_STATE_DIRECTORY: directory,
        DP2MQTT_LOG_LEVEL: 'error',
        ...env,
      },
    }),
  )
  const end = performance.now() + 60_000
  while (
    !(await fetch(`http://127.0.0.1:${http}/readyz`).then(
      (reply) => reply.ok,
      () => false,
    ))
  ) {
    if (performance.now() > end) throw new Error('the bridge did not become ready')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return { child, broker, http }
}

/** Resident memory of a process in MiB; Linux. */
export function residentMiB(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1] ?? Number.NaN) / 1024
}

/** Processor seconds that the threads of a process have used, to the nanosecond: clock ticks miss what is short. Linux. */
export function processorSeconds(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`)
  const used = tasks.map((task) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
  )
  return used.reduce((sum, each) => sum + each, 0) / 1e9
}
