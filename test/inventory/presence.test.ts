import { describe, expect, it } from 'vitest'
import { PresenceTimes } from '../../src/inventory/presence.ts'

const second = 1_000
const minute = 60 * second
/** A full second, some while after 1970. */
const noon = 1_767_268_800_000

describe('when it was said whether a device is there', () => {
  it.each([
    ['the first word', [], noon, true],
    ['a later one', [noon], noon + second, true],
    ['one of the same second, which came later', [noon], noon, true],
    ['an older one', [noon], noon - 1, false],
    ['one of an hour ago', [noon], noon - 60 * minute, false],
  ])('a message: %s', (_what, before, saidMs, counts) => {
    const times = new PresenceTimes()
    for (const timeMs of before) times.told('lamp', timeMs, noon)
    expect(times.told('lamp', saidMs, noon + minute)).toBe(counts)
  })

  it.each([
    ['of before the list', -2_001, false],
    ['of about the time of the list, in whole seconds and by another clock', -2_000, true],
    ['of after the list', 1, true],
  ])('a message %s', (_what, offsetMs, counts) => {
    const times = new PresenceTimes()
    expect(times.read('lamp', noon)).toBe(true)
    expect(times.told('lamp', noon + offsetMs, noon)).toBe(counts)
  })

  it.each([
    ['asked for before', noon - 1, false],
    ['asked for at the same moment', noon, true],
    ['asked for after it', noon + 1, true],
  ])('a list that was %s what a message said', (_what, askedMs, counts) => {
    const times = new PresenceTimes()
    times.told('lamp', noon, noon)
    expect(times.read('lamp', askedMs)).toBe(counts)
  })

  it('a list that does not count does not make messages old', () => {
    const times = new PresenceTimes()
    times.told('lamp', noon - 10 * second, noon)
    times.read('lamp', noon - 11 * second)
    expect(times.told('lamp', noon - 9 * second, noon)).toBe(true)
  })

  it('a clock that is far ahead silences nothing of what comes after it', () => {
    const times = new PresenceTimes()
    expect(times.told('lamp', noon + 365 * 86_400_000, noon)).toBe(true)
    expect(times.told('lamp', noon + second, noon + second)).toBe(true)
    expect(times.read('lamp', noon + 2 * second)).toBe(true)
  })

  it('devices have nothing to do with each other, and one that is forgotten starts anew', () => {
    const times = new PresenceTimes()
    times.told('lamp', noon, noon)
    times.read('plug', noon)
    expect(times.told('plug', noon - second, noon)).toBe(true)
    times.forget('lamp')
    expect(times.told('lamp', noon - 60 * minute, noon)).toBe(true)
    times.forget('plug')
    expect(times.told('plug', noon - 60 * minute, noon)).toBe(true)
  })
})
