import { expect, it } from 'vitest'
import { usualUnit } from '../../src/domain/unit.ts'

it.each(['kW·h', 'kw.h', 'KWH', 'Kwh', 'kW*h', '度', ' kwh '])('%s is a kWh', (spelling) => {
  expect(usualUnit(spelling)).toBe('kWh')
})

it('what nobody spells otherwise stays, and blanks are no unit', () => {
  expect(usualUnit('m/s')).toBe('m/s')
  expect(usualUnit('constructor')).toBe('constructor')
  expect(usualUnit('  ')).toBeNull()
  expect(usualUnit(null)).toBeNull()
})
