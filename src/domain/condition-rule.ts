/**
 * The rule of an automation with custom matching, over the numbers of its conditions:
 *
 *     or   := and ("||" and)*
 *     and  := prim ("&&" prim)*
 *     prim := number | "(" or ")"
 *
 * `&&` binds tighter. Spaces between the words do not count.
 */
export type Rule =
  | { readonly kind: 'condition'; readonly order: number }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Rule[] }

/** Where a rule names a condition. */
export interface RuleReference {
  readonly order: number
  readonly position: number
}

export type ParsedRule =
  | { readonly ok: true; readonly rule: Rule; readonly references: readonly RuleReference[] }
  | { readonly ok: false; readonly fault: RuleFault }

export interface RuleFault {
  /** Index of the character at which reading stopped; the length of the text when it ended too early. */
  readonly position: number
  /** What could have stood there. */
  readonly expected: readonly string[]
  /** What stands there; '' at the end. */
  readonly found: string
  readonly message: string
}

/** Ten conditions need far less; the bounds keep nonsense from costing time or stack. */
const longestRule = 1_000
const deepestRule = 32

interface Token {
  readonly kind: 'number' | '&&' | '||' | '(' | ')' | 'end' | 'other'
  readonly text: string
  readonly position: number
}

const word = /\s*(?:(?<number>\d+)|(?<sign>&&|\|\||[()])|(?<other>[\p{L}_]+|[^\s]))/uy

/** Reads a rule; total: every text gives a tree or says where it stops being one. */
export function parseRule(text: string): ParsedRule {
  if (text.length > longestRule) {
    const message = `A rule has at most ${longestRule} characters, this one has ${text.length}.`
    return {
      ok: false,
      fault: { position: longestRule, expected: ['end'], found: text.charAt(longestRule), message },
    }
  }
  const parser = new RuleParser(tokens(text))
  try {
    return { ok: true, rule: parser.whole(), references: parser.references }
  } catch (thrown) {
    if (thrown instanceof Unexpected) return { ok: false, fault: thrown.fault }
    throw thrown
  }
}

function tokens(text: string): readonly Token[] {
  const found: Token[] = []
  word.lastIndex = 0
  for (let match = word.exec(text); match !== null; match = word.exec(text)) {
    const { number, sign, other } = match.groups ?? {}
    const token = number ?? sign ?? other ?? ''
    const kind = number !== undefined ? 'number' : sign !== undefined ? (sign as Token['kind']) : 'other'
    found.push({ kind, text: token, position: match.index + match[0].length - token.length })
  }
  return [...found, { kind: 'end', text: '', position: text.length }]
}

/** Never leaves this file. */
class Unexpected extends Error {
  readonly fault: RuleFault

  constructor(fault: RuleFault) {
    super(fault.message)
    this.fault = fault
  }
}

const operand = ['the number of a condition', '"("']

class RuleParser {
  readonly references: RuleReference[] = []
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(list: readonly Token[]) {
    this.#tokens = list
  }

  whole(): Rule {
    const rule = this.#or()
    if (this.#next.kind !== 'end') this.#fail(['"&&"', '"||"', 'the end'])
    return rule
  }

  #or(): Rule {
    return this.#chain('or', '||', () => this.#chain('and', '&&', () => this.#primary()))
  }

  #chain(kind: 'and' | 'or', sign: '&&' | '||', part: () => Rule): Rule {
    const first = part()
    const of = [first]
    while (this.#next.kind === sign) {
      this.#at++
      of.push(part())
    }
    return of.length === 1 ? first : { kind, of }
  }

  #primary(): Rule {
    const token = this.#next
    if (token.kind === 'number') return this.#condition(token)
    if (token.kind !== '(') return this.#fail(operand)
    if (this.#depth === deepestRule) return this.#fail([operand[0] as string], tooDeep)
    this.#at++
    this.#depth++
    const inner = this.#or()
    if (this.#next.kind !== ')') this.#fail(['"&&"', '"||"', '")"'])
    this.#at++
    this.#depth--
    return inner
  }

  #condition({ text, position }: Token): Rule {
    const order = Number(text)
    if (!Number.isSafeInteger(order)) this.#fail(['the number of a condition'])
    this.#at++
    this.references.push({ order, position })
    return { kind: 'condition', order }
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token
  }

  #fail(expected: readonly string[], why?: string): never {
    const { position, text: found } = this.#next
    const message = why ?? describe(position, expected, found)
    throw new Unexpected({ position, expected, found, message })
  }
}

const tooDeep = `A rule nests at most ${deepestRule} parentheses.`

function describe(position: number, expected: readonly string[], found: string): string {
  const what = `${expected.slice(0, -1).join(', ')}${expected.length > 1 ? ' or ' : ''}${expected.at(-1)}`
  const there = found === '' ? 'the rule ends' : `there is "${found.slice(0, 32)}"${meant(found)}`
  return `At character ${position + 1} ${there}; expected ${what}.`
}

const spellings: Readonly<Record<string, string>> = { '&': '&&', and: '&&', '|': '||', or: '||' }

function meant(found: string): string {
  const sign = Object.hasOwn(spellings, found.toLowerCase()) ? spellings[found.toLowerCase()] : undefined
  if (sign) return ` (write "${sign}")`
  return found === '!' || found.toLowerCase() === 'not' ? ' (rules cannot negate)' : ''
}

/** The rule as the platform writes it; reading it again gives the same tree. */
export function printRule(rule: Rule): string {
  if (rule.kind === 'condition') return String(rule.order)
  return rule.of
    .map((part) => {
      const bare = part.kind === 'condition' || (part.kind === 'and' && rule.kind === 'or')
      return bare ? printRule(part) : `(${printRule(part)})`
    })
    .join(rule.kind === 'and' ? '&&' : '||')
}

/** Whether the rule holds, given which conditions do. */
export function evaluateRule(rule: Rule, holds: (order: number) => boolean): boolean {
  switch (rule.kind) {
    case 'condition':
      return holds(rule.order)
    case 'and':
      return rule.of.every((part) => evaluateRule(part, holds))
    case 'or':
      return rule.of.some((part) => evaluateRule(part, holds))
  }
}
