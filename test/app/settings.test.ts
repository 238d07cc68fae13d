import { describe, expect, it } from 'vitest'
import { leaves, readConfigSchema } from '../../src/app/config-shape.ts'
import { Settings } from '../../src/app/settings.ts'
import { testConfig } from '../support/config.ts'

const configOf = (changes: object = {}) => ({ config: testConfig(changes as never) })

describe('the live view', () => {
  it('shows what is in force whenever it is read, also to who holds a section', async () => {
    const settings = new Settings(configOf())
    const { log, publish } = settings.config
    await settings.take(configOf({ log: { level: 'debug' }, publish: { views: false }, names: 'off' }))
    expect([log.level, publish.views, settings.config.names]).toEqual(['debug', false, 'off'])
  })

  it('has every key of the schema', () => {
    const first = configOf()
    expect(JSON.stringify(new Settings(first).config)).toBe(JSON.stringify(first.config))
  })
})

describe('a new configuration', () => {
  it('what needs a restart stays as it is, and is told until the start, or until it is taken back', async () => {
    const settings = new Settings(configOf())
    const wish = { http: { port: 1234 }, log: { level: 'debug' } }
    expect(await settings.take(configOf(wish))).toEqual({
      changed: ['http.port', 'log.level'],
      live: ['log.level'],
      link: [],
      restart: ['http.port'],
    })
    expect([settings.config.http.port, settings.config.log.level]).toEqual([0, 'debug'])
    const again = await settings.take(configOf({ ...wish, names: 'off' }))
    expect(again).toEqual({ changed: ['names'], live: ['names'], link: [], restart: ['http.port'] })
    const back = await settings.take(configOf({ log: { level: 'debug' }, names: 'off' }))
    expect(back).toEqual({ changed: ['http.port'], live: [], link: [], restart: [] })
  })

  it('who follows a key is called when it or one below has changed, with the new value in force', async () => {
    const settings = new Settings(configOf())
    const calls: string[] = []
    settings.whenChanged(['publish', 'names'], () => {
      calls.push(`topics ${settings.config.publish.views}`)
    })
    settings.whenChanged(['log.level'], () => {
      calls.push('level')
    })
    await settings.take(configOf({ publish: { views: false, scalars: false } }))
    expect(calls).toEqual(['topics false'])
    await settings.take(configOf({ publish: { views: false, scalars: false } }))
    expect(calls).toEqual(['topics false'])
    await settings.take(configOf({ names: 'off', log: { level: 'warn' } }))
    expect(calls).toEqual(['topics false', 'topics true', 'level'])
  })

  it('a key whose name begins with that of another is another', async () => {
    const settings = new Settings(configOf({ mqtt: { url: 'mqtt://a' } }))
    let calls = 0
    settings.whenChanged(['mqtt.user', 'mqt'], () => {
      calls++
    })
    await settings.take(configOf({ mqtt: { url: 'mqtt://a', username: 'me' } }))
    expect(calls).toBe(0)
  })

  it('is taken when all have followed, and a defect of one keeps nobody else', async () => {
    const settings = new Settings(configOf())
    const done: string[] = []
    settings.whenChanged(['names'], () => {
      throw new Error('a defect')
    })
    settings.whenChanged(['names'], async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      done.push('slow')
    })
    await expect(settings.take(configOf({ names: 'off' }))).rejects.toThrow('a defect')
    expect([done, settings.config.names]).toEqual([['slow'], 'off'])
  })

  it('what would only fit together after a restart waits for it whole', async () => {
    const user = { name: 'anna', role: 'administrator', passwordHash: 'x', read: [], write: [] }
    const open = { host: '0.0.0.0', allowPlaintext: true, users: [user] }
    const settings = new Settings(configOf({ broker: open }))
    // Alone on loopback nobody needs a user; but until the start the broker is not alone.
    const taken = await settings.take(
      configOf({ broker: { host: '127.0.0.1', users: null }, log: { level: 'debug' } }),
    )
    expect(taken.restart).toContain('broker.users')
    expect([taken.live, taken.link]).toEqual([[], []])
    expect(settings.config.broker.users).toEqual([user])
  })
})

it('every setting that has an effect says what it takes to change it', () => {
  const silent = leaves(readConfigSchema()).filter(
    ({ schema }) => !schema['x-reload'] && !schema.description?.includes('No effect'),
  )
  expect(silent.map(({ path }) => path)).toEqual([])
})
