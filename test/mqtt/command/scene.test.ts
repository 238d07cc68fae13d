import { describe, expect, it } from 'vitest'
import type { Automation } from '../../../src/domain/automation.ts'
import type { ExternalCondition } from '../../../src/domain/condition.ts'
import type { Json } from '../../../src/domain/data-point.ts'
import {
  enableAutomation,
  enableScene,
  fireCondition,
  readEnabled,
  triggerAutomation,
  triggerScene,
} from '../../../src/mqtt/command/scene.ts'
import { BridgeError } from '../../../src/util/error.ts'

const scene = { id: '53IYSXI3gEn2w3Oc', homeId: '3182004' }

const condition = (order: number, code: string, value: Json): ExternalCondition => ({
  kind: 'external',
  order,
  id: `c${order}`,
  code,
  operator: '==',
  value,
})

const bedtime: Pick<Automation, 'id' | 'homeId' | 'name' | 'conditions'> = {
  id: 'p2aWOkEOe2RzATHL',
  homeId: '3182004',
  name: 'Bedtime',
  conditions: [
    condition(1, 'bedtime', 'true'),
    condition(2, 'mode', 'home'),
    condition(3, 'mode', 'away'),
    condition(4, 'level', 3),
    condition(5, 'armed', true),
    { kind: 'device', order: 6, deviceId: 'd1', code: 'switch', operator: '==', value: true },
  ],
}

/** What is sent to which condition. */
function told(call: { readonly params: Readonly<Record<string, unknown>> }): unknown {
  const list = call.params['$root'] as readonly {
    entity_id: string
    display: { code: string; value: unknown }
  }[]
  return list.map(({ entity_id, display }) => [entity_id, display.code, display.value])
}

function refusal(act: () => unknown): BridgeError {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof BridgeError) return thrown
    throw thrown
  }
  throw new Error('it was accepted')
}

describe('a scene', () => {
  it('is run and switched by operations of its home', () => {
    expect(triggerScene(scene)).toEqual({
      operation: 'scene-trigger',
      params: { home_id: '3182004', scene_id: '53IYSXI3gEn2w3Oc' },
    })
    expect(enableScene(scene, true).operation).toBe('scene-enable')
    expect(enableScene(scene, false).operation).toBe('scene-disable')
  })
})

describe('the switch of a scene or automation', () => {
  it.each(['true', 'TRUE', 'on', ' 1 '])('%j means on', (text) => {
    expect(readEnabled(text)).toBe(true)
  })

  it.each(['false', 'Off', '0'])('%j means off', (text) => {
    expect(readEnabled(text)).toBe(false)
  })

  it.each(['', 'toggle', 'yes', '{}', 'constructor', undefined])('%j means nothing', (text) => {
    expect(refusal(() => readEnabled(text)).code).toBe('command/bad-value')
  })
})

describe('an automation', () => {
  it('is switched by operations of its home', () => {
    expect(enableAutomation(bedtime, true)).toEqual({
      operation: 'automation-enable',
      params: { home_id: '3182004', automation_id: 'p2aWOkEOe2RzATHL' },
    })
    expect(enableAutomation(bedtime, false).operation).toBe('automation-disable')
  })

  it('is told one condition by its code, without an operator', () => {
    expect(fireCondition(bedtime, 'bedtime', 'true')).toEqual({
      operation: 'automation-external-trigger',
      params: {
        home_id: '3182004',
        automation_id: 'p2aWOkEOe2RzATHL',
        $root: [{ entity_id: 'c1', display: { code: 'bedtime', value: 'true' } }],
      },
    })
  })

  it('is told every condition that waits for the code: what it compares with decides', () => {
    expect(told(fireCondition(bedtime, 'mode', 'away'))).toEqual([
      ['c2', 'mode', 'away'],
      ['c3', 'mode', 'away'],
    ])
  })

  it.each<readonly [string, unknown, unknown]>([
    ['bedtime', 'true', 'true'],
    ['bedtime', true, 'true'],
    ['bedtime', 1, '1'],
    ['bedtime', ' as it is ', ' as it is '],
    ['level', '4', 4],
    ['level', 4.5, 4.5],
    ['armed', 'ON', true],
    ['armed', '0', false],
    ['armed', false, false],
  ])('%s is told %j as %j, the type that it waits for, else text', (code, given, sent) => {
    expect((told(fireCondition(bedtime, code, given)) as unknown[][])[0]?.[2]).toBe(sent)
  })

  it.each<readonly [string, unknown, string]>([
    ['level', 'high', 'Condition "level" waits for a number, got "high".'],
    ['level', 'true', 'Condition "level" waits for a number, got "true".'],
    ['armed', 'perhaps', 'Condition "armed" waits for true or false, got "perhaps".'],
  ])('%s does not take %j, which can never be compared', (code, given, message) => {
    expect(refusal(() => fireCondition(bedtime, code, given))).toMatchObject({
      code: 'command/bad-value',
      message,
      details: [{ condition: code, operator: '==' }],
    })
  })

  it('of several conditions for one code those are told that the value can be compared with', () => {
    const two = { ...bedtime, conditions: [condition(1, 'level', 'high'), condition(2, 'level', 3)] }
    expect(told(fireCondition(two, 'level', 'high'))).toEqual([['c1', 'level', 'high']])
    expect(told(fireCondition(two, 'level', '4'))).toEqual([
      ['c1', 'level', '4'],
      ['c2', 'level', 4],
    ])
  })

  it('takes several conditions in one call', () => {
    const call = triggerAutomation(bedtime, { conditions: { bedtime: 'true', level: '3' } })
    expect(told(call)).toEqual([
      ['c1', 'bedtime', 'true'],
      ['c4', 'level', 3],
    ])
  })

  it('with a word alone is told all its conditions as they wait', () => {
    expect(told(triggerAutomation(bedtime, {}))).toEqual([
      ['c1', 'bedtime', 'true'],
      ['c2', 'mode', 'home'],
      ['c3', 'mode', 'away'],
      ['c4', 'level', 3],
      ['c5', 'armed', true],
    ])
  })

  it('names its conditions to those who mistype one', () => {
    expect(refusal(() => fireCondition(bedtime, 'bedtme', '1'))).toMatchObject({
      code: 'command/unknown-condition',
      message: 'Automation Bedtime has no external condition "bedtme"; did you mean "bedtime"?',
      details: [
        { condition: 'bedtime' },
        { condition: 'mode' },
        { condition: 'level' },
        { condition: 'armed' },
      ],
    })
    expect(refusal(() => fireCondition(bedtime, 'switch', '1')).message).toBe(
      'Automation Bedtime has no external condition "switch"; it has bedtime, mode, level, armed.',
    )
  })

  it('that waits for nothing from outside says so', () => {
    const deaf = { ...bedtime, conditions: bedtime.conditions.slice(-1) }
    for (const act of [() => fireCondition(deaf, 'bedtime', '1'), () => triggerAutomation(deaf, {})])
      expect(refusal(act)).toMatchObject({
        code: 'command/unknown-condition',
        message: 'Automation Bedtime (p2aWOkEOe2RzATHL) has no external condition.',
      })
  })

  it.each<readonly [object]>([
    [{ conditions: [] }],
    [{ conditions: 'bedtime' }],
    [{ conditions: {} }],
    [{ conditions: { bedtime: {} } }],
  ])('does not understand %j', (members) => {
    expect(refusal(() => triggerAutomation(bedtime, members as Record<string, unknown>)).code).toBe(
      'command/bad-value',
    )
  })

  it('whose conditions have no id yet cannot be told anything', () => {
    const fresh = { ...bedtime, conditions: [{ ...condition(1, 'bedtime', 'true'), id: null }] }
    expect(refusal(() => fireCondition(fresh, 'bedtime', 'true'))).toMatchObject({
      code: 'command/unknown-condition',
      retry: 'later',
    })
  })
})
