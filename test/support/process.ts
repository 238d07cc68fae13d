import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { until } from './until.ts'

/** What `npm run build` makes. */
export const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

export interface ProgramOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Options of node itself. */
  readonly nodeArgs?: readonly string[]
  /** Standard output goes to this descriptor or nowhere ('closed') instead of to the test. */
  readonly stdout?: number
}

/** The built program as a user would run it; killed at the end whatever happens. */
export class Program implements AsyncDisposable {
  readonly child: ChildProcess
  readonly exited: Promise<{
    readonly code: number | null
    readonly signal: NodeJS.Signals | null
    readonly atMs: number
  }>
  out = ''
  err = ''

  constructor(options: ProgramOptions = {}) {
    const { args = [], env = {}, nodeArgs = [] } = options
    this.child = spawn(process.execPath, [...nodeArgs, program, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', options.stdout ?? 'pipe', 'pipe'],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    })
    this.child.stdout?.on('data', (chunk) => {
      this.out += chunk
    })
    this.child.stderr?.on('data', (chunk) => {
      this.err += chunk
    })
    this.exited = new Promise((resolve) => {
      this.child.on('exit', (code, signal) => resolve({ code, signal, atMs: performance.now() }))
    })
  }

  /** Waits until standard output or standard error holds the text. */
  async says(text: string, withinMs = 30_000): Promise<void> {
    await until(
      () => this.out.includes(text) || this.err.includes(text),
      withinMs,
      `the program saying "${text}"`,
    )
  }

  /** Sends the signal; says how the program ended and how long that took. */
  async end(signal: NodeJS.Signals = 'SIGTERM') {
    const sentMs = performance.now()
    this.child.kill(signal)
    const { code, atMs } = await this.exited
    return { code, tookMs: atMs - sentMs }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL')
    await this.exited
  }
}

const portsEach = 500
const firstPort = 20_000 + (process.pid % 24) * portsEach
let portsTaken = Math.floor(Math.random() * portsEach)

/**
 * A port of loopback that nobody holds at this moment, from a slice of this process's own below the range out of which
 * systems serve outgoing connections: nobody takes it before it is used.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + (portsTaken++ % portsEach)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
