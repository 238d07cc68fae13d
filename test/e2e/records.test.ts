import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { House } from '../support/house.ts'
import { VirtualDesk } from '../support/virtual-desk.ts'

const lock = 'bf8ad03e75c92f1b46ay6k'
const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const plug = 'bf5b8310dfe2a947c3jy2h'
const openings = 45
const alarms = 25

interface Wire {
  readonly [member: string]: unknown
  readonly logs?: readonly Record<string, unknown>[]
  readonly list?: readonly Record<string, unknown>[]
  readonly records?: readonly Record<string, unknown>[]
}

describe('what is asked for page by page', () => {
  let at: VirtualDesk
  let from = 0
  const span = () => ({ start_time: from, end_time: at.house.time.clock.now() })

  beforeAll(async () => {
    const operations = { allow: ['lock'], raw: false }
    at = await VirtualDesk.open({ config: { operations } as never }, ['tuya/#'])
    const { world } = at.house.simulator
    from = at.house.time.clock.now()
    for (let i = 0; i < openings; i++) {
      await at.house.time.pass(2_000)
      world.report(lock, { unlock_fingerprint: i })
      if (i < alarms) world.report(lock, { alarm_lock: i % 2 === 0 ? 'pry' : 'wrong_finger' })
      world.report(lamp, { bright_value_v2: 10 + i, switch_led: i % 2 === 0 })
    }
    await at.house.time.pass(2_000)
  })

  afterAll(() => at[Symbol.asyncDispose]())

  /** Pages by number until all that is there in all has come. */
  async function byNumber(operation: string, member: 'logs' | 'records', params: object = {}) {
    const found: Record<string, unknown>[] = []
    let pages = 0
    for (let total = 1; found.length < total; pages++) {
      const page = await at.result<Wire>(operation, {
        device_id: lock,
        page_no: pages + 1,
        page_size: 20,
        ...params,
      })
      total = Number(page['total'])
      expect(page[member]?.length).toBeGreaterThan(0)
      found.push(...(page[member] ?? []))
    }
    return { found, pages }
  }

  const codesOf = (found: readonly Record<string, unknown>[]) =>
    found.map(({ status }) => (status as { code: string; value: string }).value)

  it('openings of a door come whole, newest first, over three pages', async () => {
    const { start_time, end_time } = span()
    const seconds = {
      start_time: Math.floor(start_time / 1000),
      end_time: Math.ceil(end_time / 1000),
    }
    const { found, pages } = await byNumber('lock-open-logs', 'logs', seconds)
    expect(pages).toBe(3)
    expect(codesOf(found)).toEqual(Array.from({ length: openings }, (_, i) => String(openings - 1 - i)))
  })

  it('its alarms too, all or those of one code', async () => {
    const all = await byNumber('lock-alarm-logs', 'records')
    expect([all.pages, all.found.length]).toEqual([2, alarms])
    const { found } = await byNumber('lock-alarm-logs', 'records', { codes: 'alarm_lock', page_size: 7 })
    expect(codesOf(found)).toEqual(codesOf(all.found))
  })

  it('a page behind the last one is empty, and not wrong', async () => {
    const page = await at.result<Wire>('lock-alarm-logs', { device_id: lock, page_no: 9, page_size: 20 })
    expect(page).toEqual({ total: alarms, records: [] })
  })

  it.each<readonly [string, object, string, 'logs' | 'list', string, string]>([
    ['device-logs', { type: '7' }, 'start_row_key', 'logs', 'has_next', 'next_row_key'],
    ['iot03-logs', { event_types: '7' }, 'last_row_key', 'list', 'has_more', 'last_row_key'],
    [
      'iot03-report-logs',
      { codes: 'switch_led,bright_value_v2' },
      'last_row_key',
      'list',
      'has_more',
      'last_row_key',
    ],
  ])(
    '%s: the reports of a device follow each other by row key',
    async (operation, what, asked, member, more, key) => {
      const found: Record<string, unknown>[] = []
      let pages = 0
      for (let after: object = {}, goes = true; goes; pages++) {
        const page = await at.result<Wire>(operation, {
          device_id: lamp,
          ...what,
          ...span(),
          size: 20,
          ...after,
        })
        found.push(...(page[member] ?? []))
        goes = page[more] === true
        after = { [asked]: page[key] }
      }
      expect(pages).toBe(5)
      expect(found.filter(({ code }) => code === 'bright_value_v2').map(({ value }) => value)).toEqual(
        Array.from({ length: openings }, (_, i) => String(10 + openings - 1 - i)),
      )
      expect(found).toHaveLength(2 * openings)
    },
  )

  it('statistics and figures are single answers', async () => {
    at.house.simulator.world.report(plug, { add_ele: 25 })
    expect(await at.result('stat-types', { device_id: plug })).toEqual([
      { code: 'add_ele', stat_type: 'sum' },
    ])
    const { total } = await at.result<{ total: string }>('stat-total', { device_id: plug, code: 'add_ele' })
    expect(Number(total)).toBeGreaterThan(0)
    expect(await at.result('data-analysis', {})).toMatchObject({ dev_active: expect.any(String) })
    expect(await at.ask('stat-total', { device_id: lamp, code: 'switch_led' })).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/^cloud\//),
    })
  })

  it('a page or a span that is none is explained and not asked for', async () => {
    const asked = () => at.house.simulator.journal.entries('request').length
    const before = asked()
    for (const [operation, params] of [
      ['lock-open-logs', { page_no: 0, page_size: 20, start_time: 1, end_time: 2 }],
      ['lock-alarm-logs', { page_no: 1, page_size: 101 }],
      ['lock-alarm-logs', { page_no: 1 }],
      ['device-logs', { type: '7', start_time: 'yesterday', end_time: 2 }],
      ['device-logs', { type: '7', size: 1_000, ...span() }],
    ] as const)
      expect(await at.ask(operation, { device_id: lock, ...params }), operation).toMatchObject({
        state: 'rejected',
        reason: expect.stringMatching(/^command\/(bad|missing)-param$/),
      })
    expect(asked()).toBe(before)
  })

  it('nothing of it is retained', async () => {
    const retained = await at.retained()
    for (const [topic, payload] of retained) {
      expect(topic).not.toMatch(/^(result|reply)\//)
      // The catalogue names the parameters of all operations.
      if (topic !== 'bridge/catalog') expect(payload, topic).not.toMatch(/unlock_name|event_from|stat_type/)
    }
  })
})

describe('pictures of a door', () => {
  let house: House
  const replies: Record<string, unknown>[] = []

  beforeAll(async () => {
    house = await (await House.open({ config: { operations: { allow: ['lock'] } } as never })).ready()
    house.simulator.world.report(lock, { unlock_fingerprint: 7 })
    house.simulator.world.report(lock, { alarm_lock: 'pry' })
  })

  afterAll(() => house[Symbol.asyncDispose]())

  async function ask(operation: string, params: object, from: string | undefined) {
    const client = await house.observe()
    const before = house.seen.length
    const request = { params: { device_id: lock, ...params }, ...(from === undefined ? {} : { from }) }
    await house.publish(client, `cmd/op/${operation}`, JSON.stringify(request))
    await house.quiet()
    const answers = house.seen.slice(before).filter(({ topic }) => /^tuya\/(reply|result)\//.test(topic))
    client.end(true)
    replies.push(...answers.map(({ payload }) => JSON.parse(payload)))
    return answers
  }

  it('go to the one who asks, and nowhere else: no other topic, nothing retained, nothing in the log', async () => {
    const secrets: string[] = []
    for (const file_type of [1, 2]) {
      const [answer, ...more] = await ask('lock-latest-media', { file_type }, 'porter')
      expect([answer?.topic, answer?.retain, more]).toEqual(['tuya/reply/porter', false, []])
      const { result } = JSON.parse(answer?.payload ?? '{}') as { result: Record<string, string> }
      expect(result['file_url']).toMatch(/^https:\/\//)
      const { bucket, file_path } = result
      const [again] = await ask('lock-media-url', { bucket, file_path }, 'porter')
      expect(JSON.parse(again?.payload ?? '{}')).toMatchObject({ ok: true, result })
      secrets.push(...Object.values(result).filter((text) => text !== bucket))
    }
    expect(secrets.length).toBeGreaterThan(8)

    const late = await house.client()
    const retained: string[] = []
    late.on('message', (topic, payload) => retained.push(`${topic} ${payload}`))
    await late.subscribeAsync('tuya/#')
    await house.quiet()
    // Neither the answer nor what was asked.
    const elsewhere = house.seen.filter(({ topic }) => !/^tuya\/(reply\/porter$|cmd\/)/.test(topic))
    const places = [
      ...house.logLines,
      ...retained,
      ...elsewhere.map(({ topic, payload }) => `${topic} ${payload}`),
    ]
    expect(house.logLines.length).toBeGreaterThan(10)
    expect(retained.length).toBeGreaterThan(10)
    for (const secret of secrets)
      for (const place of places)
        expect(place.includes(secret), `${secret} in ${place.slice(0, 200)}`).toBe(false)
  })

  it('are not answered to everybody', async () => {
    for (const [operation, params] of [
      ['lock-latest-media', { file_type: 1 }],
      ['lock-media-url', { bucket: 'b', file_path: '/x' }],
      ['lock-open-logs', { page_no: 1, page_size: 20, start_time: 0, end_time: 1 }],
      ['lock-alarm-logs', { page_no: 1, page_size: 20 }],
    ] as const) {
      const [answer] = await ask(operation, params, undefined)
      expect(answer?.topic).toBe(`tuya/result/op/${operation}`)
      expect(JSON.parse(answer?.payload ?? '{}')).toMatchObject({ reason: 'command/reply-needed' })
      expect(answer?.payload).not.toContain('https://')
    }
  })
})
