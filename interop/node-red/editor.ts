import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import WebSocket from 'ws'
import { Folder } from '../../test/support/folder.ts'
import { freePort } from '../../test/support/process.ts'
import { until } from '../../test/support/until.ts'
import { Child } from '../child.ts'

const program = fileURLToPath(new URL('../node_modules/node-red/red.js', import.meta.url))

export type FlowNode = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string }

/** What a debug node showed. */
export interface Shown {
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: a document of the contract, of whatever shape
  readonly value: any
}

/** Node-RED as it is published, in a folder of its own, on a free port of loopback. */
export class NodeRed implements AsyncDisposable {
  readonly shown: Shown[] = []
  readonly #folder: Folder
  readonly #port: number
  #child: Child
  #socket: WebSocket | undefined

  private constructor(folder: Folder, port: number) {
    this.#folder = folder
    this.#port = port
    this.#child = this.#spawn()
  }

  static async start(): Promise<NodeRed> {
    const folder = new Folder()
    writeFileSync(folder.file('settings.js'), settings)
    const editor = new NodeRed(folder, await freePort())
    await editor.#started()
    return editor
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get log(): string {
    return this.#child.out + this.#child.err
  }

  /** Lines of the log that say that something is wrong. */
  get complaints(): string[] {
    return this.log.split('\n').filter((line) => /\[(error|fatal)\]|missing types|unknown: /i.test(line))
  }

  /** Deploys these flows and no others, as the editor does; waits until all connections are up. */
  async deploy(nodes: readonly FlowNode[]): Promise<void> {
    const before = this.log.length
    const reply = await fetch(`${this.url}/flows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(nodes),
    })
    if (!reply.ok) throw new Error(`the editor refused the flows: ${reply.status} ${await reply.text()}`)
    const brokers = nodes.filter(({ type }) => type === 'mqtt-broker').length
    await this.#connected(before, brokers)
  }

  /** What is deployed now. */
  async flows(): Promise<readonly FlowNode[]> {
    return (await (await fetch(`${this.url}/flows`)).json()) as readonly FlowNode[]
  }

  /** Presses the button of an inject node. */
  async press(id: string): Promise<void> {
    const reply = await fetch(`${this.url}/inject/${id}`, { method: 'POST' })
    if (!reply.ok) throw new Error(`the button ${id} cannot be pressed: ${reply.status}`)
  }

  /** The next thing that the debug node of that name shows after `act`. */
  async shows(
    name: string,
    act: () => Promise<unknown> | unknown,
    withinMs = 10_000,
  ): Promise<Shown['value']> {
    const before = this.shown.length
    const next = () => this.shown.slice(before).find((shown) => shown.name === name)
    await act()
    return (await until(next, withinMs, `something on the debug node "${name}"`)).value
  }

  /** Ends and begins again with the flows that were deployed. */
  async restart(): Promise<void> {
    this.#socket?.terminate()
    await this.#child.stop()
    this.#child = this.#spawn()
    await this.#started()
    const brokers = (await this.flows()).filter(({ type }) => type === 'mqtt-broker').length
    await this.#connected(0, brokers)
  }

  #spawn(): Child {
    const { path } = this.#folder
    return new Child(process.execPath, [
      program,
      '-u',
      path,
      '-s',
      `${path}/settings.js`,
      '-p',
      `${this.#port}`,
    ])
  }

  async #started(): Promise<void> {
    await until(() => this.log.includes('Started flows') || !this.#child.running, 120_000, 'Node-RED')
    if (!this.#child.running) throw new Error(`Node-RED ended:\n${this.log}`)
    await this.#listen()
  }

  async #connected(after: number, brokers: number): Promise<void> {
    const made = () => this.log.slice(after).split('Connected to broker').length - 1
    await until(() => made() >= brokers, 20_000, `${brokers} connections of Node-RED`)
  }

  /** The editor's own channel, on which debug nodes show what they are given. */
  async #listen(): Promise<void> {
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/comms`)
    this.#socket = socket
    socket.on('message', (data) => {
      const told = JSON.parse(String(data)) as {
        topic?: string
        data?: { name?: string; msg?: string; format?: string }
      }[]
      for (const { topic, data: said } of Array.isArray(told) ? told : [told])
        if (topic === 'debug' && said) this.shown.push({ name: said.name ?? '', value: shownValue(said) })
    })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    socket.send(JSON.stringify({ subscribe: 'debug' }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket?.terminate()
    await this.#child[Symbol.asyncDispose]()
    this.#folder[Symbol.dispose]()
  }
}

const settings = `module.exports = {
  flowFile: 'flows.json',
  uiHost: '127.0.0.1',
  credentialSecret: 'of-no-matter',
  telemetry: { enabled: false, updateNotification: false },
  logging: { console: { level: 'info' } },
}
`

/** Objects are shown as text. */
function shownValue({ msg = '', format = '' }: { msg?: string; format?: string }): unknown {
  return /^(Object|array|boolean|number)/i.test(format) ? JSON.parse(msg) : msg
}

/** A flow as it comes with the project, with another broker and nothing else changed. */
export function flowFile(
  path: string,
  broker: { readonly port: number; readonly version: 4 | 5 },
): FlowNode[] {
  return readdressed(JSON.parse(readFileSync(path, 'utf8')) as FlowNode[], broker)
}

export function readdressed(
  nodes: readonly FlowNode[],
  { port, version }: { readonly port: number; readonly version: 4 | 5 },
): FlowNode[] {
  return nodes.map((node) =>
    node.type === 'mqtt-broker' ? { ...node, port: String(port), protocolVersion: String(version) } : node,
  )
}
