import { expect, it } from 'vitest'
import { PublishRefused } from '../../src/mqtt/link.ts'
import type { Outgoing } from '../../src/mqtt/message.ts'
import { Outbox } from '../../src/mqtt/outbox.ts'
import { Pump } from '../../src/mqtt/pump.ts'
import { seededRandom } from '../../src/util/random.ts'
import { ampleLimits, ScriptedLink } from '../support/scripted-link.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'

function bench(limits: Partial<typeof ampleLimits> = {}) {
  const clock = new VirtualClock()
  const outbox = new Outbox()
  const link = new ScriptedLink()
  link.limits = { ...ampleLimits, ...limits }
  const dead: string[] = []
  let ended: string | undefined
  void link.ended.then(({ end }) => {
    ended = end
  })
  const pump = new Pump({
    link,
    outbox,
    clock,
    onDead: ({ message }, reason) => dead.push(`${message.topic}: ${reason}`),
    onSettled: () => {},
  })
  return { clock, outbox, link, pump, dead, ended: () => ended }
}

function event(topic: string, payload = '', changes: Partial<Outgoing> = {}): Outgoing {
  return { topic, payload, qos: 1, retain: false, ...changes }
}

it('keeps at most 64 messages in flight, and refills as answers come', async () => {
  const { outbox, link, pump } = bench()
  for (let i = 0; i < 100; i++) outbox.offerEvent(event(`t/${i}`))
  pump.start()
  await settle()
  expect(link.unanswered).toHaveLength(64)
  link.unanswered[5]?.answer()
  await settle()
  expect(link.unanswered).toHaveLength(64)
  expect(link.published).toHaveLength(65)
})

it('obeys the Receive Maximum of the server, the express message included', async () => {
  const { outbox, link, pump } = bench({ receiveMaximum: 2 })
  for (let i = 0; i < 5; i++) outbox.offerEvent(event(`t/${i}`))
  pump.express(event('probe'), () => {})
  pump.start()
  await settle()
  expect(link.unanswered.map(({ message }) => message.topic)).toEqual(['probe', 't/0'])
  let answered = 0
  pump.express(event('probe 2'), () => answered++)
  await settle()
  expect(link.unanswered).toHaveLength(2)
  link.unanswered[1]?.answer()
  await settle()
  expect(link.unanswered.map(({ message }) => message.topic)).toEqual(['probe', 'probe 2'])
  link.unanswered[1]?.answer()
  expect(answered).toBe(1)
})

it.each([1, 10])(
  'B15: over 50,000 publishes, with probes between them, Receive Maximum %i is never exceeded',
  async (receiveMaximum) => {
    const { outbox, link, pump } = bench({ receiveMaximum })
    const random = seededRandom(receiveMaximum)
    pump.start()
    let most = 0
    let given = 0
    for (let n = 0; given < 50_000; n++) {
      for (let i = 0; i < 100; i++)
        if (i % 3 === 0) outbox.offerState({ ...event(`s/${i}`, `${n}`), retain: true })
        else outbox.offerEvent(event('e', `${n}.${i}`))
      if (n % 5 === 0) pump.express(event('probe'), () => {})
      pump.pump()
      for (await Promise.resolve(); link.unanswered.length > 0; await Promise.resolve()) {
        most = Math.max(most, link.unanswered.length)
        link.unanswered[Math.floor(random() * link.unanswered.length)]?.answer()
        given++
      }
    }
    expect(most).toBe(receiveMaximum)
    expect(outbox.size).toBe(0)
  },
)

it('publishes nothing of the outbox before it is started', async () => {
  const { outbox, link, pump } = bench()
  outbox.offerEvent(event('t'))
  pump.pump()
  pump.express(event('probe'), () => {})
  await settle()
  expect(link.published.map(({ topic }) => topic)).toEqual(['probe'])
})

it('ends a connection that owes an answer for 10 s, and not before', async () => {
  const { clock, outbox, link, pump, ended } = bench()
  pump.start()
  await clock.advance(3_700)
  outbox.offerEvent(event('answered'))
  pump.pump()
  await settle()
  link.unanswered[0]?.answer()
  outbox.offerEvent(event('not answered'))
  pump.pump()
  await clock.advance(9_999)
  expect(ended()).toBeUndefined()
  await clock.advance(1)
  expect(ended()).toBe('silent')
})

it('the express message has the same deadline, also before the outbox is opened', async () => {
  const { clock, pump, ended } = bench()
  pump.express(event('probe'), () => {})
  await clock.advance(10_000)
  expect(ended()).toBe('silent')
})

it('a busy connection is not ended while every answer comes in time', async () => {
  const { clock, outbox, link, pump, ended } = bench()
  pump.start()
  for (let i = 0; i < 30; i++) {
    outbox.offerEvent(event(`t/${i}`))
    pump.pump()
    await clock.advance(2_000)
    if (i >= 3) link.unanswered[0]?.answer()
  }
  expect(link.unanswered).toHaveLength(3)
  expect(ended()).toBeUndefined()
})

it('ends a connection with more than 4 MiB in its own socket', async () => {
  const { clock, link, pump, ended } = bench()
  pump.start()
  link.unsentBytes = 4 * 1024 * 1024
  await clock.advance(2_000)
  expect(ended()).toBeUndefined()
  link.unsentBytes++
  await clock.advance(1_000)
  expect(ended()).toBe('silent')
})

it('gives the socket nothing while half a mebibyte waits in it, and goes on when that has left', async () => {
  const { clock, outbox, link, pump } = bench()
  link.unsentBytes = 512 * 1024
  outbox.offerEvent(event('t'))
  pump.start()
  await clock.advance(3_000)
  expect(link.published).toEqual([])
  link.unsentBytes = 0
  await clock.advance(1_000)
  expect(link.published).toHaveLength(1)
})

it('what no broker may be given is dead before the library sees it', async () => {
  const { outbox, link, pump, dead } = bench({ maximumPacketSize: 2_000 })
  const told: boolean[] = []
  const settled = (delivered: boolean) => told.push(delivered)
  outbox.offerEvent(event('a/+/b'), settled)
  outbox.offerEvent(event('$SYS/x'), settled)
  outbox.offerEvent(event('x'.repeat(513)), settled)
  outbox.offerEvent(event(Array(17).fill('l').join('/')), settled)
  outbox.offerEvent(event('large', 'x'.repeat(2_000)), settled)
  outbox.offerEvent(event('huge', 'x'.repeat(128 * 1024 + 1)), settled)
  outbox.offerEvent(event('fine', 'x'.repeat(1_900)), settled)
  pump.start()
  await settle()
  expect(link.published.map(({ topic }) => topic)).toEqual(['fine'])
  expect(dead.map((line) => line.slice(line.lastIndexOf(' ') + 1))).toEqual([
    'topic-character',
    'topic-character',
    'topic-length',
    'topic-levels',
    'packet-size',
    'payload-size',
  ])
  expect(told).toEqual(Array(6).fill(false))
})

it('a refused message is dead and told so, and the others go on', async () => {
  const { outbox, link, pump, dead } = bench()
  const told: boolean[] = []
  outbox.offerEvent(event('a'), (delivered) => told.push(delivered))
  outbox.offerEvent(event('b'), (delivered) => told.push(delivered))
  pump.start()
  await settle()
  link.unanswered[0]?.answer(new PublishRefused('not-authorized'))
  link.unanswered[0]?.answer()
  expect(dead).toEqual(['a: not-authorized'])
  expect(told).toEqual([false, true])
  expect(outbox.size).toBe(0)
})

it('leaves out what the server said that it cannot do', async () => {
  const { outbox, link, pump } = bench({ maximumQos: 0, retainAvailable: false })
  outbox.offerState(event('a', 'x', { retain: true }))
  pump.start()
  await settle()
  expect(link.published[0]).toMatchObject({ qos: 0, retain: false })
})

it('an end within 2 s of a publish is suspicious, a later one is not', async () => {
  const { clock, outbox, pump } = bench()
  pump.start()
  expect(pump.poisonSuspected).toBe(false)
  outbox.offerEvent(event('t'))
  pump.pump()
  await clock.advance(1_999)
  expect(pump.poisonSuspected).toBe(true)
  await clock.advance(1)
  expect(pump.poisonSuspected).toBe(false)
})

it('leaves no timer behind', async () => {
  const { clock, outbox, pump } = bench()
  outbox.offerEvent(event('t'))
  pump.start()
  await settle()
  pump.stop()
  expect(clock.waiting).toBe(0)
})
