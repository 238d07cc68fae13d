import { type LoadedConfig, loadConfig } from '../app/config.ts'
import { ConfigError } from '../app/config-fault.ts'
import { Log } from '../app/log.ts'
import { Redactor } from '../util/redact.ts'
import { CommandFailed, exit } from './exit.ts'

export interface GlobalOptions {
  readonly config?: string
}

export interface Context extends LoadedConfig {
  readonly redactor: Redactor
  readonly log: Log
}

/** File, environment and secrets as they are now. Throws ConfigError with every fault. */
export function readConfiguration({ config }: GlobalOptions, demo = false): LoadedConfig {
  return loadConfig({
    file: config,
    directory: process.cwd(),
    env: process.env,
    ...(demo ? { demo } : {}),
  })
}

/** The configuration with its secrets already known to the log. Throws CommandFailed with every fault. */
export function openContext(
  options: GlobalOptions,
  more: { readonly demo?: boolean; readonly quiet?: boolean } = {},
): Context {
  const redactor = new Redactor()
  let loaded: LoadedConfig
  try {
    loaded = readConfiguration(options, more.demo)
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown
    throw new CommandFailed(
      exit.configuration,
      `The configuration has ${thrown.faults.length} fault${thrown.faults.length === 1 ? '' : 's'}:\n${thrown.message}`,
    )
  }
  for (const secret of loaded.secrets) redactor.keep(secret)
  const { level, format } = loaded.config.log
  const log = new Log({ level: more.quiet ? 'error' : level, format, redactor })
  const configLog = log.part('config')
  for (const warning of loaded.warnings) configLog.warn(warning)
  return { ...loaded, redactor, log }
}

/** Writes to standard output; a reader that has gone is nobody's trouble. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** A line on the terminal that is overwritten by the next; nothing where nobody looks. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

/** Aborts at Ctrl-C or SIGTERM; a second one ends the process at once. */
export function interrupted(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exit.stopped)
      controller.abort()
    })
  }
  return controller.signal
}
