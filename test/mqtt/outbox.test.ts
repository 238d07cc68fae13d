import { expect, it } from 'vitest'
import { type Entry, Outbox, outboxCaps } from '../../src/mqtt/outbox.ts'
import { event, payloads, scalar, state, takeAll } from '../support/entries.ts'

it('events go before states, each in the order of the offers', () => {
  const outbox = new Outbox()
  outbox.offerState(state('a'))
  outbox.offerEvent(event('1'))
  outbox.offerState(state('b'))
  outbox.offerEvent(event('2'))
  expect(payloads(takeAll(outbox))).toEqual(['1', '2', 'a', 'b'])
})

it('I-4: answers go before events, and have room however much happens; each line has a cap', () => {
  const outbox = new Outbox({ ...outboxCaps, events: 2 })
  outbox.offerEvent(event('1'))
  outbox.offerEvent(event('2'))
  expect(outbox.offerEvent(event('one too many'))).toBe(false)
  expect(outbox.offerAnswer(event('a'))).toBe(true)
  expect(outbox.offerAnswer(event('b'))).toBe(true)
  expect(outbox.offerAnswer(event('one too many'))).toBe(false)
  expect(outbox.size).toBe(4)
  expect(payloads(takeAll(outbox))).toEqual(['a', 'b', '1', '2'])
  expect(outbox.bytes).toBe(0)
})

it('a newer value takes the place of a waiting one, and who waited for the old one waits for the new one', () => {
  const outbox = new Outbox()
  const told: string[] = []
  outbox.offerState(state('a', 'old'), () => told.push('old'))
  outbox.offerState(state('b'))
  outbox.offerState(state('a', 'new'), () => told.push('new'))
  const [a, b] = takeAll(outbox)
  expect(payloads([a as Entry, b as Entry])).toEqual(['new', 'b'])
  outbox.settled(a as Entry)
  expect(told).toEqual(['old', 'new'])
  expect(outbox.counts).toMatchObject({ offered: 3, merged: 1, settled: 1 })
})

it('I-2: a value does not overtake the document that dates it, and does not lose its place otherwise', () => {
  const outbox = new Outbox()
  const value = (payload: string) => ({ ...scalar('value', payload), after: 'document' })
  outbox.offerState(state('document', 'd1'))
  outbox.offerState(value('v1'))
  expect(payloads([outbox.take(64) as Entry])).toEqual(['d1'])
  // The document of the newer value stands behind the older value.
  outbox.offerState(state('another'))
  outbox.offerState(state('document', 'd2'))
  outbox.offerState(value('v2'))
  outbox.offerState(state('last'))
  outbox.offerState(state('document', 'd3'))
  outbox.offerState(value('v3'))
  expect(payloads(takeAll(outbox))).toEqual(['another', 'd3', 'v3', 'last'])
  expect([outbox.size - outbox.inFlight, outbox.bytes]).toEqual([0, 0])
})

it('I-2: nor does a value that came back from a dropped connection', () => {
  const outbox = new Outbox()
  const value = (payload: string) => ({ ...scalar('value', payload), after: 'document' })
  outbox.offerState(state('document', 'd1'))
  outbox.offerState(value('v1'))
  const [first] = takeAll(outbox)
  outbox.settled(first as Entry)
  outbox.offerState(state('document', 'd2'))
  outbox.offerState(value('v2'))
  outbox.disconnected(false)
  outbox.offerState(state('document', 'd3'))
  outbox.offerState(value('v3'))
  expect(payloads(takeAll(outbox))).toEqual(['d3', 'v3'])
})

it('a follower does not overtake the states that were there before it', () => {
  const outbox = new Outbox()
  outbox.offerState(state('a'))
  outbox.offerFollower(event('a is gone'))
  outbox.offerState(state('b'))
  outbox.offerEvent(event('urgent'))
  expect(payloads(takeAll(outbox))).toEqual(['urgent', 'a', 'a is gone', 'b'])
})

it('what is offered first goes before everything that waits, once', () => {
  const outbox = new Outbox()
  const told: boolean[] = []
  outbox.offerEvent(event('1'))
  outbox.offerState(state('online', 'old'), (delivered) => told.push(delivered))
  outbox.offerFirst(state('online', 'new'))
  outbox.offerFirst(state('online', 'newest'))
  const taken = takeAll(outbox)
  expect(payloads(taken)).toEqual(['newest', '1'])
  for (const entry of taken) outbox.settled(entry)
  expect(told).toEqual([true])
})

it('no more fly than the window allows', () => {
  const outbox = new Outbox()
  for (let i = 0; i < 10; i++) outbox.offerEvent(event(String(i)))
  expect(takeAll(outbox, 3)).toHaveLength(3)
  expect(outbox.take(0)).toBeUndefined()
})

it('messages without an answer take no place in the window, and have a bound of their own', () => {
  const outbox = new Outbox()
  for (let i = 0; i < 600; i++) outbox.offerState(scalar(`scalar/${i}`))
  for (let i = 0; i < 3; i++) outbox.offerState(state(`document/${i}`))
  const written = takeAll(outbox, 2)
  expect(written).toHaveLength(512)
  expect(outbox.unanswered).toBe(0)
  for (const entry of written) outbox.settled(entry)
  const next = takeAll(outbox, 2)
  expect(payloads(next.slice(-3))).toEqual(['scalar/599', 'document/0', 'document/1'])
  expect(outbox.unanswered).toBe(2)
  for (const entry of next) outbox.settled(entry)
  expect(outbox.unanswered).toBe(0)
})

it('of two values of one topic in flight only the newer comes back, for both who wait', () => {
  const outbox = new Outbox()
  const told: string[] = []
  outbox.offerState(state('a', 'old'), () => told.push('old'))
  outbox.take(64)
  outbox.offerState(state('a', 'new'), () => told.push('new'))
  outbox.take(64)
  outbox.disconnected(false)
  const back = takeAll(outbox)
  expect(payloads(back)).toEqual(['new'])
  outbox.settled(back[0] as Entry)
  expect(told).toEqual(['old', 'new'])
})

it('a value whose successor was acknowledged before it is delivered by that, and never goes again', () => {
  const outbox = new Outbox()
  const told: string[] = []
  outbox.offerState(state('a', 'old'), () => told.push('old'))
  outbox.offerState(state('b'))
  const [old] = takeAll(outbox)
  outbox.offerState(state('a', 'new'), () => told.push('new'))
  outbox.settled(outbox.take(64) as Entry)
  expect(told).toEqual(['old', 'new'])
  expect(outbox.inFlight, 'the broker still owes two answers').toBe(2)
  outbox.disconnected(false)
  expect(payloads(takeAll(outbox))).toEqual(['b'])
  outbox.settled(old as Entry)
  expect(told).toEqual(['old', 'new'])
})

it('after a suspicious drop what was in flight goes one at a time, and nothing else goes meanwhile', () => {
  const outbox = new Outbox()
  for (const n of ['1', '2', '3']) outbox.offerEvent(event(n))
  takeAll(outbox)
  outbox.disconnected(true)
  outbox.offerEvent(event('4'))
  outbox.offerState(state('a'))
  for (const n of ['1', '2', '3']) {
    const alone = takeAll(outbox)
    expect(payloads(alone)).toEqual([n])
    outbox.settled(alone[0] as Entry)
  }
  expect(payloads(takeAll(outbox))).toEqual(['4', 'a'])
})

it('after a drop without suspicion what was in flight flies together again, in order, before the rest', () => {
  const outbox = new Outbox()
  for (const n of ['1', '2', '3']) outbox.offerEvent(event(n))
  expect(takeAll(outbox, 2)).toHaveLength(2)
  outbox.disconnected(false)
  expect(payloads(takeAll(outbox))).toEqual(['1', '2', '3'])
})

it('a message that was alone in flight at three drops dies, with everything on its topic; the others live', () => {
  const outbox = new Outbox()
  const told = new Map<string, boolean>()
  const offer = (payload: string, topic: string) =>
    outbox.offerEvent(event(payload, topic), (delivered) => told.set(payload, delivered))
  offer('good', 'a')
  offer('bad', 'x')
  takeAll(outbox)
  expect(outbox.disconnected(true)).toEqual([])
  offer('also bad', 'x')
  outbox.offerState(state('x', 'bad state'), (delivered) => told.set('bad state', delivered))
  outbox.settled(outbox.take(64) as Entry)
  for (const strike of [1, 2]) {
    expect(payloads(takeAll(outbox))).toEqual(['bad'])
    expect(outbox.disconnected(true), `strike ${strike}`).toEqual([])
  }
  expect(payloads(takeAll(outbox))).toEqual(['bad'])
  expect(payloads(outbox.disconnected(true))).toEqual(['bad', 'also bad', 'bad state'])
  expect(Object.fromEntries(told)).toEqual({ good: true, bad: false, 'also bad': false, 'bad state': false })
  expect(outbox.size).toBe(0)
})

it('a newer value of a suspected topic inherits the suspicion: a state said again and again cannot hide', () => {
  const outbox = new Outbox()
  outbox.offerState(state('x', '0'))
  takeAll(outbox)
  outbox.disconnected(true)
  let drops = 1
  for (let died: readonly Entry[] = []; died.length === 0; drops++) {
    outbox.offerState(state('x', String(drops)))
    outbox.offerState(state('good'))
    expect(payloads(takeAll(outbox))).toEqual([String(drops)])
    died = outbox.disconnected(true)
  }
  expect(drops).toBe(4)
  expect(payloads(takeAll(outbox))).toEqual(['good'])
})

it('a drop long after the last publish gives nobody a strike', () => {
  const outbox = new Outbox()
  outbox.offerEvent(event('1'))
  for (let i = 0; i < 10; i++) {
    expect(takeAll(outbox)).toHaveLength(1)
    expect(outbox.disconnected(i === 0)).toEqual([])
  }
})

it('at the cap new topics are refused, known ones go on', () => {
  const outbox = new Outbox({ ...outboxCaps, states: 2 })
  expect(outbox.offerState(state('a'))).toBe(true)
  expect(outbox.offerState(state('b'))).toBe(true)
  expect(outbox.offerState(state('c'))).toBe(false)
  expect(outbox.offerState(state('a', 'newer'))).toBe(true)
  expect(outbox.counts.refused).toBe(1)
  expect(payloads(takeAll(outbox))).toEqual(['newer', 'b'])
})

it('the caps are 50,000 topics and 64 MiB of state, 10,000 events and 16 MiB', () => {
  const many = new Outbox()
  for (let i = 0; i < 50_000; i++) many.offerState(state(`t/${i}`, ''))
  for (let i = 0; i < 10_000; i++) many.offerEvent(event(''))
  expect([many.offerState(state('one more')), many.offerEvent(event('one more'))]).toEqual([false, false])
  expect(many.size).toBe(60_000)
  const big = new Outbox()
  const mebibyte = 'x'.repeat(1024 * 1024)
  let [states, events] = [0, 0]
  while (big.offerState(state(`t/${states}`, mebibyte))) states++
  while (big.offerEvent(event(mebibyte))) events++
  expect([states, events]).toEqual([63, 15])
})

it('a long line of events leaves no memory of those that have gone', () => {
  const outbox = new Outbox()
  for (let i = 0; i < 25_000; i++) {
    outbox.offerEvent(event(String(i)))
    if (i < 5_000) continue
    const entry = outbox.take(64) as Entry
    expect(entry.message.payload).toBe(String(i - 5_000))
    outbox.settled(entry)
  }
  expect(outbox.size).toBe(5_000)
  for (const entry of takeAll(outbox, 10_000)) outbox.settled(entry)
  expect([outbox.size, outbox.bytes]).toEqual([0, 0])
})
