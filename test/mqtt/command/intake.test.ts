import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../../src/domain/command.ts'
import type { OperationPort } from '../../../src/mqtt/command/ports.ts'
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
