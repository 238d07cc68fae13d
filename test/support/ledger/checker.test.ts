import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { brokenBridges } from './broken-bridges.ts'
import { expectLedger, figuresOf, judge, LedgerError } from './checker.ts'
import { duplicates } from './delivery.ts'
import type { Entry, Fact, Note } from './history.ts'
import { ModelBridge } from './model-bridge.ts'
import { type MakeBridge, ModelWorld } from './model-world.ts'
import { usualLimits } from './verdict.ts'

const steps = 5_000

function historyOf(seed: number, makeBridge: MakeBridge, length = steps): readonly Entry[] {
  return new ModelWorld(seed, makeBridge).run(length).entries
}

describe('a bridge that keeps its promises', () => {
  it('is found right, with every seed, however often it is killed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0 }), (seed) => {
        const history = historyOf(seed, (around, memory) => new ModelBridge(around, memory), 2_000)
        expect(judge(history)).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  it('is put to a test that is worth something', () => {
    const history = historyOf(1, (around, memory) => new ModelBridge(around, memory))
    const figures = expectLedger(history, 'seed 1')
    expect(figures.deaths).toBeGreaterThan(20)
    expect(figures.deliveredAgain).toBeGreaterThan(20)
    expect(figures.acknowledged).toBe(figures.delivered)
    expect(figures.delivered).toBeGreaterThan(500)
    expect(figures.commands).toBeGreaterThan(200)
    expect(figures.keys).toBe(3)
  })

  it('may say an event again after a death, as often as the window is wide', () => {
    const history = historyOf(1, (around, memory) => new ModelBridge(around, memory))
    const { duplicates, mostDuplicatesADeath } = figuresOf(history)
    expect(duplicates).toBeGreaterThan(0)
    expect(mostDuplicatesADeath).toBeLessThanOrEqual(8)
    const limits = { ...usualLimits, duplicatesADeath: 0 }
    expect(judge(history, limits).map(({ rule }) => rule)).toContain('duplicates')
  })
})

describe.each(brokenBridges)('a bridge that %s', (_name, Bridge, rule, fault, witness) => {
  it('is caught with every seed, by the promise that it breaks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0 }), (seed) => {
        const history = historyOf(seed, (around, memory) => new Bridge(around, memory))
        const kinds = new Set(judge(history).map((violation) => `${violation.rule} ${violation.fault}`))
        expect(kinds).toContain(`${rule} ${fault}`)
      }),
      { numRuns: 10 },
    )
  })

  it('is shown by the fewest entries that can show it, with what makes the run again', () => {
    const history = historyOf(7, (around, memory) => new Bridge(around, memory))
    const caught = thrownBy(() => expectLedger(history, 'seed 7'))
    const ofTheRule = judge(history).filter((violation) => violation.rule === rule)
    expect(ofTheRule.length).toBeGreaterThan(0)
    expect(caught.message).toContain('to run it again: seed 7')
    expect(caught.message).toContain(caught.violations[0]?.text)
    expect(caught.witness.length).toBeLessThanOrEqual(Math.max(witness, 3))
  })
})

describe('what no model does', () => {
  const number = (kind: Fact['kind'], n: number, sourceMs: number | null = n): Fact => ({
    kind,
    key: 'lamp/power',
    number: n,
    sourceMs,
  })
  const saw = (observer: string, ...facts: Fact[]): Note => ({ did: 'saw', observer, topic: 't', facts })
  const faultsOf = (...notes: (Note & { atMs?: number })[]) =>
    judge(notes.map((note, i) => ({ atMs: i, ...note }))).map(({ fault }) => fault)
  const delivered = (fact: Fact): Note => ({ did: 'delivered', message: `m${fact.number}`, facts: [fact] })
  const acknowledged = (n: number): Note => ({ did: 'acknowledged', message: `m${n}` })

  it('every observer must have seen what was acknowledged, not just one', () => {
    const fact = number('event', 1)
    const start = [
      saw('a', number('event', 0)),
      saw('b', number('event', 0)),
      delivered(fact),
      saw('a', fact),
    ]
    expect(faultsOf(...start, saw('b', fact), acknowledged(1))).toEqual([])
    expect(faultsOf(...start, acknowledged(1))).toEqual(['lost'])
  })

  it('what was acknowledged long before anybody saw it was acknowledged too early', () => {
    const fact = number('event', 1)
    const early = [delivered(fact), acknowledged(1), { ...saw('a', fact), atMs: 20_000 }]
    expect(faultsOf(...early)).toEqual(['acknowledged-early'])
  })

  it('a newer value stands for an older one, before or after it, and an older one for none', () => {
    const [older, newer] = [number('state', 1), number('state', 2)]
    expect(
      faultsOf(delivered(older), delivered(newer), saw('a', newer), acknowledged(1), acknowledged(2)),
    ).toEqual([])
    expect(faultsOf(delivered(older), delivered(newer), saw('a', older), acknowledged(2))).toEqual(['lost'])
  })

  it('the source’s word on when it was counts, also where a payload says otherwise', () => {
    const [older, newer] = [number('state', 1), number('state', 2)]
    const forged = { ...older, sourceMs: 99 }
    expect(faultsOf(delivered(older), delivered(newer), saw('a', newer), saw('a', forged))).toEqual([
      'step-back',
    ])
  })

  it('events of one source keep their order, save those that come again', () => {
    const [first, second] = [number('event', 1), number('event', 2)]
    const told = [delivered(first), delivered(second)]
    expect(faultsOf(...told, saw('a', first), saw('a', second), { did: 'died' }, saw('a', first))).toEqual([])
    expect(faultsOf(...told, saw('a', second), saw('a', first))).toEqual(['overtaken'])
  })

  it('what comes again late is counted with the death that it is owed to', () => {
    const facts = [1, 2, 3, 4].map((n) => number('event', n))
    const see = facts.map((fact) => saw('a', fact))
    const [one, two, three, four] = see as [Note, Note, Note, Note]
    const history = [one, two, { did: 'died' }, one, three, four, { did: 'died' }, two, three, four] as const
    expect(duplicates(history.map((note, i) => ({ atMs: i, ...note })))).toEqual([0, 2, 2])
    expect(duplicates([one, one].map((note, i) => ({ atMs: i, ...note })))).toEqual([1])
  })

  it('a retained value that is missing, another or stale is no convergence', () => {
    const held: Note = { did: 'held', key: 'k', number: 2 }
    const found = (n: number, stale = false): Note => ({ did: 'found', key: 'k', number: n, stale })
    expect(faultsOf(held)).toEqual(['missing'])
    expect(faultsOf(held, found(1))).toEqual(['differs'])
    expect(faultsOf(held, found(2, true))).toEqual(['stale'])
    expect(faultsOf(held, found(2))).toEqual([])
  })

  describe('a command', () => {
    const terms = { live: true, allowed: true, once: true, expiresMs: null }
    const asked = (changes = {}): Note => ({ did: 'asked', command: 1, terms: { ...terms, ...changes } })
    const wrote: Note = { did: 'wrote', device: 'lamp', command: 1 }
    const heard: Note = { did: 'heard', command: 1, state: 'confirmed', final: true }

    it('needs one result, unless the bridge was killed or away', () => {
      expect(faultsOf(asked())).toEqual(['no-result'])
      expect(faultsOf(asked(), wrote, heard)).toEqual([])
      expect(faultsOf(asked(), wrote, { did: 'died' })).toEqual([])
      expect(faultsOf({ did: 'died' }, asked(), { did: 'started' })).toEqual([])
      expect(faultsOf(asked(), heard, { did: 'died' }, heard)).toEqual(['two-results'])
      expect(faultsOf(asked(), { ...heard, state: 'accepted', final: false })).toEqual(['no-result'])
      expect(faultsOf(asked(), { ...heard, atMs: 60_000 })).toEqual(['late-result'])
    })

    it('is the only reason to write, while it lives, once', () => {
      expect(faultsOf({ ...wrote, command: null })).toEqual(['unasked'])
      expect(faultsOf(wrote)).toEqual(['unasked'])
      expect(faultsOf(asked({ live: false }), wrote, heard)).toEqual(['not-live'])
      expect(faultsOf(asked({ allowed: false }), wrote, heard)).toEqual(['not-allowed'])
      expect(faultsOf(asked({ expiresMs: 0 }), wrote, heard)).toEqual(['expired'])
      expect(faultsOf(asked(), heard, wrote)).toEqual(['after-the-end'])
      expect(faultsOf(asked(), wrote, wrote, heard)).toEqual(['repeated'])
      expect(faultsOf(asked({ once: false }), wrote, wrote, heard)).toEqual([])
    })
  })
})

function thrownBy(run: () => unknown): LedgerError {
  try {
    run()
  } catch (thrown) {
    if (thrown instanceof LedgerError) return thrown
    throw thrown
  }
  throw new Error('nothing was found')
}
