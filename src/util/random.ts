import { randomInt } from 'node:crypto'

/** A number in [0, 1), like Math.random; handed in wherever chance plays a part. */
export type Random = () => number

const fullRange = 2 ** 32

export const systemRandom: Random = () => randomInt(fullRange) / fullRange

/** A repeatable sequence for simulators and tests (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / fullRange
  }
}

/** `length` lower-case letters and digits. */
export function randomText(random: Random, length: number): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'
  let text = ''
  for (let i = 0; i < length; i++) text += alphabet[Math.floor(random() * alphabet.length)]
  return text
}
