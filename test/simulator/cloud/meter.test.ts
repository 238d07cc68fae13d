import { describe, expect, it } from 'vitest'
import { Meter } from '../../../src/simulator/cloud/meter.ts'
import { Refusal } from '../../../src/simulator/cloud/refusal.ts'
import { Faults } from '../../../src/simulator/fault.ts'
import { operation } from '../../support/simulator-desk.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

function build(...faults: readonly string[]) {
  const clock = new VirtualClock()
  const on = new Faults()
  for (const fault of faults) on.set(fault)
  const meter = new Meter(clock, on)
  /** How many of so many calls come through at once. */
  const accepted = (id: string, calls: number) => {
    let through = 0
    for (let i = 0; i < calls; i++) {
      try {
        meter.check(operation(id))
        through++
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Refusal)
        expect((thrown as Refusal).code).toBe(1199)
      }
    }
    return through
  }
  return { clock, on, accepted }
}

describe('the rate', () => {
  it('of the project is twenty a second, of two seconds at once', async () => {
    const { clock, accepted } = build()
    expect(accepted('home-get', 50)).toBe(40)
    await clock.advance(500)
    expect(accepted('home-get', 50)).toBe(10)
    await clock.advance(60_000)
    expect(accepted('home-get', 50)).toBe(40)
  })

  it('of an operation is the one that the platform publishes', async () => {
    const { clock, accepted } = build()
    expect(accepted('thing-properties-issue', 20)).toBe(8)
    expect(accepted('home-get', 10)).toBe(10)
    await clock.advance(1_000)
    expect(accepted('thing-properties-issue', 20)).toBe(4)
  })

  it('that was set by a fault is the only one', () => {
    const { on, accepted } = build('throttle=100')
    expect(accepted('thing-properties-issue', 300)).toBe(200)
    on.set('throttle=1')
    expect(accepted('home-get', 10)).toBe(2)
  })
})
