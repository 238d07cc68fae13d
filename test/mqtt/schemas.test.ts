import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/domain/command.ts'
import { firmwareStates } from '../../src/domain/firmware.ts'
import { DeviceState } from '../../src/domain/state.ts'
import { progressReceipt, receipt, rejected, type Subject } from '../../src/mqtt/command/receipt.ts'
import type { Payload } from '../../src/mqtt/payload.ts'
import { bridgeEvent } from '../../src/mqtt/payload-event.ts'
import { firmwareState } from '../../src/mqtt/payload-firmware.ts'
import { stateDocument } from '../../src/mqtt/payload-state.ts'
import { BridgeError } from '../../src/util/error.ts'
import { firmwareModule } from '../support/firmware.ts'

const kinds = ['state', 'result', 'event', 'command', 'firmware'] as const
type Kind = (typeof kinds)[number]

function read(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
}

const schemas = Object.fromEntries(
  kinds.map((kind) => [kind, read(`../../schemas/mqtt/${kind}.schema.json`)]),
)
/** The documents that the page about commands prints. */
const printed = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8')
  .split('```json\n')
  .slice(1)
  .map((block) => JSON.parse(block.slice(0, block.indexOf('```'))))

const examples = {
  ...read('../vector/mqtt-messages.json'),
  firmware: printed.filter((document) => 'installed_version' in document),
} as unknown as Record<Kind, Record<string, unknown>[]>
const strict = { strict: true, strictRequired: false, allErrors: true }
const ajv = new Ajv2020(strict)
const check = Object.fromEntries(kinds.map((kind) => [kind, ajv.compile(schemas[kind] as object)]))

/** What the schema has against the message. */
function faults(kind: Kind, message: unknown): unknown[] {
  check[kind]?.(message)
  return (check[kind]?.errors ?? []).map(({ instancePath, keyword, params }) => ({
    instancePath,
    keyword,
    params,
  }))
}

const parsed = ({ text }: Payload) => JSON.parse(text)

describe.each(kinds)('the schema of a %s', (kind) => {
  it('has the contract’s name', () => {
    expect(schemas[kind]?.['$id']).toBe(`urn:dp2mqtt:${kind}:1`)
  })

  it('is understood as draft-07 too', () => {
    const { $schema: _, ...schema } = schemas[kind] as Record<string, unknown>
    const old = new Ajv(strict).compile(schema)
    for (const message of examples[kind]) expect(old(message)).toBe(true)
  })

  it('accepts the messages of the worked examples', () => {
    expect(examples[kind].length).toBeGreaterThan(0)
    for (const message of examples[kind]) expect(faults(kind, message)).toEqual([])
  })

  it('misses every member that a message must have', () => {
    const [message] = examples[kind]
    for (const member of (schemas[kind]?.['required'] as string[] | undefined) ?? []) {
      const { [member]: _, ...rest } = message as Record<string, unknown>
      expect(faults(kind, rest), member).not.toEqual([])
    }
  })
})

describe('state documents as they are made', () => {
  const view = {
    id: 'bf3c9a7d41e0b2f6aaw1vn',
    seq: 1,
    source: 'poll',
    changed: ['a'],
    receivedMs: 1_795_295_542_051,
    listedMs: 1_795_295_500_000,
    isStale: () => false,
    total: () => 12.345,
  } as const

  it('conform with and without values', () => {
    const state = new DeviceState()
    expect(faults('state', parsed(stateDocument({ ...view, state })))).toEqual([])
    const fact = { odd: true, timeMs: 5, receivedMs: 6, source: 'snapshot' as const }
    state.apply('a', { ...fact, raw: 215, value: 21.5 })
    state.apply('__proto__', { ...fact, raw: null, value: null })
    const document = parsed(stateDocument({ ...view, state, isStale: () => true }))
    expect(faults('state', document)).toEqual([])
    expect(Object.keys(document.dp)).toEqual(['a', '__proto__'])
  })
})

describe('results as they are made', () => {
  const device: Subject = { target: 'device/a', result: { kind: 'device', name: 'a' } }
  const refusal = new BridgeError('command/out-of-range', 'x must be less.', {
    details: [{ dp: 'x', max: 1 }],
  })
  const outcomes: Outcome[] = [
    { state: 'confirmed', by: 'report', path: 'cloud', sent: { x: true }, warnings: ['adjusted'] },
    { state: 'confirmed', by: 'bridge', path: null, result: { pong: true } },
    rejected(refusal),
    rejected(new BridgeError('command/expired', 'Too late.')),
    { state: 'superseded', reason: 'command/superseded', message: 'A newer one came.', retry: 'later' },
    {
      state: 'failed',
      reason: 'cloud/refused',
      message: 'No.',
      retry: 'never',
      path: 'cloud',
      attempts: [{ path: 'lan', reason: 'timeout', ms: 3_000 }],
      tuya: { code: 2008, msg: 'command or value not support', tid: 't' },
    },
    { state: 'timeout', reason: 'command/unconfirmed', message: 'Nobody knows.', retry: 'later' },
  ]

  it('conform whatever came of the command', () => {
    for (const outcome of outcomes)
      expect(faults('result', parsed(receipt('r1', device, outcome, 12.6, 1_795_295_541_881)))).toEqual([])
    expect(faults('result', parsed(progressReceipt(null, device, 'sent', 3, 1_795_295_541_881)))).toEqual([])
  })

  it('say why whenever they say no', () => {
    const whole = parsed(receipt(null, device, rejected(refusal), 0, 1_795_295_541_881))
    for (const member of ['reason', 'message', 'retry']) {
      const { [member]: _, ...rest } = whole
      expect(faults('result', rest), member).not.toEqual([])
    }
  })
})

describe('documents of firmware as they are made', () => {
  const of = (...modules: Parameters<typeof firmwareState>[0]) => parsed(firmwareState(modules))

  it('conform in every state of an upgrade, and without modules', () => {
    expect(faults('firmware', of())).toEqual([])
    for (const status of firmwareStates) {
      const wifi = firmwareModule(0, { status, current: null, latest: null, notes: 'x', upgradedMs: 5 })
      const document = of(wifi, firmwareModule(9, { status, latest: '2.0.0' }))
      expect(faults('firmware', document)).toEqual([])
      expect(document.modules).toHaveLength(2)
    }
  })

  it.each([
    ['/in_progress', { in_progress: 'true' }],
    ['/installed_version', { installed_version: 1 }],
    ['/update_percentage', { update_percentage: 101 }],
    ['/modules/0/status', { modules: [{ ...firmwareModule(0), status: 'upgrading' }] }],
  ])('do not take another %s', (instancePath, change) => {
    expect(faults('firmware', { ...of(firmwareModule(0)), ...change })).toMatchObject([{ instancePath }])
  })
})

it('events of the bridge conform', () => {
  const event = bridgeEvent({
    kind: 'room_renamed',
    object: { room: '1' },
    timeMs: 1_795_295_542_035,
    receivedMs: 1_795_295_542_035,
    seq: 1,
    data: { id: '1', name: 'Kitchen' },
  })
  expect(faults('event', parsed(event))).toEqual([])
})

it.each([
  [{}, 'no value'],
  [{ id: 'x' }, 'options alone'],
  [{ dp: {} }, 'an empty list of values'],
  [{ dp: { x: 1 }, ttl: 99 }, 'a life that is too short'],
  [{ dp: { x: 1 }, from: 'a/b' }, 'a requester with a slash'],
  [{ dp: { x: 1 }, what: 1 }, 'an option that nobody knows'],
  [{ commands: [{ code: 'x' }] }, 'a command without value'],
])('the schema of a command does not take %j: %s', (message, _why) => {
  expect(faults('command', message)).not.toEqual([])
})
