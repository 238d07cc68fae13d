import { expect, it } from 'vitest'
import { clockLayer } from '../../../src/transport/cloud/clock-layer.ts'
import type { CloudReply } from '../../../src/transport/cloud/layer.ts'
import { ServerClock } from '../../../src/transport/cloud/server-clock.ts'
import { answering, fault, fine, requestOf } from '../../support/cloud-request.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const badTime = fault('clock', 'refused', { tuya: { code: 1013, msg: 'request time is invalid' } })
const badSignature = fault('config', 'refused', { tuya: { code: 1004, msg: 'sign invalid' } })

/** A call whose first answer tells a time that is so far from ours. */
function over(skewMs: number, ...answers: readonly (CloudReply | Error)[]) {
  const clock = new VirtualClock()
  const serverClock = new ServerClock(clock)
  const wire = answering(...answers)
  const call = clockLayer(serverClock)((request) => {
    serverClock.observe(clock.now() + skewMs, clock.monotonic())
    return wire(request)
  })(requestOf())
  return { wire, call }
}

it.each([
  ['1013', badTime],
  ['1004, which a wrong time may cause', badSignature],
])('R-C3: after %s the time is learned and the call goes out once more', async (_what, error) => {
  const { wire, call } = over(600_000, error, fine)
  await expect(call).resolves.toEqual(fine)
  expect(wire.calls).toHaveLength(2)
})

it('once only', async () => {
  const { wire, call } = over(600_000, badTime)
  await expect(call).rejects.toBe(badTime)
  expect(wire.calls).toHaveLength(2)
})

it.each([
  ['1013', badTime],
  ['1004', badSignature],
])('%s from a cloud whose time is ours is not repeated', async (_what, error) => {
  const { wire, call } = over(0, error)
  await expect(call).rejects.toBe(error)
  expect(wire.calls).toHaveLength(1)
})

it('other faults are not the clock’s, even when the answer moved it', async () => {
  const error = fault('device-offline', 'refused', { tuya: { code: 2001, msg: 'device is offline' } })
  const { wire, call } = over(600_000, error)
  await expect(call).rejects.toBe(error)
  expect(wire.calls).toHaveLength(1)
})
