import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Outcome, Path, Write } from '../../src/domain/command.ts'
import type { LinkHealth } from '../../src/domain/link.ts'
import { seededRandom } from '../../src/util/random.ts'
import {
  type FakeWay,
  never,
  refusedBy,
  routerBench,
  type Sending,
  untilAborted,
} from '../support/router-bench.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'
import { writeOf } from '../support/write.ts'

/** What becomes of a write on its way. */
const behaviours = [
  'act',
  'act late',
  'lost',
  'refuse',
  'not sent',
  'act, then unknown',
  'unknown',
  'act, then hang',
  'hang',
  'hang for ever',
  'throw',
  'defect',
] as const
type Behaviour = (typeof behaviours)[number]

const step = fc.record({
  waitMs: fc.integer({ min: 0, max: 4_000 }),
  device: fc.constantFrom('bf1', 'bf2'),
  codes: fc.uniqueArray(fc.constantFrom('switch', 'level', 'ir_send'), { minLength: 1 }),
  value: fc.integer({ min: 0, max: 2 }),
  once: fc.boolean(),
  path: fc.constantFrom<'auto' | Path>('auto', 'cloud', 'lan'),
  behaviour: fc.constantFrom(...behaviours),
  /** A report out of the blue, of whatever value. */
  noise: fc.option(
    fc.record({ code: fc.constantFrom('switch', 'level'), value: fc.integer({ min: 0, max: 2 }) }),
  ),
  health: fc.constantFrom<LinkHealth['state']>('up', 'up', 'up', 'degraded', 'down'),
})

function behave(way: FakeWay, clock: VirtualClock, how: () => Behaviour): Sending {
  return async (write, signal) => {
    switch (how()) {
      case 'act':
        return way.act(write)
      case 'act late':
        clock.after(2_000, () => way.act(write))
        return { by: way.path === 'lan' ? 'device' : 'cloud' }
      case 'lost':
        return { by: way.path === 'lan' ? 'device' : 'cloud' }
      case 'refuse':
        throw refusedBy('cloud/refused', 'refused')
      case 'not sent':
        throw refusedBy('cloud/unavailable', 'not-sent')
      case 'act, then unknown':
        way.act(write)
        throw refusedBy('cloud/unavailable', 'unknown')
      case 'unknown':
        throw refusedBy('cloud/unavailable', 'unknown')
      case 'act, then hang':
        way.act(write)
        return untilAborted(signal)
      case 'hang':
        return untilAborted(signal)
      case 'hang for ever':
        return never()
      case 'throw':
        throw new Error('a defect')
      default:
        throw undefined
    }
  }
}

it('I-4: every submit ends with exactly one outcome, in time, for any senders, reports and stops (1,000 runs)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      fc.integer({ min: 0, max: 20_000 }),
      fc.constantFrom<Path>('cloud', 'lan'),
      async (steps, stops, stopAfterMs, prefer) => {
        const { clock, cloud, lan, router } = routerBench(prefer)
        let current: Behaviour = 'act'
        const onWire = new Map<Write, { readonly path: Path; readonly how: Behaviour }[]>()
        for (const way of [cloud, lan]) {
          const send = behave(way, clock, () => current)
          way.send = (write, signal) => {
            onWire.set(write, [...(onWire.get(write) ?? []), { path: way.path, how: current }])
            return send(write, signal)
          }
        }
        const ends: { readonly write: Write; readonly outcome: Outcome; readonly ms: number }[] = []
        let stopped: Promise<void> | undefined
        if (stops) {
          clock.after(stopAfterMs, () => {
            stopped = router.stop()
          })
        }
        for (const each of steps) {
          current = each.behaviour
          cloud.health = { ...cloud.health, state: each.health }
          const values = Object.fromEntries(each.codes.map((code) => [code, each.value]))
          const write = writeOf(values, { deviceId: each.device, once: each.once, path: each.path })
          const at = clock.monotonic()
          void router.submit(write).then((outcome) => {
            ends.push({ write, outcome, ms: clock.monotonic() - at })
          })
          if (each.noise) router.observe(each.device, [{ ...each.noise, timeMs: clock.now() }], false)
          await clock.advance(each.waitMs)
        }
        await clock.advance(25_000)
        await stopped
        expect(ends).toHaveLength(steps.length)
        expect(new Set(ends.map(({ write }) => write)).size).toBe(steps.length)
        for (const { write, outcome, ms } of ends) {
          expect(ms).toBeLessThanOrEqual(15_000)
          const tries = onWire.get(write) ?? []
          expect(new Set(tries.map(({ path }) => path)).size).toBe(tries.length)
          // R-C5, R-K4: another way is tried when the first certainly did nothing; from the LAN also when nobody
          // knows, where doing it once more is the same.
          const harmless: readonly Behaviour[] = write.once ? ['not sent'] : ['not sent', 'refuse']
          for (const { how, path } of tries.slice(0, -1))
            if (write.once || path === 'cloud') expect(harmless).toContain(how)
          const unsent = outcome.state === 'superseded' || outcome.state === 'expired'
          if (unsent) expect(tries).toEqual([])
          const wasSent = outcome.state === 'timeout' || outcome.state === 'confirmed'
          if (wasSent) expect(tries.length).toBeGreaterThan(0)
        }
        expect(router.waiting).toBe(0)
      },
    ),
    { numRuns: 1_000 },
  )
}, 60_000)

it('K9: of 10,000 writes that act on every send none acts twice, whatever becomes of its answers', async () => {
  const { clock, cloud, lan, router } = routerBench('lan')
  const random = seededRandom(9)
  const any = <T>(of: readonly T[]) => of[Math.floor(random() * of.length)] as T
  const acts = new Map<unknown, number>()
  for (const way of [cloud, lan]) {
    const act = way.act.bind(way)
    way.act = (write) => {
      const [code] = write.points.map(({ shown }) => shown)
      acts.set(code, (acts.get(code) ?? 0) + 1)
      return act(write)
    }
    way.send = behave(way, clock, () => any(behaviours))
  }
  const ends = new Map<Outcome['state'], number>()
  for (let n = 0; n < 10_000; n++) {
    const ways = [cloud, lan]
    for (const way of ways) way.health = { ...way.health, state: any(['up', 'up', 'degraded', 'down']) }
    const write = writeOf({ ir_send: `code ${n}` }, { deviceId: `bf${n % 50}`, once: true })
    void router.submit(write).then(({ state }) => ends.set(state, (ends.get(state) ?? 0) + 1))
    if (n % 50 === 49) await clock.advance(16_000)
  }
  await clock.advance(60_000)
  expect([...ends.values()].reduce((sum, count) => sum + count)).toBe(10_000)
  expect([...acts.values()].filter((count) => count > 1)).toEqual([])
  // Enough acted whose answers were lost, and the other way was tried often enough, for the test to be worth something.
  expect(acts.size).toBeGreaterThan(2_000)
  expect(ends.get('timeout')).toBeGreaterThan(2_000)
  expect(cloud.sent.length).toBeGreaterThan(500)
})
