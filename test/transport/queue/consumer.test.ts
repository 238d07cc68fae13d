import { expect, it } from 'vitest'
import { refusal } from '../../../src/transport/queue/link-error.ts'
import { queueFrame, VirtualQueueBench } from '../../support/queue-bench.ts'

it('after 10 s without an acknowledgement it leaves, and comes back when the outbox is empty', async () => {
  await using bench = await new VirtualQueueBench().up()
  bench.prompt = false
  bench.outboxEmpty = false
  bench.queue.last.hear(queueFrame('a'))
  await bench.clock.advance(6_000)
  bench.queue.last.hear(queueFrame('b'))
  bench.taken[0]?.settle()
  await bench.clock.advance(9_999)
  expect(bench.queue.last.over).toBeUndefined()
  await bench.clock.advance(1)
  expect(bench.queue.last.over).toBe('busy')
  await bench.clock.advance(30_000)
  expect(bench.state).toBe('down busy')
  expect(bench.queue.sockets).toHaveLength(1)
  bench.taken[1]?.settle()
  bench.outboxEmpty = true
  await bench.clock.advance(250)
  expect(bench.queue.sockets).toHaveLength(2)
  bench.queue.last.hear(queueFrame('b'))
  expect(bench.acks).toEqual(['b'])
  expect(bench.consumer.counts).toMatchObject({ received: 3, settled: 2, duplicate: 1 })
})

it('with the broker down for 10 s it leaves, and comes back with the broker and an empty outbox', async () => {
  await using bench = await new VirtualQueueBench().up()
  await bench.clock.advance(1_000)
  bench.brokerUp = false
  await bench.clock.advance(9_000)
  bench.brokerUp = true
  await bench.clock.advance(1_000)
  bench.brokerUp = false
  await bench.clock.advance(10_000)
  expect(bench.queue.last.over, 'it was back meanwhile').toBeUndefined()
  await bench.clock.advance(1_000)
  expect(bench.queue.last.over).toBe('broker-down')
  await bench.clock.advance(60_000)
  expect(bench.state).toBe('down broker-down')
  bench.brokerUp = true
  bench.outboxEmpty = false
  await bench.clock.advance(60_000)
  expect(bench.queue.sockets).toHaveLength(1)
  bench.outboxEmpty = true
  await bench.clock.advance(250)
  expect(bench.queue.sockets).toHaveLength(2)
})

it('at the start it waits for the broker, not for its outbox', async () => {
  const bench = new VirtualQueueBench()
  bench.brokerUp = false
  bench.outboxEmpty = false
  await using up = await bench.up()
  await up.clock.advance(60_000)
  expect([up.queue.asked.length, up.state]).toEqual([0, 'down broker-down'])
  bench.brokerUp = true
  await up.clock.advance(250)
  expect(up.state).toBe('up')
})

it('a half-open connection is found within 40 s and replaced', async () => {
  await using bench = await new VirtualQueueBench().up()
  bench.queue.last.answers = false
  await bench.clock.advance(39_999)
  expect([bench.queue.last.pings, bench.queue.last.over]).toEqual([1, undefined])
  await bench.clock.advance(1)
  expect(bench.queue.sockets[0]?.over).toBe('timeout')
  await bench.clock.advance(2_000)
  expect(bench.queue.sockets).toHaveLength(2)
  expect(Object.fromEntries(bench.consumer.reconnects)).toEqual({ timeout: 1 })
})

it('answers and pings of the queue keep the connection', async () => {
  await using bench = await new VirtualQueueBench().up()
  await bench.clock.advance(600_000)
  bench.queue.last.answers = false
  for (let i = 0; i < 20; i++) {
    await bench.clock.advance(35_000)
    bench.queue.last.sign()
  }
  expect(bench.queue.sockets).toHaveLength(1)
})

it('tries for ever, at most a minute apart', async () => {
  await using bench = new VirtualQueueBench()
  bench.queue.prepare = () => {
    throw new Error('no route')
  }
  await bench.up()
  await bench.clock.advance(4 * 3_600_000)
  expect(bench.queue.asked.length).toBeGreaterThan(200)
  bench.queue.prepare = () => {}
  await bench.clock.advance(60_000)
  expect(bench.state).toBe('up')
})

it('wrong credentials are told, and tried again at most every ten minutes', async () => {
  await using bench = new VirtualQueueBench()
  bench.queue.prepare = () => {
    throw refusal(401, undefined)
  }
  await bench.up()
  expect(bench.state).toBe('down credentials')
  await bench.clock.advance(4 * 3_600_000)
  const since = bench.queue.asked.length
  await bench.clock.advance(3_600_000)
  expect(bench.queue.asked.length - since).toBeLessThanOrEqual(12)
  expect(bench.queue.asked.length - since).toBeGreaterThanOrEqual(6)
  expect(bench.healths.map(({ reason }) => reason)).toEqual(['connecting', 'credentials'])
})

it('after a minute without the queue it asks to read everything again, and says from when to when', async () => {
  await using bench = await new VirtualQueueBench().up()
  const upMs = bench.clock.now()
  await bench.again()
  expect(bench.gaps, 'a short one').toEqual([])
  bench.queue.prepare = () => {
    throw refusal(503, undefined)
  }
  bench.queue.last.hear(queueFrame('last'))
  const fromMs = bench.clock.now()
  await bench.clock.advance(20_000)
  bench.queue.last.drop()
  await bench.clock.advance(7_200_000)
  bench.queue.prepare = () => {}
  await bench.clock.advance(60_000)
  expect(bench.gaps).toEqual([{ fromMs, toMs: expect.any(Number) }])
  expect(bench.consumer.health).toMatchObject({ state: 'up', lastMs: fromMs })
  expect(fromMs).toBeGreaterThan(upMs)
})

it('a time with the wrong key is a gap until a message decodes, however often it connected', async () => {
  await using bench = await new VirtualQueueBench().up()
  const startMs = bench.clock.now()
  bench.queue.onOpen = (socket) => {
    for (let i = 0; i < 5; i++) socket.hear(queueFrame(`bad${i}`, 'decrypt'))
  }
  bench.queue.last.drop()
  await bench.clock.advance(2 * 3_600_000)
  expect(bench.gaps).toEqual([])
  bench.queue.onOpen = (socket) => socket.hear(queueFrame('good'))
  await bench.clock.advance(300_000)
  expect(bench.gaps).toHaveLength(1)
  expect((bench.gaps[0]?.fromMs ?? 0) - startMs).toBeLessThan(2_000)
  expect(bench.state).toBe('up')
})

it('tells of the time since an earlier run', async () => {
  const heardMs = Date.UTC(2026, 10, 20)
  await using bench = await new VirtualQueueBench({ heardMs }).up()
  expect(bench.gaps).toEqual([{ fromMs: heardMs, toMs: bench.clock.now() }])
})

it('is silent when others saw a change and no message came for 15 min', async () => {
  await using bench = await new VirtualQueueBench().up()
  await bench.clock.advance(60_000)
  bench.queue.last.hear(queueFrame('a'))
  const heardMs = bench.clock.now()
  await bench.clock.advance(899_999)
  bench.consumer.changedElsewhere(heardMs + 1)
  expect(bench.state, 'too early').toBe('up')
  await bench.clock.advance(1)
  bench.consumer.changedElsewhere(heardMs)
  expect(bench.state, 'nothing new').toBe('up')
  bench.consumer.changedElsewhere(heardMs + 1)
  expect(bench.state).toBe('degraded silent')
  bench.queue.last.hear(queueFrame('b'))
  expect(bench.state).toBe('up')
})

it('drained it takes nothing more, and acknowledges what is still settled', async () => {
  await using bench = await new VirtualQueueBench().up()
  bench.prompt = false
  bench.queue.last.hear(queueFrame('a'))
  bench.consumer.drain()
  expect(bench.queue.last.paused).toBe(true)
  bench.queue.last.hear(queueFrame('b'))
  bench.taken[0]?.settle()
  expect([bench.ids, bench.acks]).toEqual([['a'], ['a']])
})

it('drained with nothing under way it stays as long as it is wanted', async () => {
  await using bench = await new VirtualQueueBench().up()
  bench.consumer.drain()
  bench.queue.last.answers = false
  await bench.clock.advance(60_000)
  expect(bench.queue.sockets).toHaveLength(1)
  expect(bench.queue.last.over).toBeUndefined()
})

it('stops from every state, twice as well, and nothing is heard after it', async () => {
  for (const stage of ['new', 'gate', 'connecting', 'up', 'waiting'] as const) {
    const bench = new VirtualQueueBench()
    if (stage === 'gate') bench.brokerUp = false
    if (stage === 'connecting')
      bench.queue.prepare = ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    if (stage === 'waiting')
      bench.queue.prepare = () => {
        throw refusal(500, undefined)
      }
    if (stage !== 'new') await bench.up()
    await bench.clock.during(bench.consumer[Symbol.asyncDispose]())
    await bench[Symbol.asyncDispose]()
    const asked = bench.queue.asked.length
    await bench.clock.advance(600_000)
    expect(bench.queue.asked, stage).toHaveLength(asked)
    expect(bench.state).toBe('down shutdown')
    if (stage === 'up') expect(bench.queue.last.over).toBe('stopped')
  }
})

it('what finds no room is not overtaken: once the rest is settled it leaves, and all of it comes again', async () => {
  await using bench = await new VirtualQueueBench().up()
  bench.prompt = false
  const first = bench.queue.last
  for (const id of ['a', 'b', 'c']) first.hear(queueFrame(id))
  bench.taken[1]?.comeAgain()
  first.hear(queueFrame('d'))
  expect(bench.ids).toEqual(['a', 'b', 'c'])
  bench.taken[2]?.settle()
  expect(first.over).toBeUndefined()
  bench.taken[0]?.settle()
  expect(first.over).toBe('busy')
  expect(first.acks).toEqual(['c', 'a'])
  await bench.clock.advance(1_500)
  bench.prompt = true
  for (const id of ['b', 'd']) bench.queue.last.hear(queueFrame(id))
  expect(bench.acks).toEqual(['b', 'd'])
})

it('to be behind is no trouble of the queue: it comes back as soon the tenth time as the first', async () => {
  await using bench = await new VirtualQueueBench().up()
  bench.prompt = false
  for (let i = 0; i < 10; i++) {
    bench.queue.last.hear(queueFrame(String(i)))
    bench.taken[i]?.comeAgain()
    await bench.clock.advance(1_500)
    expect(bench.queue.sockets).toHaveLength(i + 2)
  }
})
