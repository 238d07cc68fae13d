import { expect, it } from 'vitest'
import { AckBook, bookCaps, type Entry, type Raw } from '../../../src/transport/queue/ack-book.ts'

const raw = (at = 0, bytes = 100): Raw => ({ text: 'x'.repeat(10), bytes, at, receivedMs: at })

/** A frame of this message comes and is looked at. */
function enter(book: AckBook, id: string, at = 0, bytes = 100) {
  book.arrived(raw(at, bytes))
  const taken = book.next()
  if (!taken) throw new Error('the window is shut')
  return book.enter(taken, id)
}

const enterNew = (book: AckBook, id: string, at = 0, bytes = 100) => enter(book, id, at, bytes) as Entry

it('a frame is acknowledged when its message is settled, and once', () => {
  const book = new AckBook()
  const entry = enterNew(book, 'a')
  expect(book.counts).toMatchObject({ received: 1, acked: 0, pending: 1 })
  expect(book.settle(entry, 'settled')).toBe(1)
  expect(book.settle(entry, 'dead')).toBe(0)
  expect(book.counts).toMatchObject({ received: 1, acked: 1, settled: 1, dead: 0, pending: 0 })
})

it('a message that comes twice while it is under way is one message and two acknowledgements', () => {
  const book = new AckBook()
  const entry = enterNew(book, 'a')
  expect(enter(book, 'a')).toBe('waiting')
  expect(book.settle(entry, 'settled')).toBe(2)
  expect(book.counts).toMatchObject({ received: 2, acked: 2, settled: 1, duplicate: 1 })
})

it('a settled message that comes again is acknowledged again at once', () => {
  const book = new AckBook()
  book.settle(enterNew(book, 'a'), 'dead')
  expect(enter(book, 'a')).toBe('settled')
  expect(book.counts).toMatchObject({ received: 2, acked: 2, dead: 1, duplicate: 1 })
})

it('remembers twenty thousand settled messages and forgets the oldest', () => {
  const book = new AckBook()
  for (let i = 0; i < 20_001; i++) book.settle(enterNew(book, `m${i}`), 'settled')
  expect(enter(book, 'm1')).toBe('settled')
  expect(enter(book, 'm20000')).toBe('settled')
  expect(typeof enter(book, 'm0')).toBe('object')
})

it('remembers a message longer that is still sent again', () => {
  const book = new AckBook({ ...bookCaps, settled: 2 })
  for (const id of ['a', 'b']) book.settle(enterNew(book, id), 'settled')
  expect(enter(book, 'a')).toBe('settled')
  book.settle(enterNew(book, 'c'), 'settled')
  expect(enter(book, 'a')).toBe('settled')
  expect(typeof enter(book, 'b')).toBe('object')
})

it('a long id is remembered as well as a short one', () => {
  const book = new AckBook()
  const long = 'i'.repeat(1_000)
  book.settle(enterNew(book, long), 'settled')
  expect(enter(book, long)).toBe('settled')
  expect(typeof enter(book, `${long}i`)).toBe('object')
})

it('shuts at 256 frames without an acknowledgement, those of one message included', () => {
  const book = new AckBook()
  const first = enterNew(book, 'a')
  for (let i = 0; i < 254; i++) enter(book, 'a')
  expect(book.isShut).toBe(false)
  enter(book, 'b')
  expect(book.isShut).toBe(true)
  book.arrived(raw())
  expect(book.next()).toBeUndefined()
  expect(book.settle(first, 'settled')).toBe(255)
  expect(book.next()).toBeDefined()
})

it('shuts at 4 MiB', () => {
  const book = new AckBook()
  for (let i = 0; i < 3; i++) enter(book, `m${i}`, 0, 1024 * 1024)
  expect(book.isShut).toBe(false)
  const last = enterNew(book, 'last', 0, 1024 * 1024)
  expect(book.isShut).toBe(true)
  book.settle(last, 'settled')
  expect(book.isShut).toBe(false)
})

it('what is under way from an earlier connection takes its place in the window', () => {
  const book = new AckBook({ ...bookCaps, frames: 2 })
  enter(book, 'a')
  const b = enterNew(book, 'b')
  book.disconnected()
  expect(book.isShut).toBe(true)
  expect(book.settle(b, 'settled'), 'nobody waits for it').toBe(0)
  expect(book.isShut).toBe(false)
  expect(enter(book, 'a')).toBe('waiting')
  expect(book.isShut, 'a is still one').toBe(false)
})

it('a message that outlives its connection is acknowledged on the next one, as often as it came there', () => {
  const book = new AckBook()
  const entry = enterNew(book, 'a', 1)
  enter(book, 'a', 2)
  book.disconnected()
  expect(book.oldest(), 'nothing is owed on a new connection').toBeUndefined()
  expect(enter(book, 'a', 50)).toBe('waiting')
  expect(book.oldest()).toBe(50)
  expect(book.settle(entry, 'settled')).toBe(1)
})

it('what was kept back or not looked at is let go with the connection, and is new when it comes again', () => {
  const book = new AckBook()
  const held = enterNew(book, 'held')
  book.hold(held)
  book.arrived(raw())
  book.disconnected()
  expect(book.counts).toMatchObject({ received: 2, shed: 2, pending: 0 })
  expect(book.settle(held, 'dead'), 'it is gone').toBe(0)
  expect(typeof enter(book, 'held')).toBe('object')
})

it('the oldest frame without an acknowledgement may be one under way, in line or without an id', () => {
  const book = new AckBook({ ...bookCaps, frames: 1 })
  expect(book.oldest()).toBeUndefined()
  const entry = enterNew(book, 'a', 10)
  book.arrived(raw(20))
  expect(book.oldest()).toBe(10)
  book.settle(entry, 'settled')
  expect(book.oldest()).toBe(20)
  book.unreadable(book.next() as Raw)
  expect(book.oldest(), 'it can never be acknowledged').toBe(20)
  expect(book.counts).toMatchObject({ dead: 1, pending: 0 })
  book.disconnected()
  expect(book.oldest()).toBeUndefined()
})

it('knows when more comes than a socket can have read ahead', () => {
  const book = new AckBook({ ...bookCaps, frames: 1, line: 3 })
  enter(book, 'a')
  for (let i = 0; i < 3; i++) book.arrived(raw())
  expect(book.isOverfull).toBe(false)
  book.arrived(raw())
  expect(book.isOverfull).toBe(true)
})

it('what the queue may not have read is as good as not acknowledged, and more is read meanwhile', () => {
  const book = new AckBook({ ...bookCaps, frames: 3, ahead: 2 })
  for (const id of ['a', 'b', 'c']) {
    const entry = enterNew(book, id)
    expect(book.settle(entry, 'settled')).toBe(1)
    book.sent()
  }
  expect([book.isShut, book.takesMore]).toEqual([true, true])
  for (let i = 0; i < 2; i++) book.arrived(raw())
  expect(book.next()).toBeUndefined()
  expect(book.takesMore, 'as much as is read ahead').toBe(false)
  book.proven(1)
  expect([book.isShut, book.takesMore]).toEqual([false, false])
  expect(book.next()).toBeDefined()
})

it('with all of them under way nothing is read: no answer would make room', () => {
  const book = new AckBook({ ...bookCaps, frames: 2 })
  for (const id of ['a', 'b']) enter(book, id)
  expect([book.isShut, book.takesMore]).toEqual([true, false])
})

it('with 4 MiB under way nothing is read, whatever is not proven', () => {
  const book = new AckBook({ ...bookCaps, bytes: 200 })
  book.settle(enterNew(book, 'a'), 'settled')
  book.sent()
  for (const id of ['b', 'c']) enter(book, id)
  expect([book.isShut, book.takesMore]).toEqual([true, false])
})

it('what was not proven on a connection is forgotten with it', () => {
  const book = new AckBook({ ...bookCaps, frames: 1 })
  book.settle(enterNew(book, 'a'), 'settled')
  book.sent()
  expect(book.isShut).toBe(true)
  book.disconnected()
  expect(book.isShut).toBe(false)
  book.proven(5)
  book.settle(enterNew(book, 'b'), 'settled')
  book.sent()
  expect(book.isShut, 'an answer that comes late makes no room').toBe(true)
})
