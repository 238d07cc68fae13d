import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faultOfMessage } from '../../src/mqtt/message.ts'
import { decodeLevel, encodeLevel, type TopicName, TopicTree, topics } from '../../src/mqtt/topic.ts'
import { anyText } from '../support/any-text.ts'
import { hostileNames } from '../support/hostile-names.ts'

const bases = ['tuya', 'a/b/c/d', 'tuya-2/office_1']
const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/)
/** Text that fits into a level in its encoded form, of everything that Unicode has. */
const text = anyText({ minLength: 1, maxLength: 60 }).filter(
  (value) => isUnicode(value) && Buffer.byteLength(encodeURIComponent(value)) <= 128,
)
const awkward = fc.constantFrom(
  '/',
  '+',
  '#',
  '%',
  '$',
  '\0',
  '\u007f',
  '%2F',
  '..',
  '$SYS',
  'ä/ö',
  '~',
  ' ',
  '\uffff',
)

function isUnicode(value: string): boolean {
  return Buffer.from(value).toString() === value
}

function paramNames(pattern: string): string[] {
  return [...pattern.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string)
}

/** Levels that people choose; all others are ids. */
const textParams = new Set([
  'code',
  'name',
  'view',
  'operation',
  'verb',
  'level',
  'from',
  'action',
  'bizCode',
])

function params(pattern: string): fc.Arbitrary<Record<string, string>> {
  const names = paramNames(pattern)
  return fc.record(
    Object.fromEntries(names.map((name) => [name, textParams.has(name) ? fc.oneof(text, awkward) : id])),
  )
}

const names = Object.keys(topics) as TopicName[]

describe('every topic of the table', () => {
  it.each(names)('%s: what is built is parsed again, and may be published', (name) => {
    fc.assert(
      fc.property(fc.constantFrom(...bases), params(topics[name].pattern), (base, given) => {
        const tree = new TopicTree(base)
        const topic = tree.build(name, given as never)
        expect(tree.parse(topic)).toEqual({ name, params: given })
        expect(faultOfMessage({ topic, payload: '', qos: 1, retain: false }, 10_000)).toBeUndefined()
      }),
      { numRuns: 100 },
    )
  })

  it('is another one than all others: no topic fits two patterns', () => {
    for (const [i, one] of names.entries()) {
      for (const other of names.slice(i + 1)) {
        const [a, b] = [topics[one].pattern.split('/'), topics[other].pattern.split('/')]
        const couldBeBoth =
          a.length === b.length &&
          a.every((level, n) => level.startsWith('{') || b[n]?.startsWith('{') || level === b[n])
        if (!couldBeBoth) continue
        // Where an id or text stands in one and a word in the other, some level must still tell them apart.
        expect.fail(`${topics[one].pattern} and ${topics[other].pattern}`)
      }
    }
  })

  it('has the QoS, the flag and the life that the contract gives to its family', () => {
    for (const name of names) {
      const { pattern, retained, qos, direction, ...more } = topics[name]
      const expiry = 'expirySeconds' in more ? more.expirySeconds : undefined
      const family = pattern.split('/')[0] as string
      expect(retained, pattern).toBe(
        ['state', 'meta', 'last'].includes(family) || /^bridge\/(state|info|health|catalog)$/.test(pattern),
      )
      expect(direction, pattern).toBe(family === 'cmd' ? 'obey' : 'publish')
      const lives: Record<string, number> = { result: 60, reply: 60, last: 86_400 }
      expect(expiry, pattern).toBe(lives[family])
      const isScalar = /\/(dp|view)\//.test(pattern) && family === 'state'
      expect(qos, pattern).toBe(family === 'cmd' ? 2 : isScalar || pattern.startsWith('bridge/log') ? 0 : 1)
    }
  })
})

describe('parsing', () => {
  const tree = new TopicTree('tuya')

  it.each([
    ['another base', 'tuyas/bridge/state'],
    ['the base alone', 'tuya'],
    ['an empty level', 'tuya/state/device//dp/x'],
    ['an id that is none', 'tuya/state/device/a.b'],
    ['an id that is too long', `tuya/state/device/${'x'.repeat(65)}`],
    ['a level too many', 'tuya/bridge/state/x'],
    ['a level too few', 'tuya/state/device'],
    ['an encoding that is none', 'tuya/cmd/device/a/dp/%zz'],
    ['bytes that are no UTF-8', 'tuya/cmd/device/a/dp/%ff'],
    ['a text that is too long', `tuya/cmd/device/a/dp/${'x'.repeat(385)}`],
  ])('knows nothing of %s', (_what, topic) => {
    expect(tree.parse(topic)).toBeUndefined()
  })

  it('takes every equivalent encoding of a level', () => {
    fc.assert(
      fc.property(text, fc.infiniteStream(fc.boolean()), (code, dice) => {
        const encoded = [...code]
          .map((character) => {
            const mustBe = encodeLevel(character) !== character
            const percent = [...Buffer.from(character)]
              .map((byte) => `%${byte.toString(16).padStart(2, '0')}`)
              .join('')
            if (!mustBe && dice.next().value) return character
            return dice.next().value ? percent : percent.toUpperCase()
          })
          .join('')
        expect(tree.parse(`tuya/cmd/device/a/dp/${encoded}`)).toEqual({
          name: 'commandDp',
          params: { device: 'a', code },
        })
      }),
    )
  })
})

describe('a level of text', () => {
  it.each([
    ['a/b', 'a%2Fb'],
    ['+#%', '%2B%23%25'],
    ['$x', '%24x'],
    ['x$', 'x$'],
    ['\0\u0001\u0085', '%00%01%C2%85'],
    ['\uffff\u{1fffe}\ufdd0', '%EF%BF%BF%F0%9F%BF%BE%EF%B7%90'],
    ['Küche 灯 💡', 'Küche 灯 💡'],
    ['dp_1', 'dp_1'],
  ])('%j is written as %s', (code, level) => {
    expect(encodeLevel(code)).toBe(level)
    expect(decodeLevel(level)).toBe(code)
  })

  it('has at most 128 bytes, is cut between characters and stays readable', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 400 }), (code) => {
        const level = encodeLevel(code)
        expect(level).not.toBe('')
        expect(Buffer.byteLength(level)).toBeLessThanOrEqual(128)
        const read = decodeLevel(level)
        expect(read).toBeDefined()
        if (read !== code) expect(level).toMatch(/~[0-9a-f]{16}$/)
      }),
    )
    expect(encodeLevel('💡'.repeat(40))).toMatch(/^(💡){27}~[0-9a-f]{16}$/u)
    expect(encodeLevel('/'.repeat(50))).toMatch(/^(%2F){37}~[0-9a-f]{16}$/)
  })

  it('differs for different texts, also where they are cut or are no Unicode', () => {
    const texts = [
      '',
      '\0',
      '\ufffd',
      '\ud800',
      '\ud801',
      'a\udc00',
      `${'x'.repeat(128)}1`,
      `${'x'.repeat(128)}2`,
    ]
    expect(new Set(texts.map(encodeLevel)).size).toBe(texts.length)
  })
})

it('K7: 500 hostile names and codes give legal and different topics', () => {
  const tree = new TopicTree('a/b/c/d')
  const all = hostileNames(500)
  const built = all.flatMap((name) => [
    tree.build('stateView', { device: 'x'.repeat(64), code: name, view: 'hsv' }),
    tree.build('stateView', { device: 'x'.repeat(64), code: 'c', view: name }),
    tree.build('stateNamedDp', { name, code: name }),
    tree.build('commandOperation', { operation: name }),
  ])
  expect(new Set(built).size).toBe(4 * all.length)
  for (const topic of built) {
    expect(faultOfMessage({ topic, payload: '', qos: 1, retain: true }, 10_000), topic).toBeUndefined()
    expect(tree.parse(topic), topic).toBeDefined()
  }
})
