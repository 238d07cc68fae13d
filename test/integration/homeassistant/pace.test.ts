import { describe, expect, it } from 'vitest'
import { Pace } from '../../../src/integration/homeassistant/pace.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const rhythm = { everyMs: 10, atOnce: 10 }

/** A clock whose only timer runs when the test says so, however late. */
class LateClock {
  ms = 0
  #run: (() => void) | undefined
  waitMs = 0
  now = () => this.ms
  monotonic = () => this.ms

  after(ms: number, run: () => void): { cancel(): void } {
    this.waitMs = ms
    this.#run = run
    return { cancel: () => {} }
  }

  runAt(ms: number): void {
    this.ms = ms
    this.#run?.()
  }
}

function counted(
  clock: ConstructorParameters<typeof Pace>[0],
  things: number,
): { pace: Pace; done: () => number } {
  let done = 0
  return { pace: new Pace(clock, rhythm, () => ++done < things), done: () => done }
}

describe('a pace', () => {
  it('takes one turn after the other, and none when nothing is left', async () => {
    const clock = new VirtualClock()
    const { pace, done } = counted(clock, 100)
    pace.go()
    await clock.advance(95)
    expect(done()).toBe(9)
    await clock.advance(10_000)
    expect(done()).toBe(100)
    expect(clock.waiting).toBe(0)
  })

  it('makes up for turns that a busy process came too late for, so that the rate stays', () => {
    const clock = new LateClock()
    const { pace, done } = counted(clock, 1_000)
    pace.go()
    for (let ms = 47; ms <= 4_700; ms += 47) clock.runAt(ms)
    expect(done()).toBe(470)
  })

  it('takes no more than some at once after a long silence, and does not rush afterwards', () => {
    const clock = new LateClock()
    const { pace, done } = counted(clock, 1_000)
    pace.go()
    clock.runAt(5_005)
    expect(done()).toBe(10)
    expect(clock.waitMs).toBe(5)
    clock.runAt(5_010)
    expect(done()).toBe(11)
  })

  it('begins anew after a rest, without what the rest would have been good for', () => {
    const clock = new LateClock()
    let left = 1
    let done = 0
    const pace = new Pace(clock, rhythm, () => {
      done++
      return --left > 0
    })
    pace.go()
    clock.runAt(10)
    clock.ms = 60_000
    left = 50
    pace.go()
    clock.runAt(60_010)
    expect(done).toBe(2)
  })

  it('ends at once', async () => {
    const clock = new VirtualClock()
    const { pace, done } = counted(clock, 100)
    pace.go()
    await clock.advance(30)
    pace.stop()
    await clock.advance(1_000)
    expect(done()).toBe(3)
  })
})
