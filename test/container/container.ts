import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Child, runToEnd } from '../../interop/child.ts'
import { image } from './engine.ts'

/** What the client program needs to find its engine. */
const engine: Readonly<Record<string, string>> = process.env['DOCKER_HOST']
  ? { DOCKER_HOST: process.env['DOCKER_HOST'] }
  : {}

/** S-9, as compose.yaml has it. */
export const confined: readonly string[] = [
  '--read-only',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges:true',
  '--memory=384m',
  '--pids-limit=64',
]

export function docker(...args: readonly string[]): Promise<string> {
  return runToEnd('docker', args, { env: engine })
}

export interface Inspected {
  readonly State: {
    readonly ExitCode: number
    readonly Running: boolean
    readonly Health?: { readonly Status: string }
  }
}

/** A container of our image, in the background; removed with its volumes at the end. */
export class Container implements AsyncDisposable {
  readonly name: string

  private constructor(name: string) {
    this.name = name
  }

  /** `docker run` with these flags, then what the program is given. */
  static async run(flags: readonly string[], words: readonly string[] = []): Promise<Container> {
    const name = newName()
    await docker('run', '--detach', '--name', name, ...flags, image, ...words)
    return new Container(name)
  }

  exec(...command: readonly string[]): Promise<string> {
    return docker('exec', this.name, ...command)
  }

  async inspect(): Promise<Inspected> {
    const [inspected] = JSON.parse(await docker('inspect', this.name)) as Inspected[]
    return inspected as Inspected
  }

  /** Everything that it wrote. */
  async logs(): Promise<string> {
    await using logs = new Child('docker', ['logs', this.name], { env: engine })
    await logs.exited
    return logs.out + logs.err
  }

  /** The port of this machine's loopback behind which one of the container's is found. */
  async port(inside: number): Promise<number> {
    return Number((await docker('port', this.name, String(inside))).trim().split(':').at(-1))
  }

  async says(text: string, withinMs = 20_000): Promise<void> {
    await this.until(async () => (await this.logs()).includes(text), withinMs, `"${text}" in the log`)
  }

  async until(condition: () => Promise<boolean>, withinMs: number, what: string): Promise<void> {
    const end = performance.now() + withinMs
    while (!(await condition())) {
      if (performance.now() > end)
        throw new Error(`${what} did not come true within ${withinMs} ms\n${await this.logs()}`)
      await sleep(200)
    }
  }

  /** Sends SIGTERM as `docker stop` does; gives the exit code and the milliseconds that it took. */
  async stop(): Promise<{ readonly code: number; readonly ms: number }> {
    const startMs = performance.now()
    await docker('kill', '--signal', 'TERM', this.name)
    const code = Number((await docker('wait', this.name)).trim())
    return { code, ms: performance.now() - startMs }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await docker('rm', '--force', '--volumes', this.name)
  }
}

/** A container in the foreground, which a test treats like any other program. */
export class ContainerChild extends Child {
  readonly #name: string

  private constructor(name: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    super('docker', args, { env: { ...engine, ...env } })
    this.#name = name
  }

  /** The bridge in its image, confined, on this machine's network, with these settings. */
  static bridge(settings: Readonly<Record<string, string>>): ContainerChild {
    const name = newName()
    const given = Object.keys(settings).flatMap((variable) => ['--env', variable])
    const flags = ['--rm', '--name', name, '--network', 'host', '--init', ...confined]
    return new ContainerChild(name, ['run', ...flags, ...given, image], settings)
  }

  /** The client program would not hand every signal on. */
  override signal(name: NodeJS.Signals): void {
    try {
      execFileSync('docker', ['kill', '--signal', name, this.#name], {
        env: { ...process.env },
        stdio: 'ignore',
      })
    } catch {
      // It has ended by itself.
    }
  }
}

function newName(): string {
  return `dp2mqtt-test-${randomBytes(4).toString('hex')}`
}
