import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { homieId, homieIds } from '../../../src/integration/homie/id.ts'

describe('ids of Homie', () => {
  it('are lower case with hyphens', () => {
    expect(homieId('bright_value_v2')).toBe('bright-value-v2')
    expect(homieId('bf3c')).toBe('bf3c')
  })

  it('get a digest where letters were changed', () => {
    expect(homieId('Power')).toMatch(/^power-[0-9a-f]{6}$/)
    expect(homieId('Power')).not.toBe(homieId('POWER'))
    expect(homieId('_')).toMatch(/^x-[0-9a-f]{6}$/)
  })

  it('are legal, whatever they are made of', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(homieId(text)).toMatch(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/)
      }),
    )
  })

  it('of one place are all different', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), (texts) => {
        expect(new Set(homieIds(texts).values()).size).toBe(texts.length)
      }),
    )
  })
})
