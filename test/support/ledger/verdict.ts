/** The invariants, and what is promised of events: few of them twice, and each source's in order. */
export type Rule = 'I-1' | 'I-2' | 'I-3' | 'I-4' | 'I-5' | 'I-6' | 'duplicates' | 'order'

export interface Violation {
  readonly rule: Rule
  /** What is wrong, in a word. */
  readonly fault:
    | 'lost'
    | 'acknowledged-early'
    | 'step-back'
    | 'missing'
    | 'differs'
    | 'stale'
    | 'no-result'
    | 'two-results'
    | 'late-result'
    | 'unasked'
    | 'not-live'
    | 'not-allowed'
    | 'expired'
    | 'after-the-end'
    | 'repeated'
    | 'too-many'
    | 'overtaken'
  /** The message, key or command. */
  readonly subject: string
  readonly text: string
}

export interface Limits {
  /** How much later than the acknowledgement an observer may see the message: its own delay. */
  readonly seenWithinMs: number
  /** From a command to its result (R-K2), and what the client may be late itself. */
  readonly resultWithinMs: number
  /** Messages that may be seen twice, for each death. */
  readonly duplicatesADeath: number
}

export const usualLimits: Limits = { seenWithinMs: 10_000, resultWithinMs: 16_000, duplicatesADeath: 256 }
