import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluateRule, parseRule, printRule, type Rule } from '../../src/domain/condition-rule.ts'
import { anyText } from '../support/any-text.ts'

const one: Rule = { kind: 'condition', order: 1 }
const two: Rule = { kind: 'condition', order: 2 }
const three: Rule = { kind: 'condition', order: 3 }
const and = (...of: Rule[]): Rule => ({ kind: 'and', of })
const or = (...of: Rule[]): Rule => ({ kind: 'or', of })

const trees: fc.Arbitrary<Rule> = fc.letrec<{ rule: Rule }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.record({ kind: fc.constant('condition' as const), order: fc.integer({ min: 0, max: 99 }) }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('rule'), { minLength: 2, maxLength: 4 }),
    }),
  ),
})).rule

/** Texts that come close to rules, which random ones never do. */
const ruleLike = fc
  .array(fc.constantFrom('1', '2', '10', '&&', '||', '&', '|', '(', ')', ' ', 'and', '!', 'é', '\u{1f600}'), {
    maxLength: 20,
  })
  .map((words) => words.join(''))

function treeOf(text: string): Rule {
  const parsed = parseRule(text)
  if (!parsed.ok) throw new Error(parsed.fault.message)
  return parsed.rule
}

describe('reading a rule', () => {
  it.each<readonly [string, Rule]>([
    ['1', one],
    ['1&&2', and(one, two)],
    ['1||2||3', or(one, two, three)],
    ['1&&2||3', or(and(one, two), three)],
    ['1||2&&3', or(one, and(two, three))],
    ['1&&(2||3)', and(one, or(two, three))],
    ['((1))', one],
    ['(1&&2)&&3', and(and(one, two), three)],
    [' 1 &&\t2\n|| 3 ', or(and(one, two), three)],
  ])('%j is a tree', (text, tree) => {
    expect(treeOf(text)).toEqual(tree)
  })

  it('tells where it names which condition', () => {
    expect(parseRule('1 && (12||1)')).toMatchObject({
      references: [
        { order: 1, position: 0 },
        { order: 12, position: 6 },
        { order: 1, position: 10 },
      ],
    })
  })

  it.each<readonly [string, number, string]>([
    ['', 0, 'At character 1 the rule ends; expected the number of a condition or "(".'],
    ['1&&', 3, 'At character 4 the rule ends; expected the number of a condition or "(".'],
    ['1 2', 2, 'At character 3 there is "2"; expected "&&", "||" or the end.'],
    ['1&2', 1, 'At character 2 there is "&" (write "&&"); expected "&&", "||" or the end.'],
    ['1 and 2', 2, 'At character 3 there is "and" (write "&&"); expected "&&", "||" or the end.'],
    ['1 OR 2', 2, 'At character 3 there is "OR" (write "||"); expected "&&", "||" or the end.'],
    [
      '!1',
      0,
      'At character 1 there is "!" (rules cannot negate); expected the number of a condition or "(".',
    ],
    ['(1&&2', 5, 'At character 6 the rule ends; expected "&&", "||" or ")".'],
    ['1)', 1, 'At character 2 there is ")"; expected "&&", "||" or the end.'],
    ['()', 1, 'At character 2 there is ")"; expected the number of a condition or "(".'],
    ['1&&||2', 3, 'At character 4 there is "||"; expected the number of a condition or "(".'],
    ['1||x', 3, 'At character 4 there is "x"; expected the number of a condition or "(".'],
  ])('%j is refused with its position', (text, position, message) => {
    expect(parseRule(text)).toMatchObject({ ok: false, fault: { position, message } })
  })

  it('refuses what would cost time or stack', () => {
    expect(parseRule(`${'('.repeat(33)}1${')'.repeat(33)}`)).toMatchObject({
      fault: { position: 32, message: 'A rule nests at most 32 parentheses.' },
    })
    expect(parseRule(`${'('.repeat(32)}1${')'.repeat(32)}`)).toMatchObject({ rule: one })
    expect(parseRule('1||'.repeat(100_000))).toMatchObject({
      fault: { message: 'A rule has at most 1000 characters, this one has 300000.' },
    })
  })

  it('gives the same tree for what was printed', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const text = printRule(tree)
        fc.pre(text.length <= 1000)
        expect(treeOf(text)).toEqual(tree)
      }),
    )
  })

  it('never throws, and its position lies within the text, where what it found stands', () => {
    fc.assert(
      fc.property(fc.oneof(ruleLike, anyText({ maxLength: 40 })), (text) => {
        const parsed = parseRule(text)
        if (parsed.ok) return
        const { position, found, expected, message } = parsed.fault
        const inside = position >= 0 && position <= text.length
        const stands = text.slice(position, position + found.length) === found
        expect({ inside, stands, explained: expected.length > 0 && message !== '' }).toEqual({
          inside: true,
          stands: true,
          explained: true,
        })
      }),
      { numRuns: 500 },
    )
  })
})

describe('a rule holds', () => {
  const holding =
    (...orders: number[]) =>
    (order: number) =>
      orders.includes(order)

  it.each<readonly [string, number[], boolean]>([
    ['1&&2||3', [1, 2], true],
    ['1&&2||3', [1], false],
    ['1&&2||3', [3], true],
    ['1&&(2||3)', [3], false],
    ['1&&(2||3)', [1, 3], true],
    ['(1||2)&&(3||4)', [2, 4], true],
    ['(1||2)&&(3||4)', [1, 2], false],
  ])('%s with %j: %s', (text, orders, expected) => {
    expect(evaluateRule(treeOf(text), holding(...orders))).toBe(expected)
  })

  it('as the same formula in JavaScript does', () => {
    fc.assert(
      fc.property(trees, fc.array(fc.boolean(), { minLength: 100, maxLength: 100 }), (tree, values) => {
        const text = printRule(tree).replace(/\d+/g, (order) => String(values[Number(order)]))
        const truth = new Function(`return ${text}`)() as boolean
        expect(evaluateRule(tree, (order) => values[order] === true)).toBe(truth)
      }),
    )
  })
})
