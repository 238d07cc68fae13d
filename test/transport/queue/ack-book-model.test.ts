import fc from 'fast-check'
import { expect, it } from 'vitest'
import { AckBook, type Entry, type Fate, type Raw } from '../../../src/transport/queue/ack-book.ts'

/** A delivery as the queue sees it. */
interface Delivered {
  readonly id: string
  readonly connection: number
  acks: number
  /** Let go: it is brought again on another connection. */
  shed?: boolean
}

/** What must hold whatever happens, without a word on how. */
class Model {
  connection = 0
  readonly deliveries: Delivered[] = []
  /** In the order in which they came; not looked at yet. */
  line: Delivered[] = []
  readonly open = new Map<string, { readonly entry: Entry; held: boolean }>()
  /** Settled, oldest first, as many as are remembered. */
  settled: string[] = []
  /** Acknowledgements of the present connection that the queue may not have read. */
  unproven = 0
  told = { settled: 0, stale: 0, dead: 0, duplicate: 0, shed: 0 }

  /** The deliveries of a message that wait for their acknowledgement on the present connection. */
  owed(id: string): Delivered[] {
    return this.deliveries.filter(
      (one) =>
        one.id === id &&
        one.connection === this.connection &&
        one.acks === 0 &&
        !one.shed &&
        !this.line.includes(one),
    )
  }

  remember(id: string): void {
    this.settled = [...this.settled.filter((other) => other !== id), id].slice(-caps.settled)
  }
}

interface Real {
  readonly book: AckBook
}
type Step = fc.Command<Model, Real>

const caps = {
  frames: 4,
  bytes: 1_000,
  line: 1_000,
  lineBytes: 1_000_000,
  ahead: 3,
  aheadBytes: 1_000_000,
  settled: 3,
}
/** An id that nobody can read. */
const nameless = ''

function check(model: Model, { book }: Real): void {
  const { counts } = book
  const { received, settled, duplicate, stale, dead, shed, pending, acked } = counts
  expect(received, 'the sum rule').toBe(settled + duplicate + stale + dead + shed + pending)
  expect(received).toBe(model.deliveries.length)
  expect({ settled, duplicate, stale, dead, shed }).toEqual(model.told)
  expect(acked).toBe(model.deliveries.filter(({ acks }) => acks === 1).length)
  expect(Math.max(0, ...model.deliveries.map(({ acks }) => acks)), 'none is acknowledged twice').toBeLessThan(
    2,
  )
  const unacked = [...model.open.keys()].reduce((sum, id) => sum + model.owed(id).length, 0)
  expect(unacked + model.unproven, 'the window').toBeLessThanOrEqual(caps.frames)
  const open = [...model.open]
  const orphans = open.filter(([id]) => model.owed(id).length === 0).length
  const bytes = open.reduce((sum, [, { entry }]) => sum + entry.bytes, 0)
  const isShut = unacked + orphans + model.unproven >= caps.frames || bytes >= caps.bytes
  expect(book.isShut).toBe(isShut)
  const readsAhead = model.unproven > 0 && bytes < caps.bytes && model.line.length < caps.ahead
  expect(book.takesMore).toBe(isShut ? readsAhead : model.line.length === 0)
}

function acknowledge(model: Model, book: AckBook, id: string, times: number): void {
  const owed = model.owed(id)
  expect(times, 'every frame of it, and no other').toBe(owed.length)
  for (const one of owed) {
    one.acks++
    model.unproven++
    book.sent()
  }
}

class Arrive implements Step {
  readonly id: string
  readonly bytes: number
  constructor(id: string, bytes: number) {
    this.id = id
    this.bytes = bytes
  }
  check = () => true
  run(model: Model, real: Real): void {
    const one = { id: this.id, connection: model.connection, acks: 0 }
    model.deliveries.push(one)
    model.line.push(one)
    real.book.arrived({ text: this.id, bytes: this.bytes, at: model.deliveries.length, receivedMs: 0 })
    check(model, real)
  }
  toString = () => `frame of ${this.id || 'nobody'}`
}

class Look implements Step {
  check = () => true
  run(model: Model, real: Real): void {
    const raw = real.book.next()
    if (!raw) {
      expect(model.line.length === 0 || real.book.isShut).toBe(true)
      return
    }
    const one = model.line.shift()
    expect(raw.text, 'in order').toBe(one?.id)
    this.#enter(model, real, raw)
    check(model, real)
  }
  #enter(model: Model, { book }: Real, raw: Raw): void {
    const id = raw.text
    if (id === nameless) {
      book.unreadable(raw)
      model.told.dead++
      return
    }
    const entered = book.enter(raw, id)
    if (model.open.has(id)) {
      expect(entered).toBe('waiting')
      model.told.duplicate++
    } else if (model.settled.includes(id)) {
      expect(entered).toBe('settled')
      model.told.duplicate++
      acknowledge(model, book, id, 1)
      model.remember(id)
    } else {
      expect(entered, 'handed out once').toBeTypeOf('object')
      model.open.set(id, { entry: entered as Entry, held: false })
    }
  }
  toString = () => 'look'
}

class Hold implements Step {
  readonly which: number
  constructor(which: number) {
    this.which = which
  }
  check = ({ open }: Model) => open.size > 0
  run(model: Model, { book }: Real): void {
    const one = [...model.open.values()][this.which % model.open.size]
    if (!one || one.entry.owed === 0) return
    one.held = true
    book.hold(one.entry)
  }
  toString = () => `hold ${this.which}`
}

class Settle implements Step {
  readonly which: number
  readonly how: Fate
  constructor(which: number, how: Fate) {
    this.which = which
    this.how = how
  }
  check = ({ open }: Model) => open.size > 0
  run(model: Model, real: Real): void {
    const [id, one] = [...model.open][this.which % model.open.size] ?? []
    if (id === undefined || !one) return
    const times = real.book.settle(one.entry, this.how)
    acknowledge(model, real.book, id, times)
    model.open.delete(id)
    model.remember(id)
    model.told[this.how]++
    expect(real.book.settle(one.entry, 'settled'), 'once').toBe(0)
    check(model, real)
  }
  toString = () => `${this.how} ${this.which}`
}

class Prove implements Step {
  readonly acks: number
  constructor(acks: number) {
    this.acks = acks
  }
  check = ({ unproven }: Model) => unproven >= this.acks
  run(model: Model, real: Real): void {
    real.book.proven(this.acks)
    model.unproven -= this.acks
    check(model, real)
  }
  toString = () => `prove ${this.acks}`
}

class Shed implements Step {
  readonly which: number
  constructor(which: number) {
    this.which = which
  }
  check = ({ open }: Model) => open.size > 0
  run(model: Model, real: Real): void {
    const [id, one] = [...model.open][this.which % model.open.size] ?? []
    if (id === undefined || !one) return
    const owed = model.owed(id)
    real.book.shed(one.entry)
    for (const delivered of owed) delivered.shed = true
    model.open.delete(id)
    model.told.shed++
    expect(real.book.settle(one.entry, 'settled'), 'it is over').toBe(0)
    if (owed.length > 0) expect(real.book.oldest(), 'the connection ends in time').toBeDefined()
    check(model, real)
  }
  toString = () => `shed ${this.which}`
}

class Disconnect implements Step {
  check = () => true
  run(model: Model, real: Real): void {
    real.book.disconnected()
    model.told.shed += model.line.length
    model.line = []
    for (const [id, { held }] of model.open) {
      if (!held) continue
      model.open.delete(id)
      model.told.shed++
    }
    model.connection++
    model.unproven = 0
    expect(real.book.oldest(), 'a new connection owes nothing').toBeUndefined()
    check(model, real)
  }
  toString = () => 'disconnect'
}

const ids = ['a', 'b', 'c', 'd', 'e', 'f', nameless]
const steps = [
  fc.tuple(fc.constantFrom(...ids), fc.integer({ min: 1, max: 300 })).map(([id, n]) => new Arrive(id, n)),
  fc.constant(new Look()),
  fc.constant(new Look()),
  fc
    .tuple(fc.nat(5), fc.constantFrom<Fate>('settled', 'settled', 'stale', 'dead'))
    .map(([n, how]) => new Settle(n, how)),
  fc.nat(5).map((n) => new Hold(n)),
  fc.nat(5).map((n) => new Shed(n)),
  fc.integer({ min: 1, max: 3 }).map((acks) => new Prove(acks)),
  fc.integer({ min: 0, max: 3 }).map((dice) => (dice > 0 ? new Look() : new Disconnect())),
]

it('whatever happens, every frame is acknowledged once and in its time, none is handed out twice, the sum is right', () => {
  fc.assert(
    fc.property(fc.commands(steps, { maxCommands: 120, size: 'max' }), (commands) => {
      const model = new Model()
      const real = { book: new AckBook(caps) }
      fc.modelRun(() => ({ model, real }), commands)
      // In the end everything is settled, and nothing that can be acknowledged is not.
      const look = new Look()
      for (let turns = 0; model.open.size > 0 || model.line.length > 0; turns++) {
        expect(turns, 'it comes to an end').toBeLessThan(1_000)
        new Settle(0, 'settled').run(model, real)
        if (model.unproven > 0) new Prove(model.unproven).run(model, real)
        look.run(model, real)
      }
      const open = model.deliveries.filter(
        ({ id, acks, connection, shed }) =>
          id !== nameless && acks === 0 && !shed && connection === model.connection,
      )
      expect(open).toEqual([])
    }),
    { numRuns: 150 },
  )
})
