import { expect, it } from 'vitest'
import { AckProof, acksOfPing, proofMs } from '../../../src/transport/queue/ack-proof.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

function bench() {
  const clock = new VirtualClock()
  const marks: string[] = []
  const seen = { proven: 0 }
  const proof = new AckProof({
    clock,
    ping: (mark) => marks.push(mark),
    onProven: (acks) => {
      seen.proven += acks
    },
  })
  const send = (acks: number) => {
    for (let i = 0; i < acks; i++) proof.sent()
  }
  return { clock, marks, seen, proof, send }
}

it('asks after 32 acknowledgements, each time with a mark of its own, and not without any', async () => {
  const { clock, marks, seen, send } = bench()
  send(acksOfPing - 1)
  await clock.advance(3_600_000)
  expect([marks.length, clock.waiting]).toEqual([0, 0])
  send(1 + 2 * acksOfPing)
  expect(new Set(marks).size).toBe(3)
  expect(seen.proven, 'nobody answered').toBe(0)
})

it('an answer proves what went out before its ping, and nothing behind it', () => {
  const { marks, seen, proof, send } = bench()
  send(2 * acksOfPing + 5)
  proof.answered(marks[0] as string)
  expect(seen.proven).toBe(acksOfPing)
  proof.answered(marks[0] as string)
  expect(seen.proven, 'once').toBe(acksOfPing)
  proof.answered(marks[1] as string)
  expect(seen.proven).toBe(2 * acksOfPing)
})

it('the answer to the last of several pings is one to all of them', () => {
  const { marks, seen, proof, send } = bench()
  send(3 * acksOfPing)
  proof.answered(marks[2] as string)
  expect(seen.proven).toBe(3 * acksOfPing)
})

it('an answer to nothing that was asked proves nothing', () => {
  const { seen, proof, send } = bench()
  send(acksOfPing)
  for (const mark of ['', '0', 'x', '99']) proof.answered(mark)
  expect(seen.proven).toBe(0)
})

it('a queue that never answers is believed after two seconds, and not asked again', async () => {
  const { clock, marks, seen, send } = bench()
  send(acksOfPing + 7)
  await clock.advance(proofMs - 1)
  expect(seen.proven).toBe(0)
  await clock.advance(1)
  expect(seen.proven).toBe(acksOfPing + 7)
  send(100)
  expect([seen.proven, marks.length, clock.waiting]).toEqual([acksOfPing + 107, 1, 0])
})

it('one that answers too late now and then is believed for that time, and asked again', async () => {
  const { clock, marks, seen, proof, send } = bench()
  send(acksOfPing)
  proof.answered(marks[0] as string)
  send(acksOfPing)
  await clock.advance(1_500)
  send(acksOfPing)
  await clock.advance(500)
  expect(seen.proven, 'the older question').toBe(2 * acksOfPing)
  proof.answered(marks[1] as string)
  expect(seen.proven, 'its answer is late').toBe(2 * acksOfPing)
  await clock.advance(1_000)
  proof.answered(marks[2] as string)
  send(acksOfPing)
  expect([seen.proven, marks.length]).toEqual([3 * acksOfPing, 4])
})

it('nothing is believed, proven or waited for after the end', async () => {
  const { clock, marks, seen, proof, send } = bench()
  send(acksOfPing)
  proof.stop()
  proof.answered(marks[0] as string)
  await clock.advance(60_000)
  expect([seen.proven, clock.waiting]).toEqual([0, 0])
})
