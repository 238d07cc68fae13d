import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CommandLife, type CommandState, type FinalState } from '../../src/domain/command.ts'

const states: readonly CommandState[] = [
  'received',
  'accepted',
  'sent',
  'confirmed',
  'rejected',
  'failed',
  'timeout',
  'superseded',
  'expired',
]

/** Topic contract 7.3, R-S5 (a stop fails what was not sent), and verbs, which the bridge confirms without sending. */
const legal: ReadonlySet<string> = new Set([
  'received rejected',
  'received accepted',
  'accepted sent',
  'accepted superseded',
  'accepted expired',
  'accepted failed',
  'accepted confirmed',
  'sent confirmed',
  'sent failed',
  'sent timeout',
])

const finals: ReadonlySet<CommandState> = new Set([
  'rejected',
  'confirmed',
  'failed',
  'timeout',
  'superseded',
  'expired',
])

/** The steps that lead to each state. */
const ways: Readonly<Record<CommandState, readonly CommandState[]>> = {
  received: [],
  accepted: ['accepted'],
  sent: ['accepted', 'sent'],
  rejected: ['rejected'],
  confirmed: ['accepted', 'sent', 'confirmed'],
  failed: ['accepted', 'sent', 'failed'],
  timeout: ['accepted', 'sent', 'timeout'],
  superseded: ['accepted', 'superseded'],
  expired: ['accepted', 'expired'],
}

function lifeIn(state: CommandState): CommandLife {
  const life = new CommandLife()
  for (const step of ways[state]) life.to(step)
  return life
}

describe('K10: the life of a command', () => {
  it.each(states)('takes only legal steps from %s', (from) => {
    for (const to of states) {
      const life = lifeIn(from)
      expect(life.state).toBe(from)
      expect(life.to(to), `${from} to ${to}`).toBe(legal.has(`${from} ${to}`))
      expect(life.state).toBe(legal.has(`${from} ${to}`) ? to : from)
    }
  })

  it.each([...finals])(
    'I-4: an end as %s goes over the steps that were not told, and stays the only one',
    (final) => {
      const life = new CommandLife()
      expect(life.end(final as FinalState)).toBe(true)
      expect(life.state).toBe(final)
      for (const other of finals) expect(life.end(other as FinalState)).toBe(false)
      expect(life.state).toBe(final)
    },
  )

  it('what was accepted cannot be rejected, what was sent cannot expire', () => {
    expect(lifeIn('accepted').end('rejected')).toBe(false)
    expect(lifeIn('sent').end('expired')).toBe(false)
    expect(lifeIn('sent').end('superseded')).toBe(false)
  })

  it('I-4: ends exactly once, whatever happens to it in whatever order', () => {
    fc.assert(
      fc.property(fc.commands(steps, { maxCommands: 100, size: 'max' }), (commands) => {
        fc.modelRun(
          () => ({ model: { state: 'received' as CommandState, ends: 0 }, real: new CommandLife() }),
          commands,
        )
      }),
      { numRuns: 1_000 },
    )
  })
})

interface Model {
  state: CommandState
  ends: number
}

/** Something happens that wants to bring the command into a state, possibly at the wrong moment. */
class Step implements fc.Command<Model, CommandLife> {
  readonly #to: CommandState

  constructor(to: CommandState) {
    this.#to = to
  }

  check(): boolean {
    return true
  }

  run(model: Model, life: CommandLife): void {
    const taken = life.to(this.#to)
    const mayBeTaken = legal.has(`${model.state} ${this.#to}`)
    if (mayBeTaken) model.state = this.#to
    if (taken && finals.has(this.#to)) model.ends++
    expect(`${taken} ${life.state} ${life.ended} ${model.ends}`).toBe(
      `${mayBeTaken} ${model.state} ${finals.has(model.state)} ${finals.has(model.state) ? 1 : 0}`,
    )
  }

  toString(): string {
    return this.#to
  }
}

const steps = states.map((state) => fc.constant(new Step(state)))
