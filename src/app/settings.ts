import { isRecord } from '../util/json.ts'
import { type Change, changesOf, type ReadConfig, withValuesOf } from './config-diff.ts'
import type { ConfigFault } from './config-fault.ts'
import { checkTogether } from './config-rules.ts'
import { type ConfigSchema, type Reload, readConfigSchema } from './config-shape.ts'
import type { Config } from './config-types.ts'

/** What became of a configuration that was read anew, by key. */
export interface Taken {
  /** Other than when it was read before. */
  readonly changed: readonly string[]
  /** In force from now on. */
  readonly live: readonly string[]
  /** In force from now on; the connections concerned are made anew. */
  readonly link: readonly string[]
  /** Waits for a start of the bridge, also since an earlier reading. */
  readonly restart: readonly string[]
}

interface Follower {
  readonly paths: readonly string[]
  readonly follow: () => void | Promise<void>
}

/** The settings in force. Parts hold `config`, whose sections always show the newest values, and never copy from it. */
export class Settings {
  /** A live view: whoever reads a key gets what is in force at that moment. */
  readonly config: Config
  readonly #schema: ConfigSchema = readConfigSchema()
  readonly #followers: Follower[] = []
  #inForce: ReadConfig
  #read: ReadConfig

  constructor(first: ReadConfig) {
    this.#inForce = first
    this.#read = first
    this.config = view(this.#schema, () => this.#inForce.config) as Config
  }

  /** Calls back when one of these keys, or one below them, has another value; the new one is in force by then. */
  whenChanged(paths: readonly string[], follow: Follower['follow']): void {
    this.#followers.push({ paths, follow })
  }

  /** Puts in force what can be without a restart. Resolves when all who follow have done so. */
  async take(next: ReadConfig): Promise<Taken> {
    const changed = changesOf(this.#schema, this.#read, next)
    const open = changesOf(this.#schema, this.#inForce, next)
    const held = this.#heldBack(next, open)
    const isHeld = (change: Change) => held.includes(change)
    const of = (reload: Reload) =>
      open.filter((change) => change.reload === reload && !isHeld(change)).map(pathOf)
    const taken = {
      changed: changed.map(pathOf),
      live: of('live'),
      link: of('link'),
      restart: held.map(pathOf),
    }
    this.#inForce = this.#mixed(next, held)
    this.#read = next
    await this.#tell([...taken.live, ...taken.link])
    return taken
  }

  /**
   * The changes that have to wait. What is checked together must also fit together with what waits: otherwise nothing
   * is put in force before the start (users that go, say, while the broker still listens to everybody).
   */
  #heldBack(next: ReadConfig, open: readonly Change[]): readonly Change[] {
    const held = open.filter(({ reload }) => reload === 'restart')
    if (held.length === 0) return held
    const faults: ConfigFault[] = []
    checkTogether(this.#mixed(next, held).config, true, faults)
    return faults.length === 0 ? held : open
  }

  #mixed(next: ReadConfig, held: readonly Change[]): ReadConfig {
    const paths = held.map(pathOf)
    const files = new Map(next.files)
    for (const path of paths) {
      const before = this.#inForce.files?.get(path)
      if (before === undefined) files.delete(path)
      else files.set(path, before)
    }
    return { config: withValuesOf(next.config, this.#inForce.config, paths), files }
  }

  async #tell(paths: readonly string[]): Promise<void> {
    const concerned = this.#followers.filter((follower) =>
      follower.paths.some((key) => paths.some(within(key))),
    )
    // All are told before any of them is waited for, and a defect of one is no other's.
    const ends = await Promise.allSettled(concerned.map(async ({ follow }) => follow()))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }
}

function pathOf({ path }: Change): string {
  return path
}

function within(key: string): (path: string) => boolean {
  return (path) => path === key || path.startsWith(`${key}.`)
}

/** Sections that are always there are views of their own; every other key is looked up when it is read. */
function view(schema: ConfigSchema, read: () => unknown): object {
  const shown = {}
  for (const [key, child] of Object.entries(schema.properties ?? {})) {
    const value = () => {
      const tree = read()
      return isRecord(tree) ? tree[key] : undefined
    }
    const section = child.properties && child.type === 'object' ? view(child, value) : undefined
    Object.defineProperty(shown, key, { enumerable: true, get: section ? () => section : value })
  }
  return shown
}
