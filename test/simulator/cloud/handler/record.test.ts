import { describe, expect, it } from 'vitest'
import { demo, SimulatorDesk } from '../../../support/simulator-desk.ts'

describe('logs', () => {
  interface Log {
    readonly code: string
    readonly value: string
    readonly event_id: number
    readonly event_from: string
    readonly event_time: number
  }
  interface Page {
    readonly logs: readonly Log[]
    readonly has_next: boolean
    readonly next_row_key: string
  }
  const all = { type: '1,2,3,4,5,6,7,8,9,10', start_time: 0, end_time: 9e12 }

  it('tell what came from where: command, report, presence', async () => {
    const desk = new SimulatorDesk()
    await desk.get('device-commands', {
      device_id: demo.lamp,
      commands: [{ code: 'switch_led', value: false }],
    })
    await desk.get('scene-trigger', { home_id: demo.home, scene_id: demo.goodNight })
    desk.world.setOnline(demo.lamp, false)
    desk.world.setOnline(demo.lamp, true)
    const { logs } = await desk.get<Page>('device-logs', { device_id: demo.lamp, ...all })
    expect(logs.map(({ event_id, event_from, code, value }) => [event_id, event_from, code, value])).toEqual([
      [1, '4', '', ''],
      [2, '4', '', ''],
      [7, '1', 'switch_led', 'false'],
      [5, '4', 'switch_led', 'false'],
      [7, '1', 'switch_led', 'false'],
      [5, '3', 'switch_led', 'false'],
    ])
    expect(logs[0]?.event_time).toBe(desk.clock.now())
  })

  it('come newest first in pages that follow each other, by type, code and time', async () => {
    const desk = new SimulatorDesk()
    for (let i = 10; i < 55; i++) {
      desk.world.report(demo.lamp, { bright_value_v2: i, switch_led: true })
      await desk.clock.advance(1_000)
    }
    const values: string[] = []
    let key: string | undefined
    for (let pages = 0; pages < 10; pages++) {
      const page = await desk.get<Page>('device-logs', {
        device_id: demo.lamp,
        ...all,
        codes: 'bright_value_v2',
        size: 20,
        ...(key === undefined ? {} : { start_row_key: key }),
      })
      values.push(...page.logs.map(({ value }) => value))
      if (!page.has_next) break
      key = page.next_row_key
    }
    expect(values).toEqual(Array.from({ length: 45 }, (_, i) => String(54 - i)))
    const now = desk.clock.now()
    const late = { device_id: demo.lamp, type: '7', start_time: now - 2_000, end_time: now }
    expect((await desk.get<Page>('device-logs', late)).logs).toHaveLength(4)
    expect((await desk.get<Page>('device-logs', { ...late, type: '5' })).logs).toEqual([])
    expect(await desk.refused('device-logs', { ...late, type: '11' })).toBe(1109)
    expect(await desk.refused('device-logs', { ...late, start_time: now + 1 })).toBe(1109)
  })

  it('of the newer family say the same in other words', async () => {
    const desk = new SimulatorDesk()
    for (let i = 10; i < 15; i++) desk.world.report(demo.lamp, { bright_value_v2: i })
    const span = { device_id: demo.lamp, start_time: 0, end_time: 9e12, size: 3 }
    const first = await desk.get<{ list: Log[]; has_more: boolean; last_row_key: string }>('iot03-logs', {
      ...span,
      event_types: '7',
    })
    expect(first).toMatchObject({ device_id: demo.lamp, has_more: true })
    const second = await desk.get<{ list: Log[]; has_more: boolean }>('iot03-report-logs', {
      ...span,
      codes: 'bright_value_v2',
      last_row_key: first.last_row_key,
    })
    expect(second.list.map(({ value }) => value)).toEqual(['11', '10'])
    expect(second.has_more).toBe(false)
  })

  it('do not grow for ever', () => {
    const desk = new SimulatorDesk()
    for (let i = 0; i < 5_000; i++) desk.world.report(demo.lamp, { switch_led: true })
    expect(desk.world.logs.of(desk.world.device(demo.lamp)).length).toBeLessThanOrEqual(2_000)
  })
})
