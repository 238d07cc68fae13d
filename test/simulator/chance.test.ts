import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { operations } from '../../src/codec/cloud/operation/index.ts'
import { type AnyOperation, buildCall, type Param } from '../../src/codec/cloud/operation.ts'
import {
  automation,
  demo,
  external,
  issue,
  pause,
  SimulatorDesk,
  timer,
  watch,
} from '../support/simulator-desk.ts'

const ids = Object.values(demo)
const good = automation({
  conditions: [watch(1, demo.door, 'doorcontact_state', true), timer(2, {}), external(3, 'a', 'b')],
})
const rows = [
  issue(demo.lamp, { switch_led: true }),
  issue(demo.plug, { switch_1: false }),
  pause(5),
  { action_executor: 'ruleTrigger', entity_id: demo.goodNight },
  { action_executor: 'ruleDisable', entity_id: demo.bedtime },
  { action_executor: 'externalAction', executor_property: { action: 'x' } },
  ...(good['conditions'] as object[]),
  { code: 'switch_led', value: false },
  { code: 'switch_1', value: true },
  { cond_type: 'timeCheck', display: { start: '22:00', end: '06:00', loops: '1111111', timezone_id: 'UTC' } },
  { entity_id: 'x', display: { code: 'a', value: 'b' } },
]

const junk = fc.oneof(
  fc.constantFrom(null, '', 0, -1, 1e15, 'null', [], {}, '__proto__', 'constructor', '💡', true),
  fc.jsonValue(),
)

/** A value for a parameter: often one that makes sense. */
function valueFor(name: string, { type }: Param): fc.Arbitrary<unknown> {
  const named: Readonly<Record<string, readonly unknown[]>> = {
    home_id: [demo.home, demo.cabin],
    room_id: [demo.livingRoom, demo.kitchen, 1_409_001],
    uid: [demo.uid, demo.kim],
    scene_id: [demo.goodNight, demo.movieEvening],
    automation_id: [demo.bedtime, demo.nightLight],
    device_id: ids,
    device_ids: [[demo.lamp, demo.plug], `${demo.lamp},${demo.gateway}`],
    code: ['switch_mode1', 'add_ele', 'switch_1'],
    value: ['click', 'press'],
    type: ['1,2,5,7', 'condition', 'action'],
    event_types: ['7'],
    start_time: [0],
    end_time: [9e12],
    match_type: [1, 2, 3],
    condition_rule: ['1&&2||3', '1||', '(1)'],
    module_type: [0, 9],
    duration: [0, 10],
    category: ['dj', 'cz'],
    time_zone_id: ['UTC'],
    home: [{ name: 'Another', lat: 1 }],
    member: [{ country_code: '43', member_account: demo.robin, admin: true, name: 'Robin' }],
  }
  const usual: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
    string: fc.oneof(fc.string(), fc.constantFrom(...ids)),
    integer: fc.integer({ min: -2, max: 120 }),
    long: fc.integer(),
    double: fc.double(),
    boolean: fc.boolean(),
    object: fc.object(),
    'array<string>': fc.array(fc.constantFrom(...ids), { maxLength: 4 }),
    'array<object>': fc.array(fc.constantFrom(...rows), { maxLength: 4 }),
  }
  const likely = named[name] ? fc.constantFrom(...named[name]) : (usual[type] as fc.Arbitrary<unknown>)
  return fc.oneof({ weight: 12, arbitrary: likely }, { weight: 1, arbitrary: junk })
}

function argumentsOf({ params }: AnyOperation): fc.Arbitrary<Record<string, unknown>> {
  const values = Object.entries(params).map(([name, param]) => [name, valueFor(name, param)] as const)
  const optional = Object.keys(params).filter((name) => !params[name]?.required)
  return fc.record(Object.fromEntries(values), {
    requiredKeys: Object.keys(params).filter((name) => !optional.includes(name)),
  })
}

const step = fc
  .constantFrom(...operations)
  .chain((operation) => argumentsOf(operation).map((args) => ({ operation, args })))

interface Envelope {
  readonly success: boolean
  readonly code?: number
  readonly result?: unknown
  readonly tid: string
}

describe('whatever is asked in whatever order', () => {
  it('the answer is an envelope and no inner error, and the feed has no gap', async () => {
    let succeeded = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        const desk = new SimulatorDesk()
        desk.simulator.engine.start()
        const heard: number[] = []
        desk.simulator.feed.subscribe(({ sequence }) => heard.push(sequence))
        for (const { operation, args } of steps) {
          const { method, path, query, body } = buildCall(operation, args)
          const reply = (await desk.call(method, path, {
            query,
            ...(body === undefined ? {} : { body }),
          })) as Envelope
          expect(reply.tid).toMatch(/^[0-9a-f]{32}$/)
          expect(Object.hasOwn(reply, 'result')).toBe(reply.success)
          expect(reply.code, `${operation.id} ${JSON.stringify(args)}`).not.toBe(500)
          if (reply.success) succeeded++
          await desk.clock.advance(5_000)
        }
        expect(heard).toEqual(heard.map((_, i) => i + 1))
        desk.simulator.engine.stop()
      }),
      { numRuns: 40, seed: 3 },
    )
    // Most of it must have been meaningful, or nothing was tried.
    expect(succeeded).toBeGreaterThan(200)
  })
})
