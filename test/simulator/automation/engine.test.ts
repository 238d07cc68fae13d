import { describe, expect, it } from 'vitest'
import {
  type Arguments,
  automation,
  demo,
  external,
  issue,
  pause,
  SimulatorDesk,
  timer,
  watch,
  weather,
} from '../../support/simulator-desk.ts'

const minute = 60_000

async function made(changes: Arguments): Promise<{ desk: SimulatorDesk; id: string }> {
  const desk = new SimulatorDesk()
  const id = await desk.get<string>('automation-create', automation(changes))
  return { desk, id }
}

describe('a device condition', () => {
  it('of a switch or a word fires on every matching report: buttons repeat themselves', async () => {
    const { desk, id } = await made({ conditions: [watch(1, demo.button, 'switch_mode1', 'click')] })
    desk.world.report(demo.button, { switch_mode1: 'click' })
    desk.world.report(demo.button, { switch_mode1: 'double_click' })
    desk.world.report(demo.button, { switch_mode1: 'click' })
    desk.world.report(demo.button, { battery_percentage: 9 })
    expect(desk.runs(id)).toBe(2)
  })

  it.each([
    ['<', 200, [210, 190, 180, 200, 199], 2],
    ['>', 200, [200, 201, 250, 100, 201], 2],
    ['==', 200, [199, 200, 200, 201, 200], 2],
  ])('%s of a number fires when it turns true', async (operator, value, reports, runs) => {
    const { desk, id } = await made({
      conditions: [watch(1, demo.climate, 'va_temperature', value, operator)],
    })
    desk.world.report(demo.climate, { va_temperature: operator === '<' ? 300 : 0 })
    const before = desk.runs(id)
    for (const va_temperature of reports) desk.world.report(demo.climate, { va_temperature })
    expect(desk.runs(id) - before).toBe(runs)
  })

  it('takes numbers and truth that stand as text', async () => {
    const { desk, id } = await made({
      conditions: [
        watch(1, demo.climate, 'va_temperature', '250', '>'),
        watch(2, demo.door, 'doorcontact_state', 'true'),
      ],
    })
    desk.world.report(demo.climate, { va_temperature: 251 })
    desk.world.report(demo.door, { doorcontact_state: true })
    expect(desk.runs(id)).toBe(2)
  })

  it('of a device that was deleted makes the automation invalid, and it does nothing', async () => {
    const { desk, id } = await made({
      conditions: [
        watch(1, demo.button, 'switch_mode1', 'click'),
        watch(2, demo.door, 'doorcontact_state', true),
      ],
    })
    const status = async () =>
      (
        await desk.get<{ automation_id: string; status: string }[]>('automation-list', { home_id: demo.home })
      ).find(({ automation_id }) => automation_id === id)?.status
    expect(await status()).toBe('1')
    desk.world.removeDevice(demo.door)
    expect(await status()).toBe('2')
    desk.world.report(demo.button, { switch_mode1: 'click' })
    expect(desk.runs(id)).toBe(0)
  })
})

describe('matching', () => {
  const conditions = [
    watch(1, demo.door, 'doorcontact_state', true),
    watch(2, demo.motion, 'pir', 'pir'),
    watch(3, demo.leak, 'watersensor_state', 'alarm'),
  ]
  const still = { [demo.door]: { doorcontact_state: false }, [demo.motion]: { pir: 'none' } }

  async function play(match: Arguments, reports: readonly [device: string, values: Arguments][]) {
    const { desk, id } = await made({ conditions, ...match })
    for (const [device, values] of Object.entries(still)) desk.world.report(device, values)
    const runs: number[] = []
    for (const [device, values] of reports) {
      desk.world.report(device, values)
      runs.push(desk.runs(id))
    }
    return runs
  }

  const opened = [demo.door, { doorcontact_state: true }] as [string, Arguments]
  const closed = [demo.door, { doorcontact_state: false }] as [string, Arguments]
  const moved = [demo.motion, { pir: 'pir' }] as [string, Arguments]
  const wet = [demo.leak, { watersensor_state: 'alarm' }] as [string, Arguments]

  it('any: each condition alone', async () => {
    expect(await play({ match_type: 1 }, [opened, moved, wet])).toEqual([1, 2, 3])
  })

  it('all: whichever comes last, when the others still hold', async () => {
    expect(await play({ match_type: 2 }, [opened, moved, wet])).toEqual([0, 0, 1])
    expect(await play({ match_type: 2 }, [opened, moved, closed, wet])).toEqual([0, 0, 0, 0])
  })

  it('rule: && binds tighter than ||', async () => {
    const rule = { match_type: 3, condition_rule: '1&&2||3' }
    expect(await play(rule, [opened, moved])).toEqual([0, 1])
    expect(await play(rule, [wet])).toEqual([1])
    expect(await play({ match_type: 3, condition_rule: '1&&(2||3)' }, [wet, moved, opened])).toEqual([
      0, 0, 1,
    ])
  })

  it('all and rule: what arrives must hold itself', async () => {
    expect(await play({ match_type: 3, condition_rule: '1&&2||3' }, [wet, closed])).toEqual([1, 1])
  })
})

describe('a timer', () => {
  // The clock begins on Saturday, 21 November 2026, midnight UTC.
  async function firings(display: Arguments, hours: number, changes: Arguments = {}): Promise<number[]> {
    const { desk, id } = await made({ conditions: [timer(1, display)], ...changes })
    desk.simulator.engine.start()
    await desk.clock.advance(hours * 60 * minute)
    const entries = desk.simulator.journal.entries('automation', id)
    desk.simulator.engine.stop()
    expect(desk.clock.waiting).toBe(0)
    return entries.map(({ at }) => at / minute / 60)
  }

  it('fires once on its date, in its zone', async () => {
    expect(await firings({ date: '20261121', time: '20:00', timezone_id: 'Asia/Shanghai' }, 72)).toEqual([12])
    expect(await firings({ date: '20261122', time: '12:30' }, 72)).toEqual([36.5])
    expect(await firings({ date: '20261120', time: '12:00' }, 72)).toEqual([])
  })

  it('fires weekly on its days, Sunday first, whatever the date', async () => {
    expect(await firings({ date: '20200101', time: '06:00', loops: '1000001' }, 9 * 24)).toEqual([
      6, 30, 174, 198,
    ])
    expect(await firings({ time: '01:00', loops: '0111110', timezone_id: 'UTC' }, 4 * 24)).toEqual([49, 73])
  })

  it('is true only at its instant, so all of its kind in one formula must fall together', async () => {
    const both = (time: string) => ({
      match_type: 2,
      conditions: [timer(1, { time: '10:00' }), timer(2, { time })],
    })
    expect(await firings({}, 24, both('10:00'))).toEqual([10])
    expect(await firings({}, 24, both('10:01'))).toEqual([])
  })

  it('together with a device: when the device is so at that instant', async () => {
    const conditions = [timer(1, { time: '10:00', loops: '1111111' }), watch(2, demo.plug, 'switch_1', true)]
    expect(await firings({}, 24, { match_type: 2, conditions })).toEqual([10])
    const off = [timer(1, { time: '10:00', loops: '1111111' }), watch(2, demo.plug, 'switch_1', false)]
    expect(await firings({}, 24, { match_type: 2, conditions: off })).toEqual([])
  })

  it('does not fire before the engine has begun, nor after its end', async () => {
    const { desk, id } = await made({ conditions: [timer(1, { time: '10:00', loops: '1111111' })] })
    await desk.clock.advance(24 * 60 * minute)
    expect(desk.runs(id)).toBe(0)
  })
})

describe('a precondition', () => {
  const clicked = [watch(1, demo.button, 'switch_mode1', 'click')]
  const between = (start: string, end: string, loops = '0000000', timezone_id = 'UTC') => ({
    conditions: clicked,
    preconditions: [{ cond_type: 'timeCheck', display: { start, end, loops, timezone_id } }],
  })

  /** Whether it lets a click through, so many hours after Saturday, midnight UTC. */
  async function open(changes: Arguments, ...hours: readonly number[]): Promise<boolean[]> {
    const { desk, id } = await made(changes)
    const results: boolean[] = []
    let now = 0
    for (const hour of hours) {
      await desk.clock.advance((hour - now) * 60 * minute)
      now = hour
      const before = desk.runs(id)
      desk.world.report(demo.button, { switch_mode1: 'click' })
      results.push(desk.runs(id) > before)
    }
    return results
  }

  it('holds from start to end, both included', async () => {
    expect(await open(between('10:00', '12:00'), 9.99, 10, 11, 12, 12.5)).toEqual([
      false,
      true,
      true,
      true,
      false,
    ])
  })

  it('wraps around midnight, on the day of its start', async () => {
    const saturday = '0000001'
    expect(await open(between('22:00', '06:00', saturday), 5, 21, 23, 25, 30, 31, 47, 49)).toEqual([
      false,
      false,
      true,
      true,
      true,
      false,
      false,
      false,
    ])
  })

  it('counts in its own time zone', async () => {
    expect(await open(between('10:00', '12:00', '0000000', 'Asia/Shanghai'), 1, 3, 11)).toEqual([
      false,
      true,
      false,
    ])
  })

  it('comes before everything: one that is false is enough', async () => {
    const [first] = between('00:00', '23:59').preconditions
    const [second] = between('10:00', '12:00').preconditions
    expect(await open({ conditions: clicked, preconditions: [first, second] }, 9, 11)).toEqual([false, true])
  })
})

describe('the weather', () => {
  it('fires when it turns true', async () => {
    const { desk, id } = await made({
      conditions: [weather(1, 'temp', '0', '<'), weather(2, '$condition', 'snowy')],
    })
    desk.world.weather.change('berlin', { temp: -1 })
    desk.world.weather.change('berlin', { temp: -2 })
    desk.world.weather.change('elsewhere', { temp: -9 })
    expect(desk.runs(id)).toBe(1)
    desk.world.weather.change('berlin', { condition: 'snowy' })
    expect(desk.runs(id)).toBe(2)
  })

  it('of now counts for what else arrives', async () => {
    const { desk, id } = await made({
      match_type: 2,
      conditions: [weather(1, 'temp', 0, '<'), watch(2, demo.door, 'doorcontact_state', true)],
    })
    desk.world.report(demo.door, { doorcontact_state: true })
    expect(desk.runs(id)).toBe(0)
    desk.world.weather.change('berlin', { temp: -1 })
    desk.world.report(demo.door, { doorcontact_state: true })
    expect(desk.runs(id)).toBe(2)
  })
})

describe('an external condition', () => {
  async function fire(
    desk: SimulatorDesk,
    id: string,
    ...values: readonly [code: string, value: unknown][]
  ): Promise<unknown> {
    const stored = await desk.get<{ conditions: { entity_id: string; display: { code: string } }[] }>(
      'automation-get',
      { home_id: demo.home, automation_id: id },
    )
    const $root = values.map(([code, value]) => ({
      entity_id: stored.conditions.find(({ display }) => display.code === code)?.entity_id,
      display: { code, value },
    }))
    return desk.get('automation-external-trigger', { home_id: demo.home, automation_id: id, $root })
  }

  it('is decided by the stored operator; true means accepted, even if nothing fires', async () => {
    const { desk, id } = await made({
      conditions: [external(1, 'level', 5, '>'), external(2, 'mode', 'away')],
    })
    expect(await fire(desk, id, ['level', 5])).toBe(true)
    expect(await fire(desk, id, ['mode', 'home'])).toBe(true)
    expect(desk.runs(id)).toBe(0)
    expect(await fire(desk, id, ['level', '6'])).toBe(true)
    expect(await fire(desk, id, ['mode', 'away'])).toBe(true)
    expect(desk.runs(id)).toBe(2)
  })

  it('is true only at its instant: all of them have to come together', async () => {
    const conditions = [external(1, 'a', 'x'), external(2, 'b', 'y')]
    const { desk, id } = await made({ match_type: 2, conditions })
    await fire(desk, id, ['a', 'x'])
    await fire(desk, id, ['b', 'y'])
    expect(desk.runs(id)).toBe(0)
    await fire(desk, id, ['a', 'x'], ['b', 'y'])
    expect(desk.runs(id)).toBe(1)
  })

  it('of a disabled automation changes nothing', async () => {
    const { desk, id } = await made({ conditions: [external(1, 'a', 'x')] })
    await desk.get('automation-disable', { home_id: demo.home, automation_id: id })
    expect(await fire(desk, id, ['a', 'x'])).toBe(true)
    expect(desk.runs(id)).toBe(0)
    await desk.get('automation-enable', { home_id: demo.home, automation_id: id })
    await fire(desk, id, ['a', 'x'])
    expect(desk.runs(id)).toBe(1)
  })
})

describe('actions', () => {
  const onClick = [watch(1, demo.button, 'switch_mode1', 'click')]
  const click = (desk: SimulatorDesk) => desk.world.report(demo.button, { switch_mode1: 'click' })

  it('run in order, a delay holds back the rest', async () => {
    const { desk } = await made({
      conditions: onClick,
      actions: [issue(demo.lamp, { switch_led: false }), pause(30), issue(demo.lamp, { switch_led: true })],
    })
    click(desk)
    expect(desk.value(demo.lamp, 'switch_led')).toBe(false)
    await desk.clock.advance(29_999)
    expect(desk.value(demo.lamp, 'switch_led')).toBe(false)
    await desk.clock.advance(1)
    expect(desk.value(demo.lamp, 'switch_led')).toBe(true)
  })

  it('an external action leaves unchanged for the queue', async () => {
    const payload = { action: 'notify', deep: { list: [1, 'two', null] } }
    const { desk, id } = await made({
      conditions: onClick,
      actions: [{ action_executor: 'externalAction', executor_property: payload }],
    })
    click(desk)
    expect(desk.told('automationExternalAction')).toEqual([
      { automationId: id, bizCode: 'automationExternalAction', bizData: payload, ts: desk.clock.now() },
    ])
  })

  it('switch other automations off and on, and run scenes', async () => {
    const { desk } = await made({
      conditions: onClick,
      actions: [
        { action_executor: 'ruleDisable', entity_id: demo.bedtime },
        { action_executor: 'ruleEnable', entity_id: demo.nightLight },
        { action_executor: 'ruleTrigger', entity_id: demo.movieEvening },
      ],
    })
    desk.world.report(demo.ceiling, { switch_1: true })
    click(desk)
    const { automations } = desk.world.homes.get(demo.home) as never as {
      automations: Map<string, { enabled: boolean }>
    }
    expect(automations.get(demo.bedtime)?.enabled).toBe(false)
    expect(automations.get(demo.nightLight)?.enabled).toBe(true)
    expect(desk.value(demo.ceiling, 'switch_1')).toBe(false)
    expect(desk.told('sceneExecute')).toMatchObject([
      { gid: Number(demo.home), bizData: { id: demo.movieEvening } },
    ])
  })

  it('that fail are written down, and the rest goes on', async () => {
    const desk = new SimulatorDesk()
    const scene_id = await desk.get<string>('scene-create', {
      home_id: demo.home,
      name: 'Both lamps',
      background: 'x',
      actions: [issue(demo.bedside, { switch_led: true }), issue(demo.lamp, { switch_led: false })],
    })
    expect(desk.world.device(demo.bedside).online).toBe(false)
    await desk.get('scene-trigger', { home_id: demo.home, scene_id })
    expect(desk.told('sceneExecute')[0]?.['actions']).toMatchObject([
      { entityId: demo.bedside, execStatus: 2 },
      { entityId: demo.lamp, execStatus: 1 },
    ])
  })

  it('two automations that call each other stop after ten runs, also over a delay', async () => {
    for (const between of [[], [pause(1)]]) {
      const desk = new SimulatorDesk()
      const follow = (when: boolean) =>
        automation({
          conditions: [watch(1, demo.plug, 'switch_1', when)],
          actions: [...between, issue(demo.plug, { switch_1: !when })],
        })
      const ids = [
        await desk.get<string>('automation-create', follow(true)),
        await desk.get<string>('automation-create', follow(false)),
      ]
      desk.world.report(demo.plug, { switch_1: true })
      await desk.clock.advance(10 * minute)
      expect(ids.reduce((sum, id) => sum + desk.runs(id), 0)).toBe(10)
      desk.world.report(demo.plug, { switch_1: true })
      await desk.clock.advance(10 * minute)
      expect(ids.reduce((sum, id) => sum + desk.runs(id), 0)).toBe(20)
    }
  })

  it('reach a device as late as the device answers, and still count in their chain', async () => {
    const desk = new SimulatorDesk({ faults: ['device-latency=200'] })
    const id = await desk.get<string>(
      'automation-create',
      automation({
        conditions: [watch(1, demo.plug, 'switch_1', true)],
        actions: [issue(demo.plug, { switch_1: true })],
      }),
    )
    desk.world.report(demo.plug, { switch_1: true })
    await desk.clock.advance(minute)
    expect(desk.runs(id)).toBe(10)
  })
})

describe('a scene switch', () => {
  it('runs the scene that is bound to a value of one of its buttons', () => {
    const desk = new SimulatorDesk()
    desk.world.report(demo.button, { switch_mode2: 'click' })
    desk.world.report(demo.button, { switch_mode1: 'press' })
    expect(desk.told('sceneExecute')).toEqual([])
    desk.world.report(demo.button, { switch_mode2: 'press' })
    expect(desk.told('sceneExecute')).toMatchObject([{ bizData: { id: demo.movieEvening } }])
  })
})

describe('a scene', () => {
  it('that is disabled or invalid is accepted and does not run', async () => {
    const desk = new SimulatorDesk()
    const args = { home_id: demo.home, scene_id: demo.movieEvening }
    desk.world.report(demo.ceiling, { switch_1: true })
    await desk.get('scene-disable', args)
    expect(await desk.get('scene-trigger', args)).toBe(true)
    await desk.get('scene-enable', args)
    desk.world.removeDevice(demo.curtain)
    expect(await desk.get('scene-trigger', args)).toBe(true)
    expect(desk.told('sceneExecute')).toEqual([])
    expect(desk.value(demo.ceiling, 'switch_1')).toBe(true)
  })
})
