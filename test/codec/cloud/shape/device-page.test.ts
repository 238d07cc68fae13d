import { expect, it } from 'vitest'
import type { DevicePage } from '../../../../src/codec/cloud/shape/device-page.ts'
import { isRefused, understood } from '../../../support/answer.ts'

const ids = (page: unknown) => (page as DevicePage).devices.map(({ device }) => device.id)

it.each([
  ['device-list', 'devices'],
  ['device-list-v2', 'devices'],
  ['associated-devices', 'devices'],
  ['iot03-devices', 'list'],
  ['iot03-device-list', 'list'],
])('%s has its devices in "%s"', (operation, member) => {
  const page = { [member]: [{ id: 'bf1', name: 'Lamp' }, { id: 'bf2' }], total: 2 }
  expect(ids(understood(operation, page))).toEqual(['bf1', 'bf2'])
  expect(understood(operation, page)).toHaveProperty('next', undefined)
})

it('a page says how the next one is asked, and the last one does not', () => {
  const page = (more: object) => (understood('device-list-v2', { devices: [], ...more }) as DevicePage).next
  expect(page({ has_more: true, last_row_key: 'k1' })).toBe('k1')
  expect(page({ has_more: false, last_row_key: 'k1' })).toBeUndefined()
  expect(page({ has_more: true, last_row_key: '' })).toBeUndefined()
  expect(page({ last_row_key: 'k1', last_id: 'bf2' })).toBeUndefined()
})

it('an empty page may lack its list', () => {
  for (const page of [{}, { devices: null }, { list: [], total: '0' }])
    expect(ids(understood('device-list', page))).toEqual([])
  expect(isRefused('device-list', [])).toBe(true)
})

it('a device without its values has no status, which is not the same as an empty one', () => {
  const [read] = (understood('iot03-device-list', { list: [{ id: 'bf1' }] }) as DevicePage).devices
  expect(read?.status).toBeUndefined()
})
