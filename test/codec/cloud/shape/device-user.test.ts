import { expect, it } from 'vitest'
import { isRefused, understood } from '../../../support/answer.ts'

it('a person may have been born before 1970, and measures may come as text', () => {
  expect(
    understood('device-user-get', {
      device_id: 'bf1',
      nick_name: 'Kim',
      sex: '2',
      birthday: -86_400_000,
      height: '178',
      weight: 71_000,
      contact: 'kim@example.org',
    }),
  ).toEqual({
    deviceId: 'bf1',
    nickName: 'Kim',
    sex: 2,
    birthdayMs: -86_400_000,
    heightCm: 178,
    weightG: 71_000,
    contact: 'kim@example.org',
  })
})

it('what was never told is null', () => {
  expect(understood('device-user-list', [{ device_id: 'bf1' }])).toEqual([
    {
      deviceId: 'bf1',
      nickName: '',
      sex: null,
      birthdayMs: null,
      heightCm: null,
      weightG: null,
      contact: null,
    },
  ])
  expect(isRefused('device-user-get', {})).toBe(true)
})

it('the id of a new person may be a number', () => {
  expect(understood('device-user-add', 5_121_231)).toBe('5121231')
  expect(isRefused('device-user-add', { user_id: '1' })).toBe(true)
})
