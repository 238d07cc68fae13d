import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nearest } from '../../src/util/nearest.ts'
import { cpuMs } from '../support/cpu.ts'

const codes = ['switch_led', 'bright_value', 'bright_value_v2', 'work_mode', 'colour_data']

it('finds the word that was meant, best first', () => {
  expect(nearest('swich_led', codes, 3)).toEqual(['switch_led'])
  expect(nearest('bright_value_2', codes, 2)).toEqual(['bright_value_v2', 'bright_value'])
  expect(nearest('WORK_MODE', codes, 1)).toEqual(['work_mode'])
})

it('proposes nothing for what resembles nothing', () => {
  expect(nearest('temperature', codes, 3)).toEqual([])
  expect(nearest('', codes, 3)).toEqual([])
})

it('gives only candidates, no more than asked, and always the word itself first', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 20 }),
      fc.nat(5),
      (candidates, most) => {
        const word = candidates[0] as string
        const found = nearest(word, candidates, most)
        expect(found.length).toBeLessThanOrEqual(most)
        expect(candidates).toEqual(expect.arrayContaining(found))
        if (most > 0) expect(found[0]?.toLowerCase()).toBe(word.toLowerCase())
      },
    ),
  )
})

it('I-11: an endless word among endless candidates takes no time', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => `${'x'.repeat(5_000)}${i}`)
  const took = cpuMs(() => {
    nearest('y'.repeat(100_000), many, 3)
  })
  expect(took).toBeLessThan(2_000)
})
