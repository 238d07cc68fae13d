import { setMaxListeners } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenRefresh } from '../../../src/codec/cloud/operation/token-refresh.ts'
import { CloudError, type CloudFaultKind } from '../../../src/transport/cloud/layer.ts'
import { TokenKeeper, tokenLayer } from '../../../src/transport/cloud/token.ts'
import type { Clock } from '../../../src/util/clock.ts'
import { deferred } from '../../../src/util/deferred.ts'
import { BridgeError } from '../../../src/util/error.ts'
import { fault, fine, requestOf } from '../../support/cloud-request.ts'
import { Issuer, lifeMs, type TokenBench, tokenBench } from '../../support/token-bench.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

async function refused(call: Promise<unknown>): Promise<CloudError> {
  const thrown = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(CloudError)
  return thrown as CloudError
}

describe('one owner of the token (R-C2)', () => {
  it('all callers wait for the one fetch in flight', async () => {
    const { issuer, call, used } = tokenBench()
    await Promise.all(Array.from({ length: 100 }, () => call()))
    expect(issuer.calls).toBe(1)
    expect(used).toEqual(Array.from({ length: 100 }, () => 'access-1'))
  })

  it('a token call never carries a token, and both halves of a pair are masked before their first use', async () => {
    const { issuer, call, learned } = tokenBench()
    await call()
    expect(issuer.gets[0]).toMatchObject({ priority: 'token', args: { grant_type: 1 } })
    expect(issuer.gets[0]).not.toHaveProperty('accessToken')
    expect(learned.map((secret) => secret.reveal())).toEqual(['access-1', 'refresh-1'])
  })

  it('a caller that gives up was not sent, and does not take the fetch from the others', async () => {
    const { issuer, call } = tokenBench()
    const answer = deferred<void>()
    issuer.delay = () => answer.promise
    const impatient = new AbortController()
    const first = refused(call({ signal: impatient.signal }))
    const second = call()
    impatient.abort(new BridgeError('command/unconfirmed', 'too late'))
    expect(await first).toMatchObject({ kind: 'blocked', outcome: 'not-sent' })
    answer.resolve()
    await expect(second).resolves.toEqual(fine)
    expect(issuer.calls).toBe(1)
  })

  it('a failed fetch fails its callers, and the next one asks again', async () => {
    const { issuer, call } = tokenBench()
    issuer.trouble.push(fault('transient', 'unknown'))
    const failures = await Promise.all([refused(call()), refused(call())])
    expect(failures.map(({ kind }) => kind)).toEqual(['transient', 'transient'])
    await expect(call()).resolves.toEqual(fine)
    expect(issuer.calls).toBe(2)
  })

  it.each<CloudFaultKind>(['transient', 'config', 'quota', 'throttled', 'blocked'])(
    'a call that got no token (%s) was not sent, whatever became of the token call',
    async (kind) => {
      const { issuer, call, used } = tokenBench()
      issuer.trouble.push(fault(kind, 'unknown', { tuya: { code: 1, msg: 'no' } }))
      const thrown = await refused(call())
      expect(thrown).toMatchObject({ kind, outcome: 'not-sent', tuya: { code: 1, msg: 'no' } })
      expect(thrown.code).toBe(fault(kind).code)
      expect(used).toEqual([])
    },
  )

  it('an answer of an unknown form is trouble of the cloud', async () => {
    const keeper = new TokenKeeper({
      call: async () => ({ result: { access_token: '' } }),
      clock: new VirtualClock(),
      random: () => 0,
      learn: () => {},
      signal: new AbortController().signal,
    })
    expect(await refused(keeper.current(requestOf()))).toMatchObject({ kind: 'transient' })
  })

  it('the fetch that a command waits for is urgent, others are not', async () => {
    const { issuer, keeper } = tokenBench()
    await keeper.current(requestOf())
    keeper.refuse(1)
    await keeper.current(requestOf({ priority: 'command' }))
    expect(issuer.gets.map(({ urgent }) => urgent)).toEqual([false, true])
  })
})

describe('renewal', () => {
  it('the pair is exchanged 60 to 90 s before its end, never sooner or later', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), async (chance) => {
        const { clock, issuer, keeper } = tokenBench(() => chance)
        await keeper.current(requestOf())
        await clock.advance(lifeMs - 90_000 - 1)
        await keeper.current(requestOf())
        expect(issuer.refreshes).toHaveLength(0)
        await clock.advance(30_001)
        await keeper.current(requestOf())
        expect(issuer.refreshes).toHaveLength(1)
        expect(issuer.gets).toHaveLength(1)
      }),
      { numRuns: 50 },
    )
  })

  it('a pair with a short rest is used to half of it', async () => {
    const { clock, issuer, keeper } = tokenBench()
    issuer.lifeMs = 40_000
    await keeper.current(requestOf())
    await clock.advance(19_999)
    await keeper.current(requestOf())
    expect(issuer.calls).toBe(1)
    await clock.advance(1)
    await keeper.current(requestOf())
    expect(issuer.calls).toBe(2)
  })

  it('a jump of the wall clock renews nothing', async () => {
    const { clock, issuer, keeper } = tokenBench()
    await keeper.current(requestOf())
    clock.jump(10 * lifeMs)
    await keeper.current(requestOf())
    expect(issuer.calls).toBe(1)
  })

  it('a pair whose end has come is fetched anew, not refreshed', async () => {
    const { clock, issuer, keeper } = tokenBench()
    await keeper.current(requestOf())
    await clock.advance(lifeMs)
    await keeper.current(requestOf())
    expect(issuer.gets).toHaveLength(2)
    expect(issuer.refreshes).toHaveLength(0)
  })

  it.each<CloudFaultKind>(['auth', 'config', 'request', 'refused'])(
    'a refresh that is refused (%s) is followed by a new token',
    async (kind) => {
      const { clock, issuer, call } = tokenBench()
      await call()
      await clock.advance(lifeMs - 60_000)
      issuer.trouble.push(fault(kind))
      await expect(call()).resolves.toEqual(fine)
      expect([issuer.refreshes.length, issuer.gets.length]).toEqual([1, 2])
    },
  )

  it('a used-up quota is no reason to ask for a new token', async () => {
    const { clock, issuer, call } = tokenBench()
    await call()
    await clock.advance(lifeMs - 60_000)
    issuer.trouble.push(fault('quota'))
    expect(await refused(call())).toMatchObject({ kind: 'quota' })
    expect(issuer.calls).toBe(2)
  })

  it.each<CloudFaultKind>(['transient', 'throttled', 'blocked'])(
    'while the pair lives, a renewal that meets trouble (%s) leaves it in use, and is tried again after a while',
    async (kind) => {
      const { clock, issuer, call, used } = tokenBench()
      await call()
      await clock.advance(lifeMs - 60_000)
      issuer.trouble.push(fault(kind, 'unknown'))
      await call()
      await call()
      expect(used).toEqual(['access-1', 'access-1', 'access-1'])
      expect(issuer.refreshes).toHaveLength(1)
      await clock.advance(15_000)
      await call()
      expect(used.at(-1)).toBe('access-2')
    },
  )

  it('a pair that is refused while its renewal meets trouble is not used any more either', async () => {
    const { clock, issuer, keeper } = tokenBench()
    const old = await keeper.current(requestOf())
    await clock.advance(lifeMs - 60_000)
    issuer.delay = async () => keeper.refuse(old.generation)
    issuer.trouble.push(fault('transient', 'unknown'))
    expect(await refused(keeper.current(requestOf()))).toMatchObject({ kind: 'transient' })
  })

  it('a pair that ends while its renewal meets trouble is not used any more', async () => {
    const { clock, issuer, call } = tokenBench()
    await call()
    await clock.advance(lifeMs - 60_000)
    issuer.delay = () => clock.advance(60_000)
    issuer.trouble.push(fault('transient', 'unknown'))
    expect(await refused(call())).toMatchObject({ kind: 'transient' })
  })
})

describe('refused tokens', () => {
  it('a pair that another process superseded heals with one token call, and no caller notices', async () => {
    const { issuer, call } = tokenBench()
    await call()
    issuer.refreshElsewhere()
    await Promise.all(Array.from({ length: 100 }, () => call()))
    expect(issuer.calls).toBe(2)
    expect(issuer.refreshes).toHaveLength(0)
  })

  it('a late refusal of an old generation leaves the new token alone', async () => {
    const { issuer, keeper } = tokenBench()
    const old = await keeper.current(requestOf())
    issuer.refreshElsewhere()
    keeper.refuse(old.generation)
    const fresh = await keeper.current(requestOf())
    keeper.refuse(old.generation)
    expect(await keeper.current(requestOf())).toBe(fresh)
    expect(issuer.calls).toBe(2)
  })

  it('each call is retried once, and other faults than the token’s are not healed', async () => {
    const self = tokenBench()
    await self.call()
    self.verdict = 'device-offline'
    expect(await refused(self.call())).toMatchObject({ kind: 'device-offline' })
    expect(self.used).toHaveLength(2)
    self.verdict = 'auth'
    expect(await refused(self.call())).toMatchObject({ kind: 'auth', outcome: 'refused' })
    expect(self.used).toHaveLength(4)
  })

  it('two fresh tokens refused in a row open the auth breaker: 5 min, doubling to 1 h', async () => {
    const self = tokenBench()
    self.verdict = 'auth'
    await refused(self.call())
    expect(self.issuer.calls).toBe(2)
    expect(self.keeper.blocked).toBe(true)
    for (const minutes of [5, 10, 20, 40, 60, 60, 60]) {
      const calls = self.issuer.calls
      const ms = minutes * 60_000
      expect(await refused(self.call())).toMatchObject({
        code: 'cloud/token-invalid',
        outcome: 'not-sent',
        retry: 'after-login',
      })
      await self.clock.advance(ms - 1)
      await refused(self.call())
      expect(self.issuer.calls).toBe(calls)
      expect(self.keeper.blocked).toBe(true)
      await self.clock.advance(1)
      expect(self.keeper.blocked).toBe(false)
      await refused(self.call())
      expect(self.issuer.calls).toBe(calls + 1)
    }
  })

  it('many callers whom one fresh token failed count as one refusal', async () => {
    const { issuer, keeper } = tokenBench()
    const old = await keeper.current(requestOf())
    keeper.accepted(old.generation)
    keeper.refuse(old.generation)
    const fresh = await keeper.current(requestOf())
    for (let caller = 0; caller < 100; caller++) keeper.refuse(fresh.generation)
    expect(keeper.blocked).toBe(false)
    const second = await keeper.current(requestOf())
    keeper.refuse(second.generation)
    expect(keeper.blocked).toBe(true)
    expect(issuer.calls).toBe(3)
  })

  it.each<[string, (self: TokenBench) => Promise<unknown>]>([
    ['a success', (self) => self.call()],
    [
      'an answer that only a good token gets',
      async (self) => {
        self.verdict = 'device-offline'
        await refused(self.call())
      },
    ],
  ])('%s ends the row of refusals and the doubling', async (_what, prove) => {
    const self = tokenBench()
    self.verdict = 'auth'
    await refused(self.call())
    await self.clock.advance(300_000)
    self.verdict = undefined
    await prove(self)
    self.verdict = 'auth'
    await refused(self.call())
    expect(self.keeper.blocked).toBe(false)
    await refused(self.call())
    expect(self.keeper.blocked).toBe(true)
    await self.clock.advance(300_000)
    expect(self.keeper.blocked).toBe(false)
  })
})

it('C9: a hundred callers at expiry make exactly one token request per generation, in 10,000 schedules', async () => {
  const callers = 100
  const request = requestOf()
  setMaxListeners(0, request.signal)
  const superseded = fault('auth')
  let schedules = 0
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, revoked) => {
      schedules++
      let at = 0
      const clock: Clock = { now: () => at, monotonic: () => at, after: () => ({ cancel: () => {} }) }
      const issuer = new Issuer()
      const keeper = new TokenKeeper({
        call: issuer.handler,
        clock,
        random: () => 0.5,
        learn: () => {},
        signal: new AbortController().signal,
      })
      await keeper.current(requestOf())
      keeper.accepted(1)
      if (revoked) issuer.refreshElsewhere()
      else at = lifeMs - 60_000
      issuer.delay = () => scheduler.schedule(Promise.resolve(), 'token answer')
      // The wire answers ten calls at a time, in whatever order the scheduler likes.
      const turns = Array.from({ length: 10 }, (_, i) => scheduler.schedule(Promise.resolve(), `wire ${i}`))
      let calls = 0
      const handler = tokenLayer(keeper)(async ({ accessToken }) => {
        await turns[calls++ % turns.length]
        if (accessToken?.reveal() !== issuer.access) throw superseded
        return fine
      })
      const answers = Promise.all(Array.from({ length: callers }, () => handler(request)))
      await scheduler.waitAll()
      expect(await answers).toHaveLength(callers)
      expect(issuer.calls).toBe(2)
    }),
    { numRuns: 10_000, seed: 9 },
  )
  expect(schedules).toBe(10_000)
}, 60_000)

it('the refresh token goes into the path of its own operation', async () => {
  const { clock, issuer, keeper } = tokenBench()
  await keeper.current(requestOf())
  await clock.advance(lifeMs - 60_000)
  await keeper.current(requestOf())
  expect(issuer.refreshes[0]?.operation.id).toBe(tokenRefresh.id)
  expect(issuer.refreshes[0]?.args).toEqual({ refresh_token: 'refresh-1' })
})
