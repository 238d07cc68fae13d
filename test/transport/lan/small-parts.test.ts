import { expect, it } from 'vitest'
import { chanceBytes } from '../../../src/transport/lan/chance.ts'
import { Coalesce } from '../../../src/transport/lan/coalesce.ts'
import { LanCounts } from '../../../src/transport/lan/counts.ts'
import { Flow } from '../../../src/transport/lan/flow.ts'
import { localKeyBytes } from '../../../src/transport/lan/local-key.ts'
import { OpenGate } from '../../../src/transport/lan/open-gate.ts'
import { Pause } from '../../../src/transport/lan/pause.ts'
import { Sequence } from '../../../src/transport/lan/sequence.ts'
import { VersionSearch } from '../../../src/transport/lan/version-search.ts'
import { seededRandom } from '../../../src/util/random.ts'
import { Secret } from '../../../src/util/secret.ts'
import { settle, VirtualClock } from '../../support/virtual-clock.ts'

it('R-L1: sixteen are inside at a time, in order, those that called before the others', async () => {
  const gate = new OpenGate()
  const order: number[] = []
  const leaves: (() => void)[] = []
  for (let n = 0; n < 20; n++)
    void gate.enter(n === 19).then((leave) => {
      order.push(n)
      leaves.push(leave)
    })
  await settle()
  expect(order).toHaveLength(16)
  for (let i = 0; i < 4; i++) {
    leaves[i]?.()
    await settle()
    expect(order).toHaveLength(17 + i)
  }
  expect(order.slice(16)).toEqual([19, 16, 17, 18])
})

it('a pause ends by time or by being woken, once', async () => {
  const clock = new VirtualClock()
  const pause = new Pause(clock)
  let ends = 0
  void pause.wait(1_000).then(() => ends++)
  await clock.advance(999)
  expect(ends).toBe(0)
  await clock.advance(1)
  void pause.wait(Number.POSITIVE_INFINITY).then(() => ends++)
  await clock.advance(1e9)
  expect(ends).toBe(1)
  pause.wake()
  pause.wake()
  await settle()
  expect([ends, clock.waiting]).toEqual([2, 0])
})

it('L11: pushes are told as they come, and under a flood the last values of a tenth of a second', async () => {
  const clock = new VirtualClock()
  const told: [string | null, unknown][] = []
  const pushes = new Coalesce(clock, new LanCounts(), (cid, values) =>
    told.push([cid, Object.fromEntries(values)]),
  )
  for (let n = 1; n <= 25; n++) pushes.push(n % 2 ? null : 'a', new Map([[1, n]]))
  expect(told).toHaveLength(20)
  await clock.advance(100)
  expect(told.slice(20)).toEqual([
    [null, { 1: 25 }],
    ['a', { 1: 24 }],
  ])
  pushes.push(null, new Map([[2, 1]]))
  pushes.flush()
  expect([told.length, clock.waiting]).toEqual([23, 0])
})

it('L11: 25 frames at once and 200 a second, whatever comes', async () => {
  const clock = new VirtualClock()
  const flow = new Flow(clock.monotonic())
  let read = 0
  for (let ms = 0; ms < 10_000; ms += 10) {
    flow.turn(clock.monotonic())
    let inTurn = 0
    while (flow.take() === 0) inTurn++
    expect(inTurn).toBeLessThanOrEqual(25)
    read += inTurn
    await clock.advance(10)
  }
  expect(read).toBeGreaterThan(2_100)
  expect(read).toBeLessThanOrEqual(2_200)
})

it('L8: who has counted to eight is held to it', () => {
  const sequence = new Sequence()
  for (let seq = 100; seq < 109; seq++) expect(sequence.accept(seq)).toBe(true)
  expect(sequence.accept(120), 'a gap').toBe(true)
  expect([sequence.accept(120), sequence.accept(105)]).toEqual([false, false])
  const careless = new Sequence()
  for (const seq of [1, 2, 3, 4, 5, 6, 7, 5, 0, 0, 3, 4]) expect(careless.accept(seq)).toBe(true)
})

it('§12: versions are searched for from the newest, and where one is known only upwards of a session', () => {
  const all = (known: Parameters<VersionSearch['begin']>[0]) => {
    const search = new VersionSearch()
    search.begin(known, 0)
    const tried: string[] = []
    for (; search.isOn; search.failed(false)) tried.push(search.version ?? '')
    return { tried, waits: [search.waitMs(1_000), search.waitMs(60_000)] }
  }
  expect(all(null)).toEqual({ tried: ['3.5', '3.4', '3.3', '3.1'], waits: [59_000, 0] })
  expect(all('3.3')).toEqual({ tried: ['3.5', '3.4', '3.1'], waits: [599_000, 540_000] })
  expect(all('3.4').tried).toEqual(['3.5'])
})

it('chance fills all bytes, and a key is sixteen of them', () => {
  const random = seededRandom(1)
  const nonces = new Set(Array.from({ length: 1_000 }, () => chanceBytes(random, 12).toString('hex')))
  expect(nonces.size).toBe(1_000)
  expect(localKeyBytes(new Secret('0123456789abcdeÿ'))).toEqual(Buffer.from('0123456789abcdeÿ', 'latin1'))
  for (const key of ['', '0123456789abcde', '0123456789abcdeĀ'])
    expect(String(localKeyBytes(new Secret(key)))).not.toContain('0123456789')
})
