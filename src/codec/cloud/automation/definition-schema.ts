import { sceneLimits } from '../../../domain/scene.ts'
import type { Schema } from '../schema.ts'

/**
 * JSON Schemas of what people write: the body of a scene or an automation in the platform's words. They hold what can
 * be said without knowing the house; `schemas/` publishes them.
 */

const dialect = 'https://json-schema.org/draft/2020-12/schema'

export const form = {
  notBlank: '\\S',
  url: '^https?://',
  time: '^([01]\\d|2[0-3]):[0-5]\\d$',
  loops: '^[01]{7}$',
  date: '^\\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\\d|3[01])$',
  upTo59: '^[0-5]?\\d$',
  upTo23: '^([01]?\\d|2[0-3])$',
} as const

/** What a text must be that has to match a pattern. */
export const formWords: Readonly<Record<string, string>> = {
  [form.notBlank]: 'a text that is not blank',
  [form.url]: 'the URL of a picture',
  [form.time]: 'a time of 24 hours as HH:mm',
  [form.loops]: 'seven of 0 and 1, Sunday first',
  [form.date]: 'a date as yyyyMMdd',
  [form.upTo59]: 'a whole number from 0 to 59',
  [form.upTo23]: 'a whole number from 0 to 23',
}

/** No pattern: a name in the place of an id gets a better answer from those who know the names. */
const id: Schema = { type: 'string', minLength: 1, maxLength: 64 }

const name: Schema = {
  title: 'Name',
  description: 'What people call it.',
  type: 'string',
  pattern: form.notBlank,
  maxLength: 255,
  examples: ['Good night'],
}

const background: Schema = {
  title: 'Background',
  description: 'URL of its picture; operation scene-default-pictures lists some.',
  type: 'string',
  pattern: form.url,
  maxLength: 1024,
  examples: ['https://images.tuyaeu.com/smart/rule/cover/bedroom.png'],
}

const loops: Schema = {
  title: 'Loops',
  description:
    'The days of the week, Sunday first: 1 counts, 0 does not. 0000000 is once, or every day for a window.',
  type: 'string',
  pattern: form.loops,
  examples: ['0111110'],
}

const timeZone: Schema = {
  title: 'Time zone',
  description: 'IANA name of the time zone.',
  type: 'string',
  minLength: 1,
  maxLength: 64,
  examples: ['Europe/Berlin'],
}

const time = (title: string, description: string, example: string): Schema => ({
  title,
  description,
  type: 'string',
  pattern: form.time,
  examples: [example],
})

/** A condition on members of the same object: when it has this value, that must fit as well. */
const when = (member: string, values: readonly unknown[], then: Schema): Schema => ({
  if: { type: 'object', required: [member], properties: { [member]: { enum: values } } },
  // biome-ignore lint/suspicious/noThenProperty: the word of JSON Schema
  then: { type: 'object', ...then },
})

const noProperty: Schema = { executor_property: { type: 'object', maxProperties: 0 } }

const delayPart = (title: string, pattern: string, maximum: number): Schema => ({
  title,
  type: ['string', 'integer'],
  pattern,
  minimum: 0,
  maximum,
  default: '0',
  examples: ['5'],
})

const delay: Schema = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    hours: delayPart('Hours', form.upTo23, 23),
    minutes: delayPart('Minutes', form.upTo59, 59),
    seconds: delayPart('Seconds', form.upTo59, 59),
  },
}

const executorTexts: Readonly<Record<string, string>> = {
  dpIssue: 'write to a device',
  device_group_issue: 'write to a group of devices',
  delay: 'hold back what follows',
  ruleEnable: 'switch an automation on',
  ruleDisable: 'switch an automation off',
  ruleTrigger: 'run a scene',
  externalAction: 'tell the world outside',
}

const inBoth = ['dpIssue', 'device_group_issue', 'delay', 'ruleEnable', 'ruleDisable']
const inAutomations = [...inBoth, 'ruleTrigger', 'externalAction']

const actions = (executors: readonly string[]): Schema => ({
  title: 'Actions',
  description: 'What it does, one after the other.',
  type: 'array',
  minItems: 1,
  maxItems: sceneLimits.actions,
  examples: [
    [
      {
        action_executor: 'dpIssue',
        entity_id: 'bf3c9a7d41e0b2f6aaw1vn',
        executor_property: { switch_led: true },
      },
    ],
  ],
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['action_executor'],
    properties: {
      action_executor: {
        title: 'Executor',
        description: executors.map((executor) => `${executor}: ${executorTexts[executor]}`).join('; '),
        enum: executors,
        examples: ['dpIssue'],
      },
      entity_id: { title: 'Entity', description: 'The device, automation or scene that it is about.', ...id },
      executor_property: {
        title: 'Property',
        description:
          'dpIssue: code to raw value; delay: hours, minutes, seconds; externalAction: any object.',
        type: 'object',
        examples: [{ switch_led: true }],
      },
    },
    allOf: [
      when('action_executor', ['dpIssue', 'device_group_issue'], {
        required: ['entity_id', 'executor_property'],
        properties: { executor_property: { type: 'object', minProperties: 1 } },
      }),
      when('action_executor', ['delay'], {
        required: ['executor_property'],
        properties: { executor_property: delay },
      }),
      when('action_executor', ['ruleEnable', 'ruleDisable', 'ruleTrigger'], {
        required: ['entity_id'],
        properties: noProperty,
      }),
      when('action_executor', ['externalAction'], { required: ['executor_property'] }),
    ],
  },
})

const comparison: Schema = {
  type: 'object',
  additionalProperties: false,
  required: ['code', 'operator', 'value'],
  properties: {
    code: {
      title: 'Code',
      description: 'Code of the data point, the weather or the external condition.',
      type: 'string',
      minLength: 1,
      maxLength: 128,
      examples: ['switch_led'],
    },
    operator: {
      title: 'Operator',
      description: 'Whole numbers take all three, all else ==.',
      enum: ['<', '==', '>'],
      default: '==',
      examples: ['=='],
    },
    value: {
      title: 'Value',
      description: 'What it is compared with; numbers in device units.',
      type: ['string', 'number', 'boolean'],
      minLength: 1,
      examples: [true],
    },
  },
}

const timer: Schema = {
  type: 'object',
  additionalProperties: false,
  required: ['date', 'time', 'loops', 'timezone_id'],
  properties: {
    date: {
      title: 'Date',
      description: 'The day as yyyyMMdd; counts only with loops 0000000, but must be there.',
      type: 'string',
      pattern: form.date,
      examples: ['20260301'],
    },
    time: time('Time', 'When it fires, HH:mm of 24 hours.', '07:30'),
    loops,
    timezone_id: timeZone,
  },
}

const conditions: Schema = {
  title: 'Conditions',
  description: 'What it waits for.',
  type: 'array',
  minItems: 1,
  maxItems: sceneLimits.conditions,
  examples: [
    [
      {
        entity_type: 1,
        entity_id: 'bf3c9a7d41e0b2f6aaw1vn',
        order_num: 1,
        display: { code: 'switch_led', operator: '==', value: true },
      },
    ],
  ],
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['entity_type', 'order_num', 'display'],
    properties: {
      entity_type: {
        title: 'Kind',
        description: '1 device, 3 weather, 6 timer, 15 external condition.',
        enum: [1, 3, 6, 15],
        examples: [1],
      },
      entity_id: {
        title: 'Entity',
        description: 'Device id, city id or the word timer; the platform gives external conditions theirs.',
        ...id,
      },
      order_num: {
        title: 'Number',
        description: 'The number by which condition_rule names it: from 1, each once.',
        type: 'integer',
        minimum: 1,
        maximum: 99,
        examples: [1],
      },
      display: { title: 'Display', description: 'What must hold.', type: 'object' },
    },
    allOf: [
      when('entity_type', [1, 3], { required: ['entity_id'], properties: { display: comparison } }),
      when('entity_type', [6], { properties: { entity_id: { enum: ['timer'] }, display: timer } }),
      when('entity_type', [15], { properties: { display: comparison } }),
    ],
  },
}

const preconditions: Schema = {
  title: 'Preconditions',
  description: 'Windows of time outside of which nothing happens.',
  type: 'array',
  maxItems: sceneLimits.conditions,
  default: [],
  examples: [
    [
      {
        cond_type: 'timeCheck',
        display: { start: '22:00', end: '06:00', loops: '0000000', timezone_id: 'Europe/Berlin' },
      },
    ],
  ],
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['cond_type', 'display'],
    properties: {
      cond_type: { title: 'Kind', enum: ['timeCheck'], default: 'timeCheck', examples: ['timeCheck'] },
      display: {
        title: 'Window',
        description: 'From start to end, both included; over midnight when start is the later one.',
        type: 'object',
        additionalProperties: false,
        required: ['start', 'end', 'loops', 'timezone_id'],
        properties: {
          start: time('Start', 'First minute, HH:mm of 24 hours.', '22:00'),
          end: time('End', 'Last minute, HH:mm of 24 hours.', '06:00'),
          loops,
          timezone_id: timeZone,
        },
      },
    },
  },
}

export const sceneSchema: Schema = {
  $schema: dialect,
  $id: 'urn:dp2mqtt:scene:1',
  title: 'Scene',
  description: 'A scene as operations scene-create and scene-update take it, beside home_id and scene_id.',
  type: 'object',
  additionalProperties: false,
  required: ['name', 'background', 'actions'],
  properties: { name, background, actions: actions(inBoth) },
  examples: [
    {
      name: 'Good night',
      background: 'https://images.tuyaeu.com/smart/rule/cover/bedroom.png',
      actions: [
        {
          action_executor: 'dpIssue',
          entity_id: 'bf3c9a7d41e0b2f6aaw1vn',
          executor_property: { switch_led: false },
        },
        { action_executor: 'delay', executor_property: { hours: '0', minutes: '0', seconds: '5' } },
        { action_executor: 'ruleEnable', entity_id: 'p2aWOkEOe2RzATHL' },
      ],
    },
  ],
}

export const automationSchema: Schema = {
  $schema: dialect,
  $id: 'urn:dp2mqtt:automation:1',
  title: 'Automation',
  description: 'An automation as operations automation-create and automation-update take it, beside its ids.',
  type: 'object',
  additionalProperties: false,
  required: ['name', 'background', 'conditions', 'actions', 'match_type'],
  properties: {
    name: { ...name, examples: ['Bedtime'] },
    background,
    match_type: {
      title: 'Match',
      description: '1: any condition suffices; 2: all must hold; 3: condition_rule decides.',
      enum: [1, 2, 3],
      default: 1,
      examples: [1],
    },
    condition_rule: {
      title: 'Rule',
      description:
        'For match_type 3: numbers of conditions with && and ||, && binds tighter, and parentheses.',
      type: 'string',
      maxLength: 1000,
      examples: ['1&&2||3'],
    },
    conditions,
    preconditions,
    actions: actions(inAutomations),
  },
  examples: [
    {
      name: 'Bedtime',
      background: 'https://images.tuyaeu.com/smart/rule/cover/bedroom.png',
      match_type: 3,
      condition_rule: '1||2&&3',
      conditions: [
        { entity_type: 15, order_num: 1, display: { code: 'bedtime', operator: '==', value: 'true' } },
        {
          entity_type: 6,
          entity_id: 'timer',
          order_num: 2,
          display: { date: '20260301', time: '22:30', loops: '0111110', timezone_id: 'Europe/Berlin' },
        },
        {
          entity_type: 1,
          entity_id: 'bf3c9a7d41e0b2f6aaw1vn',
          order_num: 3,
          display: { code: 'switch_led', operator: '==', value: true },
        },
      ],
      preconditions: [
        {
          cond_type: 'timeCheck',
          display: { start: '20:00', end: '04:00', loops: '0000000', timezone_id: 'Europe/Berlin' },
        },
      ],
      actions: [
        { action_executor: 'ruleTrigger', entity_id: '53IYSXI3gEn2w3Oc' },
        { action_executor: 'externalAction', executor_property: { action: 'goodnight', level: 3 } },
      ],
    },
  ],
}
