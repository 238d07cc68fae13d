import { type ChildProcess, spawn } from 'node:child_process'

/** Sends as much as it is told to, in portions of five milliseconds, from a process of its own. */
const script = `
const { createSocket } = require('node:dgram')
const { port, perSecond, datagrams } = JSON.parse(process.argv[1])
const bytes = datagrams.map((text) => Buffer.from(text, 'hex'))
const socket = createSocket('udp4')
socket.on('error', () => {})
let sent = 0
const startedAt = performance.now()
const turn = () => {
  const due = ((performance.now() - startedAt) / 1000) * perSecond
  for (; sent < due; sent++) socket.send(bytes[sent % bytes.length])
  setTimeout(turn, 5)
}
socket.bind(0, '127.0.0.9', () => socket.connect(port, '127.0.0.1', turn))
process.on('SIGTERM', () => {
  process.stdout.write(String(sent))
  process.exit(0)
})
`

/** Somebody on the LAN who sends without end. */
export class UdpFlood {
  readonly #child: ChildProcess
  readonly #startedAt = performance.now()
  #said = ''

  constructor(port: number, perSecond: number, datagrams: readonly Buffer[]) {
    const given = { port, perSecond, datagrams: datagrams.map((datagram) => datagram.toString('hex')) }
    this.#child = spawn(process.execPath, ['-e', script, JSON.stringify(given)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child.stdout?.on('data', (chunk) => {
      this.#said += chunk
    })
  }

  /** Ends it; how many datagrams it sent in a second. */
  async stop(): Promise<number> {
    this.#child.kill('SIGTERM')
    const seconds = (performance.now() - this.#startedAt) / 1_000
    await new Promise((resolve) => this.#child.once('close', resolve))
    return Number(this.#said) / seconds
  }
}
