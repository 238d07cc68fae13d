import type { AnyOperation, Param } from '../../src/codec/cloud/operation.ts'

/** What stands for a parameter in the examples of the reference page; the demo's house where it has such a thing. */
const values: Readonly<Record<string, unknown>> = {
  $root: [{ entity_id: '5f1d2c3b4a59687746352413021a0b0c', display: { code: 'bedtime', value: 'true' } }],
  actions: [
    {
      action_executor: 'dpIssue',
      entity_id: 'bf3c9a7d41e0b2f6aaw1vn',
      executor_property: { switch_led: false },
    },
  ],
  admin: true,
  app_schema: 'smartlife',
  automation_id: 'p2aWOkEOe2RzATHL',
  background: 'https://images.tuyaeu.com/smart/rule/cover/starry.png',
  bucket: 'ty-eu-storage',
  category: 'dj',
  codes: 'switch_led,bright_value_v2',
  commands: [{ code: 'switch_led', value: true }],
  conditions: [
    {
      entity_type: 1,
      entity_id: 'bf3c9a7d41e0b2f6aaw1vn',
      order_num: 1,
      display: { code: 'switch_led', operator: '==', value: true },
    },
  ],
  device_id: 'bf3c9a7d41e0b2f6aaw1vn',
  device_ids: 'bf3c9a7d41e0b2f6aaw1vn,bf5b8310dfe2a947c3jy2h',
  end_time: 1795295542000,
  event_types: '1,2',
  file_path: '/lock/1795295542.jpg',
  function_code: 'switch_led',
  home: { name: 'Cottage' },
  home_id: 3182004,
  identifier: 'switch_1',
  member: { country_code: '49', member_account: 'kim@example.org', admin: false, name: 'Kim' },
  name: 'Kitchen',
  nick_name: 'Kim',
  paring_type: 'EZ',
  properties: '{"switch_led":true}',
  room_id: 1408001,
  scene_id: '53IYSXI3gEn2w3Oc',
  schema: 'smartlife',
  start_time: 1795209142000,
  time_zone_id: 'Europe/Berlin',
  token: 'AKxG7Mps',
  type: '1,2,5,7',
  uid: 'eu1528964101460qLVPu',
  user_id: '5121231',
}

const sceneKey = { device_id: 'bf96e3a4d0c7b8f152le5u', code: 'switch_mode1', value: 'click' }

/** Where another thing of the house makes a better example. */
const particular: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'device-scene-bind': sceneKey,
  'device-scene-unbind': sceneKey,
  'stat-total': { device_id: 'bf5b8310dfe2a947c3jy2h', code: 'add_ele' },
}

/** The parameters of an example: all that have to be there. */
export function exampleParams(operation: AnyOperation): Record<string, unknown> {
  const required = Object.entries(operation.params).filter(([, param]) => param.required)
  const given = { ...values, ...particular[operation.id] }
  return Object.fromEntries(required.map(([name, param]) => [name, exampleOf(name, param, given)]))
}

function exampleOf(
  name: string,
  { type, least, choices }: Param,
  values: Readonly<Record<string, unknown>>,
): unknown {
  const value = values[name]
  if (type === 'array<string>') return String(value).split(',')
  if (choices) return choices[0]
  if (value !== undefined) return value
  if (type === 'string') throw new Error(`The reference page has no example of the parameter ${name}.`)
  return least ?? 1
}
