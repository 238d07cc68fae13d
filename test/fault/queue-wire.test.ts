import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createDeflateRaw } from 'node:zlib'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { encodePulsar, pulsarKeys } from '../../src/codec/queue/decode.ts'
import { encodeAck, encodeFrame } from '../../src/codec/queue/frame.ts'
import { FakeBroker } from '../support/fake-broker.ts'
import { numberedTopic } from '../support/queue-load.ts'
import { QueueServer, textFrame } from '../support/queue-server.ts'
import { demo } from '../support/simulator-desk.ts'
import { smallWorld } from '../support/small-world.ts'
import { VirtualHouse } from '../support/virtual-house.ts'

// The whole bridge between a queue over real sockets and a scripted broker, on a compressed clock.

let broker: FakeBroker
let server: QueueServer
let house: VirtualHouse

beforeEach(async () => {
  broker = await FakeBroker.open()
  server = await QueueServer.open()
})
afterEach(async () => {
  await house[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  await broker.stop()
})

async function open(queueBase: string): Promise<void> {
  house = await VirtualHouse.open({
    world: smallWorld(),
    brokerUrl: broker.url,
    queueBase,
    queue: { channel: 'pulsar' },
    config: { events: { stale: 'both' } } as never,
  })
  house.time.progress = () => broker.published.length + server.deliveries
}

const keys = pulsarKeys(smallWorld().project.accessSecret)

function frameOf(messageId: string, body: object): string {
  const t = house.time.clock.now()
  return encodeFrame(encodePulsar({ messageId, body, protocol: 43, t, publishTimeMs: null }, keys))
}

const numbered = (n: number) =>
  frameOf(`m${String(n).padStart(4, '0')}`, {
    bizCode: 'numbered',
    bizData: { n },
    ts: house.time.clock.now(),
  })

const seen = () =>
  broker
    .on(numberedTopic)
    .map((payload) => (JSON.parse(payload) as { data: { bizData: { n: number } } }).data.bizData.n)

const allAcked = () => house.time.until(() => server.open.length === 0, 300_000, 'the last acknowledgement')

/** A line that breaks after so many bytes in one direction, once. */
class BrittleLine implements AsyncDisposable {
  breaks: { readonly side: 'down' | 'up'; readonly after: number } | undefined
  broken = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  #to: string

  constructor(to: string) {
    this.#to = to
    this.#server = createServer((near) => {
      const far = new Socket().connect(Number(new URL(this.#to).port), '127.0.0.1')
      const { breaks } = this
      this.breaks = undefined
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.setNoDelay(true).on('error', () => {})
        socket.on('close', () => {
          near.destroy()
          far.destroy()
          this.#sockets.delete(socket)
        })
      }
      this.#carry(near, far, breaks?.side === 'up' ? breaks.after : Number.POSITIVE_INFINITY)
      this.#carry(far, near, breaks?.side === 'down' ? breaks.after : Number.POSITIVE_INFINITY)
    })
  }

  /** From now on it leads there. */
  turnTo(to: string): void {
    this.#to = to
  }

  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  #carry(from: Socket, to: Socket, bytes: number): void {
    let left = bytes
    from.on('data', (data) => {
      to.write(data.subarray(0, Math.min(left, data.length)))
      left -= data.length
      if (left > 0) return
      this.broken++
      to.end()
      from.destroy()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** Hundreds of connections, on a machine that may be busy with others. */
const long = { timeout: 900_000 }

describe('Q1: the line breaks', () => {
  /** The request and the answer of the handshake are longer than this with any address. */
  const [requestBytes, answerBytes] = [300, 129]

  it(
    'at every byte of a frame and of its acknowledgement, and of the handshake before: nothing is lost or doubled',
    long,
    async () => {
      await using line = new BrittleLine(server.base)
      await open(await line.open())
      await house.hears()
      const [frame, ack] = [textFrame(numbered(0)).length, textFrame(encodeAck('m0000')).length + 4]
      const down = [...Array(answerBytes + frame).keys()].filter((n) => n > answerBytes - 20 || n % 16 === 0)
      const up = [...Array(2 * requestBytes + ack).keys()].filter((n) => n > requestBytes || n % 16 === 0)
      const cuts = [
        ...down.map((n) => ({ side: 'down', after: n + 1 }) as const),
        ...up.map((n) => ({ side: 'up', after: n + 1 }) as const),
      ]
      for (const [n, cut] of cuts.entries()) {
        line.breaks = cut
        // The connection of before ends, and the next one is the brittle one.
        server.connections.at(-1)?.raw.destroy()
        server.publish(`m${String(n).padStart(4, '0')}`, numbered(n))
        await allAcked()
      }
      expect(line.broken).toBeGreaterThan(frame + ack)
      expect(seen()).toEqual(cuts.map((_, n) => n))
      expect(server.strange).toEqual([])
      expect(broker.on('tuya/bridge/deadletter')).toEqual([])
    },
  )

  it('in frames of each kind', long, async () => {
    await using line = new BrittleLine(server.base)
    await open(await line.open())
    await house.hears()
    const t = house.time.clock.now()
    const bodies = [
      { devId: demo.plug, productKey: 'p', status: [{ code: 'switch_1', t, value: true }] },
      { devId: demo.plug, bizCode: 'offline', bizData: { time: t }, ts: t },
      { devId: demo.plug, bizCode: 'nameUpdate', bizData: { devId: demo.plug, name: 'Küche' }, ts: t },
      { bizCode: 'automationExternalAction', automationId: 'a1', bizData: { action: 'x' }, ts: t },
      { bizCode: 'sceneExecute', gid: 1, bizData: { id: 's1', name: 'Night' }, actions: [], ts: t },
      { bizCode: 'never heard of', bizData: { a: 1 }, ts: t },
    ]
    for (const [n, body] of bodies.entries()) {
      const text = frameOf(`k${n}`, body)
      for (const part of [0.1, 0.5, 0.9]) {
        line.breaks = { side: 'down', after: answerBytes + Math.round(part * text.length) }
        server.connections.at(-1)?.raw.destroy()
        server.publish(`k${n}.${part}`, frameOf(`k${n}.${part}`, body))
        await allAcked()
      }
    }
    expect(line.broken).toBe(bodies.length * 3)
    expect(broker.on('tuya/bridge/deadletter')).toEqual([])
    expect(server.strange).toEqual([])
  })
})

/** RFC 6455, section 4.2.2. */
const acceptOf = (key: string) =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

describe('Q10: a server that compresses although nobody asked for it', () => {
  let bomb: Buffer

  /** A hundred MiB of blanks, never in one piece in here either. */
  beforeAll(async () => {
    const deflate = createDeflateRaw({ level: 9 })
    const mebi = Buffer.alloc(1024 * 1024, 0x20)
    Readable.from(Array(100).fill(mebi)).pipe(deflate)
    bomb = await buffer(deflate)
  })

  /** A text frame with the flag of a compressed message. */
  function compressed(): Buffer {
    const head = Buffer.alloc(10)
    head[0] = 0xc1
    head[1] = 127
    head.writeBigUInt64BE(BigInt(bomb.length), 2)
    return Buffer.concat([head, bomb])
  }

  it.each([
    ['it says so in the handshake', 'permessage-deflate'],
    ['it does not even say so', undefined],
  ])('%s: nothing is inflated, and a sound one is heard afterwards', long, async (_name, extension) => {
    let visits = 0
    const hostile = createHttpServer().on('upgrade', (request, socket) => {
      visits++
      socket.on('error', () => {})
      const answer = [
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Accept: ${acceptOf(String(request.headers['sec-websocket-key']))}`,
        ...(extension ? [`Sec-WebSocket-Extensions: ${extension}`] : []),
      ]
      socket.write(`${answer.join('\r\n')}\r\n\r\n`)
      socket.write(compressed())
    })
    hostile.listen(0, '127.0.0.1')
    await once(hostile, 'listening')
    await using line = new BrittleLine(server.base)
    await open(await line.open())
    await house.hears()
    line.turnTo(`ws://127.0.0.1:${(hostile.address() as AddressInfo).port}/`)
    const before = process.memoryUsage.rss()
    let most = 0
    server.connections.at(-1)?.raw.destroy()
    const isEnough = () => {
      most = Math.max(most, process.memoryUsage.rss() - before)
      return visits >= 5
    }
    await house.time.until(isEnough, 600_000, 'five visits')
    expect(house.bridge.health.links.queue.state).toBe('down')
    // One inflated message alone would be 100 MiB; the rest is what the bridge does meanwhile.
    expect(most).toBeLessThanOrEqual(16 * 1024 * 1024)
    line.turnTo(server.base)
    hostile.closeAllConnections()
    hostile.close()
    server.publish('m0000', numbered(0))
    await allAcked()
    expect(seen()).toEqual([0])
  })
})
