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

  it('I-4: of up to 100 steps in any order only the legal ones are taken, and it ends once (10,000 runs)', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...states), { maxLength: 100, size: 'max' }), (steps) => {
        const life = new CommandLife()
        let state: CommandState = 'received'
        let ends = 0
        for (const [i, to] of steps.entries()) {
          const isLegal = legal.has(`${state} ${to}`)
          if (isLegal) state = to
          const isTaken = life.to(to)
          if (isTaken && finals.has(to)) ends++
          if (isTaken !== isLegal || life.state !== state || life.ended !== finals.has(state))
            expect.fail(`step ${i}: ${to} was ${isTaken ? '' : 'not '}taken; now it is ${life.state}`)
        }
        expect(ends).toBe(finals.has(state) ? 1 : 0)
      }),
      { numRuns: 10_000 },
    )
  })
})
