import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedHouse } from '../support/shared-house.ts'
import { until } from '../support/until.ts'
import { VirtualDesk } from '../support/virtual-desk.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const lock = 'bf8ad03e75c92f1b46ay6k'
const home = 3182004
const op = 'op/cloud-request'

const config = {
  operations: { allow: ['config'], raw: ['/v1.0/devices', '/v1.0/homes/', '/v7.0/new'] },
} as never

const at = sharedHouse({ config })

let asked = 0
const ask = (method: unknown, path: unknown, more: object = {}) =>
  at.ask(op, { id: `r${++asked}`, params: { method, path, ...more } })

describe('cmd/op/cloud-request', () => {
  it('asks any address below the listed prefixes, and hides what operations hide', async () => {
    const used = at.house.bridge.health.budget?.used ?? 0
    const answer = await ask('GET', `/v1.0/devices/${lamp}`)
    expect(answer).toMatchObject({
      id: `r${asked}`,
      target: op,
      state: 'confirmed',
      by: 'cloud',
      path: 'cloud',
      result: { id: lamp, name: 'Desk lamp' },
    })
    expect(JSON.stringify(answer)).not.toMatch(/local_key|"ip"|"uid"|"lat"/)
    expect(at.house.bridge.health.budget?.used).toBeGreaterThan(used)
  })

  it('signs query and body as they go over the wire', async () => {
    const logs = await ask('GET', `/v1.0/devices/${lamp}/logs`, {
      query: { type: '7', start_time: 0, end_time: 4_102_444_800_000, size: 5, codes: 'a&b=c d' },
    })
    expect(logs).toMatchObject({ state: 'confirmed', result: { logs: expect.any(Array) } })
    const made = await ask('POST', `/v1.0/homes/${home}/room`, { body: { name: 'Änderung & <Raum>' } })
    const room = String(made['result'])
    expect(at.house.simulator.world.homes.get(String(home))?.rooms.get(room)?.name).toBe('Änderung & <Raum>')
  })

  it('what it changed is on the topics', async () => {
    const answer = await ask('POST', `/v1.0/homes/${home}/room`, { body: { name: 'Pantry' } })
    const room = String(answer['result'])
    await until(() => at.house.last(`meta/room/${room}`)?.['name'] === 'Pantry', 10_000, 'the new room')
  })

  it('commands go in the lane of the device, and its topics follow', async () => {
    const value = !at.status(lamp).get('switch_led')
    const body = { commands: [{ code: 'switch_led', value }] }
    expect(await ask('POST', `/v1.0/devices/${lamp}/commands`, { body })).toMatchObject({ ok: true })
    expect(at.status(lamp).get('switch_led')).toBe(value)
  })

  it('what the cloud does not know is told in its words', async () => {
    expect(await ask('GET', '/v7.0/new/thing')).toMatchObject({
      state: 'failed',
      ok: false,
      tuya: { code: 1108 },
    })
  })

  it('nested too deep, too large, or no parameters at all: answered too', async () => {
    const deep = JSON.parse(`${'['.repeat(20)}${']'.repeat(20)}`)
    expect(await ask('POST', '/v7.0/new', { body: deep })).toMatchObject({ reason: 'command/too-deep' })
    const large = { text: 'x'.repeat(70_000) }
    expect(await ask('POST', '/v7.0/new', { body: large })).toMatchObject({ reason: 'command/too-large' })
    expect(await at.ask(op, { params: 'GET /v1.0/devices' })).toMatchObject({ reason: 'command/bad-param' })
    expect(await at.ask(op, {})).toMatchObject({ reason: 'command/missing-param' })
  })
})

describe('what is refused', () => {
  // Time stands still between two questions: nothing else is asked of the cloud meanwhile.
  let desk: VirtualDesk
  const calls = () => desk.house.simulator.journal.entries('request').length
  const ask = (method: unknown, path: unknown, more: object = {}) =>
    desk.ask('cloud-request', { method, path, ...more })

  beforeAll(async () => {
    desk = await VirtualDesk.open({ config })
    await desk.house.time.pass(60_000)
  })

  afterAll(() => desk[Symbol.asyncDispose]())

  it.each([
    ['GET', `/v1.0/devicesX`],
    ['GET', `/v1.0/devices/../users/eu1`],
    ['GET', `/v1.0/devices/%2e%2e/users/eu1`],
    ['GET', `//127.0.0.1:9/v1.0/devices`],
    ['GET', `https://127.0.0.1:9/v1.0/devices`],
    ['GET', `/v1.0/devices/${lamp}?schema=x`],
    ['GET', `/v1.0/devices/${lamp}/`],
    ['GET', `/v1.0/token`],
    ['GET', `/v1.0/users/eu1`],
    ['PATCH', `/v1.0/devices/${lamp}`],
    ['DELETE', `/v1.0/devices/${lamp}`],
    ['DELETE', `/v1.0/homes/${home}`],
    ['GET', `/v1.0/homes/${home}/members`],
    ['GET', `/v1.0/Homes/${home}/MEMBERS`],
    ['POST', `/v1.0/devices/${lock}/commands`],
    [7, ['/v1.0/devices']],
    [undefined, undefined],
  ])('%j %j is explained and never sent', async (method, path) => {
    const before = calls()
    const answer = await ask(method, path)
    expect(answer).toMatchObject({ state: 'rejected', ok: false })
    expect(answer.reason).toMatch(/^command\/(forbidden|bad-param|missing-param)$/)
    expect(String(answer.message).length).toBeGreaterThan(20)
    expect(calls()).toBe(before)
  })

  it('an automation with a fault is explained and never sent', async () => {
    const before = calls()
    const body = { name: 'x', background: '', match_type: 1, conditions: [], actions: [] }
    expect(await ask('POST', `/v1.0/homes/${home}/automations`, { body })).toMatchObject({
      reason: 'command/bad-param',
      details: expect.arrayContaining([expect.objectContaining({ path: '/conditions' })]),
    })
    expect(calls()).toBe(before)
  })
})

describe('without operations.raw', () => {
  const off = sharedHouse()

  it('it is off, says how to switch it on, and stands in the catalogue so', async () => {
    const answer = await off.ask(op, { params: { method: 'GET', path: `/v1.0/devices/${lamp}` } })
    expect(answer).toMatchObject({
      state: 'rejected',
      reason: 'command/forbidden',
      message: expect.stringContaining('operations.raw'),
    })
    const { operations } = off.house.last('bridge/catalog') as { operations: { id: string }[] }
    expect(operations.find(({ id }) => id === 'cloud-request')).toMatchObject({
      allowed: false,
      prefixes: [],
    })
  })
})
