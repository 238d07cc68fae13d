import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../../src/domain/command.ts'
import type { OperationPort } from '../../../src/mqtt/command/ports.ts'
import { BridgeError } from '../../../src/util/error.ts'
import { CommandDesk, somePoints, targetOf } from '../../support/command-desk.ts'

const confirmed: Outcome = { state: 'confirmed', by: 'report', path: 'cloud', sent: {} }

/** A promise and the way to end it. */
function pending<T>() {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((yes) => {
    resolve = yes
  })
  return { promise, resolve }
}

const topicsOf = async (desk: CommandDesk) => (await desk.said()).map(({ topic }) => topic)

describe('7.4: where an answer goes', () => {
  it('without a requester to the broadcast topic of the device', async () => {
    const desk = new CommandDesk()
    desk.hand('device/bf1/dp/switch_led', 'on')
    const [said, ...others] = await desk.said()
    expect(others).toEqual([])
    expect(said).toMatchObject({ topic: 'result/device/bf1', retain: false })
    expect(said?.answer).toEqual({
      id: null,
      target: 'device/bf1',
      state: 'confirmed',
      ok: true,
      final: true,
      by: 'report',
      path: 'cloud',
      ms: 0,
      sent: { switch_led: true },
      timeMs: desk.clock.now(),
    })
  })

  it('with a Response Topic there too, with the correlation data as it came', async () => {
    const desk = new CommandDesk()
    const correlationData = Buffer.from([0, 255, 7])
    desk.hand('device/bf1/dp/switch_led', 'on', { responseTopic: 'tuya/reply/x/y', correlationData })
    const said = await desk.said()
    expect(said.map(({ topic }) => topic)).toEqual(['reply/x/y', 'result/device/bf1'])
    expect(said[0]?.correlationData).toEqual(correlationData)
    expect(said[1]?.correlationData).toBeUndefined()
    expect(said[0]?.answer).toEqual(said[1]?.answer)
  })

  it('"from" is for those without a Response Topic', async () => {
    const desk = new CommandDesk()
    desk.hand('device/bf1', { dp: { switch_led: true }, from: 'panel', id: 'r1' })
    expect(await topicsOf(desk)).toEqual(['reply/panel', 'result/device/bf1'])
    desk.hand('device/bf1', { dp: { switch_led: true }, from: 'panel' }, { responseTopic: 'tuya/reply/mine' })
    expect(await topicsOf(desk)).toEqual(['reply/mine', 'result/device/bf1'])
    desk.hand('device/bf1/dp/switch_led', 'on', { user: { from: 'node', id: 'r9' } })
    const said = await desk.said()
    expect(said.map(({ topic }) => topic)).toEqual(['reply/node', 'result/device/bf1'])
    expect(said[0]?.answer).toMatchObject({ id: 'r9' })
  })

  it('every answer says in its user properties which way was taken (1.2)', async () => {
    const desk = new CommandDesk()
    desk.hand('device/bf1', { dp: { switch_led: true }, from: 'panel' })
    const said = await desk.said()
    expect(said.map(({ topic }) => topic)).toEqual(['reply/panel', 'result/device/bf1'])
    for (const { user } of said) expect(user).toEqual({ bridge: 'main', path: 'cloud' })
    desk.hand('bridge/ping', '1')
    for (const { user } of await desk.said()) expect(user).toEqual({ bridge: 'main' })
  })

  it('a Response Topic that is not allowed: nothing is done, and the broadcast topic says why', async () => {
    const desk = new CommandDesk()
    const bad = { responseTopic: 'tuya/state/device/bf1' }
    desk.hand('device/bf1/dp/switch_led', 'on', bad)
    desk.hand('device/bf1', { dp: { switch_led: true }, from: 'panel' }, bad)
    const said = await desk.said()
    expect(said.map(({ topic }) => topic)).toEqual(['result/device/bf1', 'result/device/bf1'])
    for (const { answer } of said)
      expect(answer).toMatchObject({ state: 'rejected', reason: 'command/reply-denied' })
    expect(desk.writes).toEqual([])
  })

  it('of a verb always on its broadcast topic as well, of an operation only when nobody asked for it', async () => {
    const operations: Partial<OperationPort> = {
      describe: () => ({ class: 'read', allowed: true, private: false }),
    }
    const desk = new CommandDesk({ operations })
    desk.hand('bridge/ping', { from: 'me' })
    expect(await topicsOf(desk)).toEqual(['reply/me', 'result/bridge/ping'])
    desk.hand('op/device-get', { from: 'me' })
    expect(await topicsOf(desk)).toEqual(['reply/me'])
    desk.hand('op/device-get', {}, { responseTopic: 'tuya/reply/x' })
    expect(await topicsOf(desk)).toEqual(['reply/x'])
    desk.hand('op/device-get', {})
    expect(await topicsOf(desk)).toEqual(['result/op/device-get'])
  })
})

describe('18.8: the answer to what cannot be read', () => {
  it.each([
    ['device/bf1', '{"dp":', {}, ['result/device/bf1']],
    ['device/bf1', '{"dp":{},"from":"me"}', {}, ['reply/me', 'result/device/bf1']],
    ['device/bf1', '{"dp":', { responseTopic: 'tuya/reply/x' }, ['reply/x', 'result/device/bf1']],
    ['device/bf1', '{"dp":', { user: { from: 'me' } }, ['reply/me', 'result/device/bf1']],
    ['device/bf1/swich_led', 'true', {}, ['result/device/bf1']],
    ['device/bf1/dp/a/b/c', '{"from":"me"}', {}, ['reply/me', 'result/device/bf1']],
    ['nonsense', '1', {}, ['result/unknown']],
    ['device', '1', {}, ['result/unknown']],
    ['device/b f/dp/x', '1', {}, ['result/unknown']],
    ['device/bf1/dp/%zz', '1', {}, ['result/device/bf1']],
  ])('on %s, %s goes where its sender can be told', async (topic, payload, more, expected) => {
    const desk = new CommandDesk()
    desk.hand(topic, payload, more)
    const said = await desk.said()
    expect(said.map((one) => one.topic)).toEqual(expected)
    for (const { answer } of said) expect(answer).toMatchObject({ state: 'rejected', ok: false, final: true })
  })

  it('holds the id as far as it can be told', async () => {
    const desk = new CommandDesk()
    expect(await desk.ask('device/bf1', { dp: {}, id: 'r1' })).toMatchObject({ id: 'r1' })
    expect(await desk.ask('device/bf1', { dp: {}, id: 'not an id' })).toMatchObject({ id: null })
    expect(await desk.ask('device/bf1/dp/bright', 'x', { user: { id: 'r2' } })).toMatchObject({ id: 'r2' })
  })

  it('names the junk in its target and the topics that exist in its details', async () => {
    const answer = await new CommandDesk().ask('device/bf1/swich_led', 'true')
    expect(answer).toMatchObject({
      target: 'device/bf1/swich_led',
      reason: 'command/unknown-topic',
      message: 'Nothing listens on tuya/cmd/device/bf1/swich_led.',
      retry: 'never',
    })
    expect(answer['details']).toContainEqual({ topic: 'cmd/device/{device}/dp/{code}' })
  })
})

describe('R-K1: retained and empty messages', () => {
  it('a retained command is never executed, is answered, and is taken from the broker', async () => {
    const desk = new CommandDesk()
    desk.hand('device/bf1', { dp: { switch_led: true }, id: 'r1', from: 'me' }, { retain: true })
    const said = await desk.said()
    expect(desk.writes).toEqual([])
    expect(said.map(({ topic, answer }) => [topic, answer?.['reason']])).toEqual([
      ['reply/me', 'command/retained'],
      ['result/device/bf1', 'command/retained'],
      ['cmd/device/bf1', undefined],
    ])
    expect(said[2]).toMatchObject({ retain: true, answer: undefined })
    expect(desk.intake.counts.retained).toBe(1)
  })

  it('it is left where it is when that is the setting', async () => {
    const desk = new CommandDesk({ settings: { clearRetained: false } })
    desk.hand('device/bf1', { dp: { switch_led: true } }, { retain: true })
    expect(await topicsOf(desk)).toEqual(['result/device/bf1'])
  })

  it('is told as trouble once for each topic and hour', async () => {
    const desk = new CommandDesk()
    const again = () => desk.hand('device/bf1', { dp: { switch_led: true } }, { retain: true })
    again()
    again()
    desk.hand('device/bf1/get', '1', { retain: true })
    expect(desk.troubles.map(({ topic }) => topic)).toEqual([
      'tuya/cmd/device/bf1',
      'tuya/cmd/device/bf1/get',
    ])
    await desk.clock.advance(3_599_999)
    again()
    expect(desk.troubles).toHaveLength(2)
    await desk.clock.advance(1)
    again()
    expect(desk.troubles).toHaveLength(3)
  })

  it('an empty message is nothing, unless somebody waits for a response', async () => {
    const desk = new CommandDesk()
    desk.hand('device/bf1/get', '')
    desk.hand('device/bf1/dp/switch_led', '', { retain: true, responseTopic: 'tuya/reply/x' })
    expect(await desk.said()).toEqual([])
    desk.hand('device/bf1/dp/switch_led', '', { responseTopic: 'tuya/reply/x' })
    const said = await desk.said()
    expect(said[0]).toMatchObject({ topic: 'reply/x', answer: { reason: 'command/empty' } })
    expect(desk.writes).toEqual([])
  })
})

describe('S-4: sizes', () => {
  it('a command has 8 KiB at most, an operation 64', async () => {
    const desk = new CommandDesk()
    const command = (bytes: number) => desk.ask('device/bf1', Buffer.alloc(bytes, 'x'))
    expect(await command(8 * 1024)).toMatchObject({ reason: 'command/bad-json' })
    expect(await command(8 * 1024 + 1)).toMatchObject({ reason: 'command/too-large', retry: 'never' })
    const operation = (bytes: number) => desk.ask('op/device-get', Buffer.alloc(bytes, 'x'))
    expect(await operation(64 * 1024)).toMatchObject({ reason: 'command/bad-json' })
    expect(await operation(64 * 1024 + 1)).toMatchObject({ reason: 'command/too-large' })
  })

  it('the answer to a large one names both numbers', async () => {
    const { message } = await new CommandDesk().ask('device/bf1', Buffer.alloc(9_000, 'x'))
    expect(message).toContain('9000')
    expect(message).toContain('8192')
  })
})

describe('R-K5: the same command again', () => {
  const command = { dp: { switch_led: true }, id: 'r1' }

  it('repeats the stored answer and sends nothing', async () => {
    const desk = new CommandDesk()
    const first = await desk.ask('device/bf1', command)
    await desk.clock.advance(100)
    const second = await desk.ask('device/bf1', command)
    expect(second).toEqual({ ...first, ms: 0, timeMs: desk.clock.now() })
    expect(desk.writes).toHaveLength(1)
  })

  it('while the first still runs, both get its one outcome', async () => {
    const desk = new CommandDesk()
    const { promise, resolve } = pending<Outcome>()
    desk.route = () => promise
    desk.hand('device/bf1', command)
    desk.hand('device/bf1', command)
    expect(await desk.said()).toEqual([])
    resolve(confirmed)
    expect(await topicsOf(desk)).toEqual(['result/device/bf1', 'result/device/bf1'])
    expect(desk.writes).toHaveLength(1)
  })

  it('also after its time to live: it asks what became of it, not for it to be done', async () => {
    const desk = new CommandDesk()
    const dated = { ...command, ts: desk.clock.now(), ttl: 1_000 }
    await desk.ask('device/bf1', dated)
    await desk.clock.advance(20_000)
    expect(await desk.ask('device/bf1', dated)).toMatchObject({ state: 'confirmed' })
    expect(desk.writes).toHaveLength(1)
  })

  it('with the flag of a repetition too', async () => {
    const desk = new CommandDesk()
    await desk.ask('device/bf1', command)
    expect(await desk.ask('device/bf1', command, { dup: true })).toMatchObject({
      id: 'r1',
      state: 'confirmed',
    })
    expect(desk.writes).toHaveLength(1)
  })

  it('is another command for another requester', async () => {
    const desk = new CommandDesk()
    await desk.ask('device/bf1', { ...command, from: 'a' })
    await desk.ask('device/bf1', { ...command, from: 'b' })
    await desk.ask('device/bf1', command, { responseTopic: 'tuya/reply/c' })
    expect(desk.writes).toHaveLength(3)
  })

  it('the same id for another target is refused', async () => {
    const desk = new CommandDesk()
    desk.targets.set('bf2', targetOf('bf2', somePoints))
    await desk.ask('device/bf1', command)
    const answer = await desk.ask('device/bf2', command)
    expect(answer).toMatchObject({ id: 'r1', reason: 'command/id-reused', retry: 'never' })
    expect(answer['message']).toContain('device/bf1')
    expect(desk.writes).toHaveLength(1)
  })

  it('after ten minutes it is a new one', async () => {
    const desk = new CommandDesk()
    await desk.ask('device/bf1', command)
    await desk.clock.advance(600_000)
    await desk.ask('device/bf1', command)
    expect(desk.writes).toHaveLength(2)
  })

  it('without an id, equal bytes with the flag within 30 s are dropped without a word', async () => {
    const desk = new CommandDesk()
    desk.hand('device/bf1/dp/switch_led', 'toggle')
    await desk.said()
    desk.hand('device/bf1/dp/switch_led', 'toggle', { dup: true })
    expect(await desk.said()).toEqual([])
    expect(desk.intake.counts.ignored).toBe(1)
    desk.hand('device/bf1/dp/switch_led', 'toggle')
    await desk.said()
    expect(desk.writes).toHaveLength(2)
  })
})

describe('7.2: options', () => {
  it('say how long it may wait and which way it goes', async () => {
    const desk = new CommandDesk()
    await desk.ask('device/bf1', { dp: { bright: 20 }, ttl: 700, path: 'lan' })
    await desk.ask('device/bf1/dp/bright', '20', { user: { ttl: '800', path: 'cloud' } })
    await desk.ask('device/bf1/dp/bright', '20')
    expect(desk.writes.map(({ ttlMs, path }) => [ttlMs, path])).toEqual([
      [700, 'lan'],
      [800, 'cloud'],
      [10_000, 'auto'],
    ])
  })

  it('progress tells the requester of every step before the end', async () => {
    const desk = new CommandDesk()
    desk.hand('device/bf1', { dp: { bright: 20 }, progress: true, from: 'me', id: 'r1' })
    const said = await desk.said()
    expect(said.map(({ topic, answer }) => [topic, answer?.['state'], answer?.['final']])).toEqual([
      ['reply/me', 'accepted', false],
      ['reply/me', 'sent', false],
      ['reply/me', 'confirmed', true],
      ['result/device/bf1', 'confirmed', true],
    ])
    expect(said[0]?.answer).toMatchObject({ id: 'r1', target: 'device/bf1', ok: true, ms: 0 })
  })

  it('nobody hears of progress who did not ask, or whom nobody can tell', async () => {
    const desk = new CommandDesk()
    desk.hand('device/bf1', { dp: { bright: 20 }, from: 'me' })
    expect(await topicsOf(desk)).toEqual(['reply/me', 'result/device/bf1'])
    desk.hand('device/bf1', { dp: { bright: 20 }, progress: true })
    expect(await topicsOf(desk)).toEqual(['result/device/bf1'])
  })

  it('clamp limits, and the answer says so beside the router’s own words', async () => {
    const desk = new CommandDesk()
    desk.route = async () => ({ ...confirmed, warnings: ['deprecated'] })
    const answer = await desk.ask('device/bf1', { dp: { bright: 9_999 }, clamp: true })
    expect(answer['warnings']).toEqual(['clamped', 'deprecated'])
    expect(desk.writes[0]?.points[0]?.raw).toBe(1_000)
  })

  it('an expired one ends as expired and is not sent', async () => {
    const desk = new CommandDesk()
    const late = { dp: { bright: 20 }, ts: desk.clock.now() - 10_000 }
    expect(await desk.ask('device/bf1', late)).toMatchObject({
      state: 'expired',
      ok: false,
      reason: 'command/expired',
    })
    expect(desk.writes).toEqual([])
  })
})

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
