import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/domain/data-point.ts'
import { isMomentary } from '../../src/domain/momentary.ts'
import type { SaidPoint, Source } from '../../src/domain/report.ts'
import { EventBench } from '../support/event-bench.ts'
import { point } from '../support/point.ts'
import { externalAction, message, presence } from '../support/told-message.ts'

const schema = JSON.parse(
  readFileSync(new URL('../../schemas/mqtt/event.schema.json', import.meta.url), 'utf8'),
)
const conforms = new Ajv2020({ strict: true, strictRequired: false }).compile(schema)

function said(code: string, value: Json, timeMs: number, raw: unknown = value): SaidPoint {
  return { point: point('enum', { code, momentary: isMomentary(code) }), raw, value, timeMs }
}

function report(bench: EventBench, source: Source, ...points: SaidPoint[]): boolean {
  return bench.events.reported(
    { deviceId: 'lamp', source, receivedMs: bench.now, said: points },
    bench.waiter('report'),
  )
}

/** Every event that left, parsed and checked. */
function happened(bench: EventBench): (Record<string, unknown> & { on: string })[] {
  return bench.flush().map(({ topic, payload, retain, qos }) => {
    const event = JSON.parse(payload)
    expect(conforms(event), `${topic}: ${JSON.stringify(conforms.errors)}`).toBe(true)
    expect([retain, qos]).toEqual([topic.startsWith('tuya/last/'), 1])
    return { ...event, on: topic.slice('tuya/'.length) }
  })
}

describe('a report', () => {
  it('is an event with all that it says, and leaves no copy', () => {
    const bench = new EventBench()
    expect(report(bench, 'queue', said('temp', 21.5, bench.now, 215), said('on', true, bench.now - 5))).toBe(
      true,
    )
    expect(happened(bench)).toMatchObject([
      {
        on: 'event/device/lamp/report',
        kind: 'report',
        device: 'lamp',
        source: 'queue',
        seq: 1,
        timeMs: bench.now,
        ageMs: 0,
        data: { dp: { temp: 21.5, on: true }, raw: { temp: 215 } },
      },
    ])
    expect(bench.told).toEqual(['report true'])
  })

  it('is told also when it says the same as before, but once', () => {
    const bench = new EventBench()
    report(bench, 'lan', said('on', true, bench.now))
    report(bench, 'lan', said('on', true, bench.now + 1))
    report(bench, 'lan', said('on', true, bench.now + 1))
    expect(happened(bench).map(({ seq }) => seq)).toEqual([1, 2])
    expect(bench.told).toHaveLength(3)
    expect(bench.events.counts).toMatchObject({ told: 2, duplicate: 1 })
  })

  it('tells each press, ring and unlock in it by itself, with a copy', () => {
    const bench = new EventBench()
    report(
      bench,
      'queue',
      said('switch_mode2', 'double_click', bench.now),
      said('doorbell', true, bench.now),
      said('unlock_card', 3, bench.now),
      said('hijack', true, bench.now),
      said('feed_report', 2, bench.now),
      said('battery', 80, bench.now),
    )
    const events = happened(bench)
    const endings = [
      'device/lamp/button/switch_mode2',
      'device/lamp/doorbell/doorbell',
      'device/lamp/unlock/unlock_card',
      'device/lamp/alarm/hijack',
      'device/lamp/momentary/feed_report',
    ]
    expect(events.map(({ on }) => on)).toEqual([
      'event/device/lamp/report',
      ...endings.map((ending) => `event/${ending}`),
      ...endings.map((ending) => `last/${ending}`),
    ])
    expect(events.find(({ on }) => on === `event/${endings[0]}`)).toMatchObject({
      kind: 'button',
      seq: 2,
      data: { code: 'switch_mode2', value: 'double_click', gesture: 'double' },
    })
    expect(bench.lasts[`last/${endings[2]}`]).toMatchObject({
      kind: 'unlock',
      replay: false,
      data: { code: 'unlock_card', method: 'card', user: 3 },
    })
  })

  it.each(['poll', 'ack', 'snapshot'] as const)('of the source %s is nothing that happened', (source) => {
    const bench = new EventBench()
    expect(report(bench, source, said('switch_mode1', 'click', bench.now))).toBe(true)
    expect(bench.flush()).toEqual([])
    expect(bench.told).toEqual(['report true'])
  })

  it('is no event by itself where the owner does not want it; presses in it still are', () => {
    const bench = new EventBench({ settings: { reports: false } })
    report(bench, 'queue', said('on', true, bench.now), said('switch_mode1', 'click', bench.now))
    expect(bench.topicsSaid()).toEqual([
      'event/device/lamp/button/switch_mode1',
      'last/device/lamp/button/switch_mode1',
    ])
  })

  it('no broker keeps the way to a picture', () => {
    const bench = new EventBench()
    report(bench, 'queue', said('movement_detect_pic', 'eyJidWNrZXQiOiJ4In0=', bench.now))
    const events = happened(bench)
    const [live, copy] = events.filter(({ kind }) => kind === 'momentary')
    expect(live?.['data']).toEqual({ code: 'movement_detect_pic', value: 'eyJidWNrZXQiOiJ4In0=' })
    expect(copy).toMatchObject({
      on: 'last/device/lamp/momentary/movement_detect_pic',
      id: live?.['id'],
      data: { value: null },
    })
  })
})

describe('messages of the queue', () => {
  const at = (bench: EventBench) => ({ timeMs: bench.now - 640 })

  it.each([
    ['online', 'presence', { deviceId: 'lamp', productId: null, online: true }, {}],
    ['offline', 'presence', { deviceId: 'lamp', productId: null, online: false }, {}],
    ['renamed', 'deviceRenamed', { deviceId: 'lamp', productId: null, name: 'Lamp' }, { name: 'Lamp' }],
    ['bound', 'bound', { deviceId: 'lamp', homeId: '1' }, { home: '1' }],
    ['unbound', 'unbound', { deviceId: 'lamp', homeId: null }, { home: null }],
    [
      'ota',
      'upgrade',
      { deviceId: 'lamp', module: '9', status: '3', percent: null },
      { module: '9', status: '3', percent: null },
    ],
    ['shared', 'shared', { deviceIds: ['lamp'], data: { share: true } }, { share: true }],
  ] as const)('event/device/<id>/%s', (kind, messageKind, members, data) => {
    const bench = new EventBench()
    const told = message(messageKind as 'presence', { ...members, ...at(bench) } as never)
    const methods = {
      presence: bench.events.presence,
      deviceRenamed: bench.events.renamed,
      bound: bench.events.bound,
      unbound: bench.events.bound,
      upgrade: bench.events.upgrade,
      shared: bench.events.shared,
    }
    const taken = methods[messageKind].call(bench.events, told as never, bench.now, bench.waiter('queue'))
    expect(taken).toBe(true)
    const [event, copy] = happened(bench)
    expect(event).toMatchObject({ on: `event/device/lamp/${kind}`, kind, device: 'lamp', ageMs: 640, data })
    expect({ ...copy, on: '' }).toEqual({ ...event, on: '' })
    expect(bench.told).toEqual(['queue true'])
  })

  it('what a device says besides its points is told by its code', () => {
    const bench = new EventBench()
    const ring = message('deviceEvent', { deviceId: 'cam', code: 'ac_doorbell', data: 'x', ...at(bench) })
    bench.events.deviceEvent(ring, bench.now)
    const [event, copy] = happened(bench)
    expect(event).toMatchObject({
      on: 'event/device/cam/doorbell/ac_doorbell',
      data: { code: 'ac_doorbell', value: 'x' },
    })
    expect(copy).toMatchObject({ on: 'last/device/cam/doorbell/ac_doorbell', data: { value: null } })
  })

  it('each of several shared devices has its event', () => {
    const bench = new EventBench()
    const shared = message('shared', { deviceIds: ['a', 'b'], ...at(bench) })
    bench.events.shared(shared, bench.now, bench.waiter('shared'))
    expect(bench.topicsSaid().filter((topic) => topic.startsWith('event/'))).toEqual([
      'event/device/a/shared',
      'event/device/b/shared',
    ])
    expect(bench.told).toEqual(['shared true'])
  })

  it('homes and scenes', () => {
    const bench = new EventBench()
    const data = { homeName: 'Cabin' }
    bench.events.home(message('home', { homeId: '7', change: 'room_created', data, ...at(bench) }), bench.now)
    const actions = [{ device: 'lamp', ok: true, timeMs: 5 }]
    const run = message('sceneRun', { sceneId: 's1', homeId: '7', actions, ...at(bench) })
    bench.events.sceneRun(run, bench.now)
    expect(happened(bench)).toMatchObject([
      { on: 'event/home/7/room_created', kind: 'room_created', home: '7', data },
      { on: 'event/scene/s1/run', kind: 'run', home: '7', scene: 's1', data: { actions } },
      { on: 'last/home/7/room_created' },
      { on: 'last/scene/s1/run' },
    ])
  })

  it('what has no kind stands under the platform’s word, or its number', () => {
    const bench = new EventBench()
    const stray = (bizCode: string | null, deviceId: string | null) =>
      message('unknown', { deviceId, bizCode, protocol: 45, data: { text: 'hello' }, ...at(bench) })
    bench.events.other(stray('textToSpeech', 'lamp'), bench.now)
    bench.events.other(stray(null, null), bench.now)
    bench.events.other(stray('a/b+c', 'no id'), bench.now)
    bench.events.other(
      message('pointRenamed', {
        deviceId: 'lamp',
        dpId: 1,
        name: 'Left',
        bizCode: 'dpNameUpdate',
        ...at(bench),
      }),
      bench.now,
    )
    const events = happened(bench).filter(({ on }) => on.startsWith('event/'))
    expect(events).toMatchObject([
      { on: 'event/queue/textToSpeech', kind: 'textToSpeech', device: 'lamp', data: { text: 'hello' } },
      { on: 'event/queue/protocol_45' },
      { on: 'event/queue/a%2Fb%2Bc', seq: 1 },
      { on: 'event/queue/dpNameUpdate' },
    ])
    expect(events[2]).not.toHaveProperty('device')
  })

  it('ids that are none lead nowhere else', () => {
    const bench = new EventBench()
    const id = '../#'
    const { events, now } = bench
    events.presence(presence(now, true, id), now)
    events.externalAction(externalAction(now, { action: 'x' }, id), now)
    events.home(message('home', { homeId: id, change: 'created', timeMs: now }), now)
    events.sceneRun(message('sceneRun', { sceneId: id, homeId: null, actions: [], timeMs: now }), now)
    events.deviceEvent(message('deviceEvent', { deviceId: id, code: 'x', timeMs: now + 1 }), now)
    events.shared(message('shared', { deviceIds: [id], timeMs: now + 2 }), now)
    expect(new Set(bench.topicsSaid())).toEqual(new Set(['event/queue/made_up', 'last/queue/made_up']))
  })

  it('what nobody may read is masked, and the id is that of what came', () => {
    const data = { local_key: 'secret' }
    const stray = (bench: EventBench) => message('unknown', { deviceId: null, data, ...at(bench) })
    const open = new EventBench()
    open.events.other(stray(open), open.now)
    const masked = new EventBench({ redact: () => ({}) })
    masked.events.other(stray(masked), masked.now)
    const [event] = happened(masked)
    expect(event).toMatchObject({ data: {}, id: happened(open)[0]?.['id'] })
  })

  it('a time that is none is the time of receipt', () => {
    const bench = new EventBench()
    for (const timeMs of [Number.NaN, Number.MAX_SAFE_INTEGER, -1, 1.5])
      bench.events.home(message('home', { homeId: '7', change: 'created', timeMs }), bench.now)
    expect(happened(bench)[0]).toMatchObject({ timeMs: bench.now })
    expect(bench.events.counts.duplicate).toBe(3)
  })
})

describe('an external action', () => {
  const endings = (bench: EventBench) =>
    bench
      .topicsSaid()
      .filter((topic) => topic.startsWith('event/'))
      .map((topic) => topic.slice('event/'.length))
  const automation = 'automation/p2aWOkEOe2RzATHL/external_action'

  it('is told below its automation, and below its name: the same message', () => {
    const bench = new EventBench()
    const payload = { action: 'goodnight', level: 3 }
    const taken = bench.events.externalAction(
      externalAction(bench.now - 640, payload),
      bench.now,
      bench.waiter('action'),
    )
    expect(taken).toBe(true)
    const messages = bench.flush()
    expect(messages.map(({ topic }) => topic)).toEqual([
      `tuya/event/${automation}`,
      'tuya/event/action/goodnight',
      `tuya/last/${automation}`,
      'tuya/last/action/goodnight',
    ])
    expect(new Set(messages.map(({ payload }) => payload)).size).toBe(1)
    const event = JSON.parse(messages[0]?.payload ?? '')
    expect(event).toMatchObject({
      kind: 'external_action',
      seq: 1,
      ageMs: 640,
      stale: false,
      replay: false,
      source: 'queue',
      home: '3182004',
      automation: 'p2aWOkEOe2RzATHL',
      action: 'goodnight',
      data: payload,
    })
    for (const { properties } of messages)
      expect(properties?.user).toEqual({
        bridge: 'main',
        specversion: '1.0',
        id: event.id,
        source: '/tuya/automation/p2aWOkEOe2RzATHL',
        type: 'tuya.external_action',
        time: event.time,
      })
    expect(messages.map(({ properties }) => properties?.expirySeconds)).toEqual([
      undefined,
      undefined,
      86_400,
      86_400,
    ])
    expect(bench.told).toEqual(['action true'])
  })

  it.each([
    ['an object that does not name itself', { level: 3 }],
    ['a name that is none', { action: 7 }],
    ['an empty name', { action: '' }],
    ['text', 'hello'],
    ['nothing', null],
    ['a list', ['action']],
    ['another bridge', { action: 'goodnight', bridge: 'cabin' }],
    ['a bridge that is none', { action: 'goodnight', bridge: 7 }],
  ])('%s: below its automation alone, as it came', (_what, payload) => {
    const bench = new EventBench()
    bench.events.externalAction(externalAction(bench.now, payload as Json), bench.now)
    const [event] = happened(bench)
    expect(event?.['data']).toEqual(payload)
    expect(event).not.toHaveProperty('action')
    expect(Object.keys(bench.lasts)).toEqual([`last/${automation}`])
  })

  it('for this bridge, with a name that has to be encoded, under another key', () => {
    const bench = new EventBench({ settings: { actionKeys: ['do', 'action'] } })
    const payload = { bridge: 'main', action: 'no', do: 'good/night' }
    bench.events.externalAction(externalAction(bench.now, payload), bench.now)
    expect(endings(bench)).toEqual([automation, 'action/good%2Fnight'])
  })
})

describe('fresh, late or again', () => {
  const late = (bench: EventBench) => bench.now - 60_001

  it('sixty seconds are fresh, a moment more is stale: the copy alone, by default', () => {
    const bench = new EventBench()
    bench.events.presence(presence(late(bench) + 1), bench.now)
    expect(happened(bench)[0]).toMatchObject({ on: 'event/device/lamp/online', stale: false, seq: 1 })
    bench.events.presence(presence(late(bench), false), bench.now, bench.waiter('late'))
    expect(happened(bench)).toMatchObject([
      // A copy is no event: the number stays that of the last one.
      { on: 'last/device/lamp/offline', stale: true, seq: 1, ageMs: 60_001 },
    ])
    expect(bench.told).toEqual(['late true'])
  })

  it('both: stale events are events too', () => {
    const bench = new EventBench({ settings: { stale: 'both' } })
    bench.events.presence(presence(late(bench)), bench.now)
    expect(happened(bench)).toMatchObject([
      { on: 'event/device/lamp/online', stale: true, seq: 1 },
      { on: 'last/device/lamp/online', stale: true },
    ])
  })

  it('drop: they are nowhere, which is refusing them on purpose', () => {
    const bench = new EventBench({ settings: { stale: 'drop' } })
    expect(bench.events.presence(presence(late(bench)), bench.now, bench.waiter('late'))).toBe(true)
    expect(bench.flush()).toEqual([])
    expect(bench.told).toEqual(['late false'])
    expect(bench.events.counts.stale).toBe(1)
  })

  it('a stale report is none, and whoever brought it need not wait for it', () => {
    const bench = new EventBench()
    report(bench, 'queue', said('on', true, late(bench)))
    expect(bench.flush()).toEqual([])
    expect(bench.told).toEqual(['report true'])
  })

  it('without copies an event leaves none', () => {
    const bench = new EventBench({ settings: { last: false } })
    bench.events.presence(presence(bench.now), bench.now)
    expect(bench.topicsSaid()).toEqual(['event/device/lamp/online'])
  })

  it('the same message again says nothing, and its bringer waits for the first', () => {
    const bench = new EventBench()
    for (const who of ['first', 'second'])
      expect(bench.events.presence(presence(bench.now), bench.now + 5, bench.waiter(who))).toBe(true)
    expect(bench.told).toEqual([])
    expect(bench.topicsSaid()).toHaveLength(2)
    expect(bench.told).toEqual(['first true', 'second true'])
    bench.events.presence(presence(bench.now), bench.now, bench.waiter('third'))
    expect(bench.flush()).toEqual([])
    expect(bench.told.at(-1)).toBe('third true')
  })

  it('an event that could not be delivered says so to everybody who brought it', () => {
    const bench = new EventBench({ settings: { last: false } })
    bench.events.presence(presence(bench.now), bench.now, bench.waiter('first'))
    bench.events.presence(presence(bench.now), bench.now, bench.waiter('second'))
    const entry = bench.outbox.take(1)
    if (entry) bench.outbox.dead(entry)
    expect(bench.told).toEqual(['first false', 'second false'])
  })
})

describe('an outbox without room', () => {
  it('says so, tells nobody anything, and takes the message when it is brought again', () => {
    const bench = new EventBench({ caps: { events: 1 } })
    const { events, now } = bench
    expect(events.presence(presence(now), now, bench.waiter('first'))).toBe(true)
    expect(events.presence(presence(now, false), now, bench.waiter('second'))).toBe(false)
    expect(bench.topicsSaid()).toEqual(['event/device/lamp/online', 'last/device/lamp/online'])
    expect(bench.told).toEqual(['first true'])
    expect(events.presence(presence(now, false), now, bench.waiter('second'))).toBe(true)
    expect(happened(bench)[0]).toMatchObject({ on: 'event/device/lamp/offline', seq: 2 })
    expect(bench.told).toEqual(['first true', 'second true'])
    expect(events.counts.refused).toBe(1)
  })

  it('what of a message was told is not told again with the rest', () => {
    const bench = new EventBench({ caps: { events: 1 } })
    const { events, now } = bench
    const action = externalAction(now, { action: 'goodnight' })
    expect(events.externalAction(action, now, bench.waiter('action'))).toBe(false)
    expect(bench.topicsSaid().filter((topic) => topic.startsWith('event/'))).toEqual([
      'event/automation/p2aWOkEOe2RzATHL/external_action',
    ])
    expect(events.externalAction(action, now, bench.waiter('action'))).toBe(true)
    expect(bench.topicsSaid().filter((topic) => topic.startsWith('event/'))).toEqual([
      'event/action/goodnight',
    ])
    expect(bench.told).toEqual(['action true'])
  })

  it('a copy that finds no place waits, and so does its bringer', async () => {
    const bench = new EventBench({ caps: { states: 1 } })
    bench.publisher.retain(
      'device/lamp',
      'stateDp',
      { device: 'lamp', code: 'x' },
      { text: '1', contentType: 'text/plain' },
    )
    bench.events.presence(presence(bench.now), bench.now, bench.waiter('one'))
    expect(bench.topicsSaid()).toEqual(['event/device/lamp/online', 'state/device/lamp/dp/x'])
    expect(bench.told).toEqual([])
    await bench.clock.advance(1_000)
    expect(bench.topicsSaid()).toEqual(['last/device/lamp/online'])
    expect(bench.told).toEqual(['one true'])
  })
})
