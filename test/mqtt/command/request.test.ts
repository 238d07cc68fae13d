import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  noOptions,
  readObject,
  readOptions,
  readVerb,
  replyTo,
  timeLeft,
} from '../../../src/mqtt/command/request.ts'
import type { Incoming } from '../../../src/mqtt/message.ts'
import { BridgeError } from '../../../src/util/error.ts'

function refusal(run: () => unknown): BridgeError {
  try {
    run()
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(BridgeError)
    return thrown as BridgeError
  }
  throw new Error('it was accepted')
}

describe('readOptions', () => {
  it('nothing given leaves everything at its default', () => {
    expect(readOptions({}, {})).toEqual({
      id: null,
      from: null,
      ts: null,
      ttl: null,
      path: 'auto',
      progress: false,
      clamp: false,
    })
  })

  it('reads every option from JSON', () => {
    const given = {
      id: 'a.B:c_1-',
      from: 'panel-7',
      ts: 1_795_295_541_881,
      ttl: 500,
      path: 'cloud',
      progress: true,
      clamp: true,
    }
    expect(readOptions(given, {})).toEqual(given)
  })

  it('reads every option from user properties, which are texts', () => {
    const user = {
      id: 'r1',
      from: 'p',
      ts: '1795295541881',
      ttl: '500',
      path: 'lan',
      progress: 'true',
      clamp: 'false',
    }
    expect(readOptions({}, user)).toEqual({
      id: 'r1',
      from: 'p',
      ts: 1_795_295_541_881,
      ttl: 500,
      path: 'lan',
      progress: true,
      clamp: false,
    })
  })

  it('JSON wins over user properties, each option for itself', () => {
    expect(readOptions({ id: 'json' }, { id: 'user', from: 'user' })).toMatchObject({
      id: 'json',
      from: 'user',
    })
  })

  it('inherited members of an object are no options', () => {
    expect(readOptions(Object.create({ id: 'inherited' }), {})).toEqual(noOptions)
  })

  it.each([
    ['id', ''],
    ['id', 'a b'],
    ['id', 'x'.repeat(65)],
    ['id', 7],
    ['id', 'ä'],
    ['from', 'a/b'],
    ['from', '+'],
    ['from', '#'],
    ['from', 'a.b'],
    ['from', ''],
    ['ts', 999_999_999_999],
    ['ts', 10_000_000_000_000],
    ['ts', 1_795_295_541_881.5],
    ['ts', 'soon'],
    ['ttl', 99],
    ['ttl', 3_600_001],
    ['ttl', '1e3'],
    ['ttl', -1],
    ['path', 'wan'],
    ['path', 1],
    ['progress', 'yes'],
    ['progress', 1],
    ['clamp', []],
  ])('refuses %s: %j and says which option and which rule', (key, value) => {
    const error = refusal(() => readOptions({ [key]: value }, {}))
    expect(error).toMatchObject({ code: 'command/bad-value', retry: 'never', details: [{ option: key }] })
    expect(error.message).toMatch(new RegExp(`^The option "${key}" must be .+\\.$`))
  })

  it('whatever is given, it gives legal options or refuses', () => {
    const anything = fc.dictionary(fc.constantFrom(...Object.keys(noOptions)), fc.jsonValue())
    fc.assert(
      fc.property(anything, (members) => {
        try {
          const { id, from, ttl, path } = readOptions(members, {})
          expect(id === null || /^[A-Za-z0-9_.:-]{1,64}$/.test(id)).toBe(true)
          expect(from === null || /^[A-Za-z0-9_-]{1,64}$/.test(from)).toBe(true)
          expect(ttl === null || (Number.isInteger(ttl) && ttl >= 100)).toBe(true)
          expect(['auto', 'lan', 'cloud']).toContain(path)
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'command/bad-value' })
        }
      }),
    )
  })
})

describe('timeLeft', () => {
  const now = 1_795_295_541_881
  const at = (ts: number | null, ttl: number | null = null) => ({ ...noOptions, ts, ttl })

  it('an undated command has its time to live, at most what the lane gives', () => {
    expect(timeLeft(at(null), now, false, 10_000)).toBe(10_000)
    expect(timeLeft(at(null, 2_000), now, false, 10_000)).toBe(2_000)
    expect(timeLeft(at(null, 60_000), now, false, 10_000)).toBe(10_000)
  })

  it('a dated one has what is left of it', () => {
    expect(timeLeft(at(now - 4_000), now, false, 10_000)).toBe(6_000)
    expect(timeLeft(at(now - 400, 500), now, false, 10_000)).toBe(100)
    expect(timeLeft(at(now - 50_000, 60_000), now, false, 10_000)).toBe(10_000)
  })

  it('late is expired, to the millisecond', () => {
    expect(timeLeft(at(now - 9_999), now, false, 10_000)).toBe(1)
    expect(refusal(() => timeLeft(at(now - 10_000), now, false, 10_000)).code).toBe('command/expired')
    expect(refusal(() => timeLeft(at(now - 70_000, 60_000), now, false, 10_000)).message).toContain('10 s')
  })

  it('a clock that runs ahead is forgiven five seconds', () => {
    expect(timeLeft(at(now + 5_000), now, false, 10_000)).toBe(10_000)
    const error = refusal(() => timeLeft(at(now + 60_000), now, false, 10_000))
    expect(error.code).toBe('command/bad-time')
    expect(error.message).toContain('60 s ahead')
  })

  it('where a date is required, an undated command is refused and told of the setting', () => {
    const error = refusal(() => timeLeft(at(null), now, true, 10_000))
    expect(error.code).toBe('command/missing-param')
    expect(error.message).toContain('commands.requireTs')
    expect(timeLeft(at(now), now, true, 10_000)).toBe(10_000)
  })
})

describe('replyTo', () => {
  const message = (responseTopic?: string): Incoming => ({
    topic: 'tuya/cmd/device/bf1',
    payload: Buffer.from('1'),
    retain: false,
    dup: false,
    correlationData: Buffer.from([1, 2]),
    ...(responseTopic === undefined ? {} : { responseTopic }),
  })
  const allowed = ['tuya/reply/#', 'panel/+/answers']

  it('without a Response Topic it is the place of "from", or nobody’s', () => {
    expect(replyTo(message(), 'tuya/reply/x', allowed)).toEqual({
      topic: 'tuya/reply/x',
      correlationData: undefined,
    })
    expect(replyTo(message(), null, allowed).topic).toBeNull()
  })

  it('a Response Topic wins and takes its correlation data along', () => {
    expect(replyTo(message('panel/7/answers'), 'tuya/reply/x', allowed)).toEqual({
      topic: 'panel/7/answers',
      correlationData: Buffer.from([1, 2]),
    })
  })

  it.each([
    '',
    'tuya/state/device/bf1',
    'tuya/cmd/device/bf1',
    'tuya/reply/+',
    'tuya/reply/#',
    'tuya/reply/a\0b',
    '$SYS/x',
    'panel/7/answers/more',
    'tuya/replyx',
  ])('a Response Topic "%s" is not ours to write to', (topic) => {
    expect(refusal(() => replyTo(message(topic), 'tuya/reply/x', allowed)).code).toBe('command/reply-denied')
  })
})

describe('readVerb', () => {
  const verb = (text: string) => readVerb(Buffer.from(text), text)

  it.each(['1', 'true', 'on', 'press', 'run', 'TRUE', 'Press', ' on\n'])('"%s" is agreement', (word) => {
    expect(verb(word)).toEqual({})
  })

  it('an object gives its members', () => {
    expect(verb('{"scope":"all"}')).toEqual({ scope: 'all' })
    expect(verb('  {}')).toEqual({})
  })

  it.each(['0', 'false', 'off', 'no', 'null', '"on"', '[]', '2', 'runs'])('"%s" is none', (word) => {
    expect(refusal(() => verb(word)).code).toBe('command/bad-value')
  })

  it('bytes that are no text are none', () => {
    expect(refusal(() => readVerb(Buffer.from([0xff]), undefined)).code).toBe('command/bad-value')
  })
})

describe('readObject', () => {
  it.each([
    ['{', 'command/bad-json'],
    ['[1]', 'command/bad-json'],
    ['7', 'command/bad-json'],
    ['null', 'command/bad-json'],
    ['{"a":1e999}', 'command/bad-json'],
    ['{"__proto__":1}', 'command/bad-json'],
    ['{"a":{"constructor":1}}', 'command/bad-json'],
    [`${'['.repeat(9)}${']'.repeat(9)}`, 'command/too-deep'],
    [JSON.stringify({ a: Array(65).fill(1) }), 'command/too-deep'],
    [JSON.stringify({ a: 'x'.repeat(8_192) }), 'command/too-large'],
  ])('refuses %s', (text, code) => {
    expect(refusal(() => readObject(Buffer.from(text), 'command')).code).toBe(code)
  })

  it('operations may be larger', () => {
    const large = JSON.stringify({ params: { list: Array(500).fill('x'.repeat(100)) } })
    expect(readObject(Buffer.from(large), 'operation')).toBeDefined()
  })
})
