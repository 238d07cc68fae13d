import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Outcome, ProgressState } from '../../src/domain/command.ts'
import { CommandLife } from '../../src/domain/command.ts'
import { seededRandom } from '../../src/util/random.ts'
import { CommandDesk, somePoints, targetOf } from '../support/command-desk.ts'
import { canaryWorld } from '../support/house.ts'
import { VirtualHouse } from '../support/virtual-house.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'

it('K9: toggles and IR codes whose answers are lost never act twice over the cloud', async () => {
  const base = canaryWorld()
  const ids = Array.from({ length: 12 }, (_, i) => `bfonce${String(i).padStart(4, '0')}`)
  const devices = ids.map((id, i) => ({ id, name: id, model: i % 2 ? 'ir' : 'switch', home: '3182004' }))
  await using house = await VirtualHouse.open({ world: { ...base, devices } })
  const { faults, journal, world } = house.simulator
  const client = await house.client()
  const random = seededRandom(9)
  const kinds = [
    'commands-act-then-stall',
    'lost-commands=0.5',
    'http=502',
    'device-latency=100-3000',
  ] as const
  const rounds = 12
  for (let round = 0; round < rounds; round++) {
    faults.clear('commands-act-then-stall', 'lost-commands', 'http', 'device-latency')
    faults.set(kinds[round % kinds.length] as string)
    for (const [i, id] of ids.entries()) {
      if (i % 2 === 0) client.publish(`tuya/cmd/device/${id}/dp/switch_1`, 'toggle', { qos: 1 })
      else client.publish(`tuya/cmd/device/${id}/dp/ir_send`, JSON.stringify({ n: round }), { qos: 1 })
    }
    await house.arrived(client)
    await house.time.pass(100 + random() * 400)
    // A connection that drops does so in the middle of things.
    faults.clear('http')
    const due = (round + 1) * ids.length
    await house.time.until(() => house.answers.length >= due, 60_000, 'the answers of a round')
    await house.time.pass(round % kinds.length === 2 ? 60_000 : 2_000)
  }
  const asked = new Map(ids.map((id) => [id, rounds]))
  for (const id of ids) {
    const acted = journal.entries('command', id)
    const refused = house.answers.filter(
      ({ target, state }) => target === `device/${id}` && (state === 'rejected' || state === 'failed'),
    ).length
    expect(acted.length, id).toBeLessThanOrEqual((asked.get(id) ?? 0) - refused)
    const codes = acted.map(({ detail }) => JSON.stringify(detail))
    if (world.device(id).model.category === 'wnykq') expect(new Set(codes).size, id).toBe(codes.length)
  }
  expect(house.answers).toHaveLength(rounds * ids.length)
  const confirmed = house.answers.filter(({ state }) => state === 'confirmed').length
  expect(confirmed, 'the test is worth something').toBeGreaterThan(40)
  expect(house.answers.filter(({ state }) => state === 'timeout').length).toBeGreaterThan(10)
}, 60_000)

describe('K10: the life of commands', () => {
  /** What happens to the intake, step by step. */
  type Step =
    | {
        readonly kind: 'command'
        readonly id: number | null
        readonly device: string
        readonly from: boolean
        readonly once: boolean
        readonly ttl: number
      }
    | { readonly kind: 'nonsense' }
    | { readonly kind: 'retained' }
    | { readonly kind: 'repeat' }
    | { readonly kind: 'progress'; readonly which: number; readonly state: ProgressState }
    | { readonly kind: 'end'; readonly which: number; readonly how: Outcome['state'] | 'throw' }
    | { readonly kind: 'time'; readonly ms: number }
    | { readonly kind: 'stop' }

  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 30,
      arbitrary: fc.record({
        kind: fc.constant('command' as const),
        id: fc.option(fc.nat(5)),
        device: fc.constantFrom('bf1', 'bf2', 'nobody'),
        from: fc.boolean(),
        once: fc.boolean(),
        ttl: fc.constantFrom(100, 5_000, 10_000),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constantFrom('nonsense' as const, 'retained' as const, 'repeat' as const),
      }),
    },
    {
      weight: 10,
      arbitrary: fc.record({
        kind: fc.constant('progress' as const),
        which: fc.nat(20),
        state: fc.constantFrom('accepted' as const, 'sent' as const),
      }),
    },
    {
      weight: 25,
      arbitrary: fc.record({
        kind: fc.constant('end' as const),
        which: fc.nat(20),
        how: fc.constantFrom(
          'confirmed' as const,
          'failed' as const,
          'timeout' as const,
          'superseded' as const,
          'expired' as const,
          'rejected' as const,
          'throw' as const,
        ),
      }),
    },
    { weight: 10, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.nat(4_000) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('stop' as const) }) },
  )

  // The matrix asks for 10,000 runs of 100 steps; here are 300 of up to 60, and the seed of a failure is printed.
  it('every message that was taken gets exactly one final answer on each of its topics, and nothing after it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const desk = new CommandDesk()
        desk.targets.set('bf2', targetOf('bf2', somePoints, { switch_led: true }))
        const running: {
          end: (outcome: Outcome) => void
          fail: (thrown: unknown) => void
          progress: (state: ProgressState) => void
        }[] = []
        desk.route = (_write, progress) =>
          new Promise((resolve, reject) => running.push({ end: resolve, fail: reject, progress }))
        let expected = 0
        let stopped = false
        const take = (topic: string, payload: unknown, more = {}) => {
          desk.hand(topic, payload, more)
          if (!stopped) expected++
        }
        for (const [n, one] of steps.entries()) {
          switch (one.kind) {
            case 'command':
              take(`device/${one.device}`, {
                dp: one.once ? { ir_send: `x${n % 10}` } : { bright: 10 + n },
                ...(one.id === null ? {} : { id: `r${one.id}` }),
                ...(one.from ? { from: 'me' } : {}),
                ttl: one.ttl,
                progress: true,
              })
              break
            case 'nonsense':
              take('device/bf1', `{${n}`)
              break
            case 'retained':
              take('device/bf1', { dp: { bright: 20 } }, { retain: true })
              break
            case 'repeat':
              take(`device/bf1/dp/text`, `t${n}`)
              desk.hand(`device/bf1/dp/text`, `t${n}`, { dup: true })
              break
            case 'progress':
              running[one.which % Math.max(1, running.length)]?.progress(one.state)
              break
            case 'end': {
              const [ended] = running.length > 0 ? running.splice(one.which % running.length, 1) : []
              if (one.how === 'throw') ended?.fail(new Error('defect'))
              else
                ended?.end({
                  state: one.how,
                  ...(one.how === 'confirmed'
                    ? {}
                    : { reason: 'command/x', message: 'x', retry: 'later' as const }),
                })
              break
            }
            case 'time':
              await desk.clock.advance(one.ms)
              break
            case 'stop':
              desk.intake.stop()
              stopped = true
          }
        }
        for (const { end } of running) end({ state: 'confirmed' })
        await desk.clock.advance(30_000)
        const said = await desk.said()
        const finals = said.filter(
          ({ topic, answer }) => topic.startsWith('result/') && answer?.['final'] === true,
        )
        expect(finals).toHaveLength(expected)
        expect(desk.intake.open).toBe(0)
        expect(
          said.filter(({ topic, answer }) => topic.startsWith('result/') && answer?.['final'] === false),
        ).toEqual([])
        for (const { answer } of finals) {
          expect(answer?.['ok']).toBe(answer?.['state'] === 'confirmed')
          if (!answer?.['ok'])
            expect(answer).toMatchObject({ reason: expect.any(String), retry: expect.any(String) })
        }
      }),
      { numRuns: 300 },
    )
  }, 60_000)

  it('from the bridge’s own router only legal steps come, and progress never after the end', async () => {
    await using house = await VirtualHouse.open({ faults: ['device-latency=0-2000'] })
    const client = await house.client()
    const random = seededRandom(4)
    const lives = new Map<string, CommandLife>()
    for (let n = 0; n < 80; n++) {
      const id = `n${n}`
      lives.set(id, new CommandLife())
      const code = n % 3 === 0 ? 'switch_led' : 'bright_value_v2'
      const value = n % 3 === 0 ? 'toggle' : 10 + n
      const options = { id, from: 'me', progress: true, ttl: n % 4 === 0 ? 150 : 10_000 }
      client.publish(`tuya/cmd/device/${lamp}`, JSON.stringify({ dp: { [code]: value }, ...options }), {
        qos: 1,
      })
      await house.arrived(client)
      if (n % 5 === 0) await house.time.pass(random() * 1_500)
    }
    await house.time.until(() => house.answers.length >= 80, 60_000, 'the answers')
    await house.time.pass(2_000)
    for (const { topic, payload } of house.seen) {
      if (topic !== 'tuya/reply/me') continue
      const { id, state } = JSON.parse(payload) as { id: string; state: Outcome['state'] }
      expect(lives.get(id)?.to(state), `${id}: ${lives.get(id)?.state} -> ${state}`).toBe(true)
    }
    for (const [id, life] of lives) expect(life.ended, id).toBe(true)
  })
})
