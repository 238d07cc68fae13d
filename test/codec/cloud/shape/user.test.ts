import { expect, it } from 'vitest'
import { isRefused, understood } from '../../../support/answer.ts'

const wire = {
  uid: 'eu1',
  username: '49-kim@example.org',
  country_code: '49',
  mobile: '',
  email: 'kim@example.org',
  nick_name: 'Kim',
  avatar: '',
  create_time: 1_600_000_000,
  update_time: '1600000100',
  time_zone_id: 'Europe/Berlin',
  temp_unit: 1,
  user_properties: [{ code: 'a', value: 'b' }],
}

const read = {
  uid: 'eu1',
  username: '49-kim@example.org',
  nickName: 'Kim',
  countryCode: '49',
  mobile: null,
  email: 'kim@example.org',
  timeZone: 'Europe/Berlin',
  createdMs: 1_600_000_000_000,
  updatedMs: 1_600_000_100_000,
}

it('a user is read, with times in milliseconds', () => {
  expect(understood('user-info', wire)).toEqual(read)
  expect(isRefused('user-info', { ...wire, uid: undefined })).toBe(true)
})

it('a page of users says whether there are more', () => {
  expect(understood('user-list', { list: [wire], has_more: true, total: 7 })).toEqual({
    users: [read],
    hasMore: true,
  })
  expect(understood('user-list', { list: null })).toEqual({ users: [], hasMore: false })
})

it('a new user is its id', () => {
  expect(understood('user-sync', { uid: 'eu2' })).toBe('eu2')
  expect(isRefused('user-sync', {})).toBe(true)
})
