import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checkAutomation, checkScene } from '../../../../src/codec/cloud/automation/check.ts'
import { automationSchema, sceneSchema } from '../../../../src/codec/cloud/automation/definition-schema.ts'
import type { Checked, DefinitionFault } from '../../../../src/domain/definition.ts'
import {
  automation,
  background,
  bedtime,
  cabinScene,
  context,
  delay,
  external,
  goodNight,
  homeId,
  lamp,
  lock,
  scene,
  stove,
  thermostat,
  timeCheck,
  timer,
  unread,
  watch,
  weather,
  write,
} from '../../../support/definition.ts'

function body(checked: Checked<unknown>): unknown {
  if (!checked.ok) throw new Error(checked.faults.map(({ path, message }) => `${path} ${message}`).join('\n'))
  return checked.body
}

function faults(checked: Checked<unknown>): readonly DefinitionFault[] {
  if (checked.ok) throw new Error(`accepted as ${JSON.stringify(checked.body)}`)
  return checked.faults
}

const sceneFaults = (input: unknown) => faults(checkScene(input, context))
const automationFaults = (input: unknown) => faults(checkAutomation(input, context))
const told = (list: readonly DefinitionFault[]) => list.map(({ path, message }) => `${path} ${message}`)
/** The only action of the body that goes out. */
const sent = (action: object) =>
  (body(checkScene(scene(action), context)) as { actions: unknown[] }).actions[0]
const sentBy = (action: object) =>
  (
    body(checkAutomation(automation([external('a', '==', 'b')], { actions: [action] }), context)) as {
      actions: unknown[]
    }
  ).actions[0]
/** The only condition of the body that goes out. */
const awaited = (condition: object) =>
  (body(checkAutomation(automation([condition]), context)) as { conditions: unknown[] }).conditions[0]

describe('a scene', () => {
  it('goes out in the words of the platform', () => {
    const written = {
      name: 'Good night',
      background,
      actions: [
        write(lamp.id, { switch_led: 'off', bright_value_v2: '500' }),
        delay(0, 0, 5),
        { action_executor: 'ruleEnable', entity_id: bedtime.id, executor_property: {} },
        { action_executor: 'ruleDisable', entity_id: bedtime.id, executor_property: null },
      ],
    }
    expect(body(checkScene(written, context))).toEqual({
      name: 'Good night',
      background,
      actions: [
        {
          action_executor: 'dpIssue',
          entity_id: lamp.id,
          executor_property: { switch_led: false, bright_value_v2: 500 },
        },
        { action_executor: 'delay', executor_property: { hours: '0', minutes: '0', seconds: '5' } },
        { action_executor: 'ruleEnable', entity_id: bedtime.id },
        { action_executor: 'ruleDisable', entity_id: bedtime.id },
      ],
    })
  })

  it('may use the names of newer pages, and groups, which nobody can look into', () => {
    const { action_executor: _, ...rest } = write(lamp.id, { switch_led: true })
    expect(sent({ action_executor: 'device_issue', ...rest })).toEqual({
      action_executor: 'dpIssue',
      ...rest,
    })
    const group = {
      action_executor: 'device_group_issue',
      entity_id: 'g1',
      executor_property: { switch: true },
    }
    expect(sent(group)).toEqual(group)
  })

  it.each<readonly [unknown, string]>([
    [undefined, ' The definition must be an object, got undefined.'],
    [[], ' The definition must be an object, got [].'],
    ['{}', ' The definition must be an object, got "{}".'],
  ])('is an object, not %j', (input, message) => {
    expect(told(sceneFaults(input))).toEqual([message])
  })

  it('has a name, a background and actions', () => {
    expect(told(sceneFaults({}))).toEqual([
      '/name name is missing: what people call it.',
      '/background background is missing: URL of its picture; operation scene-default-pictures lists some.',
      '/actions actions is missing: what it does, one after the other.',
    ])
  })

  it.each<readonly [object, string]>([
    [{ name: '  ' }, '/name name must be a text that is not blank, got "  ".'],
    [{ name: 5 }, '/name name must be a text, got 5.'],
    [{ name: 'x'.repeat(256) }, '/name name may have at most 255 characters, got 256.'],
    [
      { background: 'bedroom.png' },
      '/background background must be the URL of a picture, got "bedroom.png".',
    ],
    [{ actions: [] }, '/actions actions must have at least 1 entry.'],
    [{ actions: {} }, '/actions actions must be a list, got {}.'],
    [{ actions: ['on'] }, '/actions/0 actions[0] must be an object, got "on".'],
    [
      { actions: Array(151).fill(write(lamp.id, { switch_led: true })) },
      '/actions actions may have at most 150 entries, got 151.',
    ],
    [{ acions: [] }, '/acions There is no member "acions"; did you mean actions?'],
    [{ colour: 1 }, '/colour There is no member "colour"; there are name, background and actions.'],
    [
      { enabled: true },
      '/enabled enabled does not belong here: it is switched by its own topic and operation.',
    ],
    [{ scene_id: 'x' }, '/scene_id scene_id does not belong here: it stands beside the definition.'],
  ])('with %j says what is wrong', (changes, message) => {
    expect(told(sceneFaults({ ...scene(), ...changes }))).toEqual([message])
  })
})

describe('an action', () => {
  it.each<readonly [object, string]>([
    [{}, '/actions/0/action_executor action_executor is missing: dpIssue: write to a device'],
    [
      { action_executor: 'dpissue' },
      '/actions/0/action_executor action_executor must be dpIssue, device_group_issue, delay, ruleEnable or ruleDisable, got "dpissue"; did you mean "dpIssue"?',
    ],
    [
      { ...write(lamp.id, { switch_led: true }), entity: 'x' },
      '/actions/0/entity There is no member "entity"; there are action_executor, entity_id and executor_property.',
    ],
    [
      { action_executor: 'dpIssue', executor_property: { a: 1 } },
      '/actions/0/entity_id entity_id is missing: which one.',
    ],
    [
      { action_executor: 'dpIssue', entity_id: lamp.id },
      '/actions/0/executor_property executor_property is missing: what to do.',
    ],
    [write(lamp.id, {}), '/actions/0/executor_property executor_property must not be empty.'],
    [write(lamp.id, []), '/actions/0/executor_property executor_property must be an object, got [].'],
    [write('', { a: 1 }), '/actions/0/entity_id entity_id must not be empty.'],
    [{ action_executor: 'ruleEnable' }, '/actions/0/entity_id entity_id is missing: which one.'],
    [
      { action_executor: 'ruleEnable', entity_id: bedtime.id, executor_property: { on: true } },
      '/actions/0/executor_property executor_property must be left out: there is nothing to say.',
    ],
  ])('%j has the wrong shape', (action, message) => {
    expect(told(sceneFaults(scene(action)))[0]).toContain(message)
  })

  it.each<readonly [unknown, unknown, unknown, object]>([
    ['0', '0', '5', { hours: '0', minutes: '0', seconds: '5' }],
    [1, 2, 3, { hours: '1', minutes: '2', seconds: '3' }],
    ['01', '59', '00', { hours: '1', minutes: '59', seconds: '0' }],
    [23, 0, 0, { hours: '23', minutes: '0', seconds: '0' }],
  ])('that delays by %j %j %j goes out as text', (hours, minutes, seconds, property) => {
    expect(sent(delay(hours, minutes, seconds))).toEqual({
      action_executor: 'delay',
      executor_property: property,
    })
  })

  it('that delays may leave out what is nothing, and carry the entity of the old table', () => {
    expect(sent({ action_executor: 'delay', entity_id: lamp.id, executor_property: { seconds: 5 } })).toEqual(
      sent(delay(0, 0, 5)),
    )
  })

  it.each<readonly [unknown, string]>([
    [delay(0, 0, 0), '/actions/0/executor_property A delay must be longer than nothing.'],
    [delay(0, 0, 60), '/actions/0/executor_property/seconds seconds must be at most 59, got 60.'],
    [
      delay(0, '75', 0),
      '/actions/0/executor_property/minutes minutes must be a whole number from 0 to 59, got "75".',
    ],
    [delay(-1, 0, 0), '/actions/0/executor_property/hours hours must be at least 0, got -1.'],
    [
      delay('24', 0, 0),
      '/actions/0/executor_property/hours hours must be a whole number from 0 to 23, got "24".',
    ],
    [
      delay(0, 0, 1.5),
      '/actions/0/executor_property/seconds seconds must be a text or a whole number, got 1.5.',
    ],
    [
      delay(0, 0, 'soon'),
      '/actions/0/executor_property/seconds seconds must be a whole number from 0 to 59, got "soon".',
    ],
    [
      { action_executor: 'delay', executor_property: { second: 5 } },
      '/actions/0/executor_property/second There is no member "second"; did you mean seconds?',
    ],
    [
      { action_executor: 'delay', executor_property: {} },
      '/actions/0/executor_property executor_property must not be empty.',
    ],
    [{ action_executor: 'delay' }, '/actions/0/executor_property executor_property is missing: what to do.'],
  ])('%j is no delay', (action, message) => {
    expect(told(sceneFaults(scene(action as object)))).toEqual([message])
  })

  it.each<readonly [string, object, object]>([
    [lamp.id, { switch_led: true }, { switch_led: true }],
    [lamp.id, { switch_led: 'true' }, { switch_led: true }],
    [lamp.id, { work_mode: 'scene' }, { work_mode: 'scene' }],
    [lamp.id, { colour_data_v2: { h: 1, s: 2, v: 3 } }, { colour_data_v2: { h: 1, s: 2, v: 3 } }],
    [lamp.id, { countdown_1: 60 }, { countdown_1: 60 }],
    [thermostat.id, { temp_set: 215 }, { temp_set: 215 }],
    [unread.id, { anything: [1] }, { anything: [1] }],
  ])('writes to %s %j', (id, values, property) => {
    expect(sent(write(id, values))).toEqual(write(id, property))
  })

  it.each<readonly [string, object, string]>([
    [lamp.id, { swich_led: true }, 'swich_led Desk lamp has no "swich_led" here; did you mean switch_led?'],
    [lamp.id, { power: 1 }, 'power Desk lamp has no "power" here.'],
    [lamp.id, { switch_led: 'maybe' }, 'switch_led switch_led must be true or false, got "maybe".'],
    [lamp.id, { switch_led: null }, 'switch_led switch_led must be true or false, got null.'],
    [
      lamp.id,
      { work_mode: 'colur' },
      'work_mode work_mode must be white, colour or scene, got "colur"; did you mean "colour"?',
    ],
    [lamp.id, { bright_value_v2: 5 }, 'bright_value_v2 bright_value_v2 must be between 10 and 1000, got 5.'],
    [lamp.id, { bright_value_v2: '' }, 'bright_value_v2 bright_value_v2 takes a decimal number, got "".'],
    [
      lamp.id,
      { bright_value_v2: 16 },
      'bright_value_v2 bright_value_v2 goes in steps of 10 from 10, got 16; did you mean 20?',
    ],
    [lamp.id, { countdown_1: 1.5 }, 'countdown_1 countdown_1 takes whole numbers, got 1.5; did you mean 2?'],
    [
      thermostat.id,
      { temp_set: 21.5 },
      'temp_set temp_set takes device units, from 50 to 350: 21.5 °C is 215.',
    ],
    [thermostat.id, { temp_set: 400 }, 'temp_set temp_set must be between 50 and 350, got 400.'],
    [
      thermostat.id,
      { temp_current: 215 },
      'temp_current temp_current of Thermostat is only reported and cannot be written.',
    ],
    [
      lamp.id,
      { colour_data_v2: { h: 400, s: 0, v: 0 } },
      'colour_data_v2 colour_data_v2.h must be between 0 and 360, got 400.',
    ],
    [thermostat.id, { 'a/b~c': 1 }, 'a~1b~0c Thermostat has no "a/b~c" here.'],
  ])('cannot write to %s %j', (id, values, message) => {
    expect(told(sceneFaults(scene(write(id, values))))).toEqual([`/actions/0/executor_property/${message}`])
  })

  it('tells the codes, values and nearest words in members of their own', () => {
    expect(sceneFaults(scene(write(lamp.id, { swich_led: true, work_mode: 'whit' })))).toMatchObject([
      {
        allowed: ['switch_led', 'work_mode', 'bright_value_v2', 'colour_data_v2', 'countdown_1'],
        nearest: 'switch_led',
      },
      { allowed: ['white', 'colour', 'scene'], nearest: 'white' },
    ])
    expect(sceneFaults(scene(write(thermostat.id, { temp_set: 21.5 })))).toMatchObject([{ nearest: 215 }])
  })

  it.each<readonly [object, string]>([
    [
      write('bf3c9a7d41e0b2f6aaw1vm', { switch_led: true }),
      `There is no device "bf3c9a7d41e0b2f6aaw1vm" in home ${homeId}; did you mean "${lamp.id}" (Desk lamp)?`,
    ],
    [
      write('desk lamp', { switch_led: true }),
      `There is no device "desk lamp" in home ${homeId}; did you mean "${lamp.id}" (Desk lamp)?`,
    ],
    [write('nothing-like-it', { a: 1 }), `There is no device "nothing-like-it" in home ${homeId}.`],
    [
      write(stove.id, { switch: true }),
      `The device "${stove.id}" (Stove) belongs to home 3182917, not to ${homeId}.`,
    ],
    [
      write(lock.id, { lock_motor_state: true }),
      `Front door ("${lock.id}") is a lock; writing to locks needs class "lock" (setting operations.allow).`,
    ],
    [
      { action_executor: 'ruleEnable', entity_id: 'Bedtme' },
      `There is no automation "Bedtme" in home ${homeId}; did you mean "${bedtime.id}" (Bedtime)?`,
    ],
    [
      { action_executor: 'ruleDisable', entity_id: goodNight.id },
      `There is no automation "${goodNight.id}" in home ${homeId}.`,
    ],
  ])('%j speaks of something that is not there', (action, message) => {
    expect(told(sceneFaults(scene(action)))).toEqual([`/actions/0/entity_id ${message}`])
  })

  it('does not mind the home when nobody knows which', () => {
    const anywhere = { ...context, homeId: null }
    expect(checkScene(scene(write(stove.id, { switch: true })), anywhere).ok).toBe(true)
    expect(told(faults(checkScene(scene(write('stve', { switch: true })), anywhere)))).toEqual([
      `/actions/0/entity_id There is no device "stve"; did you mean "${stove.id}" (Stove)?`,
    ])
  })

  it('runs scenes and tells the world outside only from an automation', () => {
    const run = { action_executor: 'ruleTrigger', entity_id: goodNight.id }
    const tell = {
      action_executor: 'externalAction',
      executor_property: { action: 'x', deep: [{ a: null }] },
    }
    expect(sentBy(run)).toEqual(run)
    expect(sentBy(tell)).toEqual(tell)
    expect(sentBy({ action_executor: 'externalAction', executor_property: {} })).toEqual({
      action_executor: 'externalAction',
      executor_property: {},
    })
    for (const action of [run, tell])
      expect(told(sceneFaults(scene(action)))[0]).toContain(
        `/actions/0/action_executor action_executor must be dpIssue, device_group_issue, delay, ruleEnable or ruleDisable, got "${action.action_executor}"`,
      )
  })

  it.each<readonly [object, string]>([
    [
      { action_executor: 'ruleTrigger', entity_id: cabinScene.id },
      `/entity_id The scene "${cabinScene.id}" (Fire) belongs to home 3182917, not to ${homeId}.`,
    ],
    [
      { action_executor: 'ruleTrigger', entity_id: 'Good nigth' },
      `/entity_id There is no scene "Good nigth" in home ${homeId}; did you mean "${goodNight.id}" (Good night)?`,
    ],
    [{ action_executor: 'externalAction' }, '/executor_property executor_property is missing: what to do.'],
    [
      { action_executor: 'externalAction', executor_property: 'goodnight' },
      '/executor_property executor_property must be an object, got "goodnight".',
    ],
  ])('%j does not belong into an automation', (action, message) => {
    const checked = automationFaults(automation([external('a', '==', 'b')], { actions: [action] }))
    expect(told(checked)).toEqual([`/actions/0${message}`])
  })
})

describe('an automation', () => {
  it('goes out in the words of the platform', () => {
    const written = {
      name: 'Bedtime',
      background,
      match_type: 'rule',
      condition_rule: ' 1 && ( 2 || 3 )',
      conditions: [
        { ...watch(lamp.id, 'switch_led', '==', 'true'), entity_type: '1', order_num: '1' },
        { ...external('bedtime', '==', 'true'), entity_id: '', order_num: 2 },
        { ...timer(), entity_id: undefined, order_num: 3 },
      ],
      preconditions: [timeCheck()],
      actions: [{ action_executor: 'ruleTrigger', entity_id: goodNight.id }],
    }
    expect(body(checkAutomation(JSON.parse(JSON.stringify(written)), context))).toEqual({
      name: 'Bedtime',
      background,
      match_type: 3,
      condition_rule: '1&&(2||3)',
      conditions: [
        {
          entity_type: 1,
          entity_id: lamp.id,
          order_num: 1,
          display: { code: 'switch_led', operator: '==', value: true },
        },
        { entity_type: 15, order_num: 2, display: { code: 'bedtime', operator: '==', value: 'true' } },
        { ...timer(), order_num: 3 },
      ],
      preconditions: [timeCheck()],
      actions: [{ action_executor: 'ruleTrigger', entity_id: goodNight.id }],
    })
  })

  it('says everything that is missing', () => {
    expect(automationFaults({}).map(({ path }) => path)).toEqual([
      '/name',
      '/background',
      '/conditions',
      '/actions',
      '/match_type',
    ])
  })

  it.each<readonly [object, string]>([
    [
      { match_type: 4 },
      '/match_type match_type must be 1, 2 or 3, got 4 (1: any condition suffices; 2: all must hold; 3: condition_rule decides).',
    ],
    [{ conditions: [] }, '/conditions conditions must have at least 1 entry.'],
    [
      { automation_id: 'x' },
      '/automation_id automation_id does not belong here: it stands beside the definition.',
    ],
    [{ precondition: [] }, '/precondition There is no member "precondition"; did you mean preconditions?'],
    [{ preconditions: {} }, '/preconditions preconditions must be a list, got {}.'],
  ])('with %j says what is wrong', (changes, message) => {
    expect(told(automationFaults(automation([external('a', '==', 'b')], changes)))).toEqual([message])
  })

  it('has at most ten conditions, each number and each condition once', () => {
    const many = (n: number) => automation(Array.from({ length: n }, (_, i) => external(`c${i}`, '==', 'x')))
    expect(checkAutomation(many(10), context).ok).toBe(true)
    expect(told(automationFaults(many(11)))).toEqual([
      '/conditions conditions may have at most 10 entries, got 11.',
    ])
    const sameNumber = [external('a', '==', 'x'), { ...external('b', '==', 'x'), order_num: 1 }]
    expect(told(automationFaults(automation(sameNumber)))).toEqual([
      '/conditions/1/order_num order_num 1 is taken by conditions[0] already.',
    ])
    const sameWords = [external('a', '==', 'x'), external('b', '==', 'x'), external('a', '==', 'x')]
    expect(told(automationFaults(automation(sameWords)))).toEqual([
      '/conditions/2 Condition 3 says the same as condition 1.',
    ])
    const values = [external('a', '==', 'x'), external('a', '==', 'y')]
    expect(checkAutomation(automation(values), context).ok).toBe(true)
  })

  it.each<readonly [unknown, unknown, string | null]>([
    [3, '1&&2', '1&&2'],
    ['3', '(1) || 2', '1||2'],
    ['rule', '1', '1'],
    [1, '', null],
    ['any', null, null],
    ['all', '  ', null],
  ])('with match_type %j may have the rule %j', (match_type, condition_rule, expected) => {
    const two = automation([external('a', '==', 'x'), external('b', '==', 'x')], {
      match_type,
      condition_rule,
    })
    expect((body(checkAutomation(two, context)) as Record<string, unknown>)['condition_rule'] ?? null).toBe(
      expected,
    )
  })

  it.each<readonly [unknown, unknown, string, number | undefined]>([
    [3, undefined, 'condition_rule is missing: match_type 3 needs one such as 1&&2||3.', undefined],
    [3, ' ', 'condition_rule is missing: match_type 3 needs one such as 1&&2||3.', undefined],
    [3, '1&2', 'At character 2 there is "&" (write "&&"); expected "&&", "||" or the end.', 1],
    [3, '1&&', 'At character 4 the rule ends; expected the number of a condition or "(".', 3],
    [3, '1||7', 'At character 4 the rule names condition 7, which does not exist; there are 1 and 2.', 3],
    [1, '1||2', 'condition_rule counts only with match_type 3, and match_type is 1.', undefined],
    [2, '1||2', 'condition_rule counts only with match_type 3, and match_type is 2.', undefined],
  ])('with match_type %j cannot have the rule %j', (match_type, condition_rule, message, position) => {
    const two = automation([external('a', '==', 'x'), external('b', '==', 'x')], {
      match_type,
      condition_rule,
    })
    expect(automationFaults(two)).toMatchObject([
      { path: '/condition_rule', message, ...(position === undefined ? {} : { position }) },
    ])
  })

  it('does not look for the conditions of a rule while there are none', () => {
    const bare = { ...automation([]), match_type: 3, condition_rule: '1&&2' }
    expect(automationFaults(bare).map(({ path }) => path)).toEqual(['/conditions'])
  })

  it('lists all faults of all parts at once', () => {
    const broken = {
      name: '',
      background,
      match_type: 3,
      condition_rule: '1&&9',
      conditions: [
        { order_num: 1, ...watch(lamp.id, 'switch_led', '>', 'x') },
        { order_num: 2, ...timer({ time: '7:30', timezone_id: 'Berlin' }) },
        { order_num: 3, ...weather('temp', '==', '99') },
      ],
      preconditions: [timeCheck({ timezone_id: 'Mars' })],
      actions: [write(lamp.id, { swich_led: true }), delay(0, 0, 0), write('none', { a: 1 })],
    }
    expect(automationFaults(broken).map(({ path }) => path)).toEqual([
      '/name',
      '/conditions/1/display/time',
      '/conditions/0/display/operator',
      '/conditions/0/display/value',
      '/conditions/2/display/value',
      '/preconditions/0/display/timezone_id',
      '/actions/0/executor_property/swich_led',
      '/actions/1/executor_property',
      '/actions/2/entity_id',
      '/condition_rule',
    ])
  })

  it('answers with a hundred faults at most', () => {
    const actions = Array(150).fill(write(lamp.id, { a: 1, b: 2 }))
    expect(sceneFaults(scene(...actions))).toHaveLength(100)
  })
})

describe('a condition', () => {
  it.each<readonly [object, string]>([
    [{}, '/entity_type entity_type is missing: 1 device, 3 weather, 6 timer, 15 external condition.'],
    [
      { ...external('a', '==', 'b'), entity_type: 2 },
      '/entity_type entity_type must be 1, 3, 6 or 15, got 2 (1 device, 3 weather, 6 timer, 15 external condition).',
    ],
    [
      { ...external('a', '==', 'b'), entityType: 15 },
      '/entityType There is no member "entityType"; did you mean entity_type?',
    ],
    [{ ...external('a', '==', 'b'), order_num: 0 }, '/order_num order_num must be at least 1, got 0.'],
    [
      { ...external('a', '==', 'b'), order_num: 'first' },
      '/order_num order_num must be a whole number, got "first".',
    ],
    [
      { ...external('a', '==', 'b'), order_num: null },
      '/order_num order_num is missing: the number by which condition_rule names it: from 1, each once.',
    ],
    [{ entity_type: 1, entity_id: lamp.id }, '/display display is missing: what must hold.'],
    [
      { entity_type: 15, display: { code: 'a', operator: '==' } },
      '/display/value value is missing: what it is compared with; numbers in device units.',
    ],
    [
      { entity_type: 15, display: { code: '', operator: '==', value: 1 } },
      '/display/code code must not be empty.',
    ],
    [
      { entity_type: 15, display: { code: 'a', value: 1 } },
      '/display/operator operator is missing: whole numbers take all three, all else ==.',
    ],
    [
      external('a', '==', { b: 1 }),
      '/display/value value must be a text, a number or true or false, got {"b":1}.',
    ],
    [{ ...watch('', 'switch_led', '==', true) }, '/entity_id entity_id is missing: which one.'],
  ])('%j has the wrong shape', (condition, message) => {
    expect(told(automationFaults(automation([condition])))[0]).toBe(`/conditions/0${message}`)
  })

  it.each<readonly [string, string, string, unknown, unknown]>([
    [lamp.id, 'switch_led', '==', true, true],
    [lamp.id, 'switch_led', '==', 'false', false],
    [lamp.id, '$switch_led', '==', true, true],
    [lamp.id, 'work_mode', '==', 'white', 'white'],
    [lamp.id, 'bright_value_v2', '>', '501', 501],
    [lamp.id, 'bright_value_v2', '==', 500, 500],
    [thermostat.id, 'temp_current', '<', 195, 195],
    [unread.id, 'whatever', '<', 'x', 'x'],
  ])('on %s waits for %s %s %j', (id, code, operator, value, sentValue) => {
    expect(awaited(watch(id, code, operator, value))).toEqual({
      entity_type: 1,
      entity_id: id,
      order_num: 1,
      display: { code: code.replace('$', ''), operator, value: sentValue },
    })
  })

  it.each<readonly [string, string, string, unknown, string]>([
    [lamp.id, 'switch_led', '>', true, 'operator operator must be ==, got ">": switch_led is a boolean.'],
    [lamp.id, 'work_mode', '<', 'white', 'operator operator must be ==, got "<": work_mode is an enum.'],
    [
      lamp.id,
      'bright_value_v2',
      '>=',
      20,
      'operator operator must be <, == or >, got ">="; write ">": of whole numbers, ">= 20" is "> 19".',
    ],
    [lamp.id, 'switch_led', '=', true, 'operator operator must be <, == or >, got "="; write "==".'],
    [lamp.id, 'switch_led', '!=', true, 'operator operator must be <, == or >, got "!=".'],
    [lamp.id, 'swich_led', '==', true, 'code Desk lamp has no "swich_led" here; did you mean switch_led?'],
    [
      lamp.id,
      'colour_data_v2',
      '==',
      'x',
      'code colour_data_v2 of Desk lamp is a json, and conditions watch boolean, integer and enum.',
    ],
    [
      thermostat.id,
      'fault',
      '==',
      1,
      'code fault of Thermostat is a bitmap, and conditions watch boolean, integer and enum.',
    ],
    [lamp.id, 'countdown_1', '==', 1, 'code countdown_1 of Desk lamp is only written and never reported.'],
    [lamp.id, 'switch_led', '==', 'maybe', 'value switch_led must be true or false, got "maybe".'],
    [
      lamp.id,
      'work_mode',
      '==',
      'whit',
      'value work_mode must be white, colour or scene, got "whit"; did you mean "white"?',
    ],
    [lamp.id, 'bright_value_v2', '<', 5000, 'value bright_value_v2 must be between 10 and 1000, got 5000.'],
    [
      lamp.id,
      'bright_value_v2',
      '==',
      501,
      'value bright_value_v2 goes in steps of 10 from 10, got 501; did you mean 500?',
    ],
    [
      thermostat.id,
      'temp_current',
      '>',
      21.5,
      'value temp_current takes device units, from -200 to 600: 21.5 °C is 215.',
    ],
  ])('on %s cannot wait for %s %s %j', (id, code, operator, value, message) => {
    expect(told(automationFaults(automation([watch(id, code, operator, value)])))).toEqual([
      `/conditions/0/display/${message}`,
    ])
  })

  it('may watch a lock', () => {
    expect(awaited(watch(lock.id, 'lock_motor_state', '==', true))).toMatchObject({ entity_id: lock.id })
  })

  it.each<readonly [string, string, unknown]>([
    ['temp', '>', '20'],
    ['temp', '==', -40],
    ['humidity', '==', 'wet'],
    ['condition', '==', 'rainy'],
    ['pm25', '==', 'fine'],
  ])('on the weather waits for %s %s %j, as it was written', (code, operator, value) => {
    expect(awaited(weather(code, operator, value))).toEqual({
      ...weather(code, operator, value),
      order_num: 1,
    })
  })

  it('on the weather takes the code of newer pages and a number for the city', () => {
    expect(awaited({ ...weather('$temp', '<', 0), entity_id: 10 })).toEqual({
      ...weather('temp', '<', 0),
      order_num: 1,
    })
  })

  it.each<readonly [string, string, unknown, string]>([
    [
      'tmp',
      '>',
      20,
      'code code of a weather condition must be temp, humidity, condition or pm25, got "tmp"; did you mean "temp"?',
    ],
    ['temp', '>', 41, 'value temp must be a whole number from -40 to 40, got 41.'],
    ['temp', '>', 'hot', 'value temp must be a whole number from -40 to 40, got "hot".'],
    ['humidity', '>', 'wet', 'operator operator must be ==, got ">".'],
    [
      'condition',
      '==',
      'rain',
      'value condition must be sunny, cloudy, rainy, snowy or polluted, got "rain"; did you mean "rainy"?',
    ],
  ])('on the weather cannot wait for %s %s %j', (code, operator, value, message) => {
    expect(told(automationFaults(automation([weather(code, operator, value)])))).toEqual([
      `/conditions/0/display/${message}`,
    ])
  })

  it('on the weather goes by the list of the account, where there is one', () => {
    const own = {
      ...context,
      weather: [{ code: 'windSpeed', type: 'integer', operators: ['>'], min: 0, max: 62 }],
    } as const
    expect(checkAutomation(automation([weather('windSpeed', '>', 20)]), own).ok).toBe(true)
    expect(faults(checkAutomation(automation([weather('temp', '>', 20)]), own))).toHaveLength(1)
    expect(told(faults(checkAutomation(automation([weather('windSpeed', '<', 70)]), own)))).toEqual([
      '/conditions/0/display/operator operator must be >, got "<".',
      '/conditions/0/display/value windSpeed must be a whole number from 0 to 62, got 70.',
    ])
  })

  it.each<readonly [object, object]>([
    [external('test', '==', 'test'), external('test', '==', 'test')],
    [external('mode', '==', 1), external('mode', '==', 1)],
    [external('level', '>', '10'), external('level', '>', '10')],
    [
      { ...external('a b/ä', '==', true), entity_id: 'c9a5a524-d973-4b59-9390-0dcda0f172ec' },
      { ...external('a b/ä', '==', true), entity_id: 'c9a5a524-d973-4b59-9390-0dcda0f172ec' },
    ],
  ])('from outside %j goes out as it was written', (written, expected) => {
    expect(awaited(written)).toEqual({ ...expected, order_num: 1 })
  })

  it.each<readonly [object, string]>([
    [external('a', '>', 'test'), 'operator operator must be ==, got ">".'],
    [external('a', '<', true), 'operator operator must be ==, got "<".'],
  ])('from outside %j cannot be compared', (written, message) => {
    expect(told(automationFaults(automation([written])))).toEqual([`/conditions/0/display/${message}`])
  })

  it.each<readonly [object]>([
    [timer()],
    [timer({ loops: '0000000', date: '20200301', time: '14:00', timezone_id: 'Asia/Shanghai' })],
    [timer({ timezone_id: 'UTC' })],
    [timer({ timezone_id: 'Asia/Kolkata', time: '00:00', loops: '1111111' })],
  ])('timer %j goes out as it was written', (written) => {
    expect(awaited(written)).toEqual({ ...written, order_num: 1 })
  })

  it.each<readonly [object, string]>([
    [
      timer({ time: '7:30' }),
      '/display/time time must be a time of 24 hours as HH:mm, got "7:30"; did you mean "07:30"?',
    ],
    [
      timer({ time: '07:30:00' }),
      '/display/time time must be a time of 24 hours as HH:mm, got "07:30:00"; did you mean "07:30"?',
    ],
    [
      timer({ time: '0730' }),
      '/display/time time must be a time of 24 hours as HH:mm, got "0730"; did you mean "07:30"?',
    ],
    [timer({ time: '24:00' }), '/display/time time must be a time of 24 hours as HH:mm, got "24:00".'],
    [
      timer({ date: '2026-03-01' }),
      '/display/date date must be a date as yyyyMMdd, got "2026-03-01"; did you mean "20260301"?',
    ],
    [timer({ date: '20260230' }), '/display/date date "20260230" is no day of the calendar.'],
    [
      timer({ date: undefined }),
      '/display/date date is missing: the day as yyyyMMdd; counts only with loops 0000000, but must be there.',
    ],
    [timer({ loops: '111' }), '/display/loops loops must be seven of 0 and 1, Sunday first, got "111".'],
    [
      timer({ loops: '0111112' }),
      '/display/loops loops must be seven of 0 and 1, Sunday first, got "0111112".',
    ],
    [
      timer({ timezone_id: 'Europe/Berln' }),
      '/display/timezone_id timezone_id must be the IANA name of a time zone, got "Europe/Berln"; did you mean "Europe/Berlin"?',
    ],
    [
      timer({ timezone_id: 'new york' }),
      '/display/timezone_id timezone_id must be the IANA name of a time zone, got "new york"; did you mean "America/New_York"?',
    ],
    [
      timer({ timezone_id: 'europe/berlin' }),
      '/display/timezone_id timezone_id must be the IANA name of a time zone, got "europe/berlin"; did you mean "Europe/Berlin"?',
    ],
    [
      timer({ timezone_id: '+08:00' }),
      '/display/timezone_id timezone_id must be the IANA name of a time zone, got "+08:00", such as "Europe/Berlin".',
    ],
    [timer({ at: 1 }), '/display/at There is no member "at"; there are date, time, loops and timezone_id.'],
    [
      { ...timer(), entity_id: 'tmer' },
      '/entity_id entity_id must be timer, got "tmer"; did you mean "timer"?',
    ],
  ])('%j is no timer', (written, message) => {
    const plain = JSON.parse(JSON.stringify(automation([written])))
    expect(told(automationFaults(plain))).toEqual([`/conditions/0${message}`])
  })
})

describe('a precondition', () => {
  const within = (...preconditions: object[]) => automation([external('a', '==', 'b')], { preconditions })

  it.each<readonly [object]>([
    [timeCheck()],
    [timeCheck({ start: '10:00', end: '12:00', loops: '0010000' })],
  ])('%j goes out as it was written', (written) => {
    expect(body(checkAutomation(within(written), context))).toMatchObject({ preconditions: [written] })
  })

  it('is left out where there is none', () => {
    expect(body(checkAutomation(within(), context))).not.toHaveProperty('preconditions')
  })

  it.each<readonly [object, string]>([
    [
      { ...timeCheck(), cond_type: 'timecheck' },
      '/cond_type cond_type must be timeCheck, got "timecheck"; did you mean "timeCheck"?',
    ],
    [
      timeCheck({ start: '9:00' }),
      '/display/start start must be a time of 24 hours as HH:mm, got "9:00"; did you mean "09:00"?',
    ],
    [timeCheck({ end: '25:00' }), '/display/end end must be a time of 24 hours as HH:mm, got "25:00".'],
    [
      timeCheck({ loops: 'daily' }),
      '/display/loops loops must be seven of 0 and 1, Sunday first, got "daily".',
    ],
    [
      timeCheck({ timezone_id: 'CEST!' }),
      '/display/timezone_id timezone_id must be the IANA name of a time zone, got "CEST!"',
    ],
    [
      { cond_type: 'timeCheck' },
      '/display display is missing: from start to end, both included; over midnight when start is the later one.',
    ],
  ])('%j is none', (written, message) => {
    expect(told(automationFaults(within(written)))[0]).toContain(`/preconditions/0${message}`)
  })
})

describe('the published schemas', () => {
  it.each([
    ['scene', sceneSchema, checkScene],
    ['automation', automationSchema, checkAutomation],
  ] as const)('%s is the one that is checked with, and its example fits the house', (name, schema, check) => {
    const file = new URL(`../../../../schemas/${name}.schema.json`, import.meta.url)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(schema)
    const [example] = schema['examples'] as readonly unknown[]
    expect(check(example, context).ok).toBe(true)
  })
})
