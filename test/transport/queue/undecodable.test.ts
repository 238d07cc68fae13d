import { expect, it } from 'vitest'
import { queueFrame, VirtualQueueBench } from '../../support/queue-bench.ts'

it('after a success what cannot be read is dead: told, counted by reason and acknowledged', async () => {
  await using bench = await new VirtualQueueBench().up()
  bench.queue.last.hear(queueFrame('good'))
  bench.expectedDefects = 1
  const bad = ['decrypt', 'body_json', 'payload_json', 'data_length', 'unsupported_encryption', 'defect']
  for (const fault of bad) bench.queue.last.hear(queueFrame(fault, fault))
  bench.queue.last.hear(queueFrame('better'))
  expect(bench.acks).toEqual(['good', ...bad, 'better'])
  expect(bench.ids).toEqual(['good', 'better'])
  expect(Object.fromEntries(bench.consumer.deadByReason)).toEqual({
    'queue/decrypt': 1,
    'queue/body-json': 1,
    'queue/payload-json': 1,
    'queue/data-length': 1,
    'queue/unsupported-encryption': 1,
    'bridge/internal': 1,
  })
  expect(bench.dead[0]).toEqual({
    timeMs: bench.clock.now(),
    reason: 'queue/decrypt',
    bytes: queueFrame('decrypt', 'decrypt').length,
    hash: expect.stringMatching(/^[0-9a-f]{16}$/),
  })
})

it('a broken envelope is dead at once: no key would mend it', async () => {
  await using bench = await new VirtualQueueBench().up()
  for (let i = 0; i < 9; i++) bench.queue.last.hear(queueFrame(`bad${i}`, 'data_length'))
  expect(bench.acks).toHaveLength(9)
  expect(bench.state).toBe('up')
})

it('what cannot be decrypted waits for a success, and is dead then', async () => {
  await using bench = await new VirtualQueueBench().up()
  for (let i = 0; i < 4; i++) bench.queue.last.hear(queueFrame(`bad${i}`, 'decrypt'))
  bench.queue.last.hear(queueFrame('bad0', 'decrypt'))
  await bench.clock.advance(9_000)
  expect(bench.acks).toEqual([])
  expect(bench.consumer.counts).toMatchObject({ pending: 4, duplicate: 1 })
  bench.queue.last.hear(queueFrame('good'))
  expect(bench.acks, 'each frame of it').toEqual(['bad0', 'bad0', 'bad1', 'bad2', 'bad3', 'good'])
  expect(bench.reasons).toEqual(Array(4).fill('queue/decrypt'))
})

it('at the fifth the connection ends with nothing acknowledged, the key is told wrong and tried every 5 min', async () => {
  await using bench = await new VirtualQueueBench().up()
  for (let i = 0; i < 6; i++) bench.queue.last.hear(queueFrame(`bad${i}`, 'decrypt'))
  expect(bench.queue.last.over).toBe('undecodable')
  await bench.clock.advance(0)
  expect(bench.state).toBe('down key-mismatch')
  expect(bench.acks).toEqual([])
  expect(bench.consumer.counts).toMatchObject({ received: 5, shed: 5, acked: 0, pending: 0 })
  await bench.clock.advance(299_000)
  expect(bench.queue.sockets).toHaveLength(1)
  await bench.clock.advance(1_000)
  expect(bench.queue.sockets).toHaveLength(2)
  expect(bench.state, 'nothing has decoded yet').toBe('degraded key-mismatch')
})

/** Bad messages at the head of a queue that sends everything again, and what stands behind them. */
async function withBadHead(bad: number, ...behind: string[]): Promise<VirtualQueueBench> {
  const bench = new VirtualQueueBench()
  bench.queue.onOpen = (socket) => {
    const left = (id: string) => !bench.queue.sockets.some(({ acks }) => acks.includes(id))
    const heard = [...Array(bad).keys()].map((i) => queueFrame(`bad${i}`, 'decrypt', 1_000 + i))
    for (const [i, frame] of heard.entries()) if (left(`bad${i}`) && !socket.over) socket.hear(frame)
    for (const frame of behind) if (!socket.over) socket.hear(frame)
  }
  return await bench.up()
}

it('five bad messages at the head: looked behind at the next try, where a good one proves the key', async () => {
  await using bench = await withBadHead(7, queueFrame('good', 'ok', 2_000))
  await bench.clock.advance(0)
  expect(bench.state).toBe('down key-mismatch')
  await bench.clock.advance(300_000)
  expect(bench.queue.sockets).toHaveLength(2)
  expect(bench.acks).toEqual([...Array(7).keys()].map((i) => `bad${i}`).concat('good'))
  expect(bench.reasons).toEqual(Array(7).fill('queue/decrypt'))
  expect(bench.state).toBe('up')
})

it('as many as the window holds are looked behind, and with nothing good among them nothing is acknowledged', async () => {
  await using bench = await withBadHead(400, queueFrame('good', 'ok', 2_000))
  for (let i = 0; i < 6; i++) await bench.clock.advance(300_000)
  expect(bench.queue.sockets.length).toBeGreaterThan(4)
  expect(bench.queue.sockets.flatMap(({ acks }) => acks)).toEqual([])
  expect(bench.state).toMatch(/key-mismatch$/)
  expect(bench.dead).toEqual([])
})

it('what was published after the good one may have a newer key: it is held, and left to the queue', async () => {
  await using bench = await withBadHead(7, queueFrame('good', 'ok', 1_003))
  await bench.clock.advance(300_000)
  expect(bench.queue.last.acks).toEqual(['bad0', 'bad1', 'bad2', 'bad3', 'good'])
  await bench.clock.advance(10_000)
  expect(bench.queue.sockets[1]?.over).toBe('undecodable')
  expect(bench.reasons).toHaveLength(4)
})

it('a wrong key is found out at one message a minute as well, and nothing of it is acknowledged', async () => {
  await using bench = await new VirtualQueueBench().up()
  const minutes: string[] = []
  let n = 0
  bench.queue.onOpen = (socket) => {
    // The queue sends again whatever was not acknowledged.
    for (let i = 0; i <= n; i++) socket.hear(queueFrame(`bad${i}`, 'decrypt'))
  }
  bench.queue.last.hear(queueFrame('bad0', 'decrypt'))
  for (; n < 10; n++) {
    await bench.clock.advance(60_000)
    bench.queue.last.hear(queueFrame(`bad${n + 1}`, 'decrypt'))
    minutes.push(bench.state)
  }
  expect(
    minutes.slice(1).every((state) => state.endsWith('key-mismatch')),
    minutes.join(),
  ).toBe(true)
  expect(bench.queue.sockets.flatMap(({ acks }) => acks)).toEqual([])
  expect(bench.dead).toEqual([])
})

it('a single message that cannot be decrypted ends three connections at 10 s each, then the key is told wrong', async () => {
  await using bench = new VirtualQueueBench()
  bench.queue.onOpen = (socket) => socket.hear(queueFrame('bad', 'decrypt'))
  await bench.up()
  await bench.clock.advance(9_999)
  expect(bench.queue.last.over).toBeUndefined()
  await bench.clock.advance(1)
  expect(bench.queue.last.over).toBe('undecodable')
  expect(bench.state).toBe('down undecodable')
  await bench.clock.advance(40_000)
  expect(bench.queue.sockets).toHaveLength(3)
  expect(bench.state).toBe('down key-mismatch')
  // The next message is a good one.
  bench.queue.onOpen = (socket) => {
    socket.hear(queueFrame('bad', 'decrypt'))
    socket.hear(queueFrame('good'))
  }
  await bench.clock.advance(300_000)
  expect(bench.acks).toEqual(['bad', 'good'])
  expect(bench.state).toBe('up')
})

it('a frame that tells no id is dead, does not delay the others, and ends the connection at 10 s', async () => {
  await using bench = await new VirtualQueueBench().up()
  bench.queue.last.hear('garbage')
  bench.queue.last.hear('')
  bench.queue.last.hear(queueFrame('good'))
  expect(bench.acks).toEqual(['good'])
  expect(bench.consumer.counts).toMatchObject({ received: 3, dead: 2, settled: 1, pending: 0 })
  await bench.clock.advance(9_999)
  expect(bench.queue.last.over).toBeUndefined()
  await bench.clock.advance(1)
  expect(bench.queue.last.over).toBe('busy')
})

it('a frame that is broken but tells its id is dead and acknowledged', async () => {
  await using bench = await new VirtualQueueBench().up()
  bench.queue.last.hear('{"messageId":"x","payload":7}')
  expect(bench.acks).toEqual(['x'])
  expect(bench.reasons).toEqual(['queue/frame-json'])
})

it('a message over 1 MiB ends the connection; the next one reads it and acknowledges it unopened', async () => {
  await using bench = await new VirtualQueueBench().up()
  expect(bench.queue.asked[0]?.largestMessage).toBe(1024 * 1024)
  bench.queue.last.drop('too-large')
  await bench.clock.advance(2_000)
  expect(bench.queue.asked[1]?.largestMessage).toBe(8 * 1024 * 1024)
  bench.queue.last.hear(queueFrame('good'))
  bench.queue.last.hear(queueFrame('huge', 'x'.repeat(1024 * 1024)))
  bench.queue.last.hear('x'.repeat(1024 * 1024 + 1))
  expect(bench.acks).toEqual(['good', 'huge'])
  expect(bench.reasons).toEqual(['queue/too-large', 'queue/too-large'])
  await bench.again()
  expect(bench.queue.asked[2]?.largestMessage).toBe(1024 * 1024)
})
