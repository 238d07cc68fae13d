import { expect, it } from 'vitest'
import { isId } from '../../src/domain/id.ts'

it.each(['a', 'bf3c9a7d41e0b2f6aaw1vn', 'vdevo170000', '3182004', 'A_b-9', 'x'.repeat(64)])(
  'S-5: %s may stand in a topic as an id',
  (text) => {
    expect(isId(text)).toBe(true)
  },
)

it.each(['', 'x'.repeat(65), 'a/b', 'a+b', '#', 'a b', 'a\n', '\u0000', '$SYS', 'ä', '..', 'a~b', '\ud800'])(
  'S-5: %j may not',
  (text) => {
    expect(isId(text)).toBe(false)
  },
)
