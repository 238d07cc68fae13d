import { beforeEach, expect, it } from 'vitest'
import type { DeviceRecord, InventoryEvents } from '../../src/inventory/events.ts'
import { Staleness } from '../../src/inventory/staleness.ts'
import { Emitter } from '../../src/util/emitter.ts'
import { deviceOf } from '../support/device.ts'

const recordOf = (id: string) => ({ device: deviceOf(id) }) as DeviceRecord

let staleness: Staleness
let told: string[]

beforeEach(() => {
  const events = new Emitter<InventoryEvents>()
  told = []
  events.on('staleness', (sources) => told.push([...sources].join()))
  events.on('lanStaleness', ({ device }) => told.push(device.id))
  staleness = new Staleness(events)
})

it('R-S1: what came from disk is stale, and everything else is not until somebody says so', () => {
  expect(staleness.holds({ source: 'snapshot' }, 'a')).toBe(true)
  for (const source of ['lan', 'queue', 'poll', 'ack'] as const)
    expect(staleness.holds({ source }, 'a'), source).toBe(false)
})

it('a source that turns is told once each time', () => {
  for (const isStale of [true, true, false, false]) staleness.mark('queue', isStale)
  expect(told).toEqual(['queue', 'queue'])
  expect(staleness.holds({ source: 'queue' }, 'a')).toBe(false)
})

it('one device on the LAN is stale by itself, in what it said there alone', () => {
  staleness.markOnLan(recordOf('a'), true)
  staleness.markOnLan(recordOf('a'), true)
  expect(told).toEqual(['a'])
  expect(staleness.holds({ source: 'lan' }, 'a')).toBe(true)
  expect(staleness.holds({ source: 'lan' }, 'b')).toBe(false)
  expect(staleness.holds({ source: 'queue' }, 'a')).toBe(false)
  staleness.markOnLan(recordOf('a'), false)
  expect(staleness.holds({ source: 'lan' }, 'a')).toBe(false)
})

it('a device that comes again has nothing of what was held against it', () => {
  staleness.markOnLan(recordOf('a'), true)
  staleness.forget('a')
  expect(staleness.holds({ source: 'lan' }, 'a')).toBe(false)
})
