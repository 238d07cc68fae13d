/// <reference lib="dom" />
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { furnish, furnished } from '../../page/furnish.ts'

describe('the controls of many cards', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('those that are seen are there at once, the others some at a time, in the end all', () => {
    const undo = furnish(120)
    const seen = [furnished.value]
    for (let i = 0; i < 10; i++) {
      vi.advanceTimersByTime(16)
      seen.push(furnished.value)
    }
    const all = Number.POSITIVE_INFINITY
    expect(seen.slice(0, 5)).toEqual([48, 96, 144, all, all])
    expect(vi.getTimerCount()).toBe(0)
    undo()
  })

  it('begin anew with another list, and leave nothing behind', () => {
    const undo = furnish(500)
    vi.advanceTimersByTime(32)
    expect(furnished.value).toBe(144)
    undo()
    expect(furnished.value).toBe(48)
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(1_000)
    expect(furnished.value).toBe(48)
  })

  it('of no cards need nothing', () => {
    furnish(0)()
    expect(vi.getTimerCount()).toBe(0)
  })
})
