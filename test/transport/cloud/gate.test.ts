import { describe, expect, it } from 'vitest'
import { deviceSpecifications } from '../../../src/codec/cloud/operation/device-specifications.ts'
import { CloudGate, PermissionPause } from '../../../src/transport/cloud/gate.ts'
import type { CloudFaultKind, CloudReply, CloudRequest } from '../../../src/transport/cloud/layer.ts'
import { type Deferred, deferred } from '../../../src/util/deferred.ts'
import { answering, anyOperation, fault, fine, requestOf } from '../../support/cloud-request.ts'
import { settle, VirtualClock } from '../../support/virtual-clock.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

const quota = fault('quota', 'refused', { tuya: { code: 28841004, msg: 'used up' } })
const config = fault('config', 'refused', { tuya: { code: 1004, msg: 'sign invalid' } })

function gateOver(...answers: readonly (CloudReply | Error)[]) {
  const clock = new VirtualClock()
  const gate = new CloudGate(clock)
  const changes: (string | undefined)[] = []
  const wire = answering(...answers)
  const handler = gate.layer(() => changes.push(gate.stop?.word))(wire)
  const call = () => handler(requestOf()).catch((thrown: unknown) => thrown)
  return { clock, gate, changes, wire, call }
}

describe('a stop of all calls (R-C4)', () => {
  it.each([
    ['config', config, 15 * minuteMs, 'credentials'],
    ['quota', quota, hourMs, 'quota'],
  ] as const)(
    '%s: one probe an interval, the rest fails at once with the public reason',
    async (_, error, probeMs, word) => {
      const { clock, gate, changes, wire, call } = gateOver(error)
      expect(await call()).toBe(error)
      expect(gate.stop).toMatchObject({ word, code: error.code })
      for (let probes = 1; probes <= 3; probes++) {
        await clock.advance(probeMs - 1)
        expect(await call()).toMatchObject({
          kind: 'blocked',
          outcome: 'not-sent',
          code: error.code,
          retry: error.retry,
          tuya: error.tuya,
          message: error.message,
        })
        expect(wire.calls).toHaveLength(probes)
        await clock.advance(1)
        await call()
        expect(wire.calls).toHaveLength(probes + 1)
      }
      expect(changes.every((each) => each === word)).toBe(true)
    },
  )

  it('a probe that succeeds ends it', async () => {
    const { clock, gate, changes, call } = gateOver(quota, fine)
    await call()
    await clock.advance(hourMs)
    expect(await call()).toEqual(fine)
    expect(gate.stop).toBeUndefined()
    expect(changes).toEqual(['quota', undefined])
    expect(await call()).toEqual(fine)
  })

  it.each<CloudFaultKind>(['device-offline', 'permission', 'gone', 'unsupported', 'refused'])(
    'so does an answer that only a project in good standing gets (%s)',
    async (kind) => {
      const { clock, gate, call } = gateOver(quota, fault(kind))
      await call()
      await clock.advance(hourMs)
      await call()
      expect(gate.stop).toBeUndefined()
    },
  )

  it.each<CloudFaultKind>(['transient', 'throttled', 'auth', 'clock'])(
    'a probe that meets %s was the one of its hour',
    async (kind) => {
      const { clock, gate, wire, call } = gateOver(quota, fault(kind, 'unknown'))
      await call()
      await clock.advance(hourMs)
      await call()
      expect(gate.stop?.word).toBe('quota')
      await clock.advance(hourMs - 1)
      await call()
      expect(wire.calls).toHaveLength(2)
    },
  )

  it.each<CloudFaultKind>(['blocked', 'budget'])(
    'a probe that never left (%s) is free for the next call',
    async (kind) => {
      const { clock, wire, call } = gateOver(quota, fault(kind, 'not-sent'), fine)
      await call()
      await clock.advance(hourMs)
      await call()
      expect(await call()).toEqual(fine)
      expect(wire.calls).toHaveLength(3)
    },
  )

  it('one probe at a time', async () => {
    const clock = new VirtualClock()
    const gate = new CloudGate(clock)
    const answers: Deferred<CloudReply>[] = []
    const handler = gate.layer(() => {})(() => {
      const answer = deferred<CloudReply>()
      answers.push(answer)
      return answer.promise
    })
    const first = handler(requestOf()).catch(() => {})
    answers[0]?.reject(config)
    await first
    await clock.advance(10 * hourMs)
    const calls = Array.from({ length: 10 }, () => handler(requestOf()).catch((thrown: unknown) => thrown))
    await settle()
    expect(answers).toHaveLength(2)
    answers[1]?.resolve(fine)
    const results = await Promise.all(calls)
    expect(results.filter((result) => result === fine)).toHaveLength(1)
  })

  it('a call that was on its way when the gate shut does not open it', async () => {
    const clock = new VirtualClock()
    const gate = new CloudGate(clock)
    const slow = deferred<CloudReply>()
    const layer = gate.layer(() => {})
    const onItsWay = layer(() => slow.promise)(requestOf())
    await layer(answering(quota))(requestOf()).catch(() => {})
    slow.resolve(fine)
    await onItsWay
    expect(gate.stop?.word).toBe('quota')
  })

  it('after a change by the user the next call asks at once', async () => {
    const { gate, wire, call } = gateOver(config, fine)
    await call()
    gate.reopen()
    expect(await call()).toEqual(fine)
    expect(wire.calls).toHaveLength(2)
  })

  it('other faults shut nothing', async () => {
    const { gate, changes, call } = gateOver(fault('transient'), fault('permission'), fine)
    await call()
    await call()
    expect(gate.stop).toBeUndefined()
    expect(changes).toEqual([])
  })
})

describe('a device or feature without permission', () => {
  const feature = anyOperation(deviceSpecifications)

  function paused(...answers: readonly (CloudReply | Error)[]) {
    const clock = new VirtualClock()
    const pause = new PermissionPause(clock)
    const wire = answering(...answers)
    const handler = pause.layer()(wire)
    const call = (changes: Partial<CloudRequest> = {}) =>
      handler(requestOf(changes)).catch((thrown: unknown) => thrown)
    return { clock, pause, wire, call }
  }

  it('is left alone for six hours, then asked again', async () => {
    const { clock, wire, call } = paused(fault('permission'), fine)
    await call()
    await clock.advance(6 * hourMs - 1)
    expect(await call()).toMatchObject({
      kind: 'blocked',
      outcome: 'not-sent',
      code: 'cloud/permission',
      retry: 'never',
    })
    expect(wire.calls).toHaveLength(1)
    await clock.advance(1)
    expect(await call()).toEqual(fine)
    expect(wire.calls).toHaveLength(2)
  })

  it.each([
    ['a command', { priority: 'command' }],
    ['a question that somebody waits for', { priority: 'reconcile', urgent: true }],
  ] as const)('%s is tried all the same', async (_what, asked) => {
    const { wire, call } = paused(fault('permission'), fine)
    await call()
    expect(await call(asked)).toEqual(fine)
    expect(wire.calls).toHaveLength(2)
  })

  it('other devices and other features go on', async () => {
    const { call } = paused(fault('permission'), fine)
    await call()
    expect(await call({ args: { device_id: 'bf2' } })).toEqual(fine)
    expect(await call({ operation: feature })).toEqual(fine)
  })

  it('commands of people always try', async () => {
    const { call } = paused(fault('permission'), fine)
    await call()
    expect(await call({ priority: 'command' })).toEqual(fine)
  })

  it('other refusals pause nothing', async () => {
    const { call } = paused(fault('device-offline'), fine)
    await call()
    expect(await call()).toEqual(fine)
  })

  it('after a change by the user everything is asked again', async () => {
    const { pause, call } = paused(fault('permission'), fine)
    await call()
    pause.clear()
    expect(await call()).toEqual(fine)
  })
})
