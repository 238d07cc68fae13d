import { describe, expect, it } from 'vitest'
import type { WorldFile } from '../../src/simulator/world-file.ts'
import { canaryWorld } from '../support/house.ts'
import { type Answer, sharedHouse } from '../support/shared-house.ts'
import { until } from '../support/until.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const plug = 'bf5b8310dfe2a947c3jy2h'
const thermostat = 'bf28c95d07e4b61fa3gn0w'
const lock = 'bf8ad03e75c92f1b46ay6k'
const remote = 'bf3fa81d62c5e9b074bd2g'

/** The demo's world with two devices of one name. */
function world(): WorldFile {
  const { devices, ...rest } = canaryWorld()
  const twin = { model: 'lamp_v2', home: '3182004' }
  const twins = [
    { ...twin, id: 'bftwin0', name: 'Twin' },
    { ...twin, id: 'bftwin1', name: 'twin!' },
  ]
  return { ...rest, devices: [...devices, ...twins] }
}

const at = sharedHouse({ world: world() })

describe('7.1: every form of a command', () => {
  it.each([
    ['off', false],
    ['ON', true],
    ['0', false],
    ['1', true],
    ['false', false],
    ['toggle', true],
  ])('one value: a boolean as "%s"', async (text, value) => {
    const answer = await at.ask(`device/${lamp}/dp/switch_led`, text)
    expect(answer).toMatchObject({ state: 'confirmed', by: 'report', sent: { switch_led: value } })
    expect(at.status(lamp).get('switch_led')).toBe(value)
  })

  it('one value: number, word, text and object', async () => {
    expect(await at.ask(`device/${lamp}/dp/bright_value_v2`, '700')).toMatchObject({ state: 'confirmed' })
    expect(await at.ask(`device/${lamp}/dp/work_mode`, 'colour')).toMatchObject({ state: 'confirmed' })
    expect(await at.ask(`device/${plug}/dp/cycle_time`, 'AQID', `device/${plug}`)).toMatchObject({
      state: 'confirmed',
    })
    expect(await at.ask(`device/${lamp}/dp/colour_data_v2`, '{"h":1,"s":2,"v":3}')).toMatchObject({
      state: 'confirmed',
    })
    expect(at.status(lamp).get('bright_value_v2')).toBe(700)
    expect(at.status(lamp).get('work_mode')).toBe('colour')
    expect(at.status(plug).get('cycle_time')).toBe('AQID')
    expect(JSON.parse(String(at.status(lamp).get('colour_data_v2')))).toEqual({ h: 1, s: 2, v: 3 })
  })

  it('several at once, in one call of the cloud', async () => {
    const { journal } = at.house.simulator
    journal.clear()
    const dp = { switch_led: false, bright_value_v2: 123 }
    expect(await at.ask(`device/${lamp}`, { dp, id: 'several' })).toMatchObject({
      state: 'confirmed',
      sent: dp,
    })
    expect(journal.entries('command', lamp).map(({ detail }) => detail)).toEqual([{ values: dp }])
  })

  it('flat', async () => {
    const dp = { switch_led: true, bright_value_v2: 321 }
    expect(await at.ask(`device/${lamp}`, dp)).toMatchObject({ id: null, state: 'confirmed', sent: dp })
  })

  it('raw values, alone and beside shown ones, and in the platform’s own form', async () => {
    const about = `device/${thermostat}`
    expect(await at.ask(about, { raw: { temp_set: 190 } }, about)).toMatchObject({ sent: { temp_set: 19 } })
    expect(at.status(thermostat).get('temp_set')).toBe(190)
    const both = { dp: { temp_set: 20.5 }, raw: { child_lock: true } }
    expect(await at.ask(about, both, about)).toMatchObject({ sent: { temp_set: 20.5, child_lock: true } })
    const tuya = { commands: [{ code: 'temp_set', value: 215 }] }
    expect(await at.ask(about, tuya, about)).toMatchObject({ state: 'confirmed', sent: { temp_set: 21.5 } })
    expect(at.status(thermostat).get('temp_set')).toBe(215)
  })

  it('a view', async () => {
    expect(await at.ask(`device/${lamp}/view/colour_data_v2/hsv`, '120,50,100')).toMatchObject({
      state: 'confirmed',
      sent: { colour_data_v2: { h: 120, s: 500, v: 1000 } },
    })
  })

  it('a point that the device only accepts is confirmed by the cloud (18.9)', async () => {
    const answer = await at.ask(`device/${remote}/dp/ir_send`, '{"control":"send_ir"}', `device/${remote}`)
    expect(answer).toMatchObject({ state: 'confirmed', by: 'cloud', path: 'cloud' })
  })

  it('reading again gives the document with what changed meanwhile', async () => {
    at.status(lamp).set('bright_value_v2', 55)
    const answer = await at.ask(`device/${lamp}/get`, 'run')
    expect(answer).toMatchObject({
      state: 'confirmed',
      by: 'cloud',
      result: { id: lamp, dp: { bright_value_v2: 55 } },
    })
  })

  it('by name, in any spelling', async () => {
    for (const name of ['desk_lamp', 'Desk lamp', 'DESK LAMP'])
      expect(await at.ask(`named/device/${name}/dp/bright_value_v2`, '77', `device/${lamp}`)).toMatchObject({
        target: `device/${lamp}`,
        state: 'confirmed',
      })
    expect(await at.ask('named/device/desk_lamp', { switch_led: true }, `device/${lamp}`)).toMatchObject({
      state: 'confirmed',
    })
    expect(await at.ask('named/device/desk_lamp/get', '1', `device/${lamp}`)).toMatchObject({
      state: 'confirmed',
    })
    expect(
      await at.ask('named/device/desk_lamp/view/colour_data_v2/rgb', '255,0,0', `device/${lamp}`),
    ).toMatchObject({
      sent: { colour_data_v2: { h: 0, s: 1000, v: 1000 } },
    })
  })
})

describe('7.2: options', () => {
  it('id and from: a private answer with the id, also to a client of 3.1.1', async () => {
    const answers = at.answersOn('reply/panel7')
    await at.ask(`device/${lamp}`, { dp: { bright_value_v2: 200 }, id: 'r-1', from: 'panel7' })
    await until(() => answers().length === 1)
    expect(answers()[0]).toMatchObject({ id: 'r-1', state: 'confirmed' })
  })

  it('the same id again repeats the answer; one write reached the device', async () => {
    const { journal } = at.house.simulator
    journal.clear()
    const command = { dp: { switch_led: 'toggle' }, id: 'again', from: 'panel7' }
    const first = await at.ask(`device/${lamp}`, command)
    const second = await at.ask(`device/${lamp}`, command)
    expect({ ...second, ms: 0, timeMs: 0 }).toEqual({ ...first, ms: 0, timeMs: 0 })
    expect(journal.entries('command', lamp)).toHaveLength(1)
  })

  it('progress comes to the requester before the end', async () => {
    const before = at.house.on('reply/panel8').length
    await at.ask(`device/${lamp}`, { dp: { bright_value_v2: 210 }, from: 'panel8', progress: true })
    await until(() => at.house.on('reply/panel8').length >= before + 3)
    const states = at.house.on('reply/panel8').map(({ payload }) => (JSON.parse(payload) as Answer)['state'])
    expect(states).toEqual(['accepted', 'sent', 'confirmed'])
  })

  it('clamp limits, a step is fitted, and both are said', async () => {
    const clamped = { dp: { bright_value_v2: 9_999 }, clamp: true }
    expect(await at.ask(`device/${lamp}`, clamped)).toMatchObject({
      state: 'confirmed',
      sent: { bright_value_v2: 1000 },
      warnings: ['clamped'],
    })
    const about = `device/${thermostat}`
    expect(await at.ask(`${about}/dp/temp_set`, '21.3', about)).toMatchObject({
      state: 'confirmed',
      warnings: ['adjusted'],
    })
  })

  it('ts and ttl: in time it is done, too late or too early it is not', async () => {
    const at_ = (ts: number, ttl = 10_000) =>
      at.ask(`device/${lamp}`, { dp: { bright_value_v2: 220 }, ts, ttl })
    expect(await at_(Date.now())).toMatchObject({ state: 'confirmed' })
    expect(await at_(Date.now() - 60_000)).toMatchObject({ state: 'expired', reason: 'command/expired' })
    expect(await at_(Date.now() + 60_000)).toMatchObject({ state: 'rejected', reason: 'command/bad-time' })
  })

  it('path: a way that there is not is said to be none', async () => {
    const dp = { bright_value_v2: 230 }
    expect(await at.ask(`device/${lamp}`, { dp, path: 'cloud' })).toMatchObject({ path: 'cloud' })
    expect(await at.ask(`device/${lamp}`, { dp, path: 'lan' })).toMatchObject({
      state: 'failed',
      reason: 'command/no-path',
      retry: 'later',
      details: [{ path: 'lan' }],
    })
  })
})

describe('7.5: every refusal names the field, the rule and the value', () => {
  const device = (path = '') => `device/${lamp}${path}`
  it.each([
    ['bad-json', device(), '{"dp":', 'JSON'],
    ['bad-json', device(), '[1,2]', 'object'],
    ['bad-value', device(), '{}', 'data point'],
    ['bad-value', device(), '{"dp":{"switch_led":true},"color":1}', 'color'],
    ['bad-value', device('/dp/switch_led'), 'perhaps', 'perhaps'],
    ['bad-value', device('/dp/bright_value_v2'), 'bright', 'bright'],
    ['bad-value', device('/get'), 'no', 'press'],
    ['bad-value', device('/view/colour_data_v2/rgb'), '1,2', '255'],
    ['too-large', device(), 'x'.repeat(8_193), '8192'],
    ['too-deep', device(), `{"dp":${'{"a":'.repeat(9)}1${'}'.repeat(9)}}`, '8'],
    ['unknown-dp', device('/dp/swich_led'), 'on', 'switch_led'],
    ['unknown-view', device('/view/colour_data_v2/hsl'), '1,2,3', 'hsl'],
    ['out-of-range', device('/dp/bright_value_v2'), '5', 'between 10 and 1000, got 5'],
    ['not-in-enum', device('/dp/work_mode'), 'White', 'white'],
    ['unknown-topic', device('/swich_led'), 'on', 'swich_led'],
    ['id-reused', device(), '{"dp":{"switch_led":true},"id":"mine"}', 'mine'],
  ])('%s on %s', async (reason, topic, payload, named) => {
    if (reason === 'id-reused')
      await at.ask(`device/${plug}`, { dp: { switch_1: true }, id: 'mine' }, `device/${plug}`)
    const answer = await at.ask(topic, payload)
    expect(answer).toMatchObject({
      state: 'rejected',
      ok: false,
      final: true,
      reason: `command/${reason}`,
      retry: 'never',
    })
    expect(answer['message']).toContain(named)
    expect(answer['message']).toMatch(/^\S.+[.?]$/)
    expect(answer).not.toHaveProperty('sent')
  })

  it.each([
    ['too-long', `device/${plug}/dp/cycle_time`, 'x'.repeat(300), `device/${plug}`],
    ['read-only', `device/${plug}/dp/cur_power`, '5', `device/${plug}`],
    ['read-only', `device/${plug}/view/fault/mask`, '5', `device/${plug}`],
    ['forbidden', `device/${lock}/dp/automatic_lock`, 'true', `device/${lock}`],
    ['unknown-device', 'device/bf3c9a7d41e0b2f6aaw1vx/get', '1', 'device/bf3c9a7d41e0b2f6aaw1vx'],
    ['unknown-name', 'named/device/desk_lamb/get', '1', 'unknown'],
    ['unknown-operation', 'op/device-gett', '{}', 'op/device-gett'],
    ['unknown-verb', 'bridge/restart', '1', 'bridge/restart'],
    ['unknown-home', 'bridge/resync', '{"scope":"home","id":"77"}', 'bridge/resync'],
    ['unknown-device', 'bridge/resync', '{"scope":"device","id":"bf0"}', 'bridge/resync'],
    ['missing-param', 'op/device-get', '{}', 'op/device-get'],
    ['bad-param', 'op/device-get', '{"params":{"device_id":"a/b"}}', 'op/device-get'],
    ['bad-param', 'op/device-get', '{"params":[]}', 'op/device-get'],
    ['forbidden', 'op/token-get', '{"params":{"grant_type":1}}', 'op/token-get'],
  ])('%s on %s', async (reason, topic, payload, subject) => {
    const answer = await at.ask(topic, payload, subject)
    expect(answer).toMatchObject({ state: 'rejected', reason: `command/${reason}`, retry: 'never' })
  })

  it('a name that several would have and none holds comes with all of them (3)', async () => {
    at.house.simulator.world.rename('bftwin0', 'Only child')
    await at.ask('bridge/resync', { scope: 'home', id: '3182004' }, 'bridge/resync')
    await until(() => at.house.last('meta/device/bftwin0')?.['name'] === 'Only child')
    expect(await at.ask('named/device/twin/get', '1', 'unknown')).toMatchObject({
      state: 'rejected',
      reason: 'command/ambiguous-name',
      details: [{ device: 'bftwin1' }],
    })
  })

  it('unknown things come with near ones', async () => {
    const near = async (topic: string, payload: string, subject: string) =>
      JSON.stringify((await at.ask(topic, payload, subject))['details'])
    expect(await near('device/bf3c9a7d41e0b2f6aaw1vx/get', '1', 'device/bf3c9a7d41e0b2f6aaw1vx')).toContain(
      lamp,
    )
    expect(await near('named/device/desk_lamb/get', '1', 'unknown')).toContain('desk_lamp')
    expect(await near('op/device-gett', '{}', 'op/device-gett')).toContain('"device-get"')
    expect(await near('bridge/pong', '1', 'bridge/pong')).toContain('"ping"')
    expect(await near(device('/dp/bright'), '1', `device/${lamp}`)).toContain('bright_value_v2')
  })

  it('nothing of a message with a fault is done, and every fault is told', async () => {
    const before = at.status(lamp).get('switch_led')
    const answer = await at.ask(device(), { dp: { switch_led: !before, bright_value_v2: 5, work_mode: 'x' } })
    expect(answer['details']).toMatchObject([
      { dp: 'bright_value_v2', value: 5, min: 10, max: 1000 },
      { dp: 'work_mode', value: 'x' },
    ])
    expect(at.status(lamp).get('switch_led')).toBe(before)
  })

  it('retained: refused, told on bridge/error, and gone from the broker', async () => {
    const before = at.status(lamp).get('switch_led')
    const answers = at.answersOn(`result/device/${lamp}`)
    await at.house.publish(at.client, `cmd/${device('/dp/switch_led')}`, 'toggle', { retain: true })
    await until(() => answers().length === 1)
    expect(answers()[0]).toMatchObject({ state: 'rejected', reason: 'command/retained', retry: 'never' })
    await until(() => at.house.last('bridge/error')?.['reason'] === 'command/retained')
    expect(at.house.last('bridge/error')?.['topic']).toBe(`tuya/cmd/${device('/dp/switch_led')}`)
    expect(at.status(lamp).get('switch_led')).toBe(before)
  })

  it('too fast: more than twenty a second of what acts on every write', async () => {
    const about = `result/device/${remote}`
    const answers = at.answersOn(about)
    const commands = Array.from({ length: 30 }, (_, i) =>
      at.house.publish(at.client, `cmd/device/${remote}/dp/ir_send`, `{"control":"send_ir","i":${i}}`),
    )
    await Promise.all(commands)
    await until(() => answers().some(({ reason }) => reason === 'command/rate'))
    expect(answers().find(({ reason }) => reason === 'command/rate')).toMatchObject({ retry: 'later' })
  })
})

describe('10: operations of the cloud', () => {
  const call = (id: string, params: object) => at.ask(`op/${id}`, { params }, `op/${id}`)

  it('answer with the cloud’s result, without what is secret or personal', async () => {
    const answer = await call('device-get', { device_id: lamp })
    expect(answer).toMatchObject({
      target: 'op/device-get',
      state: 'confirmed',
      by: 'cloud',
      path: 'cloud',
      result: { id: lamp, name: 'Desk lamp' },
    })
    for (const hidden of ['local_key', 'uuid', 'uid', 'ip', 'lat', 'lon'])
      expect(answer['result']).not.toHaveProperty(hidden)
  })

  it('take integers as text', async () => {
    expect(await call('room-list', { home_id: '3182004' })).toMatchObject({ state: 'confirmed' })
    expect(await call('room-list', { home_id: 3182004 })).toMatchObject({ state: 'confirmed' })
    expect(await call('associated-devices', { size: '3' })).toMatchObject({ state: 'confirmed' })
  })

  it('control devices with raw values, and the state follows', async () => {
    const commands = [{ code: 'temp_set', value: 175 }]
    expect(await call('device-commands', { device_id: thermostat, commands })).toMatchObject({
      state: 'confirmed',
      result: true,
    })
    expect(at.status(thermostat).get('temp_set')).toBe(175)
  })

  it('tell what the cloud says of another’s device', async () => {
    expect(await call('device-get', { device_id: 'bf0000000000000000000' })).toMatchObject({
      state: 'failed',
      reason: 'cloud/permission',
      tuya: { code: 1106 },
    })
  })
})
