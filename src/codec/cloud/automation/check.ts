import type { AutomationDefinition, Match } from '../../../domain/automation.ts'
import type { Condition } from '../../../domain/condition.ts'
import type { Checked, DefinitionContext, DefinitionFault } from '../../../domain/definition.ts'
import type { SceneDefinition } from '../../../domain/scene.ts'
import { sameJson } from '../../../domain/state.ts'
import { isRecord, own } from '../../../util/json.ts'
import type { Schema } from '../schema.ts'
import { checkAction } from './check-action.ts'
import { checkCondition, checkPrecondition } from './check-condition.ts'
import { checkRule } from './check-rule.ts'
import { automationSchema, sceneSchema } from './definition-schema.ts'
import type { Checking } from './report.ts'
import { shapeFaults } from './shape-fault.ts'
import { tidied } from './tidy.ts'
import { matchTypes, writeAutomation, writeScene } from './write.ts'

/** More than anybody reads, and few enough for an answer. */
const mostFaults = 100

/** What somebody wrote as a scene: all its faults, or the body to send. */
export function checkScene(input: unknown, context: DefinitionContext): Checked<SceneDefinition> {
  const check = new Check(sceneSchema, input, context)
  const actions = check.list('actions', checkAction)
  return check.settled(() => {
    const definition = { name: check.text('name'), background: check.text('background'), actions }
    return { definition, body: writeScene(definition) }
  })
}

export function checkAutomation(input: unknown, context: DefinitionContext): Checked<AutomationDefinition> {
  const check = new Check(automationSchema, input, context)
  const placed = check.list('conditions', checkPlaced)
  const conditions = placed.map(({ condition }) => condition)
  const preconditions = check.list('preconditions', checkPrecondition)
  const actions = check.list('actions', checkAction)
  const orders = check.orders()
  checkTwice(check.checking, placed)
  const rule = checkRule(check.checking, check.member('match_type'), check.member('condition_rule'), orders)
  return check.settled(() => {
    const definition = {
      name: check.text('name'),
      background: check.text('background'),
      match: matchOf(check.member('match_type')),
      rule: rule ?? null,
      conditions,
      preconditions,
      actions,
    }
    return { definition, body: writeAutomation(definition) }
  })
}

function matchOf(type: unknown): Match {
  return (Object.keys(matchTypes) as Match[]).find((match) => matchTypes[match] === type) ?? 'any'
}

/** The course of one check: the shape first, then what is inside of the parts whose shape is right. */
class Check {
  readonly checking: Checking
  readonly #input: Record<string, unknown>
  readonly #faults: DefinitionFault[]
  readonly #shape: readonly DefinitionFault[]

  constructor(schema: Schema, input: unknown, context: DefinitionContext) {
    const tidy = tidied(input)
    this.#input = isRecord(tidy) ? tidy : {}
    this.#shape = shapeFaults(schema, tidy)
    this.#faults = [...this.#shape]
    this.checking = { ...context, report: (fault) => this.#faults.push(fault) }
  }

  member(name: string): unknown {
    return own(this.#input, name)
  }

  text(name: string): string {
    return String(this.member(name))
  }

  /** The entries of a list that are right; the others have left their faults. */
  list<T>(name: string, check: (checking: Checking, wire: unknown, path: string) => T | undefined): T[] {
    const list = this.member(name)
    return (Array.isArray(list) ? list : []).flatMap((entry, i) => {
      const path = `/${name}/${i}`
      if (!this.#isSound(path)) return []
      const before = this.#faults.length
      const checked = check(this.checking, entry, path)
      if (checked !== undefined) return [checked]
      // Nothing may get lost in silence.
      if (this.#faults.length === before) this.checking.report({ path, message: `${path} cannot be read.` })
      return []
    })
  }

  /** The numbers of the conditions, when every condition has one; told where one is used twice. */
  orders(): readonly number[] | undefined {
    const entries = this.member('conditions')
    const numbers = (Array.isArray(entries) ? entries : []).map((entry) =>
      isRecord(entry) ? own(entry, 'order_num') : undefined,
    )
    const seen = new Map<unknown, number>()
    for (const [i, number] of numbers.entries()) {
      const first = seen.get(number)
      if (typeof number !== 'number') continue
      if (first === undefined) seen.set(number, i)
      else {
        const path = `/conditions/${i}/order_num`
        this.checking.report({
          path,
          message: `order_num ${number} is taken by conditions[${first}] already.`,
        })
      }
    }
    const all = numbers.length > 0 && numbers.every((number) => typeof number === 'number')
    return all ? (numbers as number[]) : undefined
  }

  settled<T>(build: () => Omit<Extract<Checked<T>, { ok: true }>, 'ok'>): Checked<T> {
    return this.#faults.length > 0
      ? { ok: false, faults: this.#faults.slice(0, mostFaults) }
      : { ok: true, ...build() }
  }

  #isSound(path: string): boolean {
    return !this.#shape.some((fault) => fault.path === path || fault.path.startsWith(`${path}/`))
  }
}

interface Placed {
  readonly condition: Condition
  readonly path: string
}

function checkPlaced(checking: Checking, wire: unknown, path: string): Placed | undefined {
  const condition = checkCondition(checking, wire, path)
  return condition && { condition, path }
}

/** The same condition under two numbers is a slip of the pen. */
function checkTwice({ report }: Checking, placed: readonly Placed[]): void {
  placed.forEach(({ condition, path }, i) => {
    const words = { ...condition, order: 0 }
    const first = placed.slice(0, i).find((each) => sameJson({ ...each.condition, order: 0 }, words))
    if (first)
      report({
        path,
        message: `Condition ${condition.order} says the same as condition ${first.condition.order}.`,
      })
  })
}
