import { expect, it } from 'vitest'
import { BridgeError, isAbort, toBridgeError } from '../../src/util/error.ts'

it('a failure may be tried again only where it says so', () => {
  expect(new BridgeError('command/read-only', 'No.').retry).toBe('never')
  expect(new BridgeError('cloud/throttled', 'Later.', { retry: 'later' }).retry).toBe('later')
})

it('keeps details, the cloud’s own words and the cause', () => {
  const cause = new Error('socket closed')
  const tuya = { code: 1106, msg: 'permission deny', tid: 'ab' }
  const error = new BridgeError('cloud/permission', 'No.', { details: [{ dp: 'switch' }], tuya, cause })
  expect(error).toMatchObject({ details: [{ dp: 'switch' }], tuya, cause })
})

it('its own errors pass unchanged, everything else thrown is a defect of ours', () => {
  const ours = new BridgeError('command/busy', 'Busy.')
  expect(toBridgeError(ours)).toBe(ours)
  const defect = new TypeError('x is not a function')
  expect(toBridgeError(defect)).toMatchObject({
    code: 'bridge/internal',
    message: 'x is not a function',
    cause: defect,
  })
  for (const thrown of ['words', 7, null, undefined]) {
    expect(toBridgeError(thrown)).toMatchObject({ code: 'bridge/internal', message: String(thrown) })
  }
})

it('tells a cancellation from a failure', () => {
  expect(isAbort(AbortSignal.abort().reason)).toBe(true)
  expect(isAbort(new DOMException('late', 'TimeoutError'))).toBe(true)
  expect(isAbort(new Error('AbortError'))).toBe(false)
  expect(isAbort('AbortError')).toBe(false)
})
