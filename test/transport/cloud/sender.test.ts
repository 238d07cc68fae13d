import { describe, expect, it } from 'vitest'
import type { Write } from '../../../src/domain/command.ts'
import type { Json, Specification } from '../../../src/domain/data-point.ts'
import { joinSpecification, type PointSource } from '../../../src/domain/specification.ts'
import type { CallOptions } from '../../../src/transport/cloud/client.ts'
import { CloudSender } from '../../../src/transport/cloud/sender.ts'
import { fault } from '../../support/cloud-request.ts'

const standard: PointSource[] = [
  { code: 'switch_1', dpId: 1, type: 'boolean', access: 'rw' },
  { code: 'colour_data', dpId: 5, type: 'json', access: 'rw' },
]
const thing: PointSource[] = [
  { code: 'switch_1', dpId: 1, type: 'boolean', access: 'rw' },
  { code: 'colour', dpId: 5, type: 'json', access: 'rw' },
  { code: 'standby_limit', dpId: 101, type: 'integer', access: 'rw' },
]
const withModel = joinSpecification({ standard, thing, shadow: [] }, {})
const withoutModel = joinSpecification({ standard, thing: [], shadow: [] }, {})

interface Call {
  readonly id: string
  readonly args: Readonly<Record<string, unknown>>
  readonly options: CallOptions
}

/** A sender over a client that answers so, one after the other; true when nothing is left. */
function bench(specification: Specification | undefined, ...answers: readonly (Error | true)[]) {
  const calls: Call[] = []
  const left = [...answers]
  const client = {
    call: async (operation: { id: string }, args: object, options: CallOptions) => {
      calls.push({ id: operation.id, args: args as Call['args'], options })
      const answer = left.shift()
      if (answer instanceof Error) throw answer
      return true
    },
  }
  const sender = new CloudSender({ client: client as never, specification: () => specification })
  const { signal } = new AbortController()
  const send = (values: Readonly<Record<string, Json>>, changes: Partial<Write> = {}) =>
    sender.send(writeOf(values, changes), { signal })
  return { calls, send, signal }
}

function writeOf(values: Readonly<Record<string, Json>>, changes: Partial<Write>): Write {
  const points = Object.entries(values).map(([code, raw]) => ({ code, raw, shown: raw }))
  return { deviceId: 'bf1', points, once: false, path: 'auto', ttlMs: 10_000, ...changes }
}

describe('the call that carries a write', () => {
  it('is the standard one for standard points, all in one', async () => {
    const { calls, send, signal } = bench(withModel)
    await expect(send({ switch_1: true, colour_data: { h: 1, s: 2, v: 3 } })).resolves.toEqual({
      by: 'cloud',
    })
    expect(calls).toEqual([
      {
        id: 'device-commands',
        args: {
          device_id: 'bf1',
          commands: [
            { code: 'switch_1', value: true },
            { code: 'colour_data', value: { h: 1, s: 2, v: 3 } },
          ],
        },
        options: { priority: 'command', signal, once: false },
      },
    ])
  })

  it('is the thing model’s for points outside the standard set, under its own codes, objects as text', async () => {
    const { calls, send } = bench(withModel)
    await send({ standby_limit: 20, colour_data: { h: 1, s: 2, v: 3 } })
    expect(calls).toMatchObject([{ id: 'thing-properties-issue', args: { device_id: 'bf1' } }])
    expect(JSON.parse(String(calls[0]?.args['properties']))).toEqual({
      standby_limit: 20,
      colour: '{"h":1,"s":2,"v":3}',
    })
  })

  it('is the standard one where nothing is known of the point', async () => {
    const { calls, send } = bench(undefined)
    await send({ switch_9: true })
    expect(calls.map(({ id }) => id)).toEqual(['device-commands'])
  })

  it('does not exist for points that no call carries together: never split', async () => {
    const learned = new Map(withoutModel.points)
    const extra = withModel.points.get('standby_limit')
    if (extra) learned.set('standby_limit', { ...extra, thingCode: null })
    const { calls, send } = bench({ ...withoutModel, points: learned })
    await expect(send({ switch_1: true, standby_limit: 20 })).rejects.toMatchObject({
      code: 'command/not-atomic',
      outcome: 'refused',
      message: expect.stringContaining('switch_1, standby_limit'),
    })
    expect(calls).toEqual([])
  })

  it('tells the client what must not be done twice', async () => {
    const { calls, send } = bench(withModel)
    await send({ switch_1: true }, { once: true })
    expect(calls[0]?.options.once).toBe(true)
  })
})

describe('a device that does not take the standard call', () => {
  it('gets the thing model’s, and that is remembered', async () => {
    const { calls, send } = bench(withModel, fault('unsupported'))
    await send({ switch_1: true })
    await send({ switch_1: false })
    expect(calls.map(({ id }) => id)).toEqual([
      'device-commands',
      'thing-properties-issue',
      'thing-properties-issue',
    ])
  })

  it('only for the points that were refused', async () => {
    const { calls, send } = bench(withModel, fault('unsupported'))
    await send({ switch_1: true })
    await send({ colour_data: { h: 1, s: 2, v: 3 } })
    expect(calls.at(-1)?.id).toBe('device-commands')
  })

  it('and not the thing model’s either is not remembered', async () => {
    const { calls, send } = bench(withModel, fault('unsupported'), fault('unsupported'))
    await expect(send({ switch_1: true })).rejects.toMatchObject({
      kind: 'unsupported',
      code: 'cloud/unsupported',
    })
    await send({ switch_1: true })
    expect(calls.at(-1)?.id).toBe('device-commands')
  })

  it('has nothing else where there is no model', async () => {
    const { calls, send } = bench(withoutModel, fault('unsupported'))
    await expect(send({ switch_1: true })).rejects.toMatchObject({ kind: 'unsupported' })
    expect(calls).toHaveLength(1)
  })
})

describe('failures', () => {
  it.each(['transient', 'auth', 'device-offline', 'permission', 'throttled'] as const)(
    '%s is passed on, and no other call is tried',
    async (kind) => {
      const error = fault(kind, 'unknown')
      const { calls, send } = bench(withModel, error)
      await expect(send({ switch_1: true })).rejects.toBe(error)
      expect(calls).toHaveLength(1)
    },
  )

  it('what is no verdict leaves the outcome unknown', async () => {
    const { send } = bench(withModel, new Error('a defect'))
    await expect(send({ switch_1: true })).rejects.toMatchObject({
      outcome: 'unknown',
      code: 'bridge/internal',
    })
  })
})
