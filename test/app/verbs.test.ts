import { describe, expect, it } from 'vitest'
import { bridgeVerbs } from '../../src/app/verbs.ts'
import { CommandDesk } from '../support/command-desk.ts'

/** The bridge's words behind the intake of commands, with what they were told to do. */
function bridge(remoteAdmin = true) {
  const log = { level: 'info' }
  const usual = { level: 'info' }
  const resyncs: object[] = []
  const pairings: object[] = []
  let [restarts, reloads] = [0, 0]
  const plain = new CommandDesk()
  const verbs = bridgeVerbs({
    clock: plain.clock,
    publisher: plain.publisher,
    resync: async (scope) => {
      resyncs.push(scope)
    },
    permitPairing: async (gateway, seconds) => {
      pairings.push({ gateway, seconds })
    },
    log,
    usualLevel: () => usual.level,
    reload: async () => ({ changed: [], reloads: ++reloads }),
    restart: () => restarts++,
  })
  const desk = new CommandDesk({ verbs: Object.fromEntries(remoteAdmin ? verbs.all : verbs.usual) })
  return { desk, plain, log, usual, resyncs, pairings, restarts: () => restarts, reloads: () => reloads }
}

describe('11: words to the bridge', () => {
  it('ping is answered with the time', async () => {
    const { desk, plain } = bridge()
    expect(await desk.ask('bridge/ping', '1')).toMatchObject({
      state: 'confirmed',
      result: { pong: true, timeMs: plain.clock.now() },
    })
  })

  it('resync takes everything, a home or a device', async () => {
    const { desk, resyncs } = bridge()
    for (const payload of [
      'run',
      {},
      { scope: 'all' },
      { scope: 'home', id: '3' },
      { scope: 'device', id: 'bf1' },
    ])
      expect(await desk.ask('bridge/resync', payload)).toMatchObject({ state: 'confirmed' })
    expect(resyncs).toEqual([
      { kind: 'all' },
      { kind: 'all' },
      { kind: 'all' },
      { kind: 'home', id: '3' },
      { kind: 'device', id: 'bf1' },
    ])
  })

  it('permit_pairing lets a gateway pair, for a minute unless told', async () => {
    const { desk, plain, pairings } = bridge()
    expect(await desk.ask('bridge/permit_pairing', { device: 'gw', seconds: 90 })).toMatchObject({
      state: 'confirmed',
      result: { device: 'gw', seconds: 90, untilMs: plain.clock.now() + 90_000 },
    })
    await desk.ask('bridge/permit_pairing', { device: 'gw' })
    await desk.ask('bridge/permit_pairing', { device: 'gw', seconds: 0 })
    expect(pairings).toEqual([
      { gateway: 'gw', seconds: 90 },
      { gateway: 'gw', seconds: 60 },
      { gateway: 'gw', seconds: 0 },
    ])
  })

  it.each([
    {},
    'run',
    { device: 7 },
    { device: 'a/b' },
    { device: 'gw', seconds: 3_601 },
    { device: 'gw', seconds: -1 },
    { device: 'gw', seconds: 1.5 },
    { device: 'gw', seconds: '60' },
  ])('permit_pairing refuses %j', async (payload) => {
    const { desk, pairings } = bridge()
    expect(await desk.ask('bridge/permit_pairing', payload)).toMatchObject({ reason: 'command/bad-value' })
    expect(pairings).toEqual([])
  })

  it.each([{ scope: 'house' }, { scope: 'home' }, { scope: 'device', id: 7 }])(
    'resync refuses %j',
    async (payload) => {
      const { desk, resyncs } = bridge()
      expect(await desk.ask('bridge/resync', payload)).toMatchObject({ reason: 'command/bad-value' })
      expect(resyncs).toEqual([])
    },
  )

  it('log_level holds for its minutes, ten by default, and then it is as the configuration has it by then', async () => {
    const { desk, plain, log, usual } = bridge()
    expect(await desk.ask('bridge/log_level', { level: 'debug', minutes: 2 })).toMatchObject({
      result: { level: 'debug', minutes: 2 },
    })
    expect(log.level).toBe('debug')
    await plain.clock.advance(60_000)
    await desk.ask('bridge/log_level', { level: 'trace' })
    expect(log.level).toBe('trace')
    await plain.clock.advance(600_000 - 1)
    expect(log.level).toBe('trace')
    usual.level = 'warn'
    await plain.clock.advance(1)
    expect(log.level).toBe('warn')
  })

  it.each([
    {},
    { level: 'loud' },
    { level: 'debug', minutes: 0 },
    { level: 'debug', minutes: 1441 },
    { level: 'debug', minutes: '5' },
  ])('log_level refuses %j', async (payload) => {
    const { desk, log } = bridge()
    expect(await desk.ask('bridge/log_level', payload)).toMatchObject({ reason: 'command/bad-value' })
    expect(log.level).toBe('info')
  })

  it('reload is answered with what became of it', async () => {
    const { desk, reloads } = bridge()
    expect(await desk.ask('bridge/reload', '1')).toMatchObject({
      state: 'confirmed',
      result: { changed: [], reloads: 1 },
    })
    expect(reloads()).toBe(1)
  })

  it('restart is answered first', async () => {
    const { desk, plain, restarts } = bridge()
    expect(await desk.ask('bridge/restart', '1')).toMatchObject({ state: 'confirmed' })
    expect(restarts()).toBe(0)
    await plain.clock.advance(200)
    expect(restarts()).toBe(1)
  })

  it('clear_retained counts first and clears then; what is no yes or no clears nothing', async () => {
    const { desk, plain } = bridge()
    for (const device of ['bf1', 'bf2'])
      plain.publisher.retain(
        'g',
        'stateAvailability',
        { device },
        { text: 'online', contentType: 'text/plain' },
      )
    for (let entry = plain.outbox.take(10); entry; entry = plain.outbox.take(10)) plain.outbox.settled(entry)
    const cleared = () => {
      const topics: string[] = []
      for (let entry = plain.outbox.take(10); entry; entry = plain.outbox.take(10)) {
        plain.outbox.settled(entry)
        if (entry.message.payload === '' && entry.message.retain) topics.push(entry.message.topic)
      }
      return topics
    }
    expect(await desk.ask('bridge/clear_retained', { dryRun: true })).toMatchObject({
      result: { topics: 2, dryRun: true },
    })
    expect(cleared()).toEqual([])
    expect(await desk.ask('bridge/clear_retained', { dryRun: 'true' })).toMatchObject({
      reason: 'command/bad-value',
    })
    expect(cleared()).toEqual([])
    expect(await desk.ask('bridge/clear_retained', 'run')).toMatchObject({
      result: { topics: 2, dryRun: false },
    })
    expect(cleared()).toEqual(['tuya/state/device/bf1/availability', 'tuya/state/device/bf2/availability'])
  })

  it('what administers from afar does not exist unless it is allowed', async () => {
    const { desk, restarts, reloads } = bridge(false)
    for (const verb of ['restart', 'clear_retained', 'reload'])
      expect(await desk.ask(`bridge/${verb}`, '1')).toMatchObject({ reason: 'command/unknown-verb' })
    expect([restarts(), reloads()]).toEqual([0, 0])
  })
})
