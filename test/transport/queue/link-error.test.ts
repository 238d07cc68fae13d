import { expect, it } from 'vitest'
import { refusal, socketError } from '../../../src/transport/queue/link-error.ts'

it.each([
  [400, 'refused'],
  [401, 'credentials'],
  [403, 'permission'],
  [404, 'refused'],
  [409, 'refused'],
  [418, 'refused'],
  [429, 'throttled'],
  [500, 'unavailable'],
  [504, 'unavailable'],
  [200, 'protocol'],
  [302, 'protocol'],
] as const)('the answer %i to the handshake is told as %s', (status, end) => {
  expect(refusal(status, undefined)).toMatchObject({
    end,
    status,
    code: `queue/${end}`,
    retry: end === 'credentials' ? 'after-login' : 'later',
  })
})

it('how long to wait is read when it is a plain number', () => {
  expect(refusal(429, '7').retryAfterMs).toBe(7_000)
  for (const other of ['', '-1', '1e9', '9999999', 'Wed, 21 Oct 2026 07:28:00 GMT', undefined])
    expect(refusal(429, other).retryAfterMs, String(other)).toBeNull()
})

it.each([
  ['ECONNREFUSED', false, 'unreachable'],
  ['ENOTFOUND', false, 'unreachable'],
  ['ECONNRESET', false, 'unreachable'],
  ['ECONNRESET', true, 'closed'],
  ['EPIPE', true, 'closed'],
  ['ETIMEDOUT', false, 'timeout'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', false, 'certificate'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', false, 'certificate'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', false, 'certificate'],
  ['CERT_HAS_EXPIRED', false, 'certificate'],
  ['HPE_INVALID_CONSTANT', false, 'protocol'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', false, 'protocol'],
  ['WS_ERR_INVALID_OPCODE', true, 'protocol'],
  ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', true, 'too-large'],
  [undefined, false, 'protocol'],
] as const)('%s (stood: %s) is told as %s', (code, stood, end) => {
  expect(socketError(Object.assign(new Error('x'), { code }), stood).end).toBe(end)
})
