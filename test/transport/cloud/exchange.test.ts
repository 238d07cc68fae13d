import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deviceCommands } from '../../../src/codec/cloud/operation/device-commands.ts'
import { tokenRefresh } from '../../../src/codec/cloud/operation/token-refresh.ts'
import { userDevices } from '../../../src/codec/cloud/operation/user-devices.ts'
import { canonicalUrl, sign } from '../../../src/codec/cloud/sign.ts'
import { exchangeSigned } from '../../../src/transport/cloud/exchange.ts'
import type { HttpReply, HttpRequest } from '../../../src/transport/cloud/http.ts'
import { CloudError, type CloudFaultKind, type CloudRequest } from '../../../src/transport/cloud/layer.ts'
import { ServerClock } from '../../../src/transport/cloud/server-clock.ts'
import { BridgeError } from '../../../src/util/error.ts'
import { Secret } from '../../../src/util/secret.ts'
import { anyOperation, requestOf } from '../../support/cloud-request.ts'
import { refusal, reply, success } from '../../support/scripted-exchange.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const secret = '0123456789abcdef0123456789abcdef'
const clientId = 'p1a2c3e4g5i6k7m8o9q0'
const start = 1_700_000_000_000

function exchange(answer: HttpReply, changes: Partial<CloudRequest> = {}) {
  const clock = new VirtualClock(start)
  const serverClock = new ServerClock(clock)
  const sent: HttpRequest[] = []
  const http = {
    exchange: async (request: HttpRequest) => {
      sent.push(request)
      return answer
    },
    [Symbol.asyncDispose]: async () => {},
  }
  const credentials = { endpoint: 'https://cloud.test', accessId: clientId, accessSecret: new Secret(secret) }
  const result = exchangeSigned(
    { credentials, http, serverClock, clock, nonce: () => 'a-nonce' },
    requestOf({ accessToken: new Secret('the-token'), ...changes }),
  )
  return { result, sent, clock, serverClock }
}

async function failure(answer: HttpReply): Promise<CloudError> {
  const thrown = await exchange(answer).result.catch((error: unknown) => error)
  expect(thrown).toBeInstanceOf(CloudError)
  return thrown as CloudError
}

describe('what goes out', () => {
  it('a business call carries the token and the signature over it', async () => {
    const { result, sent } = exchange(success([]), {
      operation: anyOperation(userDevices),
      args: { uid: 'u1', page_size: 50, from: 'home & sharing' },
    })
    await result
    const url = canonicalUrl('/v1.0/users/u1/devices', { page_size: '50', from: 'home & sharing' })
    expect(sent[0]).toMatchObject({
      method: 'GET',
      url: 'https://cloud.test/v1.0/users/u1/devices?from=home%20%26%20sharing&page_size=50',
      body: undefined,
      headers: {
        client_id: clientId,
        t: String(start),
        sign_method: 'HMAC-SHA256',
        nonce: 'a-nonce',
        access_token: 'the-token',
        sign: sign({
          clientId,
          secret,
          method: 'GET',
          url,
          t: String(start),
          nonce: 'a-nonce',
          accessToken: 'the-token',
        }),
      },
    })
  })

  it('a token call neither carries nor signs a token', async () => {
    const { result, sent } = exchange(success({}), {
      operation: anyOperation(tokenRefresh),
      args: { refresh_token: 'r1' },
    })
    await result
    const { headers } = sent[0] as HttpRequest
    expect(headers).not.toHaveProperty('access_token')
    const url = '/v1.0/token/r1'
    expect(headers['sign']).toBe(
      sign({ clientId, secret, method: 'GET', url, t: String(start), nonce: 'a-nonce' }),
    )
  })

  it('a body is signed as the bytes that are sent', async () => {
    const commands = [{ code: 'name', value: 'Küche' }]
    const { result, sent } = exchange(success(true), {
      operation: anyOperation(deviceCommands),
      args: { device_id: 'bf1', commands },
      priority: 'command',
    })
    await result
    const body = JSON.stringify({ commands })
    expect(sent[0]).toMatchObject({ method: 'POST', body })
    expect(sent[0]?.headers['content-type']).toBe('application/json')
    expect(sent[0]?.headers['sign']).toBe(
      sign({
        clientId,
        secret,
        method: 'POST',
        url: '/v1.0/devices/bf1/commands',
        body,
        t: String(start),
        nonce: 'a-nonce',
        accessToken: 'the-token',
      }),
    )
  })

  it('R-C1: a whole call has 15 s, one that a command waits for 8 s', async () => {
    const limits = (['token', 'command', 'reconcile', 'discovery'] as const).map(
      (priority) => exchange(success([]), { priority }).sent[0]?.timeoutMs,
    )
    expect(limits).toEqual([15_000, 8_000, 15_000, 15_000])
  })

  it('the time of a call is the cloud’s', async () => {
    const { result, serverClock, clock } = exchange(success([], start + 600_000))
    await result
    expect(serverClock.now()).toBe(clock.now() + 600_000)
  })
})

describe('what comes back', () => {
  it('success gives the result alone', async () => {
    await expect(exchange(success([{ code: 'a' }])).result).resolves.toEqual({ result: [{ code: 'a' }] })
  })

  it.each<[number, CloudFaultKind, 'refused' | 'unknown']>([
    [500, 'transient', 'unknown'],
    [1010, 'auth', 'refused'],
    [1013, 'clock', 'refused'],
    [1004, 'config', 'refused'],
    [28841004, 'quota', 'refused'],
    [28841105, 'permission', 'refused'],
    [1103, 'undelivered', 'refused'],
    [1199, 'throttled', 'refused'],
    [2001, 'device-offline', 'refused'],
    [2008, 'unsupported', 'refused'],
  ])('code %i is %s, outcome %s', async (code, kind, outcome) => {
    const error = await failure(refusal(code))
    expect(error).toMatchObject({ kind, outcome, tuya: { code, msg: 'refused by the test' } })
    expect(error.message).toContain(String(code))
  })

  it('refusals teach the time as well', async () => {
    const { result, serverClock, clock } = exchange(refusal(1013, start - 3_600_000))
    await expect(result).rejects.toMatchObject({ kind: 'clock' })
    expect(serverClock.now()).toBe(clock.now() - 3_600_000)
  })

  it.each([500, 502, 503, 504])('HTTP %i is trouble of the cloud, whatever its body says', async (status) => {
    expect(await failure(reply({ success: true, result: [] }, status))).toMatchObject({
      kind: 'transient',
      outcome: 'unknown',
    })
  })

  it.each([301, 302, 307, 308])('HTTP %i is an error that names the redirect', async (status) => {
    const error = await failure(reply('', status))
    expect(error).toMatchObject({ kind: 'transient', outcome: 'unknown' })
    expect(error.message).toContain('redirect')
  })

  it.each([
    ['30', 30_000],
    ['0', 0],
    [' 5 ', 5_000],
    [new Date(start + 45_000).toUTCString(), 45_000],
    [new Date(start - 45_000).toUTCString(), 0],
    ['86400', 3_600_000],
    [undefined, undefined],
    ['', undefined],
    ['soon', undefined],
    ['-5', undefined],
    ['1e9', undefined],
    ['May 30', undefined],
  ])('429 with Retry-After "%s" asks for %s ms', async (header, ms) => {
    const error = await failure({ ...reply('', 429), retryAfter: header })
    expect(error).toMatchObject({ kind: 'throttled', outcome: 'refused', code: 'cloud/throttled' })
    expect(error.retryAfterMs).toBe(ms)
  })

  it.each([
    ['nothing', ''],
    ['HTML', '<html>maintenance</html>'],
    ['half an answer', '{"success":tr'],
    ['a bare list', '[]'],
    ['an answer without success', '{"result":[]}'],
    ['success in words', '{"success":"true","result":[]}'],
    ['a number beyond a double', '{"success":true,"result":1e999}'],
    ['a poisoned member', '{"success":true,"result":{"__proto__":{"admin":true}}}'],
    ['a deep one', `{"success":true,"result":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
  ])('%s is trouble of the cloud, and a command may have happened', async (_what, text) => {
    expect(await failure(reply(text))).toMatchObject({ kind: 'transient', outcome: 'unknown' })
  })

  it('no message holds more of an answer than a line', async () => {
    const { message } = await failure(reply({ success: false, code: 9_999, msg: 'x'.repeat(100_000) }))
    expect(message.length).toBeLessThan(500)
  })

  it('any bytes at all end in a result or a typed error (property)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 100, max: 599 }),
        async (body, status) => {
          const outcome = await exchange({ status, retryAfter: undefined, body }).result.catch(
            (error: unknown) => error,
          )
          if (outcome instanceof Error) expect(outcome).toBeInstanceOf(BridgeError)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
