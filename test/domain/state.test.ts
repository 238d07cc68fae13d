import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Source } from '../../src/domain/report.ts'
import { DeviceState, type PointFact, sameJson } from '../../src/domain/state.ts'

const startMs = Date.UTC(2026, 0, 1)
const fiveMinutes = 5 * 60_000

/** A fact that was received a moment after it held. */
function fact(value: unknown, timeMs: number, changes: Partial<PointFact> = {}): PointFact {
  return {
    raw: value,
    value: value as PointFact['value'],
    odd: false,
    timeMs,
    receivedMs: timeMs + 40,
    source: 'queue',
    ...changes,
  }
}

describe('I-2: source time', () => {
  it('of a key never goes back', () => {
    const state = new DeviceState()
    expect(state.apply('switch', fact(true, startMs))).toBe('changed')
    expect(state.apply('switch', fact(false, startMs - 1))).toBe('older')
    expect(state.get('switch')?.value).toBe(true)
    expect(state.apply('switch', fact(false, startMs + 1))).toBe('changed')
    expect(state.get('switch')?.value).toBe(false)
  })

  it('of one key says nothing about another', () => {
    const state = new DeviceState()
    state.apply('switch', fact(true, startMs))
    expect(state.apply('battery', fact(80, startMs - 3_600_000))).toBe('changed')
  })

  it('that is equal lets the later arrival win', () => {
    const state = new DeviceState()
    state.apply('switch', fact(true, startMs, { source: 'poll' }))
    expect(state.apply('switch', fact(false, startMs))).toBe('changed')
    expect(state.get('switch')).toMatchObject({ value: false, source: 'queue' })
  })

  it('up to five minutes ahead is taken as it is, beyond that it is the time of receipt', () => {
    const state = new DeviceState()
    state.apply('a', fact(1, startMs + fiveMinutes, { receivedMs: startMs }))
    state.apply('b', fact(1, startMs + fiveMinutes + 1, { receivedMs: startMs }))
    expect(state.get('a')?.timeMs).toBe(startMs + fiveMinutes)
    expect(state.get('b')?.timeMs).toBe(startMs)
  })

  it('from the far future does not lock out what comes after', () => {
    const state = new DeviceState()
    state.apply('switch', fact(true, startMs + 86_400_000, { receivedMs: startMs }))
    expect(state.apply('switch', fact(false, startMs + 1_000))).toBe('changed')
  })

  it('I-3: that was dated by a clock which was a day ahead does not lock out what comes after it was set right', () => {
    const state = new DeviceState()
    const tomorrow = startMs + 86_400_000
    state.apply('switch', fact(true, tomorrow, { source: 'snapshot' }))
    state.floor('switch', tomorrow)
    const latest = startMs + fiveMinutes
    expect(state.apply('switch', fact(false, startMs))).toBe('older')
    expect(state.apply('switch', fact(false, startMs), latest)).toBe('changed')
    expect(state.apply('switch', fact(true, startMs - 1), latest)).toBe('older')
    expect(state.get('switch')).toMatchObject({ value: false, timeMs: startMs })
  })

  it('R-S4: of an earlier run is a lower bound, with or without a value from disk', () => {
    const state = new DeviceState()
    state.floor('switch', startMs)
    expect(state.apply('switch', fact(true, startMs - 1))).toBe('older')
    expect(state.get('switch')).toBeUndefined()
    expect(state.apply('switch', fact(true, startMs))).toBe('changed')

    const restored = new DeviceState()
    restored.apply('switch', fact(true, startMs - 60_000, { source: 'snapshot' }))
    restored.floor('switch', startMs)
    expect(restored.apply('switch', fact(false, startMs - 1))).toBe('older')
    expect(restored.get('switch')?.value).toBe(true)
  })

  it('R-S4: the highest of several bounds holds', () => {
    const state = new DeviceState()
    state.floor('switch', startMs)
    state.floor('switch', startMs - 5_000)
    expect(state.apply('switch', fact(true, startMs - 1))).toBe('older')
  })
})

describe('what changed', () => {
  it('is a value that differs, not a newer time', () => {
    const state = new DeviceState()
    state.apply('colour', fact({ h: 1, s: 2, v: 3 }, startMs))
    expect(state.apply('colour', fact({ v: 3, s: 2, h: 1 }, startMs + 5))).toBe('same')
    expect(state.get('colour')?.timeMs).toBe(startMs + 5)
    expect(state.apply('colour', fact({ h: 1, s: 2, v: 4 }, startMs + 6))).toBe('changed')
  })

  it('includes the first value, one that turns odd, and one that confirms what came from disk', () => {
    const state = new DeviceState()
    expect(state.apply('a', fact(1, startMs, { source: 'snapshot' }))).toBe('changed')
    expect(state.apply('a', fact(1, startMs + 1))).toBe('changed')
    expect(state.apply('a', fact(1, startMs + 2))).toBe('same')
    expect(state.apply('a', fact(1, startMs + 3, { odd: true }))).toBe('changed')
  })

  it('the newest time of all is the document’s', () => {
    const state = new DeviceState()
    expect(state.newestMs()).toBeUndefined()
    state.apply('a', fact(1, startMs + 7))
    state.apply('b', fact(1, startMs))
    expect(state.newestMs()).toBe(startMs + 7)
    state.forget('a')
    expect(state.newestMs()).toBe(startMs)
    expect(state.size).toBe(1)
  })
})

interface Model {
  readonly timeMs: Map<string, number>
  readonly floors: Map<string, number>
  readonly values: Map<string, unknown>
}

const keys = fc.constantFrom('a', 'b', 'c')

class Apply implements fc.Command<Model, DeviceState> {
  readonly key: string
  readonly fact: PointFact

  constructor(key: string, given: PointFact) {
    this.key = key
    this.fact = given
  }

  check(): boolean {
    return true
  }

  run(model: Model, state: DeviceState): void {
    const { timeMs, receivedMs, value } = this.fact
    const counted = timeMs > receivedMs + fiveMinutes ? receivedMs : timeMs
    const bound = Math.max(model.timeMs.get(this.key) ?? -1, model.floors.get(this.key) ?? -1)
    const verdict = state.apply(this.key, this.fact)
    expect(verdict === 'older').toBe(counted < bound)
    if (verdict !== 'older') {
      model.timeMs.set(this.key, counted)
      model.values.set(this.key, value)
    }
    check(model, state)
  }

  toString(): string {
    return `${this.key}=${String(this.fact.value)}@${this.fact.timeMs}/${this.fact.receivedMs}`
  }
}

class Floor implements fc.Command<Model, DeviceState> {
  readonly key: string
  readonly timeMs: number

  constructor(key: string, timeMs: number) {
    this.key = key
    this.timeMs = timeMs
  }

  check(): boolean {
    return true
  }

  run(model: Model, state: DeviceState): void {
    state.floor(this.key, this.timeMs)
    model.floors.set(this.key, Math.max(this.timeMs, model.floors.get(this.key) ?? -1))
    check(model, state)
  }

  toString(): string {
    return `${this.key}>=${this.timeMs}`
  }
}

function check(model: Model, state: DeviceState): void {
  expect([...state.entries()].map(([key, { timeMs }]) => [key, timeMs])).toEqual([...model.timeMs])
  for (const [key, value] of model.values) expect(state.get(key)?.value).toEqual(value)
}

const someTime = fc.integer({ min: 0, max: 2 * fiveMinutes })

const facts = fc.record<PointFact>({
  raw: fc.constant(0),
  value: fc.constantFrom(0, 1, true, 'x', null),
  odd: fc.boolean(),
  timeMs: someTime,
  receivedMs: someTime,
  source: fc.constantFrom<Source>('lan', 'queue', 'poll', 'ack', 'snapshot'),
})

it('I-2: for any sequence of facts the source times of a key never go back, and the last one taken stands', () => {
  const commands = fc.commands(
    [
      fc.tuple(keys, facts).map(([key, given]) => new Apply(key, given)),
      fc.tuple(keys, someTime).map(([key, timeMs]) => new Floor(key, timeMs)),
    ],
    { maxCommands: 60, size: 'max' },
  )
  fc.assert(
    fc.property(commands, (given) => {
      fc.modelRun(
        () => ({
          model: { timeMs: new Map(), floors: new Map(), values: new Map() },
          real: new DeviceState(),
        }),
        given,
      )
    }),
    { numRuns: 150 },
  )
})

describe('equality of JSON', () => {
  it.each<[a: unknown, b: unknown]>([
    [
      { a: 1, b: [2, { c: null }] },
      { b: [2, { c: null }], a: 1 },
    ],
    [[], []],
    ['x', 'x'],
    [null, null],
  ])('%j equals %j', (a, b) => {
    expect(sameJson(a, b)).toBe(true)
  })

  it.each<[a: unknown, b: unknown]>([
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { b: 1 }],
    [{ a: 1 }, { a: 1, b: 1 }],
    [{ a: undefined }, { b: 1 }],
    [
      [1, 2],
      [2, 1],
    ],
    [[], {}],
    [null, {}],
    [1, '1'],
    [0, false],
    [{ toString: 1 }, {}],
  ])('%j does not equal %j', (a, b) => {
    expect(sameJson(a, b)).toBe(false)
    expect(sameJson(b, a)).toBe(false)
  })

  it('is that of the texts, but for the order of members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(sameJson(a, structuredClone(a))).toBe(true)
        if (JSON.stringify(sorted(a)) !== JSON.stringify(sorted(b))) expect(sameJson(a, b)).toBe(false)
        else expect(sameJson(a, b)).toBe(true)
      }),
    )
  })
})

/** The value with the members of all objects in alphabetical order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return { members: members.map(([key, member]) => [key, sorted(member)]) }
}
