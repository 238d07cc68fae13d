import { describe, expect, it } from 'vitest'
import { checkedCall } from '../../../../src/codec/cloud/automation/call.ts'
import type { DefinitionContext } from '../../../../src/domain/definition.ts'
import { BridgeError } from '../../../../src/util/error.ts'
import {
  automation,
  background,
  bedtime,
  cabinScene,
  context,
  external,
  goodNight,
  homeId,
  lamp,
  scene,
  stove,
  unread,
  watch,
  write,
} from '../../../support/definition.ts'

const { references } = context
const picture = 'https://images.tuyacn.com/smart/rule/cover/bedroom.png'

function refusal(operation: string, params: Record<string, unknown>): BridgeError {
  try {
    checkedCall(operation, params, { references })
  } catch (thrown) {
    if (thrown instanceof BridgeError) return thrown
    throw thrown
  }
  throw new Error('it was accepted')
}

describe('the parameters of an operation', () => {
  it('that define something go out checked, beside the ids of the address', () => {
    const update = { home_id: homeId, scene_id: goodNight.id, ...scene(write(lamp.id, { switch_led: 'on' })) }
    expect(checkedCall('scene-update', update, { references })).toEqual({
      ...update,
      actions: [write(lamp.id, { switch_led: true })],
    })
  })

  it('that define nothing go out as they came', () => {
    const params = { device_id: lamp.id, commands: 'anything' }
    expect(checkedCall('device-commands', params, { references })).toBe(params)
    expect(checkedCall('toString', params, { references })).toBe(params)
  })

  it('are refused with one detail for each fault, and its path', () => {
    const params = { home_id: homeId, ...scene(write(lamp.id, { swich_led: true })), name: '' }
    expect(refusal('scene-create', params)).toMatchObject({
      code: 'command/bad-param',
      retry: 'never',
      message: 'scene-create: name must be a text that is not blank, got "". And 1 more.',
      details: [{ path: '/name' }, { path: '/actions/0/executor_property/swich_led', nearest: 'switch_led' }],
    })
  })

  it('of one home may not speak of another one, also when its id is a number', () => {
    const params = { home_id: Number(homeId), ...scene(write(stove.id, { switch: true })) }
    expect(refusal('scene-create', params).details).toMatchObject([{ path: '/actions/0/entity_id' }])
    expect(() => checkedCall('scene-create', { ...params, home_id: 3182917 }, { references })).not.toThrow()
  })

  it('of a new automation do not take the ids of conditions from an old one', () => {
    const mixed = automation([
      { ...external('bedtime', '==', 'true'), entity_id: '5f1d2c3b4a59687746352413021a0b0c' },
      watch(lamp.id, 'switch_led', '==', true),
    ])
    const sent = (operation: string, ids: object) =>
      checkedCall(operation, { home_id: homeId, ...ids, ...mixed }, { references })['conditions']
    expect(sent('automation-create', {})).toEqual([
      { ...external('bedtime', '==', 'true'), order_num: 1 },
      { ...watch(lamp.id, 'switch_led', '==', true), order_num: 2 },
    ])
    expect(sent('automation-update', { automation_id: 'p2aWOkEOe2RzATHL' })).toEqual(mixed['conditions'])
  })
})

describe('a key of a scene switch', () => {
  const bind = { device_id: lamp.id, scene_id: goodNight.id, code: 'work_mode', value: 'scene' }

  it('may run a scene of its home', () => {
    expect(checkedCall('device-scene-bind', bind, { references })).toBe(bind)
    const { value: _, ...unbind } = bind
    expect(checkedCall('device-scene-unbind', unbind, { references })).toBe(unbind)
    const blind = { ...bind, device_id: unread.id, code: 'anything' }
    expect(checkedCall('device-scene-bind', blind, { references })).toBe(blind)
  })

  it.each<readonly [object, string, string]>([
    [{ code: 'workmode' }, '/code', 'Desk lamp has no "workmode" here; did you mean work_mode?'],
    [{ value: 'single' }, '/value', 'work_mode must be white, colour or scene, got "single".'],
    [
      { device_id: 'Desk lamp' },
      '/device_id',
      `There is no device "Desk lamp"; did you mean "${lamp.id}" (Desk lamp)?`,
    ],
    [
      { scene_id: cabinScene.id },
      '/scene_id',
      `The scene "${cabinScene.id}" (Fire) belongs to home 3182917, not to ${homeId}.`,
    ],
  ])('with %j is refused', (changes, path, message) => {
    expect(refusal('device-scene-bind', { ...bind, ...changes }).details).toMatchObject([{ path, message }])
  })
})

describe('what is said about external conditions', () => {
  const fire = (...fired: readonly unknown[]) => ({
    home_id: homeId,
    automation_id: bedtime.id,
    $root: fired,
  })
  const one = (entity_id: unknown, code: unknown, value: unknown) => ({ entity_id, display: { code, value } })
  const trigger = (params: Record<string, unknown>, of = references) =>
    checkedCall('automation-external-trigger', params, { references: of })

  it.each<readonly [string, unknown, unknown]>([
    ['c1', 'bedtime', 'true'],
    ['c1', 'bedtime', true],
    ['c1', 'bedtime', 'something else'],
    ['c2', 'level', 4],
    ['c2', 'level', '4.5'],
    ['c3', 'armed', false],
    ['c3', 'armed', 'true'],
  ])('%s %s %j goes out as it came', (id, code, value) => {
    const params = fire(one(id, code, value))
    expect(trigger(params)).toBe(params)
  })

  it.each<readonly [readonly unknown[], readonly object[]]>([
    [
      [one('bedtime', 'bedtime', 'true')],
      [{ path: '/$root/0/entity_id', nearest: 'c1', allowed: ['c1', 'c2', 'c3'] }],
    ],
    [
      [one('c1', 'bedtime', 'true'), one('c2', 'lvel', 4)],
      [{ path: '/$root/1/display/code', nearest: 'level', allowed: ['level'] }],
    ],
    [
      [one('c2', 'bedtime', 'true'), one('c9', 'x', 1)],
      [{ path: '/$root/0/display/code' }, { path: '/$root/1/entity_id' }],
    ],
    [
      [one('c2', 'level', 'high')],
      [
        {
          path: '/$root/0/display/value',
          message: 'Condition "level" waits for a number, got "high".',
        },
      ],
    ],
    [[one('c2', 'level', true)], [{ path: '/$root/0/display/value' }]],
    [[one('c3', 'armed', 'perhaps')], [{ path: '/$root/0/display/value' }]],
    [[one('c3', 'armed', 1)], [{ path: '/$root/0/display/value' }]],
    [[one('c1', 'bedtime', {})], [{ path: '/$root/0/display/value' }]],
    [[one('c1', 'bedtime', null)], [{ path: '/$root/0/display/value' }]],
    [[one('c1', 'bedtime', ['true'])], [{ path: '/$root/0/display/value' }]],
  ])('%j is explained', (fired, details) => {
    const error = refusal('automation-external-trigger', fire(...fired))
    expect(error.code).toBe('command/bad-param')
    expect(error.details).toMatchObject(details)
    expect(error.details).toHaveLength(details.length)
  })

  it('of another home, or of an automation that waits for nothing, is explained', () => {
    const elsewhere = { ...fire(one('c1', 'bedtime', 'true')), home_id: 7 }
    expect(refusal('automation-external-trigger', elsewhere).details).toMatchObject([
      { path: '/home_id', nearest: homeId },
    ])
    const deaf = { ...bedtime, conditions: bedtime.conditions.slice(-1) }
    const of = { ...references, automation: () => deaf }
    expect(() => trigger(fire(one('c1', 'bedtime', 'true')), of)).toThrow(
      expect.objectContaining({
        code: 'command/bad-param',
        message: expect.stringContaining('has no external condition'),
      }),
    )
  })

  it('of an automation that is not known here is left to the platform, and its shape to the schema', () => {
    for (const params of [
      { ...fire(one('c9', 'x', {})), automation_id: 'new' },
      { ...fire(one('c9', 'x', {})), automation_id: 7 },
      fire('c1', null, { entity_id: 'c1' }, { display: {} }, one('c1', 7, 1), one(7, 'bedtime', 1)),
      { ...fire(), $root: 'bedtime' },
    ])
      expect(trigger(params)).toBe(params)
  })

  it('is held against the codes while the ids are not told', () => {
    const fresh = bedtime.conditions.map((each) => (each.kind === 'external' ? { ...each, id: null } : each))
    const of = { ...references, automation: () => ({ ...bedtime, conditions: fresh }) }
    expect(trigger(fire(one('new', 'level', 4)), of)).toEqual(fire(one('new', 'level', 4)))
    expect(() => trigger(fire(one('new', 'lvel', 4)), of)).toThrow('did you mean "level"')
  })
})

describe('the examples of the page about scenes and automations', () => {
  const ids = ['vdevo157259825422309', '0120090568c63a89cb34']
  /** The house of the page: its devices are known by their ids alone. */
  const house: DefinitionContext['references'] = {
    device: (id) =>
      ids.includes(id) ? { id, name: id, homeId: '2422121', specification: undefined } : undefined,
    scene: () => undefined,
    automation: (id) =>
      id === 'AYJV2hh3eqm3xxxx' ? { id, name: id, homeId: '2422121', conditions: [] } : undefined,
    all: () => [],
  }
  const threeParts = { hours: '0', minutes: '0', seconds: '5' }
  const hold = { executor_property: threeParts, action_executor: 'delay' }
  const on = watch('vdevo157259825422309', 'switch_1', '==', true)

  it.each<readonly [string, Record<string, unknown>]>([
    [
      'scene-create',
      {
        name: 'Add a scene for test',
        background: 'https://images.****.com/smart/rule/cover/sport.png',
        actions: [
          hold,
          write('0120090568c63a89cb34', { work_mode: 'scene_2' }),
          { action_executor: 'ruleDisable', entity_id: 'AYJV2hh3eqm3xxxx' },
          { action_executor: 'ruleEnable', entity_id: 'AYJV2hh3eqm3xxxx' },
        ],
      },
    ],
    [
      'automation-create',
      {
        conditions: [{ ...on, order_num: 1 }],
        actions: [hold, write('vdevo157259825422309', { switch_1: true })],
        background: picture,
        match_type: 1,
        name: 'Test the automation',
      },
    ],
    [
      'automation-update',
      {
        automation_id: '53IYSXI3gEn2w3Oc',
        actions: [
          hold,
          write('vdevo157259825422309', { switch_1: true }),
          { action_executor: 'externalAction', executor_property: {} },
        ],
        background: picture,
        conditions: [
          { ...on, order_num: 1 },
          { display: { code: 'mode', operator: '==', value: 1 }, entity_type: 15, order_num: 2 },
        ],
        match_type: 1,
        name: 'Test the automation',
      },
    ],
    [
      'automation-create',
      {
        name: 'All sorts of conditions',
        background,
        match_type: 3,
        condition_rule: '1&&2||3',
        conditions: [
          { display: { code: 'test', operator: '==', value: 'test' }, entity_type: 15, order_num: 1 },
          {
            display: { code: 'temp', operator: '==', value: '20' },
            entity_id: '10',
            entity_type: 3,
            order_num: 2,
          },
          {
            display: { date: '20200301', loops: '0000000', time: '14:00', timezone_id: 'Asia/Shanghai' },
            entity_id: 'timer',
            entity_type: 6,
            order_num: 3,
          },
        ],
        preconditions: [
          {
            display: { start: '10:00', end: '12:00', loops: '0010000', timezone_id: 'Asia/Shanghai' },
            cond_type: 'timeCheck',
          },
        ],
        actions: [hold],
      },
    ],
  ])('%s goes out as it is printed', (operation, printed) => {
    const params = { home_id: '2422121', ...printed }
    expect(checkedCall(operation, params, { references: house })).toEqual(params)
  })
})
