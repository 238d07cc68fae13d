import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Outgoing } from '../../src/mqtt/message.ts'
import { type Entry, Outbox } from '../../src/mqtt/outbox.ts'
import { event, state, takeAll } from '../support/entries.ts'

/** What a message is, from its offer to its end, as simply as it can be kept. */
interface Offered {
  readonly n: number
  readonly topic: string
  readonly isState: boolean
  told: boolean | undefined
}

/** What must hold whatever happens, without a word on how. */
class Model {
  readonly offered: Offered[] = []
  readonly flying: { readonly entry: Entry; readonly n: number }[] = []
  /** States that flew, by number, and are not known to have been refused: no older one of the topic goes after them. */
  readonly flown = new Map<number, string>()
  /** Numbers of events that flew for the first time; they rise. */
  lastEvent = -1
  /** What the broker takes right now. */
  delivering = -1

  /** Whether what the topic said last before this number is not on its way yet, nor anything newer. */
  unsaid(topic: string, before: number): boolean {
    const said = this.offered.findLast(
      (one) => one.isState && one.topic === topic && one.n < before && one.told !== false,
    )
    if (!said || said.told) return false
    return ![...this.flown].some(([n, on]) => on === topic && n >= said.n)
  }

  open(): Offered[] {
    return this.offered.filter(({ told }) => told === undefined)
  }
}

interface Bench {
  readonly outbox: Outbox
}

type Step = fc.Command<Model, Bench>

const modelCaps = { states: 4, stateBytes: 100_000, events: 6, eventBytes: 100_000 }
const modelWindow = 3
/** One topic that does not go before another. */
const [document, follower] = ['a', 'e']

class Offer implements Step {
  readonly topic: string
  readonly isState: boolean

  constructor(topic: string, isState: boolean) {
    this.topic = topic
    this.isState = isState
  }

  check(): boolean {
    return true
  }

  run(model: Model, { outbox }: Bench): void {
    const n = model.offered.length
    const one: Offered = { n, topic: this.topic, isState: this.isState, told: undefined }
    const settle = (delivered: boolean) => {
      expect(one.told, `message ${n} is told once`).toBeUndefined()
      if (delivered && this.isState) expect(model.delivering, 'it or a newer one').toBeGreaterThanOrEqual(n)
      else if (delivered) expect(model.delivering).toBe(n)
      one.told = delivered
    }
    const taken = this.isState
      ? outbox.offerState(this.#state(String(n)), settle)
      : outbox.offerEvent(event(String(n), this.topic), settle)
    if (taken) model.offered.push(one)
    else model.offered.push({ ...one, told: false })
  }

  #state(payload: string): Outgoing {
    return { ...state(this.topic, payload), ...(this.topic === follower ? { after: document } : {}) }
  }

  toString(): string {
    return `${this.isState ? 'state' : 'event'} ${this.topic}`
  }
}

class Take implements Step {
  check(): boolean {
    return true
  }

  run(model: Model, { outbox }: Bench): void {
    const entry = outbox.take(modelWindow)
    if (!entry) return
    const { topic, payload, retain } = entry.message
    const n = Number(payload)
    expect(model.flying.length).toBeLessThan(modelWindow)
    if (entry.suspect || model.flying.some((other) => other.entry.suspect))
      expect(model.flying, 'a suspect flies alone').toEqual([])
    if (retain) {
      const newer = [...model.flown].filter(([other, on]) => on === topic && other > n)
      expect(newer, `${topic} never goes back to ${n}`).toEqual([])
      if (topic === follower) expect(model.unsaid(document, n), `${topic} overtakes`).toBe(false)
      model.flown.set(n, topic)
    } else if (entry.strikes === 0 && n > model.lastEvent) {
      const skipped = model.offered.filter(
        (other) => !other.isState && other.told === undefined && other.n > model.lastEvent && other.n < n,
      )
      expect(skipped, 'events leave in order').toEqual([])
      model.lastEvent = n
    }
    model.flying.push({ entry, n })
  }

  toString(): string {
    return 'take'
  }
}

class Answer implements Step {
  readonly which: number
  readonly delivered: boolean

  constructor(which: number, delivered: boolean) {
    this.which = which
    this.delivered = delivered
  }

  check({ flying }: Model): boolean {
    return flying.length > 0
  }

  run(model: Model, { outbox }: Bench): void {
    const [flown] = model.flying.splice(this.which % model.flying.length, 1)
    if (!flown) return
    const overtaken = model.offered[flown.n]?.told === true
    model.delivering = flown.n
    if (this.delivered) outbox.settled(flown.entry)
    else {
      outbox.dead(flown.entry)
      model.flown.delete(flown.n)
    }
    expect(model.offered[flown.n]?.told).toBe(this.delivered || overtaken)
    // A second answer to the same message changes nothing.
    outbox.settled(flown.entry)
  }

  toString(): string {
    return this.delivered ? `puback ${this.which}` : `refusal ${this.which}`
  }
}

class Drop implements Step {
  readonly recent: boolean

  constructor(recent: boolean) {
    this.recent = recent
  }

  check(): boolean {
    return true
  }

  run(model: Model, { outbox }: Bench): void {
    const [only] = model.flying
    const isLastStrike = only?.entry.suspect && only.entry.strikes === 2 && model.flying.length === 1
    const died = outbox.disconnected(this.recent)
    if (died.length > 0) {
      expect(this.recent && isLastStrike, 'only what was alone in flight at three drops dies').toBe(true)
      const topic = only?.entry.message.topic
      for (const { message } of died) {
        expect(message.topic).toBe(topic)
        expect(model.offered[Number(message.payload)]?.told).toBe(false)
      }
    } else if (this.recent) expect(isLastStrike ?? false).toBe(false)
    model.flying.length = 0
    expect(outbox.inFlight).toBe(0)
  }

  toString(): string {
    return this.recent ? 'drop soon after a publish' : 'drop'
  }
}

const steps = [
  fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.boolean()).map(([t, s]) => new Offer(t, s)),
  fc.constant(new Take()),
  fc.constant(new Take()),
  fc.tuple(fc.nat(2), fc.integer({ min: 0, max: 9 })).map(([i, dice]) => new Answer(i, dice > 0)),
  fc.boolean().map((recent) => new Drop(recent)),
]

function deliver(model: Model, { outbox }: Bench, entries: readonly Entry[]): void {
  for (const entry of entries) {
    model.delivering = Number(entry.message.payload)
    outbox.settled(entry)
  }
}

it('whatever happens, nothing is lost, nobody is told twice, no topic goes back, events keep their order', () => {
  fc.assert(
    fc.property(fc.commands(steps, { maxCommands: 120, size: 'max' }), (commands) => {
      const model = new Model()
      const outbox = new Outbox(modelCaps)
      const real = { outbox }
      fc.modelRun(() => ({ model, real }), commands)
      deliver(
        model,
        real,
        model.flying.map(({ entry }) => entry),
      )
      for (let next = takeAll(outbox); next.length > 0; next = takeAll(outbox)) deliver(model, real, next)
      expect(model.open(), 'everybody was told').toEqual([])
      const { offered, refused, merged, settled, dead } = outbox.counts
      expect([outbox.size, outbox.bytes]).toEqual([0, 0])
      expect(settled + dead + merged + refused, 'the counters add up').toBe(offered)
    }),
    { numRuns: 400 },
  )
})
