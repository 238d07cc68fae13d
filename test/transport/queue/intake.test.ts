import { expect, it } from 'vitest'
import { queueFrame, VirtualQueueBench } from '../../support/queue-bench.ts'

it('hands on what comes, with the time at which it came, and acknowledges it when it is settled', async () => {
  await using bench = await new VirtualQueueBench().up()
  bench.prompt = false
  await bench.clock.advance(5_000)
  bench.queue.last.hear(queueFrame('a'))
  bench.queue.last.hear(queueFrame('b'))
  expect(bench.ids).toEqual(['a', 'b'])
  expect(bench.taken[0]?.received.receivedMs).toBe(bench.clock.now())
  expect(bench.acks).toEqual([])
  bench.taken[1]?.settle()
  bench.taken[0]?.settle(false)
  expect(bench.acks).toEqual(['b', 'a'])
  expect(bench.consumer.counts).toMatchObject({ received: 2, acked: 2, settled: 1, dead: 1, pending: 0 })
  expect(bench.queue.last.sent[0]).toBe('{"messageId":"b"}')
})

it('a message that is settled twice is acknowledged once', async () => {
  await using bench = await new VirtualQueueBench().up()
  bench.queue.last.hear(queueFrame('a'))
  bench.taken[0]?.settle()
  bench.taken[0]?.settle(false)
  expect(bench.acks).toEqual(['a'])
})

it('what came in one piece with the answer to the handshake is not missed', async () => {
  const bench = new VirtualQueueBench()
  bench.queue.onOpen = (socket) => socket.hear(queueFrame('early'))
  await using up = await bench.up()
  expect(up.acks).toEqual(['early'])
})

it('duplicates are acknowledged and not handed on: settled ones at once, others with the first', async () => {
  await using bench = await new VirtualQueueBench().up()
  bench.prompt = false
  for (const id of ['a', 'a', 'b']) bench.queue.last.hear(queueFrame(id))
  bench.taken[1]?.settle()
  bench.queue.last.hear(queueFrame('b'))
  expect(bench.acks).toEqual(['b', 'b'])
  bench.taken[0]?.settle()
  expect(bench.acks).toEqual(['b', 'b', 'a', 'a'])
  expect(bench.ids).toEqual(['a', 'b'])
})

it('what is settled after its connection is gone is acknowledged where it comes again', async () => {
  await using bench = await new VirtualQueueBench().up()
  bench.prompt = false
  for (const id of ['a', 'b']) bench.queue.last.hear(queueFrame(id))
  const [first] = bench.queue.sockets
  bench.queue.last.drop()
  await bench.clock.advance(0)
  bench.taken[0]?.settle()
  await bench.clock.advance(2_000)
  for (const id of ['a', 'b']) bench.queue.last.hear(queueFrame(id))
  expect(bench.acks, 'a at once').toEqual(['a'])
  bench.taken[1]?.settle()
  expect(bench.acks).toEqual(['a', 'b'])
  expect(bench.ids, 'handed on once').toEqual(['a', 'b'])
  expect(first?.acks).toEqual([])
})

it('a sink that throws has its message given up, and the others go on', async () => {
  await using bench = await new VirtualQueueBench().up()
  bench.expectedDefects = 1
  bench.taken.push = () => {
    throw new Error('a defect')
  }
  bench.queue.last.hear(queueFrame('a'))
  bench.taken.push = Array.prototype.push
  bench.queue.last.hear(queueFrame('b'))
  expect(bench.acks).toEqual(['a', 'b'])
  expect(bench.reasons).toEqual(['bridge/internal'])
})

it('stops reading at 256 without an acknowledgement, and goes on as the queue has read those', async () => {
  await using bench = await new VirtualQueueBench().up()
  const { last } = bench.queue
  bench.prompt = false
  last.answers = false
  for (let i = 0; i < 255; i++) last.hear(queueFrame(`m${i}`))
  expect(last.paused).toBe(false)
  last.hear(queueFrame('m255'))
  expect(last.paused).toBe(true)
  // What was read already comes, and waits.
  for (let i = 256; i < 300; i++) last.hear(queueFrame(`m${i}`))
  expect(bench.taken).toHaveLength(256)
  expect(bench.consumer.counts.pending).toBe(300)
  for (let i = 0; i < 43; i++) bench.taken[i]?.settle()
  expect(bench.acks, 'acknowledged').toHaveLength(43)
  expect(bench.taken, 'and the queue may not have read any of it').toHaveLength(256)
  expect(last.paused, 'its answer has to be read').toBe(false)
  last.pong(last.marks[0] ?? '')
  expect(bench.taken).toHaveLength(256 + 32)
  for (let i = 43; i < 64; i++) bench.taken[i]?.settle()
  last.pong(last.marks[1] ?? '')
  expect(bench.taken).toHaveLength(300)
  expect(last.paused).toBe(false)
  expect(bench.ids).toEqual(Array.from({ length: 300 }, (_, i) => `m${i}`))
})

it('reads on for the answers of the queue, but not without end', async () => {
  await using bench = await new VirtualQueueBench().up()
  const { last } = bench.queue
  last.answers = false
  for (let i = 0; i < 256; i++) last.hear(queueFrame(`m${i}`))
  expect(bench.acks).toHaveLength(256)
  for (let i = 256; i < 256 + 1_023; i++) last.hear(queueFrame(`m${i}`))
  expect([bench.taken.length, last.paused]).toEqual([256, false])
  last.hear(queueFrame('m1279'))
  expect(last.paused).toBe(true)
  await bench.clock.advance(2_000)
  expect(bench.taken, 'one that never answers is believed').toHaveLength(1_280)
  expect([last.paused, last.over]).toEqual([false, undefined])
})

it('stops reading at 4 MiB', async () => {
  await using bench = await new VirtualQueueBench().up()
  bench.prompt = false
  for (let i = 0; i < 4; i++) bench.queue.last.hear(queueFrame(`m${i}`), 1024 * 1024)
  expect(bench.queue.last.paused).toBe(true)
  bench.taken[2]?.settle()
  expect(bench.queue.last.paused).toBe(false)
})

it('a queue that sends on although nobody reads is left', async () => {
  await using bench = await new VirtualQueueBench().up()
  bench.prompt = false
  for (let i = 0; i < 6_000; i++) bench.queue.last.hear(queueFrame(`m${i}`))
  expect(bench.queue.last.over).toBe('protocol')
  expect(bench.consumer.counts.received).toBeLessThan(5_000)
})

it('a queue that takes no acknowledgements is left', async () => {
  await using bench = await new VirtualQueueBench().up()
  bench.queue.last.unsentBytes = 1024 * 1024 + 1
  bench.queue.last.hear(queueFrame('a'))
  expect(bench.queue.last.over).toBe('timeout')
})

it('a wrong signature is counted, and refused only where that is wanted', async () => {
  for (const requireSign of [false, true]) {
    await using bench = await new VirtualQueueBench({ requireSign }).up()
    bench.queue.last.hear(queueFrame('a', 'unsigned'))
    bench.queue.last.hear(queueFrame('b'))
    expect(bench.consumer.badSigns).toBe(1)
    expect(bench.ids).toEqual(requireSign ? ['b'] : ['a', 'b'])
    expect(bench.reasons).toEqual(requireSign ? ['queue/sign'] : [])
    expect(bench.acks).toEqual(['a', 'b'])
  }
})
