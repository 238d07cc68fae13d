import fc from 'fast-check'
import { printRule, type Rule } from '../../src/domain/condition-rule.ts'
import {
  background,
  bedtime,
  delay,
  external,
  goodNight,
  lamp,
  thermostat,
  timeCheck,
  timer,
  unread,
  watch,
  weather,
  write,
} from './definition.ts'

/** Scenes and automations that fit the small house, as a person would write them. */

type Wire = Record<string, unknown>

const twoDigits = (most: number) => fc.integer({ min: 0, max: most }).map((n) => String(n).padStart(2, '0'))
const time = fc.tuple(twoDigits(23), twoDigits(59)).map((parts) => parts.join(':'))
const date = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10).replaceAll('-', ''))
const loops = fc.array(fc.constantFrom('0', '1'), { minLength: 7, maxLength: 7 }).map((days) => days.join(''))
const timezone_id = fc.constantFrom('Europe/Berlin', 'Asia/Shanghai', 'America/New_York', 'UTC')
const word = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== '')

const writes = fc.oneof(
  fc.boolean().map((on) => write(lamp.id, { switch_led: on })),
  fc
    .integer({ min: 1, max: 100 })
    .map((tens) => write(lamp.id, { switch_led: true, bright_value_v2: tens * 10 })),
  fc.integer({ min: 10, max: 70 }).map((steps) => write(thermostat.id, { temp_set: steps * 5 })),
  fc.constantFrom('white', 'colour', 'scene').map((mode) => write(lamp.id, { work_mode: mode })),
  fc.jsonValue({ maxDepth: 2 }).map((value) => write(unread.id, { anything: value })),
)

const delays = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }), fc.integer({ min: 1, max: 59 }))
  .chain((parts) =>
    fc.constantFrom(delay(...parts), delay(...(parts.map(String) as [string, string, string]))),
  )

const switches = fc
  .constantFrom('ruleEnable', 'ruleDisable')
  .map((action_executor) => ({ action_executor, entity_id: bedtime.id }))

const outward = fc.oneof(
  fc.constant({ action_executor: 'ruleTrigger', entity_id: goodNight.id }),
  fc
    .dictionary(word, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
    .map((executor_property) => ({ action_executor: 'externalAction', executor_property })),
)

const inScenes = fc.oneof(writes, delays, switches)
const inAutomations = fc.oneof(writes, delays, switches, outward)

const comparisons = fc.oneof(
  fc.boolean().map((on) => watch(lamp.id, 'switch_led', '==', on)),
  fc
    .tuple(fc.constantFrom('<', '==', '>'), fc.integer({ min: 1, max: 100 }))
    .map(([operator, tens]) => watch(lamp.id, 'bright_value_v2', operator, tens * 10)),
  fc
    .tuple(fc.constantFrom('<', '>'), fc.integer({ min: -200, max: 600 }))
    .map(([operator, value]) => watch(thermostat.id, 'temp_current', operator, value)),
  fc
    .tuple(fc.constantFrom('<', '==', '>'), fc.integer({ min: -40, max: 40 }))
    .map(([operator, value]) => weather('temp', operator, String(value))),
  fc.constantFrom('dry', 'comfort', 'wet').map((value) => weather('humidity', '==', value)),
  fc
    .tuple(word, fc.oneof(word, fc.boolean(), fc.integer()))
    .map(([code, value]) => external(code, '==', value)),
)

const timers = fc.record({ date, time, loops, timezone_id }).map((changes) => timer(changes))
const windows = fc.record({ start: time, end: time, loops, timezone_id }).map((changes) => timeCheck(changes))

const named = { name: word, background: fc.constant(background) }

export const scenes: fc.Arbitrary<Wire> = fc.record({
  ...named,
  actions: fc.array(inScenes, { minLength: 1, maxLength: 6 }),
})

/** A rule over conditions 1 to `count`. */
function rules(count: number): fc.Arbitrary<string> {
  const { rule } = fc.letrec<{ rule: Rule }>((tie) => ({
    rule: fc.oneof(
      { maxDepth: 3 },
      fc.record({ kind: fc.constant('condition' as const), order: fc.integer({ min: 1, max: count }) }),
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        of: fc.array(tie('rule'), { minLength: 2, maxLength: 3 }),
      }),
    ),
  }))
  return rule.map(printRule).filter((text) => text.length <= 1000)
}

const conditionLists = fc
  .uniqueArray(fc.oneof(comparisons, timers), {
    minLength: 1,
    maxLength: 10,
    selector: (each) => JSON.stringify(each),
  })
  .map((list) => list.map((condition, i) => ({ ...condition, order_num: i + 1 })))

export const automations: fc.Arbitrary<Wire> = conditionLists.chain((conditions) =>
  fc
    .record({
      ...named,
      conditions: fc.constant(conditions),
      preconditions: fc.array(windows, { maxLength: 2 }),
      actions: fc.array(inAutomations, { minLength: 1, maxLength: 6 }),
      matching: fc.oneof(
        fc.constantFrom({ match_type: 1 }, { match_type: 2 }),
        rules(conditions.length).map((condition_rule) => ({ match_type: 3, condition_rule })),
      ),
    })
    .map(({ matching, ...rest }) => ({ ...rest, ...matching })),
)

type Step = string | number

/** Every place in a value: the members of its objects and the entries of its lists, however deep. */
function places(value: unknown, path: readonly Step[] = []): (readonly Step[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const children = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return [path, ...children.flatMap(([step, child]) => places(child, [...path, step]))]
}

function changed(value: unknown, path: readonly Step[], change: (old: unknown) => unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return change(value)
  if (Array.isArray(value))
    return value.map((entry, i) => (i === step ? changed(entry, rest, change) : entry))
  return Object.fromEntries(
    Object.entries(value as Wire).flatMap(([name, member]) => {
      if (name !== step) return [[name, member]]
      const fresh = changed(member, rest, change)
      return fresh === undefined ? [] : [[name, fresh]]
    }),
  )
}

/** What makes a value wrong, by the name of the member that it stands under; undefined where nothing is known to. */
const spoilers: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  name: fc.constantFrom(undefined, '', '  ', 7, null, [], 'x'.repeat(256)),
  background: fc.constantFrom(undefined, '', 'bedroom.png', 7, null),
  match_type: fc.constantFrom(undefined, 0, 4, 'some', null, 1.5, true),
  condition_rule: fc.constantFrom(undefined, '', '1&&', '1&2', '(1', '1||99', 'one', '1)', 7, '!1'),
  conditions: fc.constantFrom(undefined, [], {}, 'none', null),
  preconditions: fc.constantFrom({}, 'none', [{}], ['x']),
  actions: fc.constantFrom(undefined, [], {}, 'none', null),
  action_executor: fc.constantFrom(undefined, '', 'dpisue', 'deviceIssue', 7, null),
  entity_type: fc.constantFrom(undefined, 0, 2, 99, 'device', null, true),
  order_num: fc.constantFrom(undefined, 0, -1, 100, 1.5, 'first', null),
  display: fc.constantFrom(undefined, {}, [], 'x', null),
  code: fc.constantFrom(undefined, '', 7, null, {}),
  operator: fc.constantFrom(undefined, '', '=', '>=', '!=', 'is', 7, null),
  value: fc.constantFrom(undefined, null, '', {}, []),
  date: fc.constantFrom(undefined, '2026-03-01', '20261301', '20260230', '', 20_260_301),
  time: fc.constantFrom(undefined, '24:00', '7:30', '07:60', '0730', '', 730),
  start: fc.constantFrom(undefined, '24:00', '7:30', 'noon', ''),
  end: fc.constantFrom(undefined, '24:00', '7:30', 'midnight', ''),
  loops: fc.constantFrom(undefined, '', '111', '11111112', '0120000', 'daily', 1_111_111),
  timezone_id: fc.constantFrom(undefined, '', 'Europe/Berln', '+01:00', 'europe/berlin', 'Mars', 1),
  cond_type: fc.constantFrom(undefined, 'timecheck', 'allDay', '', 7),
  switch_led: fc.constantFrom('maybe', 2, null, [], {}),
  work_mode: fc.constantFrom('disco', '', true, null),
  bright_value_v2: fc.constantFrom(0, 5, 1010, 15, 'bright', '', null, true),
  temp_set: fc.constantFrom(21.5, 0, 355, 52, 'warm', null),
  hours: fc.constantFrom(-1, 24, '24', 'x', 1.5, null),
  minutes: fc.constantFrom(-1, 60, '60', 'x', null),
  seconds: fc.constantFrom(-1, 60, '60', '', null),
}

/** Strange members, and entities that do not exist. */
function spoiling(value: Wire, path: readonly Step[]): fc.Arbitrary<unknown> | undefined {
  const last = path.at(-1)
  const set = (spoiler: fc.Arbitrary<unknown>) => spoiler.map((bad) => changed(value, path, () => bad))
  // What external actions and unread devices are told is nobody's business.
  const member = (steps: readonly Step[]) =>
    steps.reduce((here: unknown, step) => (here as Wire)?.[step], value)
  const entry = member(path.slice(0, 2)) as Wire
  const free = entry?.['action_executor'] === 'externalAction' || entry?.['entity_id'] === unread.id
  if (free && path.length > 3) return undefined
  if (typeof last === 'number' && path.length === 2) return set(fc.constantFrom('x', 7, [], null, {}))
  if (last === 'entity_id') {
    const kind = entry['entity_type']
    // Cities are the platform's own, and external conditions get theirs from it.
    return kind === 3 || kind === 15 ? undefined : set(fc.constantFrom('none-such', 'x'.repeat(65), [], {}))
  }
  if (last === 'executor_property') {
    return set(
      entry['action_executor'] === 'externalAction'
        ? fc.constantFrom(undefined, 'x', 7, [])
        : fc.constantFrom(undefined, {}, 'x', 7, []),
    )
  }
  if (path.length === 0) return set(fc.constantFrom('x', 7, null, [], { actions: 1 }))
  return typeof last === 'string' && Object.hasOwn(spoilers, last)
    ? set(spoilers[last] as fc.Arbitrary<unknown>)
    : undefined
}

/** Members that exist nowhere, at every place where members are known. */
function withStranger(value: Wire, path: readonly Step[]): fc.Arbitrary<unknown> | undefined {
  const entry = path.slice(0, 2).reduce((here: unknown, step) => (here as Wire)?.[step], value) as Wire
  if (path.at(-1) === 'executor_property') {
    if (entry['action_executor'] === 'externalAction' || entry['entity_id'] === unread.id) return undefined
  } else if (![0, 2].includes(path.length) && path.at(-1) !== 'display') return undefined
  return fc
    .constantFrom('colour', 'nmae', 'entityId', '$')
    .map((name) => changed(value, path, (old) => ({ ...(old as Wire), [name]: 1 })))
}

/** Something valid with exactly one thing wrong. */
export function spoiled(valid: fc.Arbitrary<Wire>): fc.Arbitrary<unknown> {
  return valid.chain((value) => {
    const changes = places(value)
      .flatMap((path) => [
        spoiling(value, path),
        isPlain(value, path) ? withStranger(value, path) : undefined,
      ])
      .filter((change) => change !== undefined)
    return fc.oneof(...changes)
  })
}

function isPlain(value: Wire, path: readonly Step[]): boolean {
  const here = path.reduce((from: unknown, step) => (from as Wire)?.[step], value)
  return typeof here === 'object' && here !== null && !Array.isArray(here)
}
