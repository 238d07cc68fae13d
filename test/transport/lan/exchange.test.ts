import { expect, it } from 'vitest'
import { lanCommand } from '../../../src/codec/lan/command.ts'
import { hasSession, type LanVersion, lanVersions } from '../../../src/codec/lan/version.ts'
import type { Message } from '../../../src/codec/lan/wire.ts'
import { failure, known, LanBench } from '../../support/lan-bench.ts'
import type { FakeLanDevice, FakeVisit } from '../../support/lan-device.ts'

const empty = Buffer.alloc(0)
const isSet = ({ command, payload }: Message) =>
  (command === lanCommand.control || command === lanCommand.controlNew) && !payload.includes('null')

/** What happens to sets instead of what the device would do. */
function onSet(device: FakeLanDevice, act: (message: Message, visit: FakeVisit) => void): void {
  device.intercept = (message, visit) => {
    if (!isSet(message)) return false
    act(message, visit)
    return true
  }
}

async function house(version: LanVersion = '3.4') {
  const bench = new LanBench()
  const device = bench.device({ version })
  await bench.up(known(device))
  await bench.clock.advance(1_500)
  return { bench, device }
}

it.each(lanVersions)(
  '%s: the report of a set may come before its acknowledgement, or not at all',
  async (version) => {
    const { bench, device } = await house(version)
    await using _ = bench
    device.pushFirst = true
    await expect(bench.clock.during(bench.set(device.id, { 1: false }), 10)).resolves.toEqual({
      by: 'device',
    })
    onSet(device, (message, visit) => visit.answer(message, empty))
    await expect(bench.clock.during(bench.set(device.id, { 1: false }), 10)).resolves.toEqual({
      by: 'device',
    })
  },
)

it.each(lanVersions)(
  '§7, %s: an empty answer is an acknowledgement, whatever its return code',
  async (version) => {
    const { bench, device } = await house(version)
    await using _ = bench
    for (const code of [0, 1, 7, 16_777_216]) {
      onSet(device, (message, visit) => visit.answer(message, empty, code))
      await expect(bench.clock.during(bench.set(device.id, { 1: false }), 10)).resolves.toEqual({
        by: 'device',
      })
    }
  },
)

it.each(lanVersions)('§7, %s: a text is an error, whatever its return code', async (version) => {
  const { bench, device } = await house(version)
  await using _ = bench
  for (const text of [
    'parse data error',
    'data format error',
    'devid not found',
    'gw id invalid',
    'no way',
  ]) {
    for (const code of [0, 1]) {
      onSet(device, (message, visit) => visit.answer(message, text, code))
      const sent = bench.set(device.id, { 1: false })
      expect(await failure(bench.clock.during(sent, 10))).toBe('refused lan/error')
      await expect(sent).rejects.toThrow(text)
    }
  }
  expect(bench.state(device.id)).toBe('up')
})

it.each(lanVersions)(
  'L10, %s: an answer that never comes ends the command after 3 s as unknown',
  async (version) => {
    const { bench, device } = await house(version)
    await using _ = bench
    onSet(device, () => {})
    const start = bench.clock.monotonic()
    expect(await failure(bench.clock.during(bench.set(device.id, { 1: false }), 10))).toBe(
      'unknown lan/timeout',
    )
    expect(bench.clock.monotonic() - start).toBeLessThanOrEqual(3_010)
    device.intercept = () => false
    await expect(bench.clock.during(bench.set(device.id, { 1: true }), 10)).resolves.toEqual({ by: 'device' })
    expect(bench.state(device.id), 'one answer too few is no reason to go').toBe('up')
  },
)

it.each(lanVersions)('L10, %s: a late answer is not taken for that to the next command', async (version) => {
  const { bench, device } = await house(version)
  await using _ = bench
  const late: Message[] = []
  // The device thinks about everything, heartbeats too.
  let isHeld = true
  device.intercept = (message) => {
    if (isHeld) late.push(message)
    return isHeld
  }
  const first = bench.set(device.id, { 1: false })
  expect(await failure(bench.clock.during(first, 10))).toBe('unknown lan/timeout')
  const second = bench.set(device.id, { 1: true })
  await bench.clock.advance(500)
  const answered: string[] = []
  void second.then(
    () => answered.push('second'),
    () => answered.push('second failed'),
  )
  // The late answer to the first one comes while the second waits for its own.
  const [old] = late
  device.visit.answer(old as Message, empty)
  await bench.clock.advance(0)
  expect(answered).toEqual([])
  expect(device.sets).toEqual([])
  isHeld = false
  device.intercept = () => false
  for (const message of late.slice(1)) device.visit.handle(message)
  await bench.clock.advance(100)
  expect(answered).toEqual(['second'])
  expect(device.sets).toEqual([{ 1: true }])
  expect(bench.fleet.counts.strays).toBeGreaterThanOrEqual(hasSession(version) ? 0 : 1)
})

it('L10: answers with a foreign number answer nothing in 3.3', async () => {
  const { bench, device } = await house('3.3')
  await using _ = bench
  onSet(device, (message, visit) => {
    for (const seq of [0, message.seq - 1, message.seq + 1, 4_000_000_000])
      visit.say(message.command, empty, { seq })
  })
  expect(await failure(bench.clock.during(bench.set(device.id, { 1: false }), 10))).toBe(
    'unknown lan/timeout',
  )
  expect(bench.fleet.counts.strays).toBe(4)
})

it('L10: 3,000 commands with answers late, missing, double or foreign have one end each, and the right one', async () => {
  const { bench, device } = await house('3.3')
  await using _ = bench
  const random = device.random
  const done = new Map<number, string[]>()
  const answered = new Set<number>()
  onSet(device, (message, visit) => {
    const n = Number((JSON.parse(message.payload.toString()) as { dps: { 2: number } }).dps[2])
    const chance = random()
    if (chance < 0.01) return
    if (chance < 0.02) {
      bench.clock.after(3_500, () => visit.answer(message, empty))
      return
    }
    if (chance < 0.1) visit.say(message.command, empty, { seq: message.seq + 1 })
    answered.add(n)
    visit.answer(message, empty)
    if (chance < 0.2) visit.answer(message, empty)
  })
  let running = 0
  for (let n = 0; n < 3_000; n++) {
    running++
    const ends: string[] = []
    done.set(n, ends)
    void bench
      .set(device.id, { 2: n })
      .then(
        () => ends.push('sent'),
        ({ outcome }) => ends.push(outcome),
      )
      .finally(() => running--)
    await bench.clock.advance(50)
    if (running > 8) await bench.until(() => running === 0, 60_000, 'answers')
  }
  await bench.until(() => running === 0, 60_000, 'answers')
  const all = [...done]
  expect(all.every(([, ends]) => ends.length === 1)).toBe(true)
  await bench.clock.advance(5_000)
  const wrong = all.filter(([n, [end]]) => (end === 'sent') !== answered.has(n))
  expect(wrong).toEqual([])
})

it.each(['3.3', '3.4', '3.5'] as const)(
  '%s: one set and one question are under way at a time, 50 ms between sets',
  async (version) => {
    const { bench, device } = await house(version)
    await using _ = bench
    const at: number[] = []
    let open = 0
    let mostOpen = 0
    onSet(device, (message, visit) => {
      at.push(bench.clock.monotonic())
      mostOpen = Math.max(mostOpen, ++open)
      bench.clock.after(20, () => {
        open--
        visit.handle(message)
      })
    })
    const sent = [1, 2, 3, 4, 5].map((n) => bench.set(device.id, { 2: n }))
    const read = bench.query(device.id)
    await bench.clock.during(read, 1)
    await bench.clock.during(Promise.all(sent), 1)
    expect(mostOpen).toBe(1)
    expect(device.sets.map((set) => set[2])).toEqual([1, 2, 3, 4, 5])
    expect(at.slice(1).every((time, i) => time - (at[i] ?? 0) >= 50)).toBe(true)
  },
)

it('a set that was never written says so, whether it was given up or its time was over', async () => {
  const { bench, device } = await house()
  await using _ = bench
  onSet(device, () => {})
  const first = bench.set(device.id, { 1: true })
  const giveUp = new AbortController()
  const second = bench.set(device.id, { 1: false }, giveUp.signal)
  const third = bench.set(device.id, { 2: 1 })
  await bench.clock.advance(1_000)
  giveUp.abort()
  expect(await failure(second)).toBe('not-sent lan/timeout')
  expect(await failure(bench.clock.during(first, 10))).toBe('unknown lan/timeout')
  expect(await failure(bench.clock.during(third, 10))).toBe('not-sent lan/timeout')
  expect(device.heard.filter(({ command }) => command === lanCommand.controlNew)).toHaveLength(1)
  expect(await failure(bench.set(device.id, { 1: true }, AbortSignal.abort()))).toBe('not-sent lan/timeout')
})

it.each([10, 500])('a set that is given up %d ms after it was written may have happened', async (afterMs) => {
  const { bench, device } = await house()
  await using _ = bench
  onSet(device, () => {})
  const giveUp = new AbortController()
  const startedMs = bench.clock.now()
  const sent = bench.set(device.id, { 1: true }, giveUp.signal)
  await bench.clock.advance(afterMs)
  giveUp.abort()
  expect(await failure(bench.clock.during(sent, 10))).toBe('unknown lan/timeout')
  expect(bench.clock.now() - startedMs, 'at once, but for the first moments').toBeLessThanOrEqual(
    Math.max(afterMs, 100) + 10,
  )
})

it('a set that is given up in its first moments, before it could be written, is not written', async () => {
  const { bench, device } = await house()
  await using _ = bench
  await bench.clock.during(bench.set(device.id, { 1: true }), 1)
  const giveUp = new AbortController()
  const waiting = bench.set(device.id, { 1: false }, giveUp.signal)
  giveUp.abort()
  expect(await failure(bench.clock.during(waiting, 10))).toBe('not-sent lan/timeout')
  await bench.clock.advance(1_000)
  expect(device.sets).toHaveLength(1)
})

it('a connection that is lost ends what was written as unknown and the rest as not sent', async () => {
  const { bench, device } = await house()
  await using _ = bench
  onSet(device, () => {})
  const first = bench.set(device.id, { 1: true })
  const second = bench.set(device.id, { 1: false })
  await bench.clock.advance(10)
  device.visit.end.close('reset')
  await bench.clock.advance(0)
  expect(await failure(first)).toBe('unknown lan/timeout')
  expect(await failure(second)).toBe('not-sent lan/closed')
})

it('what does not fit into a frame is refused before a byte of it leaves', async () => {
  const { bench, device } = await house()
  await using _ = bench
  const sent = bench.set(device.id, { 1: 'x'.repeat(5_000) })
  expect(await failure(sent)).toBe('not-sent lan/error')
  await expect(bench.clock.during(bench.set(device.id, { 1: 'x'.repeat(3_000) }), 10)).resolves.toBeDefined()
})

it('a push of one behind a gateway does not answer the question to another', async () => {
  await using bench = new LanBench()
  const gateway = bench.device({ points: {} })
  for (const cid of ['a', 'b']) gateway.children.set(cid, { 1: cid })
  await bench.up(
    known(gateway, {
      children: new Map([
        ['a', 'childA'],
        ['b', 'childB'],
      ]),
    }),
  )
  await bench.clock.advance(500)
  let open: Message | undefined
  gateway.intercept = (message) => {
    if (message.command !== lanCommand.queryNew) return false
    open = message
    return true
  }
  let answered = false
  void bench.query('childA').then(() => {
    answered = true
  })
  await bench.clock.advance(10)
  gateway.visit.answer(open as Message, { cid: 'b', dps: { 1: 'not asked for' } })
  await bench.clock.advance(10)
  expect([answered, bench.last('childB')]).toEqual([false, { 1: 'not asked for' }])
  gateway.visit.answer(open as Message, { cid: 'a', dps: { 1: 'asked for' } })
  await bench.clock.advance(10)
  expect([answered, bench.last('childA')]).toEqual([true, { 1: 'asked for' }])
})
