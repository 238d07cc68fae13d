import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../../src/domain/command.ts'
import { CommandMemory, OnceRate } from '../../../src/mqtt/command/memory.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const outcome = Promise.resolve<Outcome>({ state: 'confirmed' })

describe('R-K5: commands that were seen', () => {
  it('are found by requester and id for ten minutes', async () => {
    const clock = new VirtualClock()
    const memory = new CommandMemory(clock)
    memory.keep('reply/a', 'r1', 'device/bf1', outcome)
    expect(memory.find('reply/a', 'r1')).toMatchObject({ target: 'device/bf1', outcome })
    expect(memory.find('reply/b', 'r1')).toBeUndefined()
    expect(memory.find('reply/a', 'r2')).toBeUndefined()
    await clock.advance(599_999)
    expect(memory.find('reply/a', 'r1')).toBeDefined()
    await clock.advance(1)
    expect(memory.find('reply/a', 'r1')).toBeUndefined()
  })

  it('are ten thousand at most; the oldest goes first', () => {
    const memory = new CommandMemory(new VirtualClock())
    for (let i = 0; i <= 10_000; i++) memory.keep('', `r${i}`, 'device/bf1', outcome)
    expect(memory.find('', 'r0')).toBeUndefined()
    expect(memory.find('', 'r1')).toBeDefined()
    expect(memory.find('', 'r10000')).toBeDefined()
  })
})

describe('R-K5: bytes that come again', () => {
  const one = Buffer.from('toggle')

  it('count as repetition for 30 s on the same topic', async () => {
    const clock = new VirtualClock()
    const memory = new CommandMemory(clock)
    expect(memory.isRepeat('a', one)).toBe(false)
    memory.note('a', one)
    expect(memory.isRepeat('a', one)).toBe(true)
    expect(memory.isRepeat('b', one)).toBe(false)
    expect(memory.isRepeat('a', Buffer.from('other'))).toBe(false)
    await clock.advance(29_999)
    expect(memory.isRepeat('a', one)).toBe(true)
    await clock.advance(1)
    expect(memory.isRepeat('a', one)).toBe(false)
  })

  it('are not confused by where the topic ends', () => {
    const memory = new CommandMemory(new VirtualClock())
    memory.note('a', Buffer.from('bc'))
    expect(memory.isRepeat('ab', Buffer.from('c'))).toBe(false)
  })
})

describe('R-K6: points that act on every write', () => {
  it('take twenty a second of each device', async () => {
    const clock = new VirtualClock()
    const rate = new OnceRate(clock)
    const admitted = () => Array.from({ length: 30 }, () => rate.admit('bf1')).filter(Boolean).length
    expect(admitted()).toBe(20)
    expect(rate.admit('bf2')).toBe(true)
    await clock.advance(999)
    expect(admitted()).toBe(0)
    await clock.advance(1)
    expect(admitted()).toBe(20)
  })
})
