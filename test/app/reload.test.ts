import { expect, it } from 'vitest'
import { ConfigError } from '../../src/app/config-fault.ts'
import { Reloader, type Reread } from '../../src/app/reload.ts'
import { Settings } from '../../src/app/settings.ts'
import { BridgeError } from '../../src/util/error.ts'
import { Redactor } from '../../src/util/redact.ts'
import { Secret } from '../../src/util/secret.ts'
import { testConfig } from '../support/config.ts'

const configOf = (changes: object = {}) => testConfig(changes as never)

function desk(read: () => Reread) {
  const settings = new Settings({ config: configOf() })
  const redactor = new Redactor()
  const lines: string[] = []
  const troubles: object[] = []
  const note = (level: string) => (fields: unknown, text?: string) =>
    lines.push(redactor.redact(`${level} ${text ?? String(fields)} ${JSON.stringify(fields)}`))
  const reloader = new Reloader({
    settings,
    read,
    redactor,
    log: { info: note('info'), warn: note('warn'), error: note('error') } as never,
    onTrouble: (reason, message, more) => troubles.push({ reason, message, ...more }),
  })
  return { settings, redactor, reloader, lines, troubles }
}

it('R-S4: one that is wrong changes nothing; every fault is told with its path', async () => {
  const faults = [
    { path: 'log.level', message: 'must be one of …', hint: 'See there.' },
    { path: 'http.port', message: 'must be <= 65535.', hint: '' },
  ]
  const { settings, reloader, lines, troubles } = desk(() => {
    throw new ConfigError(faults)
  })
  const refusal = await reloader.reload().catch((thrown: BridgeError) => thrown)
  expect(refusal).toMatchObject({ code: 'bridge/config', retry: 'never', details: faults })
  expect(troubles).toEqual([
    {
      reason: 'bridge/config',
      message: 'The configuration has 2 faults; the one of before stays in force.',
      details: faults,
    },
  ])
  expect(lines).toHaveLength(1)
  for (const { path } of faults) expect(lines[0]).toContain(path)
  expect(settings.config.log.level).toBe('info')
})

it('a good one after a bad one is taken', async () => {
  const outcomes = [
    () => {
      throw new ConfigError([{ path: 'x', message: 'is wrong.', hint: '' }])
    },
    () => ({ config: configOf({ log: { level: 'debug' } }) }),
  ]
  const { settings, reloader } = desk(() => (outcomes.shift() as () => Reread)())
  await expect(reloader.reload()).rejects.toBeInstanceOf(BridgeError)
  await expect(reloader.reload()).resolves.toMatchObject({ live: ['log.level'] })
  expect(settings.config.log.level).toBe('debug')
})

it('a new secret is known before any line, and the old one stays a secret', async () => {
  const secret = new Secret('the-new-secret')
  const { redactor, reloader, lines } = desk(() => ({
    config: configOf(),
    secrets: [secret],
    warnings: [`a careless word of ${secret.reveal()}`],
  }))
  redactor.learn('the-old-secret')
  await reloader.reload()
  expect(lines[0]).toContain('[redacted]')
  expect(lines.join()).not.toContain('the-new-secret')
  expect(redactor.redact('the-old-secret')).toBe('[redacted]')
})

it('one waits for another, and those who ask meanwhile share the next', async () => {
  let reads = 0
  const { settings, reloader } = desk(() => ({ config: configOf({ poll: { minSeconds: ++reads + 1 } }) }))
  const order: string[] = []
  settings.whenChanged(['poll'], async () => {
    order.push(`begins ${reads}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
    order.push(`ends ${reads}`)
  })
  const first = reloader.reload()
  await Promise.resolve()
  await Promise.all([first, ...Array.from({ length: 100 }, () => reloader.reload())])
  expect(order).toEqual(['begins 1', 'ends 1', 'begins 2', 'ends 2'])
  expect(settings.config.poll.minSeconds).toBe(3)
})

it('after the end nothing is put in force', async () => {
  let reads = 0
  const { reloader } = desk(() => {
    reads++
    return { config: configOf() }
  })
  await reloader.stop()
  await expect(reloader.reload()).rejects.toMatchObject({ code: 'bridge/shutdown' })
  expect(reads).toBe(0)
})
