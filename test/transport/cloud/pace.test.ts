import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deviceStatus } from '../../../src/codec/cloud/operation/device-status.ts'
import { thingModel } from '../../../src/codec/cloud/operation/thing-model.ts'
import { type CloudRequest, type Priority, priorities } from '../../../src/transport/cloud/layer.ts'
import { Pacer, paceLayer } from '../../../src/transport/cloud/pace.ts'
import { BridgeError } from '../../../src/util/error.ts'
import { answering, anyOperation, fault, fine, requestOf } from '../../support/cloud-request.ts'
import { settle, VirtualClock } from '../../support/virtual-clock.ts'

const slow = anyOperation({ ...thingModel, perSecond: 2 })

/** A pacer and what left it, in order. */
function bench(perSecond = 10, burst = 1) {
  const clock = new VirtualClock()
  const pacer = new Pacer({ perSecond, burst }, clock)
  const left: { readonly name: string; readonly at: number }[] = []
  const failed = new Map<string, unknown>()
  const ask = (name: string, changes: Partial<CloudRequest> = {}) => {
    pacer.admit(requestOf(changes)).then(
      () => left.push({ name, at: clock.monotonic() }),
      (thrown) => failed.set(name, thrown),
    )
  }
  const names = () => left.map(({ name }) => name)
  return { clock, pacer, left, failed, ask, names }
}

describe('the pace', () => {
  it('a burst goes at once, the rest at the pace', async () => {
    const { clock, left, ask } = bench(10, 3)
    for (let i = 0; i < 6; i++) ask(String(i))
    await clock.advance(1_000)
    expect(left.map(({ at }) => at)).toEqual([0, 0, 0, 100, 200, 300])
  })

  it('no span holds more calls than the burst and the pace allow (property)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 }), async (pauses) => {
        const { clock, left, ask } = bench(10, 5)
        for (const [i, pause] of pauses.entries()) {
          ask(String(i))
          await clock.advance(pause)
        }
        await clock.advance(10_000)
        expect(left).toHaveLength(pauses.length)
        for (const [i, first] of left.entries()) {
          for (const [j, last] of left.slice(i).entries())
            expect(j + 1).toBeLessThanOrEqual(5 + ((last.at - first.at) / 1_000) * 10 + 1e-6)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('the more important waits shorter, equals go by arrival', async () => {
    const { clock, ask, names } = bench()
    ask('first')
    const order: Priority[] = [
      'discovery',
      'reconcile',
      'discovery',
      'command',
      'token',
      'reconcile',
      'command',
    ]
    for (const [i, priority] of order.entries()) ask(`${priority} ${i}`, { priority })
    await clock.advance(2_000)
    expect(names().slice(1)).toEqual([
      'token 4',
      'command 3',
      'command 6',
      'reconcile 1',
      'reconcile 5',
      'discovery 0',
      'discovery 2',
    ])
  })

  it('an operation’s own rate holds up nobody else', async () => {
    const { clock, left, ask } = bench(1_000, 100)
    for (let i = 0; i < 3; i++) ask(`slow ${i}`, { operation: slow, priority: 'token' })
    await clock.advance(10)
    ask('quick', { operation: anyOperation(deviceStatus), priority: 'discovery' })
    await clock.advance(2_000)
    expect(left).toEqual([
      { name: 'slow 0', at: 0 },
      { name: 'quick', at: 10 },
      { name: 'slow 1', at: 500 },
      { name: 'slow 2', at: 1_000 },
    ])
  })

  it('rates of single operations can be left out', async () => {
    const clock = new VirtualClock()
    const pacer = new Pacer({ perSecond: 100, burst: 100, perOperation: false }, clock)
    await Promise.all(Array.from({ length: 50 }, () => pacer.admit(requestOf({ operation: slow }))))
    expect(clock.monotonic()).toBe(0)
  })
})

describe('the queue', () => {
  it('holds 200; at the cap the least important last one is refused (R, table 9)', async () => {
    const { pacer, failed, ask } = bench(1, 1)
    ask('first')
    for (let i = 0; i < 200; i++) ask(`waiting ${i}`)
    expect(pacer.waiting).toBe(200)
    ask('token', { priority: 'token' })
    ask('discovery', { priority: 'discovery' })
    await settle()
    expect(pacer.waiting).toBe(200)
    expect([...failed.keys()]).toEqual(['waiting 199', 'discovery'])
    expect(failed.get('discovery')).toMatchObject({
      kind: 'blocked',
      outcome: 'not-sent',
      code: 'command/busy',
      retry: 'later',
    })
  })

  it('whoever is given up while waiting was not sent, whatever the reason', async () => {
    const { clock, pacer, failed, ask, names } = bench()
    ask('first')
    const impatient = new AbortController()
    ask('impatient', { signal: impatient.signal })
    ask('patient')
    impatient.abort(new BridgeError('command/unconfirmed', 'too late'))
    await settle()
    expect(failed.get('impatient')).toMatchObject({ outcome: 'not-sent', code: 'cloud/throttled' })
    expect(pacer.waiting).toBe(1)
    await clock.advance(1_000)
    expect(names()).toEqual(['first', 'patient'])
  })

  it('a stop of the bridge is told as such', async () => {
    const { failed, ask } = bench()
    const life = new AbortController()
    life.abort(new BridgeError('bridge/shutdown', 'stopping'))
    ask('late', { signal: life.signal })
    await settle()
    expect(failed.get('late')).toMatchObject({ outcome: 'not-sent', code: 'bridge/shutdown' })
  })

  it('every call either leaves or fails, exactly once (property)', async () => {
    const step = fc.record({
      priority: fc.constantFrom(...priorities),
      slow: fc.boolean(),
      pauseMs: fc.integer({ min: 0, max: 150 }),
      giveUpMs: fc.option(fc.integer({ min: 0, max: 500 }), { nil: undefined }),
      holdMs: fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { clock, pacer, left, failed, ask } = bench(10, 2)
        for (const [i, { priority, slow: isSlow, pauseMs, giveUpMs, holdMs }] of steps.entries()) {
          const controller = new AbortController()
          ask(String(i), { priority, signal: controller.signal, ...(isSlow ? { operation: slow } : {}) })
          if (giveUpMs !== undefined) clock.after(giveUpMs, () => controller.abort())
          if (holdMs !== undefined) pacer.hold(holdMs)
          await clock.advance(pauseMs)
        }
        await clock.advance(60_000)
        expect(left.length + failed.size).toBe(steps.length)
        expect(new Set(left.map(({ name }) => name)).size).toBe(left.length)
        expect(pacer.waiting).toBe(0)
        expect(clock.waiting).toBe(0)
      }),
      { numRuns: 60 },
    )
  })
})

describe('when the cloud asks for fewer calls', () => {
  function throttledOnce(retryAfterMs?: number) {
    const clock = new VirtualClock()
    const pacer = new Pacer({ perSecond: 100, burst: 100 }, clock)
    const wire = answering(
      fault('throttled', 'refused', retryAfterMs === undefined ? {} : { retryAfterMs }),
      fine,
    )
    const call = paceLayer(pacer, () => 0.5)(wire)
    return { clock, wire, call }
  }

  it('nothing leaves before Retry-After has passed, not even a token call', async () => {
    const { clock, wire, call } = throttledOnce(30_000)
    await expect(call(requestOf())).rejects.toMatchObject({ kind: 'throttled' })
    const calls = priorities.map((priority) => call(requestOf({ priority })))
    await clock.advance(29_999)
    expect(wire.calls).toHaveLength(1)
    await clock.advance(1)
    await Promise.all(calls)
    expect(wire.calls).toHaveLength(5)
  })

  it('without Retry-After the pauses grow, and a success resets them', async () => {
    const clock = new VirtualClock()
    const pacer = new Pacer({ perSecond: 100, burst: 100 }, clock)
    const throttled = fault('throttled')
    const wire = answering(throttled, throttled, throttled, fine, throttled, fine)
    const left: number[] = []
    const call = paceLayer(
      pacer,
      () => 0,
    )((request) => {
      left.push(clock.monotonic())
      return wire(request)
    })
    const all = (async () => {
      for (let i = 0; i < 6; i++) await call(requestOf()).catch(() => {})
    })()
    await clock.advance(60_000)
    await all
    expect(left).toEqual([0, 1_000, 3_000, 7_000, 7_000, 8_000])
  })

  it('holds add up to the longest, never to less', async () => {
    const { clock, pacer, left, ask } = bench(100, 100)
    pacer.hold(5_000)
    pacer.hold(1_000)
    ask('held')
    await clock.advance(4_999)
    expect(left).toEqual([])
    await clock.advance(1)
    expect(left).toEqual([{ name: 'held', at: 5_000 }])
  })

  it('other faults slow nothing down', async () => {
    const clock = new VirtualClock()
    const pacer = new Pacer({ perSecond: 100, burst: 100 }, clock)
    const call = paceLayer(pacer, () => 0.5)(answering(fault('transient'), fine))
    await expect(call(requestOf())).rejects.toMatchObject({ kind: 'transient' })
    await expect(call(requestOf())).resolves.toEqual(fine)
    expect(clock.monotonic()).toBe(0)
  })
})
