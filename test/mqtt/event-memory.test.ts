import { expect, it } from 'vitest'
import { EventMemory } from '../../src/mqtt/event-memory.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

it('who brings an event again waits for the first telling, and learns of it later too', () => {
  const memory = new EventMemory(new VirtualClock())
  const told: string[] = []
  const say = (who: string) => (delivered: boolean) => told.push(`${who} ${delivered}`)
  expect(memory.knows('a', say('nobody'))).toBe(false)
  const done = memory.begin('a', say('first'))
  expect(memory.knows('a', say('second'))).toBe(true)
  expect(told).toEqual([])
  done(true)
  expect(told).toEqual(['first true', 'second true'])
  expect(memory.knows('a', say('third'))).toBe(true)
  expect(memory.knows('a')).toBe(true)
  expect(told.at(-1)).toBe('third true')
})

it('what had no place in the outbox is not known, what an earlier run told is', () => {
  const memory = new EventMemory(new VirtualClock())
  memory.begin('a')
  memory.forget('a')
  memory.recall('b')
  expect([memory.knows('a'), memory.knows('b')]).toEqual([false, true])
})

it('knows an event for two hours', async () => {
  const clock = new VirtualClock()
  const memory = new EventMemory(clock)
  memory.begin('a')(true)
  await clock.advance(2 * 3_600_000)
  expect(memory.knows('a')).toBe(true)
  await clock.advance(1)
  expect(memory.knows('a')).toBe(false)
  expect(memory.size).toBe(0)
})

it('knows the newest 10,000; who waits for an older one is told all the same', () => {
  const memory = new EventMemory(new VirtualClock())
  const told: boolean[] = []
  const done = memory.begin('first', (delivered) => told.push(delivered))
  for (let i = 0; i < 10_000; i++) memory.begin(`event ${i}`)
  expect(memory.size).toBe(10_000)
  expect(memory.knows('first')).toBe(false)
  expect(memory.knows('event 0')).toBe(true)
  done(false)
  expect(told).toEqual([false])
})
