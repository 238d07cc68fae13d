import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Folder } from '../../test/support/folder.ts'
import { freePort } from '../../test/support/process.ts'
import { Child, runToEnd, which } from '../child.ts'

/** The roles of mosquitto.acl; each has a user of its name. */
export const roles = ['bridge', 'administrator', 'controller', 'dashboard'] as const
export type Role = (typeof roles)[number]

/** Where and as whom a client connects; no user on a broker that asks for none. */
export interface BrokerPlace {
  readonly url: string
  readonly password?: (role: Role) => string
}

export function passwordOf(role: Role): string {
  return `canary"${role}\\password-92ac`
}

const repository = new URL('../../', import.meta.url)
const ours = (name: string): string => fileURLToPath(new URL(name, repository))

/**
 * mosquitto.conf and mosquitto.acl of this repository with four users, for a broker in the given folder. The hashes are
 * made by mosquitto_passwd, wherever that runs.
 */
export async function furnish(
  folder: string,
  acl = readFileSync(ours('mosquitto.acl'), 'utf8'),
  mosquittoPasswd = (args: readonly string[]) => runToEnd('mosquitto_passwd', args),
): Promise<void> {
  copyFileSync(ours('mosquitto.conf'), `${folder}/mosquitto.conf`)
  writeFileSync(`${folder}/mosquitto.acl`, acl)
  for (const [i, role] of roles.entries()) {
    const create = i === 0 ? ['-c'] : []
    await mosquittoPasswd(['-b', ...create, `${folder}/mosquitto.passwords`, role, passwordOf(role)])
  }
}

export interface MosquittoOptions {
  /** Lines after the listener; anonymous clients are let in unless the lines say otherwise. */
  readonly lines?: readonly string[]
  /** The repository's own file instead, with its users; `acl` replaces its access list, `first` stands before it. */
  readonly ours?: { readonly acl?: string; readonly first?: string }
}

/** mosquitto as the machine has it, on a free port of loopback, in a folder of its own. */
export class Mosquitto implements AsyncDisposable {
  readonly port: number
  readonly folder: Folder
  readonly #secured: boolean
  #child: Child

  private constructor(port: number, folder: Folder, secured: boolean) {
    this.port = port
    this.folder = folder
    this.#secured = secured
    this.#child = this.#spawn()
  }

  static async start(options: MosquittoOptions = {}): Promise<Mosquitto> {
    const port = await freePort()
    const folder = new Folder()
    const { path } = folder
    mkdirSync(folder.file('data'))
    writeFileSync(folder.file('mosquitto.conf'), await configuration(options, path, port))
    giveTo(folder, 'mosquitto')
    const broker = new Mosquitto(port, folder, options.ours !== undefined)
    await broker.#listening()
    return broker
  }

  get place(): BrokerPlace {
    return { url: `mqtt://127.0.0.1:${this.port}`, ...(this.#secured ? { password: passwordOf } : {}) }
  }

  /** What it logged. */
  get log(): string {
    return this.#child.err
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.#child.stop(signal)
  }

  async startAgain(): Promise<void> {
    this.#child = this.#spawn()
    await this.#listening()
  }

  /** Other rights from now on, as after `systemctl reload`. */
  replaceAcl(text: string): void {
    writeFileSync(this.folder.file('mosquitto.acl'), text)
    this.#child.signal('SIGHUP')
  }

  freeze(): void {
    this.#child.signal('SIGSTOP')
  }

  thaw(): void {
    this.#child.signal('SIGCONT')
  }

  #spawn(): Child {
    return new Child(which('mosquitto') ?? 'mosquitto', ['-c', this.folder.file('mosquitto.conf')])
  }

  async #listening(): Promise<void> {
    for (let i = 0; i < 1_500; i++) {
      if (!this.#child.running) throw new Error(`mosquitto did not start:\n${this.#child.err}`)
      if (await answers(this.port)) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error(`mosquitto does not listen:\n${this.#child.err}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]()
    this.folder[Symbol.dispose]()
  }
}

async function configuration(
  { ours, lines = [] }: MosquittoOptions,
  folder: string,
  port: number,
): Promise<string> {
  if (!ours) {
    const all = [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'log_dest stderr', ...lines]
    return `${all.join('\n').replaceAll('FOLDER', folder)}\n`
  }
  await furnish(folder, ours.acl)
  return `${ours.first ?? ''}\n${adapted(readFileSync(`${folder}/mosquitto.conf`, 'utf8'), folder, port)}`
}

/** The file's paths are those of the image: here they are the folder's. */
function adapted(text: string, folder: string, port: number): string {
  return text
    .replaceAll('/mosquitto/config/', `${folder}/`)
    .replaceAll('/mosquitto/data/', `${folder}/data/`)
    .replace(/^listener 1883$/m, `listener ${port} 127.0.0.1`)
}

/** Started by root, mosquitto becomes its own user, who must be able to read and write here. */
function giveTo(folder: Folder, user: string): void {
  chmodSync(folder.path, 0o755)
  if (process.getuid?.() !== 0) return
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
  for (const name of ['data', 'mosquitto.conf', 'mosquitto.acl', 'mosquitto.passwords']) {
    try {
      chownSync(folder.file(name), id('-u'), id('-g'))
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown
    }
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (up: boolean) => {
      socket.destroy()
      resolve(up)
    }
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })
}
