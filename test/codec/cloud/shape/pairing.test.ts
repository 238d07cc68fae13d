import { expect, it } from 'vitest'
import { isRefused, understood } from '../../../support/answer.ts'

it('a pairing token lives for so many seconds', () => {
  expect(
    understood('pairing-token-create', {
      region: 'EU',
      token: 'tok8',
      secret: 'sec4',
      expire_time: 100,
      extension: { uuid: 'x' },
    }),
  ).toEqual({ region: 'EU', token: 'tok8', secret: 'sec4', lifetimeMs: 100_000 })
  expect(isRefused('pairing-token-create', { region: 'EU' })).toBe(true)
})

it('progress tells who joined and who could not, and why', () => {
  expect(
    understood('pairing-token-devices', {
      successDevices: [{ id: 'bf1', name: 'Lamp', product_id: 'p' }, { device_id: 'bf2' }],
      errorDevices: [
        { device_id: 'bf3', name: 'Plug', code: 'TIMEOUT', msg: 'timed out' },
        { code: 1, name: 'Fan' },
      ],
    }),
  ).toEqual({
    joined: [
      { id: 'bf1', name: 'Lamp' },
      { id: 'bf2', name: '' },
    ],
    failed: [
      { id: 'bf3', name: 'Plug', reason: 'timed out' },
      { id: '', name: 'Fan', reason: '1' },
    ],
  })
  expect(understood('pairing-token-devices', {})).toEqual({ joined: [], failed: [] })
})
