import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Bytes that one process gave another over the loopback device. */
export interface Packet {
  /** When the kernel took them, in milliseconds. */
  readonly atMs: number
  readonly port: number
  readonly payload: Buffer
}

const nanosecondFile = 0xa1b23c4d
const ethernet = 1
const [fileHeaderBytes, recordHeaderBytes, ethernetBytes] = [24, 16, 14]
/** What is kept of each packet. */
const keptBytes = 400

/** Listens to the loopback device with tcpdump: its times are those of the wire, whatever keeps a process from looking. */
export class WireTap implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #file: string
  readonly #ended: Promise<unknown>

  private constructor(process: ChildProcess, file: string, ended: Promise<unknown>) {
    this.#process = process
    this.#file = file
    this.#ended = ended
  }

  /** Undefined where there is no tcpdump, or where it may not listen. */
  static async start(directory: string): Promise<WireTap | undefined> {
    const file = join(directory, '..', 'loopback.pcap')
    const how = ['-i', 'lo', '-B', '16384', '-s', String(keptBytes), '--time-stamp-precision=nano']
    const child = spawn('tcpdump', [...how, '-w', file, 'ip', 'and', 'tcp'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const ended = new Promise<false>((resolve) => {
      child.once('error', () => resolve(false)).once('exit', () => resolve(false))
    })
    const listens = new Promise<true>((resolve) => {
      child.stderr.on('data', (said) => {
        if (String(said).includes('listening on')) resolve(true)
      })
    })
    return (await Promise.race([listens, ended])) ? new WireTap(child, file, ended) : undefined
  }

  /** Ends it; gives everything that had content, in order. */
  async stop(): Promise<Packet[]> {
    await this[Symbol.asyncDispose]()
    return packetsOf(readFileSync(this.#file))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGINT')
    await this.#ended
  }
}

function packetsOf(capture: Buffer): Packet[] {
  if (capture.readUInt32LE(0) !== nanosecondFile || capture.readUInt32LE(20) !== ethernet)
    throw new Error('tcpdump wrote a file of another kind')
  const packets: Packet[] = []
  let at = fileHeaderBytes
  while (at + recordHeaderBytes <= capture.length) {
    const atMs = capture.readUInt32LE(at) * 1_000 + capture.readUInt32LE(at + 4) / 1_000_000
    const end = at + recordHeaderBytes + capture.readUInt32LE(at + 8)
    const packet = contentOf(capture.subarray(at + recordHeaderBytes + ethernetBytes, end))
    if (packet.payload.length > 0) packets.push({ atMs, ...packet })
    at = end
  }
  return packets
}

/** Of a packet of IPv4 and TCP. */
function contentOf(packet: Buffer): Pick<Packet, 'port' | 'payload'> {
  const tcp = packet.subarray((packet.readUInt8(0) & 15) * 4)
  return { port: tcp.readUInt16BE(2), payload: tcp.subarray((tcp.readUInt8(12) >> 4) * 4) }
}
