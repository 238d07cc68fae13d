import { describe, expect, it } from 'vitest'
import { signLegacy } from '../../../src/codec/cloud/sign.ts'
import { findRoute } from '../../../src/simulator/cloud/route.ts'
import { demoWorld } from '../../../src/simulator/world-file.ts'
import { type CallOptions, CloudCaller, envelopeOf } from '../../support/cloud-caller.ts'
import { vector } from '../../support/vector.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const lampPath = `/v1.0/devices/${lamp}`

describe('the order of checks', () => {
  /** Each call is wrong in this and in everything that is checked later; the first fault answers. */
  const later: CallOptions = { token: 'no-token', aheadMs: 3_600_000, headers: { sign: 'wrong' } }

  it('1108: an unknown path or method comes first', async () => {
    const caller = new CloudCaller()
    const bare = { headers: { client_id: undefined, sign: undefined, t: undefined } }
    expect(await caller.code('GET', '/v1.0/nothing', bare)).toBe(1108)
    expect(await caller.code('PATCH', lampPath, bare)).toBe(1108)
    expect(await caller.code('POST', '/v1.0/token', bare)).toBe(1108)
    expect(await caller.code('GET', '/v1.0/devices/', bare)).toBe(1108)
    expect(await caller.code('GET', `${lampPath}/status/more`, bare)).toBe(1108)
  })

  it.each(['client_id', 'sign', 'sign_method', 't'])('1105: then the header %s', async (name) => {
    const caller = new CloudCaller()
    const wrong = { client_id: 'nobody', sign: 'wrong', t: '1', [name]: undefined }
    expect(await caller.code('GET', lampPath, { ...later, headers: wrong })).toBe(1105)
    expect(await caller.code('GET', lampPath, { ...later, headers: { ...wrong, [name]: '' } })).toBe(1105)
  })

  it('1005: then the project', async () => {
    const caller = new CloudCaller()
    expect(
      await caller.code('GET', lampPath, { ...later, headers: { client_id: 'nobody', sign: 'x' } }),
    ).toBe(1005)
  })

  it('1013: then the clock, five minutes either way', async () => {
    const caller = new CloudCaller()
    expect(await caller.code('GET', lampPath, later)).toBe(1013)
    for (const [aheadMs, code] of [
      [300_000, undefined],
      [300_001, 1013],
      [-300_000, undefined],
      [-300_001, 1013],
    ] as const) {
      expect(await caller.code('GET', lampPath, { aheadMs }), `${aheadMs} ms`).toBe(code)
    }
    for (const t of ['1700000000', 'now', '17000000000000', '-1700000000000']) {
      expect(await caller.code('GET', lampPath, { headers: { t } }), t).toBe(1013)
    }
  })

  it('1004: then the signature', async () => {
    const caller = new CloudCaller()
    expect(await caller.code('GET', lampPath, { token: 'no-token', headers: { sign: 'wrong' } })).toBe(1004)
  })

  it('1002 and 1010: then the token, missing or dead', async () => {
    const caller = new CloudCaller({ faults: ['quota=0', 'throttle=0'] })
    expect(await caller.code('GET', lampPath, { token: '' })).toBe(1002)
    expect(await caller.code('GET', lampPath, { token: 'no-token' })).toBe(1010)
    const token = caller.token()
    caller.simulator.cloud.tokens.expire()
    expect(await caller.code('GET', lampPath, { token })).toBe(1010)
  })

  it('1199, then quota, plan and authorisation of the project', async () => {
    const caller = new CloudCaller({
      faults: ['throttle=0', 'quota=0', 'plan-expired', 'not-authorised=device', 'error=*:500'],
    })
    const { faults } = caller.simulator
    const code = () => caller.code('GET', '/v1.0/devices/nobodys/status')
    expect(await code()).toBe(1199)
    faults.clear('throttle')
    await caller.clock.advance(1_000)
    expect(await code()).toBe(28841004)
    faults.clear('quota')
    expect(await code()).toBe(28841002)
    faults.clear('plan-expired')
    expect(await code()).toBe(28841105)
  })

  it('1109 and 1100: then the body and the parameters', async () => {
    const caller = new CloudCaller()
    const post = (body: unknown) => caller.code('POST', '/v1.0/devices/nobodys/commands', { body })
    expect(await post('{"commands":')).toBe(1109)
    for (const body of [undefined, '', {}, [], 'null', '7', { commands: '' }])
      expect(await post(body)).toBe(1100)
    expect(await caller.code('GET', '/v1.0/token')).toBe(1100)
    expect(await caller.code('GET', '/v1.0/devices/status')).toBe(1100)
  })

  it('1106: then whose it is', async () => {
    const caller = new CloudCaller()
    const commands = (list: unknown) =>
      caller.code('POST', '/v1.0/devices/nobodys/commands', { body: { commands: list } })
    expect(await commands('no list')).toBe(1109)
    expect(await commands([{ code: 'nothing', value: 1 }])).toBe(1106)
  })

  it('and last the operation itself', async () => {
    const caller = new CloudCaller()
    expect(await caller.code('POST', `${lampPath}/commands`, { body: { commands: 'no list' } })).toBe(1109)
    expect(
      await caller.code('POST', `${lampPath}/commands`, {
        body: { commands: [{ code: 'nothing', value: 1 }] },
      }),
    ).toBe(2008)
  })

  it('HTTP says 200 whatever the envelope says, and a failure has no result', async () => {
    const caller = new CloudCaller()
    for (const request of [caller.request('GET', '/nothing'), caller.request('GET', lampPath, later)]) {
      const answer = await caller.answer(request)
      expect(answer.status).toBe(200)
      expect(envelopeOf(answer)).toEqual({
        success: false,
        code: expect.any(Number),
        msg: expect.any(String),
        t: caller.clock.now(),
        tid: expect.stringMatching(/^[0-9a-f]{32}$/),
      })
    }
  })

  it('a defect inside is 500 like any other trouble of the platform', async () => {
    const caller = new CloudCaller()
    caller.simulator.world.device(lamp).status.set('switch_led', 10n)
    expect(await caller.code('GET', lampPath)).toBe(500)
  })
})

describe('the signature', () => {
  it('covers the bytes of the body, also {} on a GET', async () => {
    const caller = new CloudCaller()
    expect((await caller.call('GET', lampPath, { body: '{}' })).success).toBe(true)
    const signed = caller.request('GET', lampPath, { token: caller.token() })
    expect((await caller.send({ ...signed, body: Buffer.from('{}') })).code).toBe(1004)
  })

  it('fails for a body that was written anew after signing', async () => {
    const caller = new CloudCaller()
    const options = { token: caller.token(), body: '{"commands": [{"code":"switch_led","value":true}]}' }
    const signed = caller.request('POST', `${lampPath}/commands`, options)
    expect((await caller.send(signed)).success).toBe(true)
    const compact = Buffer.from('{"commands":[{"code":"switch_led","value":true}]}')
    expect((await caller.send({ ...signed, body: compact })).code).toBe(1004)
  })

  it('covers the decoded query: + and %20 both are spaces', async () => {
    const caller = new CloudCaller()
    const path = '/v2.0/cloud/thing/bf3c9a7d41e0b2f6aaw1vn/shadow/properties'
    const signed = caller.request('GET', path, { token: caller.token(), query: { codes: 'a b,c' } })
    expect(signed.target).toBe(`${path}?codes=a%20b%2Cc`)
    for (const target of [signed.target, `${path}?codes=a+b,c`, `${path}?codes=a+b%2cc`]) {
      expect((await caller.send({ ...signed, target })).success, target).toBe(true)
    }
    expect((await caller.send({ ...signed, target: `${path}?codes=a%2Bb,c` })).code).toBe(1004)
  })

  it('does not depend on the order of the query', async () => {
    const caller = new CloudCaller()
    const path = '/v1.0/iot-01/associated-users/devices'
    const query = { size: '5', last_row_key: lamp }
    const signed = caller.request('GET', path, { token: caller.token(), query })
    for (const target of [`${path}?size=5&last_row_key=${lamp}`, `${path}?last_row_key=${lamp}&size=5`]) {
      expect((await caller.send({ ...signed, target })).success).toBe(true)
    }
  })

  it('covers a nonce and the headers that are named', async () => {
    const caller = new CloudCaller()
    const options: CallOptions = {
      token: caller.token(),
      nonce: '5c1e9f6a7b3d4e2f8a9b0c1d2e3f4a5b',
      signedHeaders: [
        ['client_id', caller.simulator.world.project.accessId],
        ['Lang', 'en'],
      ],
    }
    expect((await caller.call('GET', lampPath, options)).success).toBe(true)
    expect(await caller.code('GET', lampPath, { ...options, headers: { lang: 'de' } })).toBe(1004)
    expect(await caller.code('GET', lampPath, { ...options, headers: { nonce: 'another' } })).toBe(1004)
    expect(
      await caller.code('GET', lampPath, { ...options, headers: { 'signature-headers': undefined } }),
    ).toBe(1004)
  })

  it('covers the token, but not on token calls, although the header may be there', async () => {
    const caller = new CloudCaller()
    const stranger = { access_token: caller.token() }
    expect(await caller.code('GET', lampPath, { token: '', headers: stranger })).toBe(1004)
    const { refresh_token } = caller.simulator.cloud.tokens.get()
    const reply = await caller.call('GET', `/v1.0/token/${refresh_token}`, { headers: stranger })
    expect(reply.success).toBe(true)
  })

  it('of the vectors is accepted as it stands', async () => {
    interface SignVector {
      readonly name: string
      readonly method: string
      readonly path: string
      readonly wireUrl: string
      readonly body?: string
      readonly accessToken?: string
      readonly nonce?: string
      readonly signedHeaders?: readonly (readonly [string, string])[]
      readonly signature: string
    }
    const file = vector<{ clientId: string; secret: string; t: string; vectors: readonly SignVector[] }>(
      'sign.json',
    )
    const project = { accessId: file.clientId, accessSecret: file.secret }
    for (const given of file.vectors) {
      const caller = new CloudCaller({ world: { ...demoWorld(), project } })
      caller.clock.jump(Number(file.t) - caller.clock.now())
      const answer = await caller.answer({
        method: given.method,
        target: given.wireUrl,
        body: Buffer.from(given.body ?? ''),
        headers: {
          client_id: file.clientId,
          sign: given.signature,
          sign_method: 'HMAC-SHA256',
          t: file.t,
          access_token: given.accessToken,
          nonce: given.nonce,
          'signature-headers': given.signedHeaders?.map(([name]) => name).join(':'),
        },
      })
      // The token of the vectors is nobody's: with the right signature it is the token that is refused.
      const { code } = envelopeOf(answer)
      const route = findRoute(given.method, given.path)
      expect(code, given.name).toBe(route ? (given.accessToken ? 1010 : undefined) : 1108)
    }
  })

  it('of the older scheme is refused', async () => {
    const caller = new CloudCaller()
    const { accessId, accessSecret } = caller.simulator.world.project
    const sign = signLegacy(accessId, accessSecret, String(caller.clock.now()))
    expect(await caller.code('GET', '/v1.0/token', { query: { grant_type: '1' }, headers: { sign } })).toBe(
      1004,
    )
  })
})

describe('limits', () => {
  it('twenty calls a second, forty at once', async () => {
    const caller = new CloudCaller()
    const codes = async (count: number) => {
      const seen: (number | undefined)[] = []
      for (let i = 0; i < count; i++) seen.push(await caller.code('GET', `${lampPath}/status`))
      return seen.filter((code) => code === 1199).length
    }
    expect(await codes(45)).toBe(5)
    await caller.clock.advance(1_000)
    expect(await codes(25)).toBe(5)
  })
})
