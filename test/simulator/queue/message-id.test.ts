import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildMessageId, parseMessageId } from '../../../src/simulator/queue/message-id.ts'

describe('the id of a message', () => {
  it('looks like the platform’s', () => {
    expect(buildMessageId({ partition: 0, offset: 20 })).toBe('CJ+f+gEQFBgA')
  })

  it('leads back to the place of the message, and to no other', () => {
    const position = fc.record({ partition: fc.nat(10), offset: fc.nat() })
    fc.assert(
      fc.property(position, position, (one, other) => {
        expect(parseMessageId(buildMessageId(one))).toEqual(one)
        if (one.offset !== other.offset || one.partition !== other.partition)
          expect(buildMessageId(one)).not.toBe(buildMessageId(other))
      }),
    )
  })

  it('is nothing that somebody made up', () => {
    for (const text of ['', 'x', 'hello', 'CJ+f+gEQFBg', 'CJ+f+gEQFBgA=', ' CJ+f+gEQFBgA', 'CLGf+gEQFBgA'])
      expect(parseMessageId(text)).toBeUndefined()
    fc.assert(
      fc.property(fc.string(), (text) => {
        const position = parseMessageId(text)
        if (position) expect(buildMessageId(position)).toBe(text)
      }),
    )
  })
})
