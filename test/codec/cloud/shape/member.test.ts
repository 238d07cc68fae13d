import { expect, it } from 'vitest'
import { isRefused, understood } from '../../../support/answer.ts'

it('a member is read by either spelling of the name', () => {
  const wire = { uid: 'eu1', admin: true, country_code: '49', member_account: 'ki***@example.org' }
  const read = { uid: 'eu1', name: 'Kim', admin: true, countryCode: '49', account: 'ki***@example.org' }
  expect(understood('member-list', [{ ...wire, name: 'Kim' }])).toEqual([read])
  expect(understood('member-list', [{ ...wire, mame: 'Kim' }])).toEqual([read])
})

it('a member that nothing is known of is no administrator', () => {
  expect(understood('member-list', [{ uid: 'eu1', name: null }])).toEqual([
    { uid: 'eu1', name: '', admin: false, countryCode: null, account: null },
  ])
})

it('a member without an id is left out', () => {
  expect(understood('member-list', [{ name: 'Kim' }, { uid: 'eu2' }], 1)).toMatchObject([{ uid: 'eu2' }])
  expect(isRefused('member-list', { uid: 'eu1' })).toBe(true)
})
