import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { until } from '../test/support/until.ts'

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** It is spoken to on its standard input. */
  readonly listens?: boolean
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A program beside us; killed at the end, whatever happened. */
export class Child implements AsyncDisposable {
  readonly process: ChildProcess
  readonly exited: Promise<Exit>
  out = ''
  err = ''
  readonly #command: string

  constructor(command: string, args: readonly string[], options: ChildOptions = {}) {
    this.#command = command
    this.process = spawn(command, args, {
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...options.env },
      stdio: [options.listens ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    })
    this.process.stdout?.on('data', (chunk) => {
      this.out += chunk
    })
    this.process.stderr?.on('data', (chunk) => {
      this.err += chunk
    })
    this.exited = new Promise((resolve) => {
      // 'close', not 'exit': everything that it said has arrived.
      this.process.once('close', (code, signal) => resolve({ code, signal }))
      this.process.once('error', (error) => {
        this.err += error.message
        resolve({ code: null, signal: null })
      })
    })
  }

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null
  }

  /** The first line on standard output. */
  async firstLine(withinMs = 60_000): Promise<string> {
    await until(() => this.out.includes('\n') || !this.running, withinMs, `a line of ${this.#command}`)
    if (!this.out.includes('\n')) throw new Error(`${this.#command} said nothing:\n${this.err}`)
    return this.out.slice(0, this.out.indexOf('\n'))
  }

  /** A line on its standard input. */
  say(line: string): void {
    this.process.stdin?.write(`${line}\n`)
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name)
  }

  async stop(name: NodeJS.Signals = 'SIGTERM', withinMs = 10_000): Promise<Exit> {
    if (this.running) this.signal(name)
    const patience = setTimeout(() => this.signal('SIGKILL'), withinMs)
    const exit = await this.exited
    clearTimeout(patience)
    return exit
  }

  /** Resident memory in MiB. */
  get residentMiB(): number {
    const kib = execFileSync('ps', ['-o', 'rss=', '-p', String(this.process.pid)], { encoding: 'utf8' })
    return Number(kib) / 1024
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL')
  }
}

/** Runs a program to its end; throws with everything it said when it ends badly. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<string> {
  await using child = new Child(command, args, options)
  const { code, signal } = await child.exited
  if (code !== 0) {
    const said = `${child.out}\n${child.err}`.trim().slice(-4_000)
    throw new Error(`${command} ${args.join(' ')} ended with ${code ?? signal}:\n${said}`)
  }
  return child.out
}

/** Where a program lies; undefined where it is not installed. */
export function which(command: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin']
  try {
    return execFileSync('which', [command], {
      encoding: 'utf8',
      env: { PATH: folders.join(':') },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return undefined
  }
}
