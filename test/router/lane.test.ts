import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Write } from '../../src/domain/command.ts'
import type { Json } from '../../src/domain/data-point.ts'
import { Lane, laneCapacity } from '../../src/router/lane.ts'
import { type Deferred, deferred } from '../../src/util/deferred.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'
import { writeOf } from '../support/write.ts'

/** A lane whose jobs end when the test says so, and all that happened in it. */
function bench() {
  const clock = new VirtualClock()
  const events: string[] = []
  const running: Deferred<void>[] = []
  const lane = new Lane(clock, () => events.push('idle'))
  const offer = (
    name: string,
    values: Readonly<Record<string, Json>> = { [name]: 1 },
    changes: Partial<Write> = {},
  ) =>
    lane.offer({
      write: writeOf(values, changes),
      run: () => {
        events.push(`run ${name}`)
        const end = deferred<void>()
        running.push(end)
        return end.promise
      },
      drop: (why) => events.push(`${why} ${name}`),
    })
  const finish = async () => {
    running.shift()?.resolve()
    await settle()
  }
  return { clock, lane, events, running, offer, finish }
}

describe('R-K3: one at a time', () => {
  it('jobs run alone and in order', async () => {
    const { events, running, offer, finish } = bench()
    for (const name of ['a', 'b', 'c']) expect(offer(name)).toBe(true)
    await settle()
    expect(events).toEqual(['run a'])
    await finish()
    expect(running).toHaveLength(1)
    await finish()
    await finish()
    expect(events).toEqual(['run a', 'run b', 'run c', 'idle'])
  })

  it('32 wait, the next one is refused', async () => {
    const { lane, offer, finish } = bench()
    for (let i = 0; i <= laneCapacity; i++) expect(offer(`p${i}`)).toBe(true)
    expect(laneCapacity).toBe(32)
    expect(lane.length).toBe(32)
    expect(offer('more')).toBe(false)
    await finish()
    expect(offer('more')).toBe(true)
  })

  it('a full lane still takes a newer value of what waits in it', () => {
    const { events, offer } = bench()
    for (let i = 0; i <= laneCapacity; i++) offer(`p${i}`)
    expect(offer('newer', { p5: 2 })).toBe(true)
    expect(events).toEqual(['run p0', 'superseded p5'])
  })
})

describe('R-K3: superseding', () => {
  it('a newer write that covers all points of a waiting one takes its place at the end', async () => {
    const { events, offer, finish } = bench()
    offer('first')
    offer('old', { a: 1 })
    offer('other', { b: 1 })
    offer('new', { a: 2 })
    expect(events).toEqual(['run first', 'superseded old'])
    for (let i = 0; i < 3; i++) await finish()
    expect(events.slice(2)).toEqual(['run other', 'run new', 'idle'])
  })

  it('covering more is covering, covering less is not', () => {
    const { events, offer } = bench()
    offer('first')
    offer('one', { a: 1 })
    offer('two', { a: 2, b: 2 })
    expect(events).toEqual(['run first', 'superseded one'])
    offer('three', { b: 3 })
    expect(events).toHaveLength(2)
  })

  it('what runs already is left alone', () => {
    const { events, offer } = bench()
    offer('running', { a: 1 })
    offer('new', { a: 2 })
    expect(events).toEqual(['run running'])
  })

  it('the way that was asked for must be the same', () => {
    const { events, offer } = bench()
    offer('first')
    offer('by cloud', { a: 1 }, { path: 'cloud' })
    offer('by any', { a: 2 })
    expect(events).toEqual(['run first'])
  })

  it('R-K4: a once write neither supersedes nor is superseded', () => {
    const { events, offer } = bench()
    offer('first')
    offer('absolute', { a: 0 })
    offer('toggle', { a: 1 }, { once: true })
    offer('toggle again', { a: 2 }, { once: true })
    offer('absolute again', { a: 3 })
    expect(events).toEqual(['run first'])
  })

  it('R-K4: nothing is superseded across a once write', () => {
    const { events, offer } = bench()
    offer('first')
    offer('before', { a: 1 })
    offer('toggle', { t: 1 }, { once: true })
    offer('after', { a: 2 })
    offer('last', { a: 3 })
    expect(events).toEqual(['run first', 'superseded after'])
  })
})

describe('expiry', () => {
  it('a job that has not started in its time is dropped, one that runs is not', async () => {
    const { clock, events, offer, finish } = bench()
    offer('running', { a: 1 }, { ttlMs: 100 })
    offer('waiting', { b: 1 }, { ttlMs: 100 })
    offer('patient', { c: 1 }, { ttlMs: 10_000 })
    await clock.advance(99)
    expect(events).toEqual(['run running'])
    await clock.advance(1)
    expect(events).toEqual(['run running', 'expired waiting'])
    await finish()
    expect(events.at(-1)).toBe('run patient')
  })

  it('a jump of the wall clock expires nothing', async () => {
    const { clock, events, offer } = bench()
    offer('running')
    offer('waiting')
    clock.jump(3_600_000)
    await clock.advance(9_999)
    expect(events).toEqual(['run running'])
  })
})

describe('the pace', () => {
  it('holds the next job back, also when it comes later', async () => {
    const { clock, lane, events, offer, finish } = bench()
    offer('a')
    lane.pause(300)
    await finish()
    expect(events).toEqual(['run a'])
    offer('b')
    await clock.advance(299)
    expect(events).toEqual(['run a'])
    await clock.advance(1)
    expect(events).toEqual(['run a', 'run b'])
  })

  it('counts from the start of a job, not from its end', async () => {
    const { clock, lane, events, offer, finish } = bench()
    offer('a')
    offer('b')
    lane.pause(300)
    await clock.advance(1_000)
    await finish()
    expect(events).toEqual(['run a', 'run b'])
  })

  it('a lane is idle only when its pace has passed', async () => {
    const { clock, lane, events, offer, finish } = bench()
    offer('a')
    lane.pause(300)
    await finish()
    await clock.advance(299)
    expect(events).not.toContain('idle')
    await clock.advance(1)
    expect(events).toContain('idle')
  })
})

describe('closing', () => {
  it('drops what waits, lets what runs end, and leaves no timer', async () => {
    const { clock, lane, events, offer, finish } = bench()
    for (const name of ['a', 'b', 'c']) offer(name)
    lane.pause(300)
    lane.close()
    expect(events).toEqual(['run a', 'shutdown b', 'shutdown c'])
    expect(clock.waiting).toBe(0)
    await finish()
    await clock.advance(1_000)
    expect(events.filter((event) => event.startsWith('run'))).toEqual(['run a'])
  })
})

it('R-K3: every job ends once, none runs beside another, and the last value of a point always runs (model)', async () => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('offer' as const),
        points: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
        once: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('finish' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 400 }) }),
    },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { clock, lane, events, running, offer, finish } = bench()
      const accepted: string[] = []
      const last = new Map<string, string>()
      for (const [i, each] of steps.entries()) {
        if (each.kind === 'offer') {
          const name = `j${i}`
          const values = Object.fromEntries(each.points.map((point) => [point, i]))
          if (!offer(name, values, { once: each.once, ttlMs: 10_000_000 })) continue
          accepted.push(name)
          for (const point of each.points) last.set(point, name)
        } else if (each.kind === 'finish') await finish()
        else if (each.kind === 'pause') lane.pause(300)
        else await clock.advance(each.ms)
        expect(running.length).toBeLessThanOrEqual(1)
        expect(lane.length).toBeLessThanOrEqual(laneCapacity)
      }
      for (let i = 0; i < 40; i++) {
        await clock.advance(400)
        await finish()
      }
      const ends = events.filter((event) => event !== 'idle').map((event) => event.split(' ')[1])
      expect([...ends].sort()).toEqual([...accepted].sort())
      for (const name of last.values()) expect(events).toContain(`run ${name}`)
    }),
    { numRuns: 100 },
  )
})
