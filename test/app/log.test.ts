import { Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { Log } from '../../src/app/log.ts'
import { formsOf, Redactor } from '../../src/util/redact.ts'

const secret = 'planted"secret\\with$odd&marks'

function logTo(
  lines: string[],
  options: { level?: string; format?: 'json' | 'pretty'; now?: () => number } = {},
) {
  const redactor = new Redactor()
  redactor.learn(secret)
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  return new Log({ level: 'trace', format: 'json', redactor, stream, ...options })
}

it('S-2: a secret is masked wherever it stands in a line', () => {
  const lines: string[] = []
  const log = logTo(lines).part('test')
  const error = new Error(`refused ${secret}`, { cause: new Error(secret) })
  log.info({ deep: [{ a: { b: secret } }], json: JSON.stringify({ secret }) }, `text ${secret}`)
  log.error({ err: error, url: `https://x/?k=${encodeURIComponent(secret)}` }, 'failed')
  log.warn(
    { hex: Buffer.from(secret).toString('hex'), [secret]: 1 },
    Buffer.from(`user:${secret}`).toString('base64'),
  )
  expect(lines).toHaveLength(3)
  for (const form of formsOf(secret)) for (const line of lines) expect(line).not.toContain(form)
  expect(lines[0]).toContain('[redacted]')
})

it('S-2: the same in lines for people', () => {
  const lines: string[] = []
  logTo(lines, { format: 'pretty' }).part('test').info({ secret }, `said ${secret}`)
  expect(lines.join()).toContain('said [redacted]')
  expect(lines.join()).not.toContain('planted')
})

it('says an equal line ten times a minute and then how often it was left out', () => {
  const lines: string[] = []
  let now = 0
  const log = logTo(lines, { now: () => now }).part('test')
  for (let i = 0; i < 50; i++) log.warn({ i }, 'again')
  expect(lines).toHaveLength(10)
  now = 61_000
  log.warn('again')
  expect(lines.slice(10).join()).toMatch(/"repeated":40/)
})

it('changes the level of all parts at once', () => {
  const lines: string[] = []
  const log = logTo(lines, { level: 'info' })
  const part = log.part('early')
  part.debug('no')
  log.level = 'debug'
  part.debug('yes')
  expect(lines).toHaveLength(1)
})

it('P7: a reader that has gone does not end the program', () => {
  const broken = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    },
  })
  const log = new Log({ level: 'info', format: 'json', redactor: new Redactor(), stream: broken }).part(
    'test',
  )
  expect(() => {
    for (let i = 0; i < 5; i++) log.info({ i }, `line ${i}`)
  }).not.toThrow()
})

it('S-2: the tail keeps the last lines without secrets, and no line of a level that holds payloads', () => {
  const log = logTo([], { now: () => 0 })
  const part = log.part('lan')
  part.trace({ payload: secret }, 'a frame')
  part.warn({ key: secret, nested: [{ text: `a ${secret}` }] }, `refused ${secret}`)
  const [line, ...others] = log.tail.lines.all()
  expect(others).toEqual([])
  expect(line).toMatchObject({ level: 'warn', part: 'lan', text: 'refused [redacted]' })
  for (const form of formsOf(secret)) expect(JSON.stringify(line)).not.toContain(form)
})

it('the tail is the same whatever the format, and hears nothing that the level leaves out', () => {
  const log = logTo([], { level: 'info', format: 'pretty' })
  let told = 0
  log.tail.onLine = () => told++
  log.part('a').debug('no')
  log.part('a').info('yes')
  expect(log.tail.lines.all().map(({ text }) => text)).toEqual(['yes'])
  expect(told).toBe(1)
})
