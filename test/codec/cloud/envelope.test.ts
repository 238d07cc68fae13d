import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEnvelope } from '../../../src/codec/cloud/envelope.ts'
import { JsonError } from '../../../src/util/json.ts'
import { hostileJson, hostileText } from '../../support/hostile.ts'

const parse = (text: string) => parseEnvelope(Buffer.from(text))
const t = 1_700_000_000_123
const tid = '0123456789abcdef0123456789abcdef'

describe('an answer', () => {
  it('that succeeded holds its result and the time of the cloud', () => {
    expect(parse(JSON.stringify({ result: [{ id: 'bf1' }], success: true, t, tid }))).toEqual({
      success: true,
      result: [{ id: 'bf1' }],
      t,
    })
  })

  it('that failed holds the cloud’s own words', () => {
    expect(parse(JSON.stringify({ code: 1106, msg: 'permission deny', success: false, t, tid }))).toEqual({
      success: false,
      verdict: { code: 1106, msg: 'permission deny', tid },
      t,
    })
  })

  it('needs neither a time nor a tid', () => {
    expect(parse('{"result":true,"success":true}')).toEqual({ success: true, result: true, t: undefined })
    expect(parse('{"code":500,"msg":"x","success":false}')).toEqual({
      success: false,
      verdict: { code: 500, msg: 'x' },
      t: undefined,
    })
  })

  it('may count its time in seconds', () => {
    expect(parse('{"success":true,"t":1700000000}').t).toBe(1_700_000_000_000)
  })

  it.each(['0', '17', '-1700000000000', '"1700000000000"', 'null', '17000000000000000', '1e300'])(
    'has no time when it says %s',
    (text) => {
      expect(parse(`{"success":true,"t":${text}}`).t).toBeUndefined()
    },
  )

  it('is judged by its own word, whatever else it carries', () => {
    expect(parse('{"success":true,"code":1010,"msg":"token invalid"}').success).toBe(true)
    expect(parse('{"success":false,"result":{"id":"bf1"}}').success).toBe(false)
    expect(parse('{"success":true,"unknown":{"a":[1]},"result":7}')).toMatchObject({ result: 7 })
  })

  it('that failed without saying how is a failure all the same', () => {
    expect(parse('{"success":false}')).toMatchObject({ verdict: { code: 0, msg: '' } })
    expect(parse('{"success":false,"code":"1010","msg":null,"tid":5}')).toMatchObject({
      verdict: { code: 1010, msg: '' },
    })
    expect(parse('{"success":false,"code":{"toString":1},"msg":["x"]}')).toMatchObject({
      verdict: { code: 0, msg: '' },
    })
  })
})

describe('what is no envelope', () => {
  it.each([
    ['nothing', ''],
    ['a page', '<html>maintenance</html>'],
    ['half of one', '{"success":tr'],
    ['a list', '[{"success":true}]'],
    ['a word', '"success"'],
    ['null', 'null'],
    ['an object without the word', '{"result":true}'],
    ['the word as a text', '{"success":"true"}'],
    ['the word as a number', '{"success":1}'],
    ['an inherited word', '{"__proto__":{"success":true}}'],
    ['a number beyond a double', '{"success":true,"result":1e999}'],
    ['a poisoned name', '{"success":true,"result":{"constructor":{}}}'],
    ['what is nested too deep', `{"success":true,"result":${'['.repeat(20)}${']'.repeat(20)}}`],
    [
      'what is nested a hundred thousand times',
      `{"success":true,"result":${'['.repeat(1e5)}${']'.repeat(1e5)}}`,
    ],
  ])('C11: %s is refused', (_what, text) => {
    expect(() => parse(text)).toThrow(JsonError)
  })

  it('C11: more than four megabytes are refused unread', () => {
    expect(() => parseEnvelope(Buffer.alloc(4 * 1024 * 1024 + 1, 0x20))).toThrow(/at most 4194304/)
  })

  it('C11: bytes that are no text are refused', () => {
    expect(() => parseEnvelope(Buffer.alloc(64, 0x1f))).toThrow(JsonError)
    expect(() => parseEnvelope(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(JsonError)
  })
})

it('C11: any bytes are an envelope or a typed error', () => {
  const envelopes = fc
    .dictionary(fc.constantFrom('success', 'result', 't', 'tid', 'code', 'msg'), hostileJson)
    .map((given) => JSON.stringify(given))
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.oneof(hostileText, envelopes).map((text) => Buffer.from(text)),
  )
  fc.assert(
    fc.property(bytes, (body) => {
      try {
        expect(typeof parseEnvelope(body).success).toBe('boolean')
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(JsonError)
      }
    }),
    { numRuns: 1_000 },
  )
})
