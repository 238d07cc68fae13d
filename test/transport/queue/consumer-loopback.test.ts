import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { createDecoder, encodePulsar, pulsarKeys } from '../../../src/codec/queue/decode.ts'
import { encodeFrame } from '../../../src/codec/queue/frame.ts'
import { wsOpener } from '../../../src/transport/queue/ws-socket.ts'
import { QueueBench, queueAccess } from '../../support/queue-bench.ts'
import { QueueServer, textFrame } from '../../support/queue-server.ts'
import { queueVectors } from '../../support/queue-vector.ts'
import { CompressedTime } from '../../support/time.ts'
import { until } from '../../support/until.ts'

const accessKey = queueAccess.accessKey.reveal()
const keys = pulsarKeys(accessKey)

/** A frame as the platform makes it, encrypted and signed; the message's bizCode is its id. */
function frameOf(id: string, body: object = {}): string {
  const letter = { messageId: id, protocol: 20, t: 1_767_225_600_000, publishTimeMs: null }
  return encodeFrame(encodePulsar({ ...letter, body: { ...body, bizCode: id, ts: 1_767_225_600_000 } }, keys))
}

/** The consumer with codec, library and loopback; its timers run on a clock that does not wait. */
class Bench extends QueueBench implements AsyncDisposable {
  readonly time: CompressedTime
  readonly server: QueueServer

  private constructor(server: QueueServer, time: CompressedTime, key: string) {
    const decoder = createDecoder({ accessKey: key })
    super({
      clock: time.clock,
      open: wsOpener({ insecure: false }, time.clock),
      base: server.base,
      decode: (frame, receivedMs) => decoder.decode(frame, receivedMs),
    })
    this.server = server
    this.time = time
    time.progress = () => this.consumer.counts.received + this.consumer.counts.acked
  }

  static async up(key = accessKey): Promise<Bench> {
    const bench = new Bench(await QueueServer.open(), new CompressedTime(), key)
    benches.push(bench)
    bench.consumer.start()
    await bench.time.until(() => bench.consumer.health.state === 'up', 1_000, 'the connection')
    return bench
  }

  /** Everything that was published is acknowledged. */
  allAcked(withinMs: number): Promise<number> {
    return this.time.until(() => this.server.open.length === 0, withinMs, 'the last acknowledgement')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.time.clock.during(this.consumer[Symbol.asyncDispose]())
    await this.server[Symbol.asyncDispose]()
  }
}

const benches: Bench[] = []
afterEach(async () => {
  for (const bench of benches.splice(0)) {
    await bench[Symbol.asyncDispose]()
    expect(bench.balance).toBe(0)
    expect(bench.server.strange, 'nothing but acknowledgements was ever sent').toEqual([])
  }
})

it('five thousand at once are acknowledged once each, and never more than 256 are under way', async () => {
  const bench = await Bench.up()
  bench.prompt = false
  let most = 0
  let open = 0
  bench.taken.push = (one) => {
    most = Math.max(most, ++open)
    setImmediate(() => {
      open--
      one.settle()
    })
    return 0
  }
  for (let i = 0; i < 5_000; i++) bench.server.publish(`m${i}`, frameOf(`m${i}`))
  await bench.allAcked(9_000)
  expect(most).toBeLessThanOrEqual(256)
  expect(most, 'and not one by one').toBeGreaterThan(20)
  expect(bench.server.messages.every(({ acks }) => acks === 1)).toBe(true)
  expect(bench.consumer.counts).toMatchObject({ received: 5_000, settled: 5_000, acked: 5_000, duplicate: 0 })
})

it('a queue that does not read its acknowledgements has no more than 256 to bring again', async () => {
  const bench = await Bench.up()
  const raw = bench.server.connections[0]?.raw
  raw?.pause()
  for (let i = 0; i < 1_000; i++) bench.server.publish(`m${i}`, frameOf(`m${i}`))
  await until(() => bench.consumer.counts.acked === 256)
  await sleep(100)
  expect(bench.server.open, 'it has read none').toHaveLength(1_000)
  expect(bench.taken, 'so many would come twice').toHaveLength(256)
  raw?.resume()
  await until(() => bench.server.open.length === 0)
  expect(bench.server.messages.every(({ acks }) => acks === 1)).toBe(true)
})

it('a queue that answers no ping gets its acknowledgements all the same, after two seconds the first time', async () => {
  const bench = await Bench.up()
  bench.server.answers = false
  for (let i = 0; i < 1_000; i++) bench.server.publish(`m${i}`, frameOf(`m${i}`))
  await bench.allAcked(3_000)
  expect(bench.server.messages.every(({ acks }) => acks === 1)).toBe(true)
  expect(bench.server.connections, 'on one connection').toHaveLength(1)
})

it('each golden frame is acknowledged with its own id, the broken ones after a success', async () => {
  const vectors = queueVectors('pulsar')
  const key = vectors[0]?.given.accessKey
  const bench = await Bench.up(key)
  // A frame without an id cannot be acknowledged; it has tests of its own.
  const known = vectors.filter(({ given, expect: { messageId } }) => given.accessKey === key && messageId)
  expect(known.length).toBeGreaterThan(5)
  for (const {
    given,
    expect: { messageId },
  } of known)
    bench.server.publish(messageId, given.frame)
  await bench.allAcked(1_000)
  const broken = known.filter(({ expect: { result } }) => result === 'error')
  expect(bench.dead).toHaveLength(broken.length)
  expect(bench.taken).toHaveLength(known.length - broken.length)
  expect(bench.taken.every(({ received }) => received.message.kind.length > 0)).toBe(true)
})

it('a connection that is cut at any byte of a frame loses nothing and doubles nothing', async () => {
  const bench = await Bench.up()
  const bytes = textFrame(frameOf('cut'))
  const offsets = Array.from({ length: 24 }, (_, i) => Math.round((i * (bytes.length - 1)) / 23))
  for (const [n, offset] of offsets.entries()) {
    let cut = false
    bench.server.deliver = (raw, text) => {
      if (cut) return false
      cut = true
      raw.write(textFrame(text).subarray(0, offset))
      raw.end()
      return true
    }
    bench.server.publish(`cut${n}`, frameOf(`cut${n}`))
    await bench.allAcked(60_000)
  }
  expect(bench.server.connections).toHaveLength(offsets.length + 1)
  expect(bench.taken.map(({ received }) => received.message.bizCode)).toEqual(
    offsets.map((_, n) => `cut${n}`),
  )
})

it('a queue that still reads but answers nothing is left within 40 s', async () => {
  const bench = await Bench.up()
  bench.server.answers = false
  const ms = await bench.time.until(() => bench.server.connections.length === 2, 45_000, 'another connection')
  expect(ms).toBeGreaterThanOrEqual(40_000)
  expect(Object.fromEntries(bench.consumer.reconnects)).toEqual({ timeout: 1 })
})

it('a queue that stands still is left, and what waited in our socket is no reason to wait for it', async () => {
  const bench = await Bench.up()
  bench.server.connections[0]?.raw.pause()
  await bench.time.until(() => bench.server.connections.length === 2, 45_000, 'another connection')
  bench.server.publish('after', frameOf('after'))
  await bench.allAcked(1_000)
})

it('a frame that comes byte by byte for ever is not waited for', async () => {
  const bench = await Bench.up()
  const raw = bench.server.connections[0]?.raw
  raw?.write(textFrame(frameOf('drip')).subarray(0, 8))
  const drip = setInterval(() => raw?.write('A'), 1)
  await bench.time.until(() => bench.server.connections.length === 2, 45_000, 'another connection')
  clearInterval(drip)
  expect(bench.taken).toEqual([])
})

it('a message over 1 MiB delays the others by one connection, and is acknowledged unopened', async () => {
  const bench = await Bench.up()
  bench.server.publish('before', frameOf('before'))
  bench.server.publish('huge', frameOf('huge', { filler: 'x'.repeat(900_000) }))
  for (let i = 0; i < 10; i++) bench.server.publish(`m${i}`, frameOf(`m${i}`))
  await bench.allAcked(5_000)
  expect(bench.server.connections).toHaveLength(2)
  expect(bench.reasons).toEqual(['queue/too-large'])
  expect(bench.taken).toHaveLength(11)
})

it('garbage between messages is dead, the messages go on', async () => {
  const bench = await Bench.up()
  bench.server.publish('before', frameOf('before'))
  bench.server.connections[0]?.socket.send('garbage')
  bench.server.connections[0]?.socket.send(Buffer.from([0, 1, 2]), { binary: true })
  bench.server.publish('after', frameOf('after'))
  await bench.allAcked(1_000)
  expect(bench.reasons).toEqual(['queue/frame-json', 'queue/frame-json'])
})

it('after a late acknowledgement everything comes again, and is acknowledged as often as it came', async () => {
  const bench = await Bench.up()
  bench.prompt = false
  for (let i = 0; i < 20; i++) bench.server.publish(`m${i}`, frameOf(`m${i}`))
  await bench.time.until(() => bench.taken.length === 20, 1_000, 'the messages')
  bench.server.resend()
  await bench.time.until(() => bench.consumer.counts.duplicate === 20, 1_000, 'the duplicates')
  for (const one of bench.taken) one.settle()
  await bench.allAcked(1_000)
  expect(bench.server.messages.every(({ acks }) => acks === 2)).toBe(true)
  expect(bench.server.deliveries).toBe(bench.consumer.counts.acked)
  expect(bench.taken).toHaveLength(20)
})

it('with the wrong key nothing is acknowledged, and nothing is lost for those who have the right one', async () => {
  const wrong = await Bench.up('ffffffffffffffffffffffffffffffff')
  for (let i = 0; i < 20; i++) wrong.server.publish(`m${i}`, frameOf(`m${i}`))
  await wrong.time.until(() => wrong.consumer.health.reason === 'key-mismatch', 60_000, 'the verdict')
  await wrong.time.pass(900_000)
  expect(wrong.server.connections.length).toBeLessThan(8)
  expect(wrong.server.open).toHaveLength(20)
  expect(wrong.taken).toEqual([])
})
