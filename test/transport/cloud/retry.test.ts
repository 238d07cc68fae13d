import { describe, expect, it } from 'vitest'
import { deviceCommands } from '../../../src/codec/cloud/operation/device-commands.ts'
import type { CloudFaultKind, CloudReply, CloudRequest } from '../../../src/transport/cloud/layer.ts'
import { retryLayer } from '../../../src/transport/cloud/retry.ts'
import { BridgeError } from '../../../src/util/error.ts'
import { answering, anyOperation, fault, fine, requestOf } from '../../support/cloud-request.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const write = { operation: anyOperation(deviceCommands), priority: 'command' } as const

/** The call through to its end, however long it takes. */
async function run(
  answers: readonly (CloudReply | Error)[],
  changes: Partial<CloudRequest> = {},
): Promise<{ result: unknown; tries: number; ms: number }> {
  const clock = new VirtualClock()
  const wire = answering(...answers)
  let endedAt = Number.NaN
  const call = retryLayer(
    clock,
    () => 0.5,
  )(wire)(requestOf(changes))
    .catch((thrown: unknown) => thrown)
    .finally(() => {
      endedAt = clock.monotonic()
    })
  await clock.advance(60_000)
  return { result: await call, tries: wire.calls.length, ms: endedAt }
}

describe('reads (R-C4)', () => {
  it.each<CloudFaultKind>(['transient', 'throttled'])('%s: three tries, then the fault', async (kind) => {
    const error = fault(kind, 'unknown')
    expect(await run([error])).toMatchObject({ result: error, tries: 3 })
    expect(await run([error, error, fine])).toMatchObject({ result: fine, tries: 3 })
  })

  it('the pauses between tries grow, with chance in them', async () => {
    const { ms } = await run([fault('transient')])
    expect(ms).toBe(625 + 1_250)
  })

  it.each<CloudFaultKind>([
    'auth',
    'clock',
    'config',
    'quota',
    'permission',
    'device-offline',
    'unsupported',
    'gone',
    'request',
    'refused',
    'budget',
    'blocked',
  ])('%s: one try', async (kind) => {
    expect((await run([fault(kind)])).tries).toBe(1)
  })

  it('what is no fault of the cloud is not repeated', async () => {
    expect((await run([new Error('a defect')])).tries).toBe(1)
  })

  it('a caller who gives up between two tries hears his own reason at once', async () => {
    const clock = new VirtualClock()
    const wire = answering(fault('transient'))
    const given = new AbortController()
    const call = retryLayer(clock, () => 0.5)(wire)(requestOf({ signal: given.signal }))
    const reason = new BridgeError('command/unconfirmed', 'too late')
    clock.after(100, () => given.abort(reason))
    const ended = expect(call).rejects.toBe(reason)
    await clock.advance(100)
    await ended
    expect(clock.waiting).toBe(0)
    expect(wire.calls).toHaveLength(1)
  })
})

describe('writes (R-C5)', () => {
  it('go out again when no byte of them left', async () => {
    const error = fault('transient', 'not-sent')
    expect(await run([error, error, fine], write)).toMatchObject({ result: fine, tries: 3 })
  })

  it.each<[CloudFaultKind, 'unknown' | 'refused']>([
    ['transient', 'unknown'],
    ['throttled', 'refused'],
    ['auth', 'refused'],
    ['device-offline', 'refused'],
  ])('never after %s with outcome %s', async (kind, outcome) => {
    expect((await run([fault(kind, outcome)], write)).tries).toBe(1)
  })

  it('once more when the cloud says that it did not deliver', async () => {
    const error = fault('undelivered')
    expect(await run([error, fine], write)).toMatchObject({ result: fine, tries: 2 })
    expect(await run([error], write)).toMatchObject({ result: error, tries: 2 })
  })

  it('not even then when twice would do it twice (R-K4)', async () => {
    expect((await run([fault('undelivered'), fine], { ...write, once: true })).tries).toBe(1)
    expect((await run([fault('transient', 'not-sent'), fine], { ...write, once: true })).tries).toBe(2)
  })

  it('one that is given up between two tries ends as its last try did: it was not sent', async () => {
    const clock = new VirtualClock()
    const error = fault('transient', 'not-sent')
    const given = new AbortController()
    const call = retryLayer(clock, () => 0.5)(answering(error))(requestOf({ ...write, signal: given.signal }))
    const ended = expect(call).rejects.toBe(error)
    clock.after(100, () => given.abort())
    await clock.advance(100)
    await ended
  })
})
