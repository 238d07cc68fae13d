import { describe, expect, it } from 'vitest'
import type { Report } from '../../../src/domain/report.ts'
import { joinSpecification } from '../../../src/domain/specification.ts'
import { CloudReader, shadowReport } from '../../../src/transport/cloud/reader.ts'
import { fault } from '../../support/cloud-request.ts'
import { settle, VirtualClock } from '../../support/virtual-clock.ts'

const extended = joinSpecification(
  {
    standard: [{ code: 'switch_1', dpId: 1, type: 'boolean' }],
    thing: [
      { code: 'switch_1', dpId: 1, type: 'boolean' },
      { code: 'standby_limit', dpId: 101, type: 'integer' },
    ],
    shadow: [],
  },
  {},
)

interface Call {
  readonly id: string
  readonly args: Readonly<Record<string, unknown>>
  readonly at: number
}

/** A reader over a client that gives every device `switch_1: true`, and takes so long for it. */
function bench(latencyMs = 0, failure?: Error) {
  const clock = new VirtualClock()
  const calls: Call[] = []
  const reports: Report[] = []
  const answers: Readonly<Record<string, (args: Call['args']) => unknown>> = {
    'device-status': () => [{ code: 'switch_1', value: true }],
    'devices-status-batch': ({ device_ids }) =>
      String(device_ids)
        .split(',')
        .map((id) => ({ id, status: [{ code: 'switch_1', value: true }] })),
    'thing-properties': () => [
      { source: { code: 'switch_1', dpId: 1 }, raw: true },
      { source: { code: 'standby', dpId: 101 }, raw: 20 },
    ],
  }
  const client = {
    now: () => clock.now(),
    call: async ({ id }: { id: string }, args: Call['args']) => {
      calls.push({ id, args, at: clock.monotonic() })
      if (latencyMs > 0) await new Promise<void>((resolve) => clock.after(latencyMs, resolve))
      if (failure) throw failure
      return answers[id]?.(args)
    },
  }
  const reader = new CloudReader({
    client: client as never,
    clock,
    specification: (id) => (id.startsWith('deep') ? extended : undefined),
    deliver: (report) => reports.push(report),
    priority: 'command',
  })
  const read = (id: string, signal = new AbortController().signal) => reader.read(id, { signal })
  return { clock, calls, reports, reader, read }
}

const names = (n: number) => Array.from({ length: n }, (_, i) => `bf${i}`)

describe('gathering', () => {
  it('devices that are asked for within 15 ms share a call', async () => {
    const { clock, calls, reports, read } = bench()
    const first = read('bf1')
    await clock.advance(14)
    const second = read('bf2')
    await clock.advance(1)
    await Promise.all([first, second])
    expect(calls).toEqual([{ id: 'devices-status-batch', args: { device_ids: 'bf1,bf2' }, at: 15 }])
    expect(reports.map(({ deviceId }) => deviceId)).toEqual(['bf1', 'bf2'])
    const third = read('bf3')
    await clock.advance(15)
    await third
    expect(calls[1]).toEqual({ id: 'device-status', args: { device_id: 'bf3' }, at: 30 })
  })

  it('a batch holds at most twenty', async () => {
    const { clock, calls, reports, read } = bench()
    const all = Promise.all(names(45).map((name) => read(name)))
    await clock.advance(15)
    await all
    expect(calls.map(({ args }) => String(args['device_ids']).split(',').length)).toEqual([20, 20, 5])
    expect(new Set(reports.map(({ deviceId }) => deviceId)).size).toBe(45)
  })

  it('a device that many wait for is read once', async () => {
    const { clock, calls, reports, read } = bench()
    const all = Promise.all(Array.from({ length: 50 }, () => read('bf1')))
    await clock.advance(15)
    await all
    expect(calls).toHaveLength(1)
    expect(reports).toHaveLength(1)
  })

  it('devices with points outside the standard set are read whole, each by itself', async () => {
    const { clock, calls, reports, read } = bench()
    const all = Promise.all([read('deep1'), read('bf1'), read('deep2')])
    await clock.advance(15)
    await all
    expect(calls.map(({ id }) => id)).toEqual(['thing-properties', 'thing-properties', 'device-status'])
    expect(reports.find(({ deviceId }) => deviceId === 'deep1')?.points).toEqual([
      { code: 'switch_1', dpId: 1, raw: true, timeMs: reports[0]?.points[0]?.timeMs },
      { code: 'standby_limit', dpId: 101, raw: 20, timeMs: reports[0]?.points[0]?.timeMs },
    ])
  })
})

describe('reports', () => {
  it('are dated with the moment at which the request began', async () => {
    const { clock, reports, read } = bench(700)
    const startMs = clock.now()
    const all = Promise.all([read('bf1'), read('deep1')])
    await clock.advance(1_000)
    await all
    for (const { source, receivedMs, points } of reports) {
      expect(source).toBe('poll')
      expect(receivedMs).toBe(startMs + 715)
      for (const { timeMs } of points) expect(timeMs).toBe(startMs + 15)
    }
  })
})

it('a report of the shadow tells when the device said each value, where the cloud tells that', () => {
  const shadow = [
    { source: { code: 'add_ele', dpId: 17 }, raw: 12, timeMs: 500 },
    { source: { code: 'switch_1', dpId: 1 }, raw: true, timeMs: undefined },
  ]
  expect(shadowReport('bf1', shadow, 1_000, 1_100, () => undefined).points).toEqual([
    { code: 'add_ele', dpId: 17, raw: 12, timeMs: 1_000, saidMs: 500 },
    { code: 'switch_1', dpId: 1, raw: true, timeMs: 1_000 },
  ])
})

describe('the end of a read', () => {
  it('comes to all who share a call that fails', async () => {
    const error = fault('transient')
    const { clock, reports, read } = bench(0, error)
    const all = ['bf1', 'bf2', 'deep1'].map((id) => read(id).catch((thrown: unknown) => thrown))
    await clock.advance(15)
    expect(await Promise.all(all)).toEqual([error, error, error])
    expect(reports).toEqual([])
  })

  it('comes at once to who gives up, and the others get theirs', async () => {
    const { clock, reports, read } = bench(100)
    const given = new AbortController()
    const impatient = read('bf1', given.signal).catch((thrown: unknown) => thrown)
    const patient = read('bf1')
    const reason = new Error('too late')
    given.abort(reason)
    expect(await impatient).toBe(reason)
    await clock.advance(200)
    await patient
    expect(reports).toHaveLength(1)
  })

  it('comes to who still waits when the reader stops, and nothing is asked any more', async () => {
    const { clock, calls, reader, read } = bench()
    const waiting = read('bf1').catch((thrown: unknown) => thrown)
    reader.stop()
    expect(await waiting).toBeInstanceOf(Error)
    await clock.advance(1_000)
    await settle()
    expect(calls).toEqual([])
    expect(clock.waiting).toBe(0)
  })
})
