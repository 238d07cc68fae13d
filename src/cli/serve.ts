import { closeSync, openSync } from 'node:fs'
import type { Command } from 'commander'
import { Bridge } from '../app/bridge.ts'
import type { LoadedConfig } from '../app/config.ts'
import { ConfigError } from '../app/config-fault.ts'
import type { Config } from '../app/config-types.ts'
import { demoConfig, demoHints, memoryDisk } from '../app/demo.ts'
import { Simulator } from '../simulator/simulator.ts'
import { demoWorld } from '../simulator/world-file.ts'
import { type Context, type GlobalOptions, openContext, print, readConfiguration } from './context.ts'
import { CommandFailed, exit } from './exit.ts'

interface ServeOptions extends GlobalOptions {
  readonly demo?: boolean
  readonly realistic?: boolean
}

const stopWithinMs = 8_000
const crashWithinMs = 900

export function addServe(program: Command): void {
  program
    .command('serve', { isDefault: true })
    .description('run the bridge; without a configuration, the demo')
    .option('--demo', 'run the demo whatever the configuration says of the cloud')
    .option('--realistic', 'let the demo’s cloud be as slow as the real one (500 to 2000 ms)')
    .action((_options: ServeOptions, command: Command) => serve(command.optsWithGlobals<ServeOptions>()))
}

async function serve(options: ServeOptions): Promise<void> {
  process.stdout.on('error', () => {})
  const demo = options.demo ?? false
  const context = openContext(options, { demo })
  const runner = new Runner(context, () => readConfiguration(options, demo), options.realistic ?? false)
  runner.watchProcess()
  await runner.start()
  await runner.ended
}

/** One process: the bridge, the simulator beside it in the demo, and the signals that end both. */
class Runner {
  readonly ended: Promise<void>
  readonly #context: Context
  readonly #read: () => LoadedConfig
  readonly #realistic: boolean
  #loaded: LoadedConfig
  #end: () => void = () => {}
  #bridge: Bridge | undefined
  #simulator: Simulator | undefined
  #stopping = false
  #started: Promise<void> = Promise.resolve()

  constructor(context: Context, read: () => LoadedConfig, realistic: boolean) {
    this.#context = context
    this.#loaded = context
    this.#read = read
    this.#realistic = realistic
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  watchProcess(): void {
    const log = this.#context.log.part('process')
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.on(name, () => {
        if (this.#stopping) process.exit(exit.stopped)
        log.info({ signal: name }, 'stopping')
        this.#stop()
      })
    }
    const onTerminal = process.stderr.isTTY
    process.on('SIGHUP', () => {
      // A terminal that is closed says it with the same signal; nobody is left to look at this then.
      if (onTerminal && !hasTerminal()) this.#stop(hangUp)
      else this.#reload()
    })
    const crash = (thrown: unknown) => {
      // R-S6: never go on after this; what is known is saved and the supervisor starts anew.
      log.fatal({ err: thrown }, 'an error that nobody caught')
      setTimeout(() => process.exit(exit.internal), crashWithinMs)
      const saved = this.#bridge?.saveNow() ?? Promise.resolve()
      void saved.finally(() => process.exit(exit.internal))
    }
    process.on('uncaughtException', crash)
    process.on('unhandledRejection', crash)
  }

  start(): Promise<void> {
    this.#started = this.#start()
    return this.#started
  }

  async #start(): Promise<void> {
    const config = await this.#configuration()
    const { log, redactor } = this.#context
    this.#bridge = new Bridge({
      config,
      files: this.#loaded.files,
      reread: () => this.#reread(),
      log,
      redactor,
      ...(this.#loaded.demo ? { disk: memoryDisk() } : {}),
      onRestart: () => this.#restart(),
    })
    try {
      await this.#bridge.start()
    } catch (thrown) {
      await this.#bridge[Symbol.asyncDispose]()
      await this.#simulator?.[Symbol.asyncDispose]()
      throw startFailure(thrown, config)
    }
    const { broker, mqtt, http } = config
    const { ports } = this.#bridge
    if (this.#loaded.demo)
      print(demoHints(`mqtt://${broker.host}:${ports.mqtt}`, mqtt.base, `http://${http.host}:${ports.http}`))
  }

  async #configuration(): Promise<Config> {
    const { redactor } = this.#context
    const { config, demo: isDemo } = this.#loaded
    if (!isDemo) return config
    this.#simulator = new Simulator({
      world: demoWorld(),
      lan: { udp: { ports: [0, 0, 0] } },
      faults: this.#realistic ? ['latency=500-2000'] : [],
    })
    await this.#simulator.start()
    const demo = demoConfig(config, this.#simulator)
    if (demo.tuya?.accessSecret) redactor.keep(demo.tuya.accessSecret)
    return demo
  }

  /** The same as at the start; the demo stays one, and goes on with the cloud that it has. */
  #reread(): LoadedConfig {
    const next = this.#read()
    const { demo } = this.#loaded
    if (demo !== next.demo) throw new ConfigError([demo ? leavesDemo : becomesDemo])
    this.#loaded = next
    return demo && this.#simulator ? { ...next, config: demoConfig(next.config, this.#simulator) } : next
  }

  /** The bridge tells the log what came of it. */
  #reload(): void {
    this.#context.log.part('process').info({ signal: 'SIGHUP' }, 'reading the configuration anew')
    this.#started.then(() => this.#bridge?.reload()).catch(() => {})
  }

  #stop(leave: () => void = () => process.exit(exit.stopped)): void {
    this.#stopping = true
    // R-S5: whatever hangs, the process is gone by then.
    setTimeout(leave, stopWithinMs - 300).unref()
    this.#dispose().then(() => {
      this.#end()
      leave()
    }, leave)
  }

  async #restart(): Promise<void> {
    if (this.#stopping) return
    const { log, redactor } = this.#context
    log.part('process').info('restarting on request')
    await this.#dispose()
    if (this.#stopping) return
    try {
      this.#loaded = this.#read()
    } catch (thrown) {
      if (!(thrown instanceof ConfigError)) throw thrown
      log
        .part('config')
        .error(`The configuration is wrong; the one of before stays in force:\n${thrown.message}`)
    }
    for (const secret of this.#loaded.secrets) redactor.keep(secret)
    log.level = this.#loaded.config.log.level
    await this.start()
  }

  async #dispose(): Promise<void> {
    await this.#bridge?.[Symbol.asyncDispose]()
    await this.#simulator?.[Symbol.asyncDispose]()
  }
}

const leavesDemo = {
  path: 'tuya',
  message: 'names a cloud, but the demo runs.',
  hint: 'Restart the bridge.',
}
const becomesDemo = {
  path: 'tuya',
  message: 'is missing, and nothing else is said either.',
  hint: 'Restart the bridge if you want the demo.',
}

/** As if nobody had listened to the signal: a proper exit would set the terminal right, which is not there any more. */
function hangUp(): void {
  process.removeAllListeners('SIGHUP')
  process.kill(process.pid, 'SIGHUP')
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}

/** A port that is taken is the user's to solve; anything else is a defect. */
function startFailure(thrown: unknown, config: Config): unknown {
  const { code, port } = thrown as { code?: string; port?: number }
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') return thrown
  const key = port === config.http.port ? 'http.port' : 'broker.port'
  const variable = key === 'http.port' ? 'DP2MQTT_HTTP_PORT' : 'DP2MQTT_BROKER_PORT'
  return new CommandFailed(
    exit.configuration,
    `Port ${port} cannot be had (${code}). Stop the program that holds it, or set ${key} (${variable}); a broker of your own is given in mqtt.url.`,
  )
}
