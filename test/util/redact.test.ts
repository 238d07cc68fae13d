import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomText, seededRandom } from '../../src/util/random.ts'
import { Redactor } from '../../src/util/redact.ts'
import { Secret } from '../../src/util/secret.ts'
import { cpuMs } from '../support/cpu.ts'

const mask = '[redacted]'

function knowing(...secrets: readonly string[]): Redactor {
  const redactor = new Redactor()
  for (const secret of secrets) redactor.learn(secret)
  return redactor
}

/** Secrets as they occur: printable, with all that needs escaping somewhere. */
const secrets = fc.oneof(
  fc.string({ minLength: 6, maxLength: 40, unit: 'grapheme-ascii' }),
  fc.string({ minLength: 6, maxLength: 24, unit: 'grapheme' }),
  fc.stringMatching(/^[A-Za-z0-9"\\/&'$^.*+?()[\]{}|%=:@ -]{6,32}$/),
)

const jsonInside = (text: string) => JSON.stringify(text).slice(1, -1)

/** Every way of S-2 in which a secret may stand in a finished line. */
const forms: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  'JSON-escaped': jsonInside,
  'JSON inside JSON': (secret) => jsonInside(jsonInside(secret)),
  'URL-encoded': (secret) => encodeURIComponent(Buffer.from(secret).toString()),
  'a form field': (secret) => new URLSearchParams({ '': secret }).toString().slice(1),
  'the password of a URL': (secret) => {
    const url = new URL('mqtt://broker.example')
    url.username = 'bridge'
    url.password = secret
    return url.password
  },
  hex: (secret) => Buffer.from(secret).toString('hex'),
  'upper-case hex': (secret) => Buffer.from(secret).toString('hex').toUpperCase(),
  base64: (secret) => Buffer.from(secret).toString('base64'),
  base64url: (secret) => Buffer.from(secret).toString('base64url'),
}

describe('S-2: a known secret', () => {
  it.each(Object.keys(forms))('as %s is masked inside any text', (name) => {
    const form = forms[name] as (secret: string) => string
    fc.assert(
      fc.property(secrets, fc.string(), fc.string(), (secret, before, after) => {
        const planted = form(secret)
        const line = knowing(secret).redact(before + planted + after)
        expect(line).toContain(mask)
        expect(line.replaceAll(mask, '')).not.toContain(planted)
      }),
      { numRuns: 150 },
    )
  })

  it.each(['base64', 'base64url'] as const)('is masked inside a longer %s text', (encoding) => {
    fc.assert(
      fc.property(
        secrets,
        fc.uint8Array({ maxLength: 12 }),
        fc.uint8Array({ maxLength: 12 }),
        (secret, before, after) => {
          const longer = Buffer.concat([before, Buffer.from(secret), after]).toString(encoding)
          const line = knowing(secret).redact(`authorization: Basic ${longer}`)
          expect(line).toContain(mask)
          // What is left at the ends tells less than one byte on each side.
          const size = Buffer.byteLength(secret)
          const left = longer.length - (line.length - `authorization: Basic ${mask}`.length)
          expect(left).toBeGreaterThanOrEqual(Math.floor((size * 8) / 6) - 2)
        },
      ),
      { numRuns: 250 },
    )
  })

  it('is masked in every place at once, also where others stand', () => {
    const redactor = knowing('first-secret', 'second-secret')
    expect(redactor.redact('first-secret second-secret first-secret')).toBe(`${mask} ${mask} ${mask}`)
  })

  it('that begins like a shorter one is masked whole', () => {
    for (const secrets of [
      ['abcdef', 'abcdefghij'],
      ['abcdefghij', 'abcdef'],
    ]) {
      expect(knowing(...secrets).redact('x abcdefghij y')).toBe(`x ${mask} y`)
    }
  })

  it('is a text, not a pattern', () => {
    const redactor = knowing('a.c*(d|e)[^f]$')
    expect(redactor.redact('a.c*(d|e)[^f]$')).toBe(mask)
    expect(redactor.redact('abccd')).toBe('abccd')
  })
})

describe('what is no secret', () => {
  it('passes unchanged', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-f]{0,60}$/), (line) => {
        expect(knowing('uvwxyz').redact(line)).toBe(line)
      }),
    )
    expect(new Redactor().redact('anything')).toBe('anything')
  })

  it('is not masked for being as short as an ordinary word', () => {
    expect(knowing('on', '', 'abc').redact('the lamp is on: abc')).toBe('the lamp is on: abc')
  })
})

describe('learning and forgetting', () => {
  it('I-11: a fleet’s keys are learned one by one while the log goes on', () => {
    const random = seededRandom(1)
    const keys = Array.from({ length: 5_000 }, () => randomText(random, 16))
    const redactor = new Redactor()
    const took = cpuMs(() => {
      for (const key of keys) {
        redactor.learn(key)
        expect(redactor.redact(`the key of a lamp is ${key}, which nobody should read`)).not.toContain(key)
      }
    })
    expect(took).toBeLessThan(5_000)
  })

  it('a form that two secrets share stays masked until both are forgotten', () => {
    const hex = Buffer.from('the-token').toString('hex')
    const redactor = knowing('the-token', hex)
    redactor.forget(hex)
    expect(redactor.redact(`the-token ${hex}`)).toBe(`${mask} ${mask}`)
    redactor.forget('the-token')
    expect(redactor.redact(`the-token ${hex}`)).toBe(`the-token ${hex}`)
  })

  it('keys and tokens that change are known from then on', () => {
    const redactor = knowing('old-token')
    expect(redactor.redact('old-token new-token')).toBe(`${mask} new-token`)
    redactor.learn(new Secret('new-token'))
    expect(redactor.redact('old-token new-token')).toBe(`${mask} ${mask}`)
    redactor.forget(new Secret('old-token'))
    expect(redactor.redact('old-token new-token')).toBe(`old-token ${mask}`)
    redactor.forget('new-token')
    expect(redactor.redact('old-token new-token')).toBe('old-token new-token')
  })

  it('what is learned twice is forgotten once', () => {
    const redactor = knowing('the-token', 'the-token')
    redactor.forget('the-token')
    expect(redactor.redact('the-token')).toBe('the-token')
  })

  it('I-7: knows ten thousand secrets at most and gives up the oldest', () => {
    const redactor = knowing('of-the-start', 'the-second-one')
    for (let i = 0; i < 9_998; i++) redactor.learn(`filler-${i}-filler`)
    redactor.learn('the-newest-one')
    expect(redactor.redact('the-newest-one the-second-one of-the-start')).toBe(`${mask} ${mask} of-the-start`)
  })

  it('S-2: those of the configuration are known however many keys and tokens come after them', () => {
    const redactor = knowing('once-learned-only')
    redactor.keep(new Secret('of-the-configuration'))
    redactor.keep('once-learned-only')
    redactor.learn('of-the-configuration')
    for (let i = 0; i < 10_001; i++) redactor.learn(`filler-${i}-filler`)
    expect(redactor.redact('of-the-configuration once-learned-only filler-0-filler')).toBe(
      `${mask} ${mask} filler-0-filler`,
    )
    redactor.forget('of-the-configuration')
    expect(redactor.redact('of-the-configuration')).toBe('of-the-configuration')
  })

  it('S-2: a key that is learned again is not the oldest any more', () => {
    const redactor = knowing('still-in-use', 'long-gone-key')
    redactor.learn('still-in-use')
    for (let i = 0; i < 9_999; i++) redactor.learn(`filler-${i}-filler`)
    expect(redactor.redact('still-in-use long-gone-key')).toBe(`${mask} long-gone-key`)
  })

  it('I-7: those of configurations of long ago are given up', () => {
    const redactor = new Redactor()
    for (let i = 0; i < 10_001; i++) redactor.keep(`secret-${i}-secret`)
    expect(redactor.redact('secret-0-secret secret-1-secret')).toBe(`secret-0-secret ${mask}`)
  })
})

describe('JSON values', () => {
  it('are masked in every text, however deep, and keep their shape', () => {
    const redactor = knowing('local-key-of-lamp')
    const value = { a: [1, { b: 'key local-key-of-lamp!' }], c: null, d: true }
    expect(redactor.redactJson(value)).toEqual({ a: [1, { b: `key ${mask}!` }], c: null, d: true })
  })

  it('hold no planted secret afterwards', () => {
    fc.assert(
      fc.property(secrets, fc.jsonValue(), (secret, value) => {
        const planted = { value, list: [`x${secret}y`, { deep: secret }] }
        const { list } = knowing(secret).redactJson(planted) as { list: unknown }
        expect(JSON.stringify(list)).not.toContain(jsonInside(secret))
      }),
    )
  })
})
