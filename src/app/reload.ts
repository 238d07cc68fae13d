import { BridgeError } from '../util/error.ts'
import type { Redactor } from '../util/redact.ts'
import type { Secret } from '../util/secret.ts'
import type { ReadConfig } from './config-diff.ts'
import { ConfigError } from './config-fault.ts'
import type { Logger } from './log.ts'
import type { Settings, Taken } from './settings.ts'

/** A configuration that was read anew, with what the log has to know of it. */
export interface Reread extends ReadConfig {
  readonly secrets?: readonly Secret[]
  readonly warnings?: readonly string[]
}

export interface ReloaderParts {
  readonly settings: Settings
  /** Reads file, environment and secrets again. Throws ConfigError with every fault. */
  readonly read: () => Reread
  readonly redactor: Redactor
  readonly log: Logger
  readonly onTrouble: (reason: string, message: string, more: object) => void
}

/** R-S4: the configuration is read anew while everything runs; one that is wrong changes nothing. */
export class Reloader {
  readonly #parts: ReloaderParts
  #running: Promise<unknown> = Promise.resolve()
  #next: Promise<Taken> | undefined
  #stopped = false

  constructor(parts: ReloaderParts) {
    this.#parts = parts
  }

  /**
   * One after the other; those who ask while one waits for its turn share it, as it has read nothing yet. Rejects with
   * BridgeError: `bridge/config` with every fault in its details when the old configuration stays.
   */
  reload(): Promise<Taken> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined
      return this.#reload()
    })
    this.#running = this.#next.catch(() => {})
    return this.#next
  }

  /** Nothing is put in force any more. Resolves when nothing is on its way. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #reload(): Promise<Taken> {
    const { settings, redactor, log } = this.#parts
    if (this.#stopped) throw new BridgeError('bridge/shutdown', 'The bridge is stopping.', { retry: 'later' })
    const next = this.#read()
    // Before the first line that could show one; those of before stay known, they are secrets still.
    for (const secret of next.secrets ?? []) redactor.keep(secret)
    for (const warning of next.warnings ?? []) log.warn(warning)
    const taken = await settings.take(next)
    log.info(taken, 'the configuration was read anew')
    if (taken.restart.length > 0)
      log.warn({ keys: taken.restart }, 'some settings have an effect after a restart only')
    return taken
  }

  #read(): Reread {
    try {
      return this.#parts.read()
    } catch (thrown) {
      if (!(thrown instanceof ConfigError)) throw thrown
      throw this.#refused(thrown)
    }
  }

  #refused({ faults }: ConfigError): BridgeError {
    const { log, onTrouble } = this.#parts
    const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`
    const message = `The configuration has ${count}; the one of before stays in force.`
    const details = faults.slice(0, faultsTold)
    log.error({ faults: details.map(({ path, message: what }) => `${path || '(file)'}: ${what}`) }, message)
    onTrouble('bridge/config', message, { details })
    return new BridgeError('bridge/config', message, { details })
  }
}

/** So many fit into one message with ease. */
const faultsTold = 50
