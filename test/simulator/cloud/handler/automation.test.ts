import { describe, expect, it } from 'vitest'
import {
  type Arguments,
  automation,
  demo,
  external,
  SimulatorDesk,
  timer,
  watch,
  weather,
} from '../../../support/simulator-desk.ts'

const { home } = demo

interface Rule {
  readonly scene_id?: string
  readonly automation_id?: string
  readonly status?: string
}

describe('automations', () => {
  const conditions = [watch(1, demo.door, 'doorcontact_state', true), external(2, 'mode', 'away')]

  it('are made enabled; an external condition gets its id from the cloud', async () => {
    const desk = new SimulatorDesk()
    const automation_id = await desk.get<string>('automation-create', automation({ conditions }))
    expect(automation_id).toMatch(/^[A-Za-z0-9]{16}$/)
    const shown = await desk.get<{ conditions: { entity_id: string }[] }>('automation-get', {
      home_id: home,
      automation_id,
    })
    expect(shown).toMatchObject({ automation_id, name: 'Test', enabled: true, match_type: 1 })
    expect(shown).not.toHaveProperty('status')
    expect(shown.conditions).toEqual([
      conditions[0],
      { ...conditions[1], entity_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) },
    ])
    const listed = await desk.get<Rule[]>('automation-list', { home_id: home })
    expect(listed.at(-1)).toEqual({ ...shown, status: '1' })
  })

  it('are replaced as a whole, but stay as switched, and a known external condition keeps its id', async () => {
    const desk = new SimulatorDesk()
    const automation_id = await desk.get<string>('automation-create', automation({ conditions }))
    const one = { home_id: home, automation_id }
    interface Shown {
      readonly conditions: { readonly entity_id: string; readonly entity_type: number }[]
    }
    const read = () => desk.get<Shown>('automation-get', one)
    const id = (await read()).conditions[1]?.entity_id
    await desk.get('automation-disable', one)
    const kept = { ...external(1, 'mode', 'home'), entity_id: id }
    const foreign = { ...external(2, 'other', 'x'), entity_id: 'mine' }
    await desk.get('automation-update', {
      ...automation({ conditions: [kept, foreign], name: 'New' }),
      ...one,
    })
    const after = await read()
    expect(after).toMatchObject({ name: 'New', enabled: false })
    expect(after.conditions).toHaveLength(2)
    expect(after.conditions[0]?.entity_id).toBe(id)
    expect(after.conditions[1]?.entity_id).not.toBe('mine')
    await desk.get('automation-delete', one)
    expect(await desk.refused('automation-get', one)).toBe(2503)
  })

  it.each<[string, Arguments, number]>([
    ['no conditions', { conditions: [] }, 1100],
    [
      'too many conditions',
      { conditions: Array.from({ length: 11 }, (_, i) => external(i + 1, 'a', 'b')) },
      1101,
    ],
    ['two conditions of one number', { conditions: [external(1, 'a', 'b'), external(1, 'c', 'd')] }, 1109],
    ['a condition of number 0', { conditions: [external(0, 'a', 'b')] }, 1109],
    ['an unknown kind of condition', { conditions: [{ ...external(1, 'a', 'b'), entity_type: 9 }] }, 1109],
    ['a device of another home', { conditions: [watch(1, demo.cabinPlug, 'switch_1', true)] }, 1106],
    ['an unknown code', { conditions: [watch(1, demo.plug, 'nothing', 1)] }, 1109],
    ['< for a switch', { conditions: [watch(1, demo.plug, 'switch_1', true, '<')] }, 1109],
    ['> for a word', { conditions: [watch(1, demo.motion, 'pir', 'pir', '>')] }, 1109],
    ['>= for a number', { conditions: [watch(1, demo.plug, 'cur_power', 1, '>=')] }, 1109],
    ['a word that is none', { conditions: [watch(1, demo.motion, 'pir', 'maybe')] }, 1109],
    ['a number out of range', { conditions: [watch(1, demo.climate, 'va_humidity', 101)] }, 1109],
    ['a text', { conditions: [watch(1, demo.plug, 'cycle_time', 'x')] }, 1109],
    ['no value', { conditions: [external(1, 'a', '')] }, 1100],
    ['an operator that is none', { conditions: [external(1, 'a', 'b', '!=')] }, 1109],
    ['a temperature that is none', { conditions: [weather(1, 'temp', 41)] }, 1109],
    ['weather that there is not', { conditions: [weather(1, 'condition', 'nice')] }, 1109],
    ['< for a sort of weather', { conditions: [weather(1, 'condition', 'sunny', '<')] }, 1109],
    ['a time that is none', { conditions: [timer(1, { time: '24:00' })] }, 1109],
    ['a date that is none', { conditions: [timer(1, { date: '20260231' })] }, 1109],
    ['six loops', { conditions: [timer(1, { loops: '111111' })] }, 1109],
    ['a zone that is none', { conditions: [timer(1, { timezone_id: 'Berlin' })] }, 1109],
    ['match type 4', { conditions, match_type: 4 }, 1109],
    ['a missing rule', { conditions, match_type: 3 }, 1100],
    ['a bad rule', { conditions, match_type: 3, condition_rule: '1&2' }, 1109],
    ['a rule about others', { conditions, match_type: 3, condition_rule: '1||3' }, 1109],
    ['a bad precondition', { conditions, preconditions: [{ cond_type: 'moonCheck', display: {} }] }, 1109],
    [
      'an external action without content',
      { conditions, actions: [{ action_executor: 'externalAction' }] },
      1100,
    ],
    [
      'a scene that there is not',
      { conditions, actions: [{ action_executor: 'ruleTrigger', entity_id: 'x' }] },
      2503,
    ],
    ['no actions', { conditions, actions: [] }, 2512],
  ])('with %s are refused', async (_what, changes, code) => {
    const desk = new SimulatorDesk()
    expect(await desk.refused('automation-create', automation(changes))).toBe(code)
  })

  it('a date counts only when no day of the week is named', async () => {
    const desk = new SimulatorDesk()
    const weekly = [timer(1, { loops: '0111110', date: '' })]
    expect(await desk.refused('automation-create', automation({ conditions: weekly }))).toBeUndefined()
    expect(
      await desk.refused('automation-create', automation({ conditions: [timer(1, { date: '' })] })),
    ).toBe(1100)
  })

  it('are a hundred at most', async () => {
    const desk = new SimulatorDesk()
    for (let i = 5; i < 100; i++) await desk.get('automation-create', automation({ conditions }))
    expect(await desk.refused('automation-create', automation({ conditions }))).toBe(1101)
  })

  it('are triggered from outside by a bare list', async () => {
    const desk = new SimulatorDesk()
    const fire = ($root: unknown) =>
      desk.refused('automation-external-trigger', { home_id: home, automation_id: demo.bedtime, $root })
    expect(await fire([])).toBe(1100)
    expect(await fire([{ entity_id: 'x' }])).toBe(1100)
    expect(await fire([{ entity_id: 'x', display: { code: 'a' } }])).toBe(1100)
    expect(await fire([{ entity_id: 'x', display: { code: 'a', value: 'b' } }])).toBeUndefined()
    expect(await fire({ entity_id: 'x', display: { code: 'a', value: 'b' } })).toBe(1109)
    expect(desk.runs(demo.bedtime)).toBe(0)
  })

  it('know the weather that they can wait for; its operators are JSON in a text', async () => {
    const kinds = await new SimulatorDesk().get<{ operators: string }[]>('automation-weather-conditions')
    expect(kinds[0]).toEqual({
      category: 'temp',
      category_name: 'Temperature',
      operators: '["<","==",">"]',
      property: { unit: '℃', min: -40, max: 40, step: 1, type: 'value' },
    })
  })

  it('know which devices they can watch and which they can command', async () => {
    const desk = new SimulatorDesk()
    const ids = async (type?: string) =>
      (
        await desk.get<{ id: string }[]>('automation-devices', {
          home_id: home,
          ...(type === undefined ? {} : { type }),
        })
      ).map(({ id }) => id)
    expect(await ids('condition')).toContain(demo.door)
    expect(await ids('action')).not.toContain(demo.door)
    expect(await ids()).toContain(demo.door)
    expect(await desk.refused('automation-devices', { home_id: home, type: 'both' })).toBe(1109)
  })
})

describe('linkage codes', () => {
  interface Linkage {
    readonly device_id: string
    readonly functions: readonly { readonly code: string; readonly values?: object }[]
    readonly status: readonly { readonly code: string }[]
  }

  it('of a home and of a device name the same points, their ranges in different words', async () => {
    const desk = new SimulatorDesk()
    const all = await desk.get<Linkage[]>('home-linkage-codes', { home_id: home })
    const ofHome = all.find(({ device_id }) => device_id === demo.lamp)
    const ofDevice = await desk.get<Linkage>('device-linkage-codes', { device_id: demo.lamp })
    const point = (linkage: Linkage | undefined, code: string) =>
      linkage?.functions.find((candidate) => candidate.code === code)
    expect(point(ofHome, 'bright_value_v2')?.values).toMatchObject({ min: 10, max: 1000, type: 'value' })
    expect(point(ofDevice, 'bright_value_v2')?.values).toMatchObject({ min: 10, max: 1000, type: 'Integer' })
    expect(point(ofHome, 'switch_led')).not.toHaveProperty('values')
    expect(point(ofDevice, 'switch_led')?.values).toEqual({ type: 'Boolean' })
    expect(ofHome?.functions.map(({ code }) => code)).toEqual(ofDevice.functions.map(({ code }) => code))
    expect(ofDevice.functions.map(({ code }) => code)).not.toContain('colour_data_v2')
  })
})
