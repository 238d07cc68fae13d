import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Folder } from '../folder.ts'
import type { CrashPoint } from './crash-point.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const dist = new URL('../../../dist/', import.meta.url)

/**
 * The child's few files as JavaScript: a process that is started forty times should not compile the bridge each time,
 * which it takes from `dist`.
 */
export function compileChild(folder: Folder): string {
  const sources = ['bridge-child.ts', 'crash-point.ts', 'sabotage.ts', 'wrap.ts'].map((name) =>
    join(here, name),
  )
  writeFileSync(folder.file('package.json'), '{"type":"module"}')
  const options = ['--ignoreConfig', '--noResolve', '--noCheck', '--target', 'es2023', '--module', 'esnext']
  const tsc = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url))
  execFileSync(
    process.execPath,
    [tsc, ...options, '--rewriteRelativeImportExtensions', '--outDir', folder.path, ...sources],
    { stdio: 'inherit' },
  )
  if (!readdirSync(folder.path).includes('bridge-child.js')) throw new Error('the child was not compiled')
  return folder.file('bridge-child.js')
}

export interface BridgeProcessOptions {
  readonly script: string
  readonly env: Readonly<Record<string, string>>
  /** Where it dies by itself, and at which passage. */
  readonly dieAt?: { readonly point: CrashPoint; readonly hit: number } | undefined
}

/** The bridge in a process that is meant to die. */
export class BridgeProcess implements AsyncDisposable {
  readonly exited: Promise<NodeJS.Signals | number | null>
  /** It has subscribed; stays open for one that dies before. */
  readonly up: Promise<void>
  /** What it logged. */
  err = ''
  #running = true
  readonly #child: ChildProcess

  constructor({ script, env, dieAt }: BridgeProcessOptions) {
    this.#child = fork(script, [dist.href], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
      env: {
        PATH: process.env['PATH'] ?? '',
        ...env,
        ...(dieAt ? { KILL_AT: `${dieAt.point}@${dieAt.hit}` } : {}),
      },
    })
    this.#child.stderr?.on('data', (chunk) => {
      this.err = `${this.err}${chunk}`.slice(-20_000)
    })
    this.up = new Promise((resolve) => {
      this.#child.once('message', () => resolve())
    })
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#running = false
        resolve(signal ?? code)
      })
    })
  }

  get running(): boolean {
    return this.#running
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }

  /** In good order. */
  async stop(): Promise<NodeJS.Signals | number | null> {
    this.#child.kill('SIGTERM')
    return this.exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running) await this.kill()
  }
}
