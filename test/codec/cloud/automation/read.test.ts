import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkAutomation, checkScene } from '../../../../src/codec/cloud/automation/check.ts'
import { readAutomation, readScene, readStanding } from '../../../../src/codec/cloud/automation/read.ts'
import { writeAutomation, writeScene } from '../../../../src/codec/cloud/automation/write.ts'
import { sameJson } from '../../../../src/domain/state.ts'
import { context, delay } from '../../../support/definition.ts'
import { automations, scenes } from '../../../support/definition-arbitrary.ts'

const picture = 'https://images.tuyacn.com/smart/rule/cover/bedroom.png'

describe('an automation of the platform', () => {
  it('is read as the page of scene automation prints it', () => {
    const printed = {
      actions: [
        { action_executor: 'delay', executor_property: { hours: '0', minutes: '0', seconds: '5' } },
        {
          action_executor: 'dpIssue',
          entity_id: 'vdevo157259825422309',
          executor_property: { switch_1: true },
        },
        { action_executor: 'externalAction', executor_property: {} },
      ],
      automation_id: 'p2aWOkEOe2RzATHL',
      background: picture,
      conditions: [
        {
          display: { code: 'battery_percentage', operator: '<', value: 255 },
          entity_id: 'vdevo156958314001174',
          entity_type: 1,
          order_num: 1,
        },
        {
          display: { code: 'mode', operator: '==', value: 1 },
          entity_id: 'weqszcaokqlmlkmlcanqklwokljlaf',
          entity_type: 15,
          order_num: 2,
        },
        {
          display: { code: 'temp', operator: '==', value: '20' },
          entity_id: '10',
          entityType: 3,
          order_num: 3,
        },
        {
          display: { date: '20200301', loops: '0000000', time: '14:00', timezone_id: 'Asia/Shanghai' },
          entity_id: 'timer',
          entit_type: '6',
          order_num: '4',
        },
      ],
      preconditions: [
        {
          display: { start: '10:00', end: '12:00', loops: '0000000', timezone_id: 'Asia/Shanghai' },
          cond_type: 'timeCheck',
        },
      ],
      match_type: 1,
      name: 'Automation test 1',
    }
    expect(readAutomation(printed)).toEqual({
      name: 'Automation test 1',
      background: picture,
      match: 'any',
      rule: null,
      conditions: [
        {
          kind: 'device',
          order: 1,
          deviceId: 'vdevo156958314001174',
          code: 'battery_percentage',
          operator: '<',
          value: 255,
        },
        {
          kind: 'external',
          order: 2,
          id: 'weqszcaokqlmlkmlcanqklwokljlaf',
          code: 'mode',
          operator: '==',
          value: 1,
        },
        { kind: 'weather', order: 3, cityId: '10', code: 'temp', operator: '==', value: '20' },
        {
          kind: 'timer',
          order: 4,
          date: '20200301',
          time: '14:00',
          loops: '0000000',
          timeZone: 'Asia/Shanghai',
        },
      ],
      preconditions: [
        { kind: 'time', start: '10:00', end: '12:00', loops: '0000000', timeZone: 'Asia/Shanghai' },
      ],
      actions: [
        { kind: 'delay', seconds: 5 },
        { kind: 'device', deviceId: 'vdevo157259825422309', group: false, values: { switch_1: true } },
        { kind: 'external', data: {} },
      ],
    })
    expect(readStanding(printed)).toEqual({ enabled: true, valid: true })
  })

  it.each<readonly [object, boolean, boolean]>([
    [{}, true, true],
    [{ enabled: false, status: '1' }, false, true],
    [{ enabled: true, status: '2' }, true, false],
    [{ enabled: null, status: 2 }, true, false],
    [{ enabled: 'false', status: null }, false, true],
  ])('%j: enabled %s, valid %s', (wire, enabled, valid) => {
    expect(readStanding(wire)).toEqual({ enabled, valid })
  })

  it('matches by number or text, and any where it does not say', () => {
    const match = (wire: object) => readAutomation(wire).match
    expect([1, '2', 3, undefined, null, 9].map((match_type) => match({ match_type }))).toEqual([
      'any',
      'all',
      'rule',
      'any',
      'any',
      'any',
    ])
    expect(readAutomation({ match_type: 3, condition_rule: '1&&2' }).rule).toBe('1&&2')
    expect(readAutomation({ match_type: 1, condition_rule: '1&&2' }).rule).toBeNull()
  })

  it('keeps what this bridge does not understand, and sends it back as it came', () => {
    const odd = {
      name: 'Odd',
      background: picture,
      match_type: 1,
      conditions: [
        { entity_type: 11, entity_id: 'fence', order_num: 1, display: { geo: [1, 2] } },
        {
          entity_type: 1,
          entity_id: 'd1',
          order_num: 2,
          display: { code: 'a', operator: '>=', value: 1 },
        },
        { entity_type: 6, entity_id: 'timer', order_num: 3, display: { cron: '* * * * *' } },
      ],
      preconditions: [{ cond_type: 'allDay', display: { x: 1 } }],
      actions: [
        { action_executor: 'sendSms', entity_id: 'p1', executor_property: { to: 'me' } },
        { action_executor: 'delay', executor_property: { hours: 'soon' } },
        { action_executor: 'device_group_issue', entity_id: 'g1', executor_property: { switch: true } },
      ],
    }
    expect(writeAutomation(readAutomation(odd))).toEqual(odd)
    expect(readAutomation(odd).conditions.map(({ kind }) => kind)).toEqual(['other', 'other', 'other'])
  })

  it('numbers conditions by their place where nobody did', () => {
    const conditions = [{ entity_type: 15, display: { code: 'a', operator: '==', value: 'x' } }]
    expect(readAutomation({ conditions: [conditions[0], conditions[0]] }).conditions).toMatchObject([
      { order: 1, id: null },
      { order: 2, id: null },
    ])
  })
})

describe('a scene of the platform', () => {
  it('may use the names of newer pages', () => {
    const action = { action_executor: 'device_issue', entity_id: 'd1', executor_property: { a: 1 } }
    expect(writeScene(readScene({ name: 'x', background: picture, actions: [action] }))).toEqual({
      name: 'x',
      background: picture,
      actions: [{ ...action, action_executor: 'dpIssue' }],
    })
  })

  it.each<readonly [object, number]>([
    [delay('0', '0', '5'), 5],
    [delay(1, 1, 1), 3661],
    [{ action_executor: 'delay', executor_property: { minutes: 90 } }, 5400],
  ])('%j holds back for %i s', (action, seconds) => {
    expect(readScene({ actions: [action] }).actions).toEqual([{ kind: 'delay', seconds }])
  })
})

describe('reading', () => {
  it('and writing keeps every word of what was accepted', () => {
    fc.assert(
      fc.property(automations, (input) => {
        const checked = checkAutomation(input, context)
        if (!checked.ok) throw new Error('not accepted')
        expect(writeAutomation(readAutomation(checked.body))).toEqual(checked.body)
        expect(readAutomation(checked.body)).toEqual(checked.definition)
      }),
      { numRuns: 100 },
    )
    fc.assert(
      fc.property(scenes, (input) => {
        const checked = checkScene(input, context)
        if (!checked.ok) throw new Error('not accepted')
        expect(writeScene(readScene(checked.body))).toEqual(checked.body)
        expect(readScene(checked.body)).toEqual(checked.definition)
      }),
      { numRuns: 100 },
    )
  })

  it('once or twice gives the same, whatever came', () => {
    const strange = fc.record(
      {
        name: fc.jsonValue(),
        match_type: fc.jsonValue(),
        conditions: fc.array(
          fc.record(
            {
              entity_type: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.jsonValue()),
              entity_id: fc.jsonValue(),
              order_num: fc.oneof(fc.integer(), fc.jsonValue()),
              display: fc.oneof(
                fc.jsonValue(),
                fc.record({
                  code: fc.string(),
                  operator: fc.constantFrom('<', '==', '!='),
                  value: fc.jsonValue(),
                }),
              ),
            },
            { requiredKeys: [] },
          ),
        ),
        preconditions: fc.jsonValue(),
        actions: fc.array(
          fc.record(
            {
              action_executor: fc.constantFrom(
                'dpIssue',
                'delay',
                'ruleTrigger',
                'externalAction',
                'other',
                '',
              ),
              entity_id: fc.jsonValue(),
              executor_property: fc.jsonValue(),
            },
            { requiredKeys: [] },
          ),
        ),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(strange, fc.jsonValue()), (wire) => {
        const read = readAutomation(wire)
        expect(sameJson(readAutomation(writeAutomation(read)), read)).toBe(true)
        const scene = readScene(wire)
        expect(sameJson(readScene(writeScene(scene)), scene)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
