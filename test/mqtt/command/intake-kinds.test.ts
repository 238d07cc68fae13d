import { describe, expect, it } from 'vitest'
import type { OperationPort } from '../../../src/mqtt/command/ports.ts'
import { BridgeError } from '../../../src/util/error.ts'
import { CommandDesk, somePoints, targetOf } from '../../support/command-desk.ts'

const topicsOf = async (desk: CommandDesk) => (await desk.said()).map(({ topic }) => topic)

describe('7.1: reading again', () => {
  it('answers with the document and the way', async () => {
    const desk = new CommandDesk()
    expect(await desk.ask('device/bf1/get', '1')).toMatchObject({
      state: 'confirmed',
      by: 'cloud',
      path: 'cloud',
      result: { id: 'bf1' },
    })
    expect(desk.reads).toEqual(['bf1'])
    desk.read = async () => 'lan'
    expect(await desk.ask('device/bf1/get', '{"from":"me"}')).toMatchObject({ by: 'report', path: 'lan' })
  })

  it('one that never ends is unconfirmed after 15 s', async () => {
    const desk = new CommandDesk()
    desk.read = (_id, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    desk.hand('device/bf1/get', 'run')
    await desk.clock.advance(14_999)
    expect(await desk.said()).toEqual([])
    expect(desk.intake.open).toBe(1)
    await desk.clock.advance(1)
    const [said] = await desk.said()
    expect(said?.answer).toMatchObject({
      state: 'timeout',
      reason: 'command/unconfirmed',
      retry: 'later',
      ms: 15_000,
    })
    expect(desk.intake.open).toBe(0)
  })

  it('another word than agreement reads nothing', async () => {
    const desk = new CommandDesk()
    expect(await desk.ask('device/bf1/get', 'false')).toMatchObject({ reason: 'command/bad-value' })
    expect(desk.reads).toEqual([])
  })
})

describe('unknown things', () => {
  it('a device comes with those whose ids are near', async () => {
    const desk = new CommandDesk()
    desk.targets.set('bf3c9a7d', targetOf('bf3c9a7d', somePoints))
    const answer = await desk.ask('device/bf3c9a7e/dp/switch_led', 'on')
    expect(answer).toMatchObject({ reason: 'command/unknown-device', details: [{ device: 'bf3c9a7d' }] })
    expect(await desk.ask('device/nobody/get', '1')).toMatchObject({ reason: 'command/unknown-device' })
  })

  it('a verb comes with those that exist', async () => {
    const answer = await new CommandDesk().ask('bridge/pong', '1')
    expect(answer).toMatchObject({
      reason: 'command/unknown-verb',
      details: [{ verb: 'ping' }],
      target: 'bridge/pong',
    })
  })
})

describe('3: commands by name', () => {
  function house() {
    const desk = new CommandDesk()
    desk.targets.set('bf7', targetOf('bf7', somePoints, { switch_led: true }, { name: 'Desk lamp' }))
    return desk
  }

  it('reach the device by slug or by the name itself, and the answer tells the id', async () => {
    const desk = house()
    for (const topic of ['desk_lamp', 'Desk lamp', 'DESK%20LAMP']) {
      desk.hand(`named/device/${topic}/dp/switch_led`, 'off')
      const [said] = await desk.said()
      expect(said).toMatchObject({ topic: 'result/device/bf7', answer: { target: 'device/bf7' } })
    }
    desk.hand('named/device/desk_lamp', { switch_led: true })
    desk.hand('named/device/desk_lamp/view/colour/rgb', '1,2,3')
    desk.hand('named/device/desk_lamp/get', '1')
    await desk.said()
    expect(desk.writes.map(({ deviceId }) => deviceId)).toEqual(Array(5).fill('bf7'))
    expect(desk.reads).toEqual(['bf7'])
  })

  it('a name that nobody has comes with near ones', async () => {
    const answer = await house().ask('named/device/desk_lmap/dp/switch_led', 'on')
    expect(answer).toMatchObject({ reason: 'command/unknown-name', details: [{ name: 'desk_lamp' }] })
    expect(answer['message']).toContain('desk_lmap')
  })

  it('a name that several have is refused with all of them', async () => {
    const desk = house()
    desk.targets.set('bf8', targetOf('bf8', somePoints, {}, { name: 'desk  lamp' }))
    desk.hand('named/device/desk_lamp/dp/switch_led', 'on', { responseTopic: 'tuya/reply/x' })
    const [said] = await desk.said()
    expect(said?.answer).toMatchObject({
      reason: 'command/ambiguous-name',
      details: [{ device: 'bf7' }, { device: 'bf8' }],
    })
    expect(desk.writes).toEqual([])
  })

  it('are refused where names are switched off', async () => {
    const desk = new CommandDesk({ settings: { names: false } })
    const answer = await desk.ask('named/device/bf1/dp/switch_led', 'on')
    expect(answer).toMatchObject({ reason: 'command/unknown-name' })
    expect(answer['message']).toContain('names')
    expect(desk.writes).toEqual([])
  })
})

describe('R-K6: rates', () => {
  it('the twenty-first command a second that acts on every write is refused, others are not', async () => {
    const desk = new CommandDesk()
    for (let i = 0; i < 22; i++) desk.hand('device/bf1/dp/ir_send', `code${i % 9}`)
    desk.hand('device/bf1/dp/bright', '30')
    const reasons = (await desk.said()).map(({ answer }) => answer?.['reason'])
    expect(reasons.filter((reason) => reason === 'command/rate')).toHaveLength(2)
    expect(desk.writes).toHaveLength(21)
    await desk.clock.advance(1_000)
    expect(await desk.ask('device/bf1/dp/ir_send', 'again')).toMatchObject({ state: 'confirmed' })
  })
})

describe('11: words to the bridge', () => {
  it('give what they give', async () => {
    expect(await new CommandDesk().ask('bridge/ping', 'press')).toMatchObject({
      target: 'bridge/ping',
      state: 'confirmed',
      by: 'bridge',
      path: null,
      result: { pong: true },
    })
  })

  it('a scope’s id is the id of a thing; otherwise it is the command’s', async () => {
    const heard: object[] = []
    const verbs = { resync: async (options: object) => void heard.push(options) }
    const desk = new CommandDesk({ verbs })
    expect(await desk.ask('bridge/resync', { scope: 'device', id: 'bf1' })).toMatchObject({ id: null })
    expect(await desk.ask('bridge/resync', { id: 'r1' })).toMatchObject({ id: 'r1' })
    expect(heard[0]).toMatchObject({ scope: 'device', id: 'bf1' })
  })

  it('one that never ends is unconfirmed after 15 s; one that fails tells why', async () => {
    const verbs = {
      hang: () => new Promise<void>(() => {}),
      fail: async () => {
        throw new BridgeError('command/rate', 'Too often.', { retry: 'later' })
      },
      break: async () => {
        throw new TypeError('of all things')
      },
    }
    const desk = new CommandDesk({ verbs })
    desk.hand('bridge/hang', '1')
    await desk.clock.advance(15_000)
    expect((await desk.said())[0]?.answer).toMatchObject({ state: 'timeout', reason: 'command/unconfirmed' })
    expect(await desk.ask('bridge/fail', '1')).toMatchObject({
      state: 'rejected',
      reason: 'command/rate',
      message: 'Too often.',
      retry: 'later',
    })
    expect(await desk.ask('bridge/break', '1')).toMatchObject({ state: 'failed', reason: 'bridge/internal' })
  })
})

describe('10: operations', () => {
  const port = (described: object, prepare?: OperationPort['prepare']): Partial<OperationPort> => ({
    ids: ['device-get', 'device-status', 'user-info'],
    describe: (id) =>
      id.startsWith('device') || id.startsWith('user')
        ? { class: 'read', allowed: true, private: false, ...described }
        : undefined,
    ...(prepare ? { prepare } : {}),
  })

  it('unknown ones come with near ones', async () => {
    const desk = new CommandDesk({ operations: port({}) })
    const answer = await desk.ask('op/devce-get', {})
    expect(answer).toMatchObject({ reason: 'command/unknown-operation' })
    expect(answer['details']).toEqual([{ operation: 'device-get' }])
  })

  it('forbidden ones name their class and the setting', async () => {
    const desk = new CommandDesk({ operations: port({ allowed: false, class: 'destructive' }) })
    const answer = await desk.ask('op/device-get', {})
    expect(answer).toMatchObject({ reason: 'command/forbidden', retry: 'never' })
    expect(answer['message']).toContain('"destructive"')
    expect(answer['message']).toContain('operations.allow')
    expect(answer['details']).toEqual([{ operation: 'device-get', class: 'destructive' }])
  })

  it('those of the bridge itself are forbidden for good, whatever is allowed', async () => {
    const desk = new CommandDesk({ operations: port({ allowed: false, class: 'never' }) })
    const answer = await desk.ask('op/device-get', {})
    expect(answer).toMatchObject({ reason: 'command/forbidden', retry: 'never' })
    expect(answer['message']).toContain('never called over MQTT')
    expect(answer['message']).not.toContain('operations.allow')
  })

  it('private ones need somebody to answer to, and nobody else hears', async () => {
    const desk = new CommandDesk({ operations: port({ private: true }) })
    expect(await desk.ask('op/user-info', {})).toMatchObject({ reason: 'command/reply-needed' })
    desk.hand('op/user-info', { from: 'me' })
    expect(await topicsOf(desk)).toEqual(['reply/me'])
    desk.hand('op/user-info', {}, { user: { from: 'me' } })
    expect(await topicsOf(desk)).toEqual(['reply/me'])
  })

  it('get their parameters, and none when none are given', async () => {
    const given: unknown[] = []
    const prepare: OperationPort['prepare'] = (id, params) => {
      given.push([id, params])
      return async () => ({ state: 'confirmed', by: 'cloud', path: 'cloud', result: [1] })
    }
    const desk = new CommandDesk({ operations: port({}, prepare) })
    expect(await desk.ask('op/device-get', { params: { device_id: 'bf1' } })).toMatchObject({
      target: 'op/device-get',
      result: [1],
    })
    await desk.ask('op/device-status', {})
    expect(given).toEqual([
      ['device-get', { device_id: 'bf1' }],
      ['device-status', {}],
    ])
    expect(await desk.ask('op/device-get', { params: [] })).toMatchObject({ reason: 'command/bad-param' })
    // Who forgets "params" has his parameters before his eyes: they are not missing.
    expect(await desk.ask('op/device-get', { device_id: 'bf1', path: 'x' })).toMatchObject({
      reason: 'command/bad-param',
      message: 'Parameters stand inside of "params": {"params":{"device_id":…}}.',
      details: [{ param: 'device_id', expected: 'inside of "params"' }],
    })
    expect((await desk.ask('op/device-get', '[]'))['message']).toContain('{"params":')
    expect(await desk.ask('op/device-get', '1')).toMatchObject({ reason: 'command/bad-json' })
  })

  it('are accepted only when their parameters fit', async () => {
    const desk = new CommandDesk({
      operations: port({}, () => {
        throw new BridgeError('command/missing-param', 'device_id is missing.')
      }),
    })
    desk.hand('op/device-get', { from: 'me', progress: true })
    const said = await desk.said()
    expect(said.map(({ answer }) => answer?.['state'])).toEqual(['rejected'])
  })
})

describe('the end', () => {
  it('nothing is accepted after a stop, and what hangs is told', async () => {
    const desk = new CommandDesk({ verbs: { hang: () => new Promise<void>(() => {}) } })
    desk.hand('bridge/hang', '1')
    desk.intake.stop()
    desk.hand('device/bf1/dp/switch_led', 'on')
    const said = await desk.said()
    expect(said.map(({ answer }) => [answer?.['state'], answer?.['reason']])).toEqual([
      ['failed', 'bridge/shutdown'],
    ])
    expect(desk.writes).toEqual([])
    expect(desk.intake.open).toBe(0)
  })

  it('a defect of ours is told as ours; what was thrown is for the log alone', async () => {
    const desk = new CommandDesk()
    const thrown = new TypeError('x of some secret is undefined')
    desk.route = () => Promise.reject(thrown)
    const answer = await desk.ask('device/bf1/dp/switch_led', 'on')
    expect(answer).toMatchObject({ state: 'failed', reason: 'bridge/internal', retry: 'later' })
    expect(JSON.stringify(answer)).not.toContain('secret')
    expect(desk.defects).toEqual([thrown])
  })
})
