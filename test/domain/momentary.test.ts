import { expect, it } from 'vitest'
import { isMomentary } from '../../src/domain/momentary.ts'

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
