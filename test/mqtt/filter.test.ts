import fc from 'fast-check'
import { expect, it } from 'vitest'
import { contains, isFilter } from '../../src/mqtt/filter.ts'

/** MQTT 4.7: whether one topic matches a filter, level by level. */
function matches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false
  const walk = ([level, ...filters]: string[], given: string[]): boolean => {
    if (level === undefined) return given.length === 0
    if (level === '#') return true
    const [head, ...rest] = given
    return head !== undefined && (level === '+' || level === head) && walk(filters, rest)
  }
  return walk(filter.split('/'), topic.split('/'))
}

/** All topics of up to four levels over an alphabet that has words which no filter here names; none is empty. */
const alphabet = ['', 'a', 'b', 'z']
const deeper = (topics: readonly string[]) =>
  topics.flatMap((topic) => alphabet.map((level) => `${topic}/${level}`))
const one = [...alphabet, '$s', '$z']
const two = deeper(one)
const three = deeper(two)
const universe = [...one, ...two, ...three, ...deeper(three)].filter((topic) => topic !== '')

const inner = fc.array(fc.constantFrom('a', 'b', '+', ''), { minLength: 0, maxLength: 2 })
const filter = fc
  .tuple(fc.constantFrom('a', 'b', '+', '', '$s'), inner, fc.boolean())
  .map(([first, rest, open]) => [first, ...rest, ...(open ? ['#'] : [])].join('/'))
  .filter((value) => value !== '')
const anyFilter = fc.oneof(
  filter,
  fc.constantFrom('#', '+', '/', '/#', '+/#', '+/+/#', '$s/#', 'a/#', 'a/+', '+/+'),
)

it('one filter contains another exactly when every topic of the other is its own', () => {
  fc.assert(
    fc.property(anyFilter, anyFilter, (outer, wanted) => {
      const truly = universe.every((topic) => !matches(wanted, topic) || matches(outer, topic))
      expect(contains(outer, wanted), `${outer} contains ${wanted}`).toBe(truly)
    }),
    { numRuns: 3_000 },
  )
})

it('a plain topic is in a filter exactly when it matches', () => {
  fc.assert(
    fc.property(anyFilter, fc.constantFrom(...universe), (outer, topic) => {
      expect(contains(outer, topic)).toBe(matches(outer, topic))
    }),
    { numRuns: 3_000 },
  )
})

it.each([
  ['tuya/#', 'tuya', true],
  ['tuya/#', 'tuya/#', true],
  ['tuya/#', 'tuya/state/+', true],
  ['tuya/state/#', 'tuya/#', false],
  ['tuya/+', 'tuya/#', false],
  ['tuya/state/+/x', 'tuya/state/+/+', false],
  ['#', '$SYS/#', false],
  ['#', '+/#', true],
  ['+/#', '#', true],
  ['tuya/cmd/#', 'tuya/cmdx', false],
  // A topic has at least one character, so what `/#` matches has two levels.
  ['+/+/#', '/#', true],
  ['/+/#', '/#', true],
  ['/#', '+/+/#', false],
  ['+', '/#', false],
  // A filter with `#` matches the level above it too (4.7.1.2), and an empty level is a level (4.7.1.1).
  ['a/#', 'a', true],
  ['a/+', 'a', false],
  ['a/+', 'a/', true],
  ['a/+/#', 'a/#', false],
  ['+/#', 'a', true],
  ['+/+', '/', true],
  ['/+', '/x', true],
  ['+', '/x', false],
  ['+/monitor/#', '$SYS/monitor/x', false],
  ['$SYS/#', '$SYS/monitor/+', true],
])('%s contains %s: %s', (outer, wanted, expected) => {
  expect(contains(outer, wanted)).toBe(expected)
})

it.each([
  ['a/+/b/#', true],
  ['#', true],
  ['+', true],
  ['/', true],
  ['', false],
  ['a/#/b', false],
  ['a+', false],
  ['a/b#', false],
  ['a\0', false],
  ['x'.repeat(513), false],
])('%j is a filter: %s', (value, expected) => {
  expect(isFilter(value)).toBe(expected)
})
