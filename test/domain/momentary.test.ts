import { expect, it } from 'vitest'
import {
  deviceEventKind,
  holdsMedia,
  isMomentary,
  momentaryData,
  momentaryKind,
} from '../../src/domain/momentary.ts'

it.each([
  'unlock_fingerprint',
  'unlock_app',
  'doorbell',
  'doorbell_pic',
  'hijack',
  'alarm_lock',
  'alarm_message',
  'switch_mode1',
  'switch_mode12',
  'switch1_value',
  'switch12_value',
  'switch_type_1',
  'scene_1',
  'scene_16',
  'feed_report',
  'ir_send',
  'ir_study_code',
  // conventions of the neighbours: an alarm button and a camera's pictures are pressed and taken, not held
  'sos',
  'sos_state',
  'movement_detect_pic',
])('%s is a press, a ring or an unlock', (code) => {
  expect(isMomentary(code)).toBe(true)
})

it.each([
  'smoke_sensor_status',
  'smoke_sensor_state',
  'gas_sensor_status',
  'watersensor_state',
  'pir',
  'presence_state',
  'doorcontact_state',
  'switch_1',
  'switch_2',
  'switch',
  'switch_led',
  'switch_mode',
  'switch_value',
  'switch_type_left',
  'scene_data',
  'scene_data_v2',
  'flash_scene_1',
  'alarm_lock_time',
  'automatic_lock',
  'lock_unlock_fingerprint',
  'hijacked',
  'irrigation',
  'dp_101',
  '',
])('%s is state', (code) => {
  expect(isMomentary(code)).toBe(false)
})

it.each([
  ['switch_mode1', 'button'],
  ['switch3_value', 'button'],
  ['switch_type_2', 'button'],
  ['scene_4', 'button'],
  ['doorbell_pic', 'doorbell'],
  ['unlock_card', 'unlock'],
  ['hijack', 'alarm'],
  ['alarm_lock', 'alarm'],
  ['alarm_message', 'alarm'],
  ['sos_state', 'alarm'],
  ['feed_report', 'momentary'],
  ['ir_send', 'momentary'],
  ['movement_detect_pic', 'momentary'],
  // wanted by the owner
  ['my_own_point', 'momentary'],
  // begin like an unlock and open nothing
  ['unlock_request', 'momentary'],
  ['unlock_method_create', 'momentary'],
  ['unlock_switch', 'momentary'],
])('%s is told as %s', (code, kind) => {
  expect(momentaryKind(code)).toBe(kind)
})

it.each([
  ['click', 'single'],
  ['single_click', 'single'],
  ['double_click', 'double'],
  ['press', 'long'],
  ['long_press', 'long'],
  ['rotate_left', 'rotate_left'],
  ['toString', 'toString'],
  [3, 3],
  [true, true],
  [null, null],
])('a button that says %j makes the gesture %j', (value, gesture) => {
  expect(momentaryData('switch_mode1', value)).toEqual({ code: 'switch_mode1', value, gesture })
})

it('an unlock has its method and the number on the lock, and no number that is none', () => {
  expect(momentaryData('unlock_fingerprint', 7)).toEqual({
    code: 'unlock_fingerprint',
    method: 'fingerprint',
    user: 7,
  })
  expect(momentaryData('unlock_ble', 'AQID')).toEqual({
    code: 'unlock_ble',
    method: 'ble',
    user: null,
    value: 'AQID',
  })
})

it.each(['doorbell', 'hijack', 'feed_report', 'unlock_request'])('%s is told with its value', (code) => {
  expect(momentaryData(code, 30)).toEqual({ code, value: 30 })
})

it.each([
  ['ac_doorbell', 'doorbell'],
  ['lock_alarm', 'alarm'],
  ['hijack', 'alarm'],
  ['sos', 'alarm'],
  ['feeding_done', 'momentary'],
  ['resos', 'momentary'],
])('the event %s of a device is told as %s', (code, kind) => {
  expect(deviceEventKind(code)).toBe(kind)
})

it('pictures and the keys to them are known by their codes', () => {
  expect(['movement_detect_pic', 'doorbell_pic', 'alarm_message'].every(holdsMedia)).toBe(true)
  expect(['doorbell', 'switch_mode1', 'alarm_lock'].some(holdsMedia)).toBe(false)
})
