import { expect, it } from 'vitest'
import { Troubles } from '../../src/inventory/troubles.ts'
import { BridgeError } from '../../src/util/error.ts'

const unavailable = new BridgeError('cloud/unavailable', 'trouble')
const quota = new BridgeError('cloud/quota', 'used up')

function bench() {
  const told: string[] = []
  return { told, troubles: new Troubles((error, what) => told.push(`${what}: ${error.code}`)) }
}

it('a trouble is told once, however often it comes back', () => {
  const { told, troubles } = bench()
  expect(troubles.tell('reading', unavailable)).toBe(true)
  for (let i = 0; i < 100; i++) expect(troubles.tell('reading', unavailable)).toBe(false)
  expect(told).toEqual(['reading: cloud/unavailable'])
})

it('another reason and another thing are news', () => {
  const { told, troubles } = bench()
  troubles.tell('reading', unavailable)
  troubles.tell('reading', quota)
  troubles.tell('writing', unavailable)
  expect(told).toEqual(['reading: cloud/unavailable', 'reading: cloud/quota', 'writing: cloud/unavailable'])
})

it('after it has worked again the same trouble is news', () => {
  const { told, troubles } = bench()
  troubles.tell('reading', unavailable)
  troubles.over('reading')
  troubles.tell('reading', unavailable)
  expect(told).toHaveLength(2)
})
