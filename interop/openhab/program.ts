import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '../../test/support/until.ts'
import { Child, runToEnd } from '../child.ts'

const sources = fileURLToPath(new URL('.', import.meta.url))

export interface OpenHabChannel {
  readonly uid: string
  readonly kind: 'state' | 'trigger'
  readonly type: string
  readonly item?: string
  readonly label?: string
}

export interface OpenHabThing {
  readonly uid: string
  readonly label: string
  readonly status: string
  readonly detail: string
  readonly channels: readonly OpenHabChannel[]
}

export interface OpenHabItem {
  readonly name: string
  readonly type: string
  readonly state: string
  readonly channels: readonly { readonly uid: string }[]
}

/** All that openHAB knows. */
export interface OpenHabHouse {
  readonly version: string
  readonly things: readonly OpenHabThing[]
  readonly items: readonly OpenHabItem[]
  readonly inbox: readonly { readonly uid: string; readonly label: string; readonly bridge: string }[]
}

/** The folder of jars, where somebody has given one. */
export const jarFolder = process.env['INTEROP_OPENHAB']

/** What keeps openHAB from running here; undefined where nothing does. */
export function openHabLacks(): string | undefined {
  if (!jarFolder) return 'INTEROP_OPENHAB names no folder with the jars of openHAB, which no registry has'
  const said = spawnSync(java('java'), ['-version'], { encoding: 'utf8' })
  const version = Number(/version "(\d+)/.exec(said.stderr ?? '')?.[1] ?? 0)
  return version >= 21 ? undefined : 'openHAB 5 needs Java 21 or later (JAVA_HOME)'
}

/** openHAB itself: its core and its bindings in one process, on files of ours. */
export class OpenHab implements AsyncDisposable {
  readonly #child: Child
  #asked = 1

  private constructor(child: Child) {
    this.#child = child
  }

  /** Compiles our few lines against the jars and starts them; files by their place below `conf`. */
  static async start(folder: string, files: Readonly<Record<string, string>>): Promise<OpenHab> {
    const jars = jarFolder ?? ''
    // The framework's own words are in several jars; those of Equinox are the newest.
    const names = readdirSync(jars).filter((name) => name.endsWith('.jar'))
    const ordered = [...names.filter((name) => name.startsWith('org.eclipse.osgi-')), ...names]
    const classes = join(folder, 'classes')
    const path = [classes, ...ordered.map((name) => join(jars, name))].join(':')
    await writeFiles(folder, classes, files)
    const own = readdirSync(sources).filter((name) => name.endsWith('.java'))
    await runToEnd(java('javac'), [
      ...['-proc:none', '-nowarn', '-cp', path, '-d', classes],
      ...own.map((name) => join(sources, name)),
    ])
    const child = new Child(java('java'), [...settings(folder), '-cp', path, 'Main'], {
      cwd: folder,
      listens: true,
      env: { LANG: 'C.UTF-8' },
    })
    const program = new OpenHab(child)
    await child.firstLine(120_000)
    return program
  }

  all(): Promise<OpenHabHouse> {
    return this.#ask({ ask: 'all' })
  }

  /** Makes a thing of what it discovered; it asks people for a label of their own. */
  async approve(thing: string, label?: string): Promise<void> {
    await this.#ask({ ask: 'approve', thing, ...(label === undefined ? {} : { label }) })
  }

  /** Makes an item for a channel. */
  async link(type: string, item: string, channel: string): Promise<void> {
    await this.#ask({ ask: 'link', type, item, channel })
  }

  /** Gives an item a command. */
  async command(item: string, command: string): Promise<void> {
    await this.#ask({ ask: 'command', item, command })
  }

  /** What it said besides the normal story. */
  get complaints(): readonly string[] {
    return this.#child.err
      .split('\n')
      .filter((line) => /^\d* ?\[.*\] (WARN|ERROR) /.test(line) && !harmless.test(line))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]()
  }

  async #ask<T>(question: Readonly<Record<string, string>>): Promise<T> {
    const mine = this.#asked++
    this.#child.say(JSON.stringify(question))
    const line = await until(
      () => this.#child.out.split('\n').slice(0, -1)[mine] ?? !this.#child.running,
      60_000,
      `an answer to ${question['ask']}`,
    )
    if (typeof line !== 'string') throw new Error(`openHAB ended:\n${this.#child.err.slice(-4_000)}`)
    const answer = JSON.parse(line)
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer
  }
}

/**
 * There are no transformation files. In the first minute a document may name what went, which is why the inbox is looked
 * at later. And openHAB 5.2.0 refuses lights of documents that describe a device.
 */
const harmless =
  /FileTransformationProvider|for device\/[^ ]*: MultipleInvalid: required key not provided @ data\['state_topic'\]|DiscoverComponents - .*for light\/.*data\['command_topic'\]/

function java(program: 'java' | 'javac'): string {
  const home = process.env['JAVA_HOME']
  return home ? join(home, 'bin', program) : program
}

function settings(folder: string): readonly string[] {
  return [
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '--enable-native-access=ALL-UNNAMED',
    '-Dstdout.encoding=UTF-8',
    '-Dorg.slf4j.simpleLogger.showDateTime=true',
    // Its Python unpacks itself once.
    `-Dpolyglot.engine.userResourceCache=${join(tmpdir(), 'dp2mqtt-openhab')}`,
    `-Dopenhab.conf=${join(folder, 'conf')}`,
    `-Dopenhab.userdata=${join(folder, 'userdata')}`,
  ]
}

async function writeFiles(
  folder: string,
  classes: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const services = join(classes, 'META-INF', 'services')
  for (const path of [
    services,
    join(folder, 'conf', 'things'),
    join(folder, 'conf', 'items'),
    join(folder, 'userdata'),
  ])
    await mkdir(path, { recursive: true })
  await writeFile(join(services, 'org.osgi.framework.connect.FrameworkUtilHelper'), 'BundleOfClass\n')
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'conf', name), text)
}
