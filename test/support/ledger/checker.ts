import {
  differences,
  duplicates,
  entriesOf,
  lostMessages,
  overtaken,
  SourceTimes,
  stepsBack,
  tooManyDuplicates,
} from './delivery.ts'
import { entryLine, type History, namesOf } from './history.ts'
import { disobedience } from './obedience.ts'
import { shortest } from './shrink.ts'
import { type Limits, type Rule, usualLimits, type Violation } from './verdict.ts'

type Judge = (history: History, limits: Limits) => readonly Violation[]

const judges: readonly (readonly [rules: readonly Rule[], judge: Judge])[] = [
  [['I-1'], lostMessages],
  [['I-2'], stepsBack],
  [['I-3'], differences],
  [['I-4', 'I-5', 'I-6'], disobedience],
  [['order'], overtaken],
  [['duplicates'], tooManyDuplicates],
]

/**
 * Compares the ledgers of source, observers, clients and devices (R-T3): everything that does not hold, or what does
 * not of one rule.
 */
export function judge(history: History, limits: Limits = usualLimits, rule?: Rule): readonly Violation[] {
  return judges
    .filter(([rules]) => rule === undefined || rules.includes(rule))
    .flatMap(([, one]) => one(history, limits))
}

export interface Figures {
  readonly deaths: number
  /** Messages, not deliveries. */
  readonly delivered: number
  readonly deliveredAgain: number
  readonly acknowledged: number
  readonly seen: { readonly states: number; readonly events: number }
  readonly duplicates: number
  readonly mostDuplicatesADeath: number
  readonly commands: number
  readonly keys: number
}

export function figuresOf(history: History): Figures {
  const deliveries = entriesOf(history, 'delivered')
  const delivered = new Set(deliveries.map(({ message }) => message)).size
  const again = duplicates(history)
  const seen = entriesOf(history, 'saw').flatMap(({ facts }) => facts)
  return {
    deaths: entriesOf(history, 'died').length,
    delivered,
    deliveredAgain: deliveries.length - delivered,
    acknowledged: new Set(entriesOf(history, 'acknowledged').map(({ message }) => message)).size,
    seen: {
      states: seen.filter(({ kind }) => kind === 'state').length,
      events: seen.filter(({ kind }) => kind === 'event').length,
    },
    duplicates: again.reduce((sum, count) => sum + count, 0),
    mostDuplicatesADeath: Math.max(0, ...again.slice(1)),
    commands: entriesOf(history, 'asked').length,
    keys: entriesOf(history, 'held').length,
  }
}

/** Says what does not hold, with the shortest history that shows it and what makes the run again. */
export class LedgerError extends Error {
  readonly violations: readonly Violation[]
  readonly witness: History

  constructor(history: History, violations: readonly Violation[], limits: Limits, replay: string) {
    const [first] = violations as [Violation]
    const witness = shortest(history, first, (part) => judge(part, limits, first.rule))
    const kinds = kindsOf(violations)
    super(
      [
        `${first.rule} ${first.fault}: ${first.text}`,
        `${violations.length} in all, the first of each kind:`,
        ...[...kinds].map(([kind, { count, text }]) => `  ${count} x ${kind}: ${text}`),
        `to run it again: ${replay}`,
        `the shortest history that shows it, ${witness.length} of ${history.length} entries:`,
        ...firstOf(witness.map((entry) => `  ${entryLine(entry)}`)),
        'what else was noted of it:',
        ...surroundings(history, witness).map((line) => `  ${line}`),
      ].join('\n'),
    )
    this.name = 'LedgerError'
    this.violations = violations
    this.witness = witness
  }
}

/** Throws LedgerError; `replay` tells the reader the seed or the command that makes the same run. */
export function expectLedger(history: History, replay: string, limits: Limits = usualLimits): Figures {
  const violations = judge(history, limits)
  if (violations.length > 0) throw new LedgerError(history, violations, limits, replay)
  return figuresOf(history)
}

const shownAtMost = 40

function firstOf(lines: readonly string[]): readonly string[] {
  if (lines.length <= shownAtMost) return lines
  return [...lines.slice(0, shownAtMost), `  and ${lines.length - shownAtMost} more like these`]
}

/** Entries of the witness's messages, numbers, keys and commands, and the deaths between them. */
function surroundings(history: History, witness: History): string[] {
  const names = new Set(witness.flatMap(namesOf))
  const inWitness = new Set(witness)
  const times = new SourceTimes(history)
  const [from, to] = [witness[0]?.atMs ?? 0, witness.at(-1)?.atMs ?? 0]
  const related = history.filter((entry) => {
    if (inWitness.has(entry)) return false
    if (entry.did === 'died' || entry.did === 'started') return entry.atMs >= from && entry.atMs <= to
    return namesOf(entry).some((name) => names.has(name))
  })
  // The nearest to the fault are worth most.
  const nearest = related
    .map((entry) => ({ entry, far: Math.min(Math.abs(entry.atMs - from), Math.abs(entry.atMs - to)) }))
    .sort((a, b) => a.far - b.far)
    .slice(0, shownAtMost)
    .map(({ entry }) => entry)
    .sort((a, b) => a.atMs - b.atMs)
  const lines = nearest.map((entry) => {
    if (!('facts' in entry)) return entryLine(entry)
    const facts = entry.facts
      .filter(({ key }) => names.has(key))
      .map((fact) => ({ ...fact, sourceMs: times.of(fact) }))
    return entryLine({ ...entry, facts: facts.length > 0 ? facts : entry.facts })
  })
  return lines.length > 0 ? lines : ['nothing']
}

function kindsOf(violations: readonly Violation[]) {
  const kinds = new Map<string, { readonly count: number; readonly text: string }>()
  for (const { rule, fault, text } of violations) {
    const kind = `${rule} ${fault}`
    const known = kinds.get(kind)
    kinds.set(kind, { count: (known?.count ?? 0) + 1, text: known?.text ?? text })
  }
  return kinds
}
