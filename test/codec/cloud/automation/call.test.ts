import { describe, expect, it } from 'vitest'
import { checkedCall } from '../../../../src/codec/cloud/automation/call.ts'
import type { DefinitionContext } from '../../../../src/domain/definition.ts'
import { BridgeError } from '../../../../src/util/error.ts'
import {
  automation,
  background,
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

describe('the examples of the page about scenes and automations', () => {
  const ids = ['vdevo157259825422309', '0120090568c63a89cb34']
  /** The house of the page: its devices are known by their ids alone. */
  const house: DefinitionContext['references'] = {
    device: (id) =>
      ids.includes(id) ? { id, name: id, homeId: '2422121', specification: undefined } : undefined,
    scene: () => undefined,
    automation: (id) => (id === 'AYJV2hh3eqm3xxxx' ? { id, name: id, homeId: '2422121' } : undefined),
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
