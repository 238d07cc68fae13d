import { expect, it } from 'vitest'
import { HeldValues } from '../../src/app/held-values.ts'
import { deviceOf, reportOf } from '../support/device.ts'
import { newInventory } from '../support/inventory.ts'
import { specification } from '../support/mirrored.ts'
import { point } from '../support/point.ts'
import { SaidDocuments } from '../support/said-documents.ts'

/** A plug whose documents arrive when the test says so. */
function plug() {
  const inventory = newInventory({ now: () => 10_000 })
  const documents = new SaidDocuments(inventory)
  const held = new HeldValues(inventory, documents)
  const heard: string[] = []
  held.on((id, codes, isFirst) => heard.push(`${id} ${codes.join(',')}${isFirst ? ' first' : ''}`))
  documents.isAway = true
  const add = () => {
    inventory.setDevices([deviceOf('a')])
    inventory.setSpecification('a', specification([point('integer', { code: 'add_ele', scale: 3 }), 'on']))
  }
  const report = (values: Readonly<Record<string, unknown>>, timeMs = 10_000) =>
    inventory.apply(reportOf('a', values, timeMs, { source: 'queue' }))
  const value = (code: string) => held.of('a')?.facts.get(code)?.value
  return { inventory, documents, held, heard, add, report, value }
}

it('I-2: a value is held when the document is that had it, and not what came after it', () => {
  const { documents, held, heard, add, report, value } = plug()
  held.turn(true)
  add()
  expect(held.of('a')).toBeUndefined()
  report({ on: 1, add_ele: 12 })
  report({ on: 2 }, 10_001)
  expect(documents.waiting).toHaveLength(1)
  documents.arrive()
  expect(heard).toEqual(['a  first'])
  expect(value('on')).toBeUndefined()
  report({ on: 3 }, 10_002)
  documents.arrive()
  expect(value('on')).toBe(2)
  expect(held.of('a')?.totals.get('add_ele')).toBe(0.012)
  documents.arrive()
  expect(value('on')).toBe(3)
  expect(heard).toEqual(['a  first', 'a on,add_ele', 'a on'])
  expect(documents.waiting).toEqual([])
})

it('a document that no broker takes keeps no value back', () => {
  const { documents, held, add, report, value } = plug()
  held.turn(true)
  add()
  documents.arrive(false)
  documents.arrive(false)
  report({ on: 1 })
  documents.arrive(false)
  expect(value('on')).toBe(1)
})

it('a device that went is not held, whatever arrives of it later', () => {
  const { inventory, documents, held, add, report } = plug()
  held.turn(true)
  add()
  report({ on: 1 })
  inventory.removeDevice('a')
  documents.arrive()
  expect(held.of('a')).toBeUndefined()
  add()
  documents.arrive()
  expect(held.of('a')?.facts.size).toBe(0)
})

it('nothing is held for nobody; who wants it later finds what is known by then', () => {
  const { documents, held, heard, add, report, value } = plug()
  add()
  report({ on: 1 })
  expect(documents.waiting).toEqual([])
  held.turn(true)
  held.turn(true)
  expect(documents.hurried).toEqual(['a'])
  documents.arrive()
  expect(value('on')).toBe(1)
  held.turn(false)
  expect(held.of('a')).toBeUndefined()
  expect(heard).toEqual(['a on first'])
})

it('what was waited for before nobody wanted anything does not stand in for what is waited for now', () => {
  const { documents, held, add, report, value } = plug()
  held.turn(true)
  add()
  report({ on: 1 })
  held.turn(false)
  held.turn(true)
  documents.arrive()
  expect(held.of('a')).toBeUndefined()
  documents.arrive()
  expect(value('on')).toBe(1)
})
