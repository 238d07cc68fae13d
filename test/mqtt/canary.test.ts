import { expect, it } from 'vitest'
import { Canary } from '../../src/mqtt/canary.ts'
import { PublishRefused } from '../../src/mqtt/link.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'

function bench() {
  const clock = new VirtualClock()
  const sent: { token: string; at: number; done: (refused?: PublishRefused) => void }[] = []
  const dead: string[] = []
  let n = 0
  const canary = new Canary({
    topic: 'tuya/bridge/probe',
    clock,
    token: () => `token ${++n}`,
    publish: ({ payload }, done) => sent.push({ token: payload, at: clock.monotonic(), done }),
    onDead: (why) => dead.push(`${why} at ${clock.monotonic()}`),
  })
  return { clock, canary, sent, dead }
}

it('is proved when the first message has come back, and not by its acknowledgement', async () => {
  const { canary, sent } = bench()
  let proved = false
  void canary.proved.then(() => {
    proved = true
  })
  canary.start()
  sent[0]?.done()
  canary.returned('somebody else’s token')
  await settle()
  expect(proved).toBe(false)
  canary.returned('token 1')
  await settle()
  expect(proved).toBe(true)
  canary.stop()
})

it('goes out each 15 s', async () => {
  const { clock, canary, sent } = bench()
  canary.start()
  for (let i = 0; i < 4; i++) {
    canary.returned(sent.at(-1)?.token ?? '')
    await clock.advance(15_000)
  }
  expect(sent.map(({ at }) => at)).toEqual([0, 15_000, 30_000, 45_000, 60_000])
  canary.stop()
})

it('two misses in a row end the connection, one does not', async () => {
  const { clock, canary, sent, dead } = bench()
  canary.start()
  canary.returned('token 1')
  await clock.advance(25_000)
  expect(dead).toEqual([])
  canary.returned(sent.at(-1)?.token ?? '')
  await clock.advance(15_000 + 10_000)
  expect(dead).toEqual([])
  await clock.advance(10_000)
  expect(dead).toEqual(['silent at 60000'])
  canary.stop()
})

it('an answer that comes too late does not count', async () => {
  const { clock, canary, sent, dead } = bench()
  canary.start()
  canary.returned('token 1')
  await clock.advance(25_000)
  canary.returned(sent[1]?.token ?? '')
  await clock.advance(10_000)
  expect(dead).toHaveLength(1)
  canary.stop()
})

it('the first one shows soon whether the broker is silent or keeps us from publishing or reading', async () => {
  const silent = bench()
  silent.canary.start()
  await silent.clock.advance(4_000)
  expect(silent.dead).toEqual(['silent at 4000'])
  const denied = bench()
  denied.canary.start()
  denied.sent[0]?.done()
  await denied.clock.advance(4_000)
  expect(denied.dead).toEqual(['rights at 4000'])
})

it('a refusal in words is believed at once', () => {
  const { canary, sent, dead } = bench()
  canary.start()
  sent[0]?.done(new PublishRefused('not-authorized'))
  expect(dead).toEqual(['rights at 0'])
  canary.stop()
})

it('leaves no timer behind', () => {
  const { clock, canary } = bench()
  canary.start()
  canary.stop()
  expect(clock.waiting).toBe(0)
})
