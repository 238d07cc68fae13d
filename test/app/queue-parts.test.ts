import { expect, it } from 'vitest'
import { createQueueSide, type QueuePartsParts } from '../../src/app/queue-parts.ts'
import { seededRandom } from '../../src/util/random.ts'
import { Redactor } from '../../src/util/redact.ts'
import { SideBench } from '../support/side-bench.ts'
import { minuteMs } from '../support/span.ts'

/** A side that an earlier run heard so many minutes ago, connected for a moment; what was said and done. */
async function since(minutes: number, parts: Partial<QueuePartsParts> = {}) {
  const { clock, inventory, queue, config } = new SideBench()
  const did: string[] = []
  const side = createQueueSide({
    config,
    inventory,
    voice: {
      events: {},
      mirror: {
        gap: (link: string, fromMs: number, toMs: number) =>
          did.push(`gap ${link} ${toMs - fromMs >= minutes * minuteMs}`),
      },
      session: { health: { state: 'up' } },
      outbox: { size: 0 },
      hasLookedAround: true,
      publisher: { tell: (entry: string) => did.push(entry) },
      trouble: (reason: string) => did.push(reason),
    } as never,
    cloud: {
      client: {},
      told: () => {},
      sync: { isUsable: true, reconcile: () => did.push('reconcile'), replan: () => {} },
    } as never,
    keeper: { touch: () => did.push('touch') } as never,
    metrics: { deadLetter: (link: string, reason: string) => did.push(`dead ${link} ${reason}`) } as never,
    redactor: new Redactor(),
    clock,
    random: seededRandom(1),
    log: { info: () => {}, warn: () => {}, error: () => {} } as never,
    sockets: { pulsar: queue.open },
    heardMs: clock.now() - minutes * minuteMs,
    isRestored: false,
    onHealth: () => {},
    ...parts,
  })
  side?.start()
  await clock.advance(2_000)
  return { did, side, clock, queue }
}

it.each([
  [0.5, []],
  [2, ['reconcile']],
  [109, ['reconcile']],
  [111, ['reconcile', 'gap queue true']],
])('R-Q5: %s minutes without the queue: %j', async (minutes, expected) => {
  const { did, side, clock } = await since(minutes)
  expect(did.filter((one) => one !== 'touch')).toEqual(expected)
  expect(did).toContain('touch')
  if (side) await clock.during(side[Symbol.asyncDispose]())
  expect(clock.waiting).toBe(0)
})

it('what nobody can read is counted, and told without its content', async () => {
  const { did, side, clock, queue } = await since(0)
  queue.last.hear('no frame')
  expect(did.at(-2)).toMatch(/^dead queue /)
  expect(did.at(-1)).toBe('bridgeDeadletter')
  if (side) await clock.during(side[Symbol.asyncDispose]())
})

it.each([
  ['a house that an earlier run has read in part', false, false, 0],
  ['a house that an earlier run has read', true, false, 1],
  ['a house that this run has read', false, true, 1],
])('I-1: with %s (%s, %s) the queue is opened %i times', async (_, isRestored, isUsable, opened) => {
  const cloud = {
    client: {},
    told: () => {},
    sync: { isUsable, reconcile: () => {}, replan: () => {} },
  } as never
  const { side, clock, queue } = await since(0, { isRestored, cloud })
  expect(queue.sockets).toHaveLength(opened)
  if (side) await clock.during(side[Symbol.asyncDispose]())
})
