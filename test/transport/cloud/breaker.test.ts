import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deviceCommands } from '../../../src/codec/cloud/operation/device-commands.ts'
import { tokenGet } from '../../../src/codec/cloud/operation/token-get.ts'
import {
  Breaker,
  type Breakers,
  breakerLayer,
  classOf,
  type Pass,
} from '../../../src/transport/cloud/breaker.ts'
import type { CloudFaultKind, CloudReply } from '../../../src/transport/cloud/layer.ts'
import { type Deferred, deferred } from '../../../src/util/deferred.ts'
import { seededRandom } from '../../../src/util/random.ts'
import { answering, anyOperation, fault, fine, requestOf } from '../../support/cloud-request.ts'
import { settle, VirtualClock } from '../../support/virtual-clock.ts'

/** The middle of the jitter, so that intervals are as written. */
const middling = () => 0.5

function bench(random = middling) {
  const clock = new VirtualClock()
  return { clock, breaker: new Breaker(clock, random) }
}

function fail(breaker: Breaker, times = 1): void {
  for (let i = 0; i < times; i++) {
    const pass = breaker.admit(false)
    if (pass) breaker.failed(pass)
  }
}

function succeed(breaker: Breaker, times = 1): void {
  for (let i = 0; i < times; i++) {
    const pass = breaker.admit(false)
    if (pass) breaker.succeeded(pass)
  }
}

describe('R-B2: opening', () => {
  it('five failures in a row open it, four do not', () => {
    const { breaker } = bench()
    fail(breaker, 4)
    succeed(breaker)
    fail(breaker, 4)
    expect(breaker.status).toBe('closed')
    fail(breaker)
    expect(breaker.status).toBe('open')
  })

  it('half of at least ten calls in 30 s open it', () => {
    const { breaker } = bench()
    for (let i = 0; i < 4; i++) {
      succeed(breaker)
      fail(breaker)
    }
    succeed(breaker)
    expect(breaker.status).toBe('closed')
    fail(breaker)
    expect(breaker.status).toBe('open')
  })

  it('fewer than half do not', () => {
    const { breaker } = bench()
    for (let i = 0; i < 50; i++) {
      succeed(breaker, 2)
      fail(breaker)
    }
    expect(breaker.status).toBe('closed')
  })

  it('what is older than 30 s does not count', async () => {
    const { clock, breaker } = bench()
    for (let i = 0; i < 4; i++) {
      fail(breaker)
      succeed(breaker)
    }
    await clock.advance(30_001)
    succeed(breaker)
    fail(breaker)
    expect(breaker.status).toBe('closed')
  })

  it('calls in flight when it opens do not open it wider', () => {
    const { breaker } = bench()
    const passes = Array.from({ length: 20 }, () => breaker.admit(false) as Pass)
    for (const pass of passes) breaker.failed(pass)
    expect(breaker.waitMs).toBe(10_000)
  })
})

describe('R-B2: the open time', () => {
  it('10 s, doubling to 5 min', async () => {
    const { clock, breaker } = bench()
    fail(breaker, 5)
    for (const seconds of [10, 20, 40, 80, 160, 300, 300]) {
      expect(breaker.waitMs).toBe(seconds * 1_000)
      await clock.advance(seconds * 1_000 - 1)
      expect(breaker.admit(false)).toBeUndefined()
      await clock.advance(1)
      fail(breaker)
      expect(breaker.status).toBe('open')
    }
  })

  it('within 20 % of that, both ways', () => {
    const random = seededRandom(3)
    const waits = Array.from({ length: 500 }, () => {
      const { breaker } = bench(random)
      fail(breaker, 5)
      return breaker.waitMs
    })
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(8_000)
    expect(Math.max(...waits)).toBeLessThanOrEqual(12_000)
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(3_500)
  })

  it('a jump of the wall clock moves nothing', () => {
    const { clock, breaker } = bench()
    fail(breaker, 5)
    clock.jump(3_600_000)
    expect(breaker.waitMs).toBe(10_000)
  })

  it('a success closes it and the next time it opens for 10 s again', async () => {
    const { clock, breaker } = bench()
    fail(breaker, 5)
    await clock.advance(10_000)
    fail(breaker)
    await clock.advance(20_000)
    succeed(breaker)
    expect(breaker.status).toBe('closed')
    expect(breaker.waitMs).toBe(0)
    fail(breaker, 4)
    expect(breaker.status).toBe('closed')
    fail(breaker)
    expect(breaker.waitMs).toBe(10_000)
  })
})

describe('R-B2: half-open', () => {
  async function dueProbe() {
    const self = bench()
    const inFlight = self.breaker.admit(false) as Pass
    fail(self.breaker, 5)
    await self.clock.advance(10_000)
    return { ...self, inFlight }
  }

  it('lets one probe through', async () => {
    const { breaker } = await dueProbe()
    expect(breaker.admit(false)).toBe('probe')
    expect(breaker.status).toBe('half-open')
    expect(breaker.admit(false)).toBeUndefined()
    expect(breaker.admit(true)).toBeUndefined()
  })

  it('only the probe decides, not a call that left before', async () => {
    const { breaker, inFlight } = await dueProbe()
    const probe = breaker.admit(false) as Pass
    breaker.failed(inFlight)
    expect(breaker.status).toBe('half-open')
    breaker.succeeded(inFlight)
    expect(breaker.status).toBe('half-open')
    breaker.unjudged(inFlight)
    expect(breaker.admit(false)).toBeUndefined()
    breaker.succeeded(probe)
    expect(breaker.status).toBe('closed')
  })

  it('a late success does not close an open breaker', () => {
    const { breaker } = bench()
    const inFlight = breaker.admit(false) as Pass
    fail(breaker, 5)
    breaker.succeeded(inFlight)
    expect(breaker.status).toBe('open')
  })

  it('a probe without a verdict leaves the next call to be the probe', async () => {
    const { breaker } = await dueProbe()
    breaker.unjudged(breaker.admit(false) as Pass)
    expect(breaker.status).toBe('open')
    expect(breaker.admit(false)).toBe('probe')
  })

  it('a waiting command brings the probe forward to 30 s after the last try', async () => {
    const { clock, breaker } = bench()
    fail(breaker, 5)
    for (const seconds of [10, 20, 40, 80]) {
      await clock.advance(seconds * 1_000)
      fail(breaker)
    }
    expect(breaker.waitMs).toBe(160_000)
    await clock.advance(29_999)
    expect(breaker.admit(true)).toBeUndefined()
    await clock.advance(1)
    expect(breaker.admit(false)).toBeUndefined()
    expect(breaker.admit(true)).toBe('probe')
  })

  it('and never puts it off', async () => {
    const { clock, breaker } = bench()
    fail(breaker, 5)
    await clock.advance(10_000)
    expect(breaker.admit(true)).toBe('probe')
  })
})

it('R-B2: whatever happens, an open breaker lets calls through only as probes, one at a time (model)', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('admit' as const), urgent: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('succeed', 'fail', 'give up'), which: fc.nat(9) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      let at = 0
      const clock = { now: () => at, monotonic: () => at, after: () => ({ cancel: () => {} }) }
      const breaker = new Breaker(clock, middling)
      const out: Pass[] = []
      let probes = 0
      for (const each of steps) {
        if (each.kind === 'wait') at += (each as { ms: number }).ms
        else if (each.kind === 'admit') {
          const closed = breaker.status === 'closed'
          const pass = breaker.admit((each as { urgent: boolean }).urgent)
          if (!closed && pass !== undefined) expect(pass).toBe('probe')
          if (pass === 'probe') probes++
          if (pass) out.push(pass)
        } else {
          const [pass] = out.splice((each as { which: number }).which % Math.max(1, out.length), 1)
          if (!pass) continue
          if (pass === 'probe') probes--
          if (each.kind === 'succeed') breaker.succeeded(pass)
          else if (each.kind === 'fail') breaker.failed(pass)
          else breaker.unjudged(pass)
        }
        expect(probes).toBeLessThanOrEqual(1)
        expect(breaker.status === 'half-open').toBe(probes === 1)
        expect(breaker.waitMs).toBeLessThanOrEqual(360_000)
      }
    }),
    { numRuns: 2_000 },
  )
})

describe('the layer', () => {
  function layered(...answers: readonly (CloudReply | Error)[]) {
    const clock = new VirtualClock()
    const breakers: Breakers = {
      token: new Breaker(clock, middling),
      command: new Breaker(clock, middling),
      read: new Breaker(clock, middling),
    }
    const changes: string[] = []
    const wire = answering(...answers)
    const handler = breakerLayer(breakers, () => changes.push(breakers.read.status))(wire)
    const call = () => handler(requestOf()).catch((thrown: unknown) => thrown)
    return { clock, breakers, changes, wire, handler, call }
  }

  it('three classes: tokens, reads, and what changes something', () => {
    expect(classOf(requestOf())).toBe('read')
    expect(classOf(requestOf({ priority: 'command' }))).toBe('read')
    expect(classOf(requestOf({ operation: anyOperation(deviceCommands) }))).toBe('command')
    expect(classOf(requestOf({ operation: anyOperation(tokenGet), priority: 'token' }))).toBe('token')
  })

  it('one class does not stop another', async () => {
    const { breakers, handler, call } = layered(...Array(5).fill(fault('transient')), fine)
    for (let i = 0; i < 5; i++) await call()
    expect(breakers.read.status).toBe('open')
    await expect(handler(requestOf({ operation: anyOperation(deviceCommands) }))).resolves.toEqual(fine)
  })

  it('while it is open calls fail at once, unsent, with the reason of the last failure', async () => {
    const { wire, call } = layered(fault('transient', 'unknown'))
    for (let i = 0; i < 5; i++) await call()
    expect(await call()).toMatchObject({
      kind: 'blocked',
      outcome: 'not-sent',
      code: 'cloud/unavailable',
      retry: 'later',
      message: 'The test answers transient. The next try is in 10 s.',
    })
    expect(wire.calls).toHaveLength(5)
  })

  it.each<CloudFaultKind>([
    'throttled',
    'auth',
    'config',
    'quota',
    'permission',
    'device-offline',
    'gone',
    'refused',
  ])('a refusal (%s) is an answer, not a failure', async (kind) => {
    const { breakers, call } = layered(fault(kind))
    for (let i = 0; i < 20; i++) await call()
    expect(breakers.read.status).toBe('closed')
  })

  it.each<[string, Error]>([
    ['our own refusal', fault('budget', 'not-sent')],
    ['a call that was given up', new DOMException('aborted', 'AbortError')],
  ])('%s says nothing of the cloud', async (_what, error) => {
    const { clock, breakers, wire, call } = layered(...Array(5).fill(fault('transient')), error, fine)
    for (let i = 0; i < 5; i++) await call()
    await clock.advance(10_000)
    expect(await call()).toBe(error)
    expect(breakers.read.status).toBe('open')
    expect(await call()).toEqual(fine)
    expect(breakers.read.status).toBe('closed')
    expect(wire.calls).toHaveLength(7)
  })

  it('a call that stands for a waiting command is as urgent as one', async () => {
    const { clock, breakers, handler } = layered(...Array(8).fill(fault('transient')), fine)
    for (const seconds of [0, 0, 0, 0, 0, 10, 20, 40]) {
      await clock.advance(seconds * 1_000)
      await handler(requestOf()).catch(() => {})
    }
    expect(breakers.read.waitMs).toBe(80_000)
    await clock.advance(30_000)
    await expect(handler(requestOf())).rejects.toMatchObject({ kind: 'blocked' })
    await expect(handler(requestOf({ urgent: true }))).resolves.toEqual(fine)
  })

  it('changes of state are told', async () => {
    const { clock, changes, call } = layered(...Array(5).fill(fault('transient')), fine)
    for (let i = 0; i < 5; i++) await call()
    await clock.advance(10_000)
    await call()
    expect(changes).toEqual(['open', 'closed'])
  })

  it('twenty calls that fail together open it once, for 10 s', async () => {
    const clock = new VirtualClock()
    const read = new Breaker(clock, middling)
    const breakers = { token: read, command: read, read }
    const answers: Deferred<CloudReply>[] = []
    const handler = breakerLayer(breakers, () => {})(() => {
      const answer = deferred<CloudReply>()
      answers.push(answer)
      return answer.promise
    })
    const calls = Array.from({ length: 20 }, () => handler(requestOf()).catch(() => {}))
    await settle()
    for (const answer of answers) answer.reject(fault('transient', 'unknown'))
    await Promise.all(calls)
    expect(read.waitMs).toBe(10_000)
  })
})
