import { describe, expect, it } from 'vitest'
import { joinSpecification } from '../../src/domain/specification.ts'
import type { InventoryEvents } from '../../src/inventory/events.ts'
import { deviceOf, reportOf } from '../support/device.ts'
import { newInventory, toldBy } from '../support/inventory.ts'

const start = Date.UTC(2026, 10, 22)

/** A lamp and its button, which speak on the LAN and over the cloud. */
function lamp(lanUp = true, isDated = true) {
  const inventory = newInventory({ now: () => start }, isDated)
  inventory.setDevices([deviceOf('bf1')])
  const standard = [
    { code: 'switch_led', dpId: 20, type: 'boolean', access: 'rw' },
    { code: 'switch_mode1', dpId: 30, type: 'enum', access: 'ro', range: ['click', 'press'] },
  ] as const
  inventory.setSpecification('bf1', joinSpecification({ standard, thing: [], shadow: [] }, {}))
  inventory.setLan('bf1', lanUp)
  const told = toldBy(inventory)
  const say = (source: 'lan' | 'queue' | 'poll', values: object, timeMs: number, more: object = {}) =>
    inventory.apply(reportOf('bf1', values as never, timeMs, { source, ...more }))
  const reports = () =>
    told.flatMap(([kind, event]) => (kind === 'report' ? [event as InventoryEvents['report']] : []))
  const presses = () => reports().flatMap(({ said }) => said).length
  const value = () => inventory.device('bf1')?.state.get('switch_led')
  return { inventory, told, say, reports, presses, value }
}

describe('one device with two ways in', () => {
  it('a report on the LAN and the same over the queue are one change and one event', () => {
    const { say, reports } = lamp()
    say('lan', { switch_led: true }, start)
    say('queue', { switch_led: true }, start + 30)
    expect(reports().map(({ changed }) => changed)).toEqual([['switch_led'], []])
    expect(reports().map(({ said }) => said.length)).toEqual([1, 0])
  })

  it('R-Q2: for two seconds what the device itself says goes before what the cloud says', () => {
    const { say, value } = lamp()
    say('lan', { switch_led: true }, start)
    say('queue', { switch_led: false }, start + 1_999)
    expect(value()).toMatchObject({ value: true, source: 'lan' })
    say('queue', { switch_led: false }, start + 2_000)
    expect(value()).toMatchObject({ value: false, source: 'queue' })
  })

  it('R-Q2: what the cloud says else of later in these two seconds is a doubt, and nothing else is', () => {
    const { say, told } = lamp()
    const doubts = () => told.filter(([kind]) => kind === 'doubted').length
    say('lan', { switch_led: true }, start)
    say('queue', { switch_led: true }, start + 500)
    say('queue', { switch_led: false }, start - 500)
    say('queue', { switch_led: false }, start)
    say('poll', { switch_led: false }, start + 500)
    expect(doubts()).toBe(0)
    say('queue', { switch_led: false }, start + 1)
    expect(doubts()).toBe(1)
    say('queue', { switch_led: false }, start + 2_000)
    expect(doubts()).toBe(1)
  })

  it('I-3: what the device itself says now is not older than what a clock minutes ahead has dated', () => {
    const { say, value, reports } = lamp()
    const ahead = start + 4 * 60_000
    say('queue', { switch_led: true }, ahead, { receivedMs: start })
    say('lan', { switch_led: false }, start + 1_000)
    expect(value()).toMatchObject({ value: false, source: 'lan', timeMs: ahead })
    expect(reports().at(-1)?.observed).toMatchObject([{ code: 'switch_led', value: false }])
    say('queue', { switch_led: true }, ahead - 1, { receivedMs: start + 2_000 })
    expect(value()).toMatchObject({ value: false, timeMs: ahead })
  })

  it.each(['lan', 'queue', 'poll'] as const)(
    'I-3: a clock that was a day ahead does not lock out the %s',
    (source) => {
      const { inventory, say, value } = lamp(false)
      const tomorrow = start + 86_400_000
      say('queue', { switch_led: true }, tomorrow, { source: 'snapshot', receivedMs: tomorrow })
      inventory.setFloors('bf1', new Map([['switch_led', tomorrow]]))
      say(source, { switch_led: false }, start, { receivedMs: start })
      expect(value()).toMatchObject({ value: false, source, timeMs: start })
    },
  )

  it('what was heard under its number is said by its name as soon as that is known, and not twice', () => {
    const { inventory, value } = lamp()
    const heard = (timeMs: number, raw: unknown, code: string, dpId?: number) =>
      inventory.apply({
        deviceId: 'bf1',
        source: 'lan',
        receivedMs: timeMs,
        points: [{ code, raw, timeMs, ...(dpId === undefined ? {} : { dpId }) }],
      })
    heard(start, 300, 'dp_102', 102)
    expect(inventory.device('bf1')?.state.get('dp_102')?.value).toBe(300)
    const standard = [
      { code: 'switch_led', dpId: 20, type: 'boolean', access: 'rw' },
      { code: 'floor_limit', dpId: 102, type: 'integer', access: 'rw', scale: 1 },
    ] as const
    inventory.setSpecification('bf1', joinSpecification({ standard, thing: [], shadow: [] }, {}))
    const codes = [...(inventory.device('bf1')?.state.entries() ?? [])].map(([code]) => code)
    expect(codes).toEqual(['floor_limit'])
    expect(inventory.device('bf1')?.state.get('floor_limit')?.value).toBe(30)
    expect(value()).toBeUndefined()
  })

  it('I-3: nor does it take the value away when the device is described otherwise', () => {
    const { inventory, say, value } = lamp(false)
    const tomorrow = start + 86_400_000
    inventory.setFloors('bf1', new Map([['switch_led', tomorrow]]))
    say('queue', { switch_led: false }, start, { receivedMs: start })
    const before = inventory.specification('bf1')
    const named = [...(before?.points ?? [])].map(
      ([code, point]) => [code, { ...point, name: 'Light' }] as const,
    )
    inventory.setSpecification('bf1', { source: 'cloud', points: new Map(named) })
    expect(value()).toMatchObject({ value: false, timeMs: start })
    say('queue', { switch_led: true }, start - 1, { receivedMs: start })
    expect(value()).toMatchObject({ value: false })
  })

  it('I-2: what it said while its specification was on its way does not come after what was said since', () => {
    const inventory = newInventory({ now: () => start })
    inventory.setDevices([deviceOf('bf1')])
    const point = { code: 'switch_led', dpId: 20, type: 'boolean', access: 'rw' } as const
    const described = joinSpecification({ standard: [point], thing: [], shadow: [] }, {})
    const told = toldBy(inventory)
    inventory.apply(reportOf('bf1', { switch_led: true }, start, { source: 'lan' }))
    inventory.setSpecification('bf1', { ...described, partial: true })
    inventory.apply(reportOf('bf1', { switch_led: false }, start + 600_000))
    const before = told.length
    inventory.setSpecification('bf1', described)
    const changes = told
      .slice(before)
      .flatMap(([kind, event]) => (kind === 'report' ? [(event as InventoryEvents['report']).changed] : []))
    expect(changes).toEqual([[], []])
    expect(inventory.device('bf1')?.state.get('switch_led')).toMatchObject({ value: false })
  })

  it('what was read of the cloud neither', () => {
    const { say, value } = lamp()
    say('lan', { switch_led: true }, start)
    say('poll', { switch_led: false }, start + 500)
    expect(value()?.value).toBe(true)
  })

  it('a device that the LAN has lost has no such precedence', () => {
    const { say, value, inventory } = lamp()
    say('lan', { switch_led: true }, start)
    inventory.setLan('bf1', false)
    say('queue', { switch_led: false }, start + 100)
    expect(value()?.value).toBe(false)
  })

  it('a press that both tell is one, two presses are two', () => {
    const { say, presses } = lamp()
    say('lan', { switch_mode1: 'click' }, start)
    say('queue', { switch_mode1: 'click' }, start + 50)
    expect(presses()).toBe(1)
    say('queue', { switch_mode1: 'click' }, start + 5_000)
    say('lan', { switch_mode1: 'click' }, start + 5_010)
    expect(presses()).toBe(2)
  })

  it.each([-5, 5])(
    'a press that both tell is one too where our clock is %s minutes off and the cloud is away',
    (off) => {
      const { say, presses } = lamp(true, false)
      const ours = start + off * 60_000
      say('lan', { switch_mode1: 'click' }, ours, { receivedMs: ours })
      say('queue', { switch_mode1: 'click' }, start, { receivedMs: ours + 400 })
      expect(presses()).toBe(1)
      say('queue', { switch_mode1: 'click' }, start + 10_000, { receivedMs: ours + 10_400 })
      expect(presses()).toBe(2)
    },
  )

  it('what a device answers when it is asked is state and no event', () => {
    const { say, presses, value } = lamp()
    say('lan', { switch_mode1: 'click', switch_led: true }, start, { asked: true })
    expect(presses()).toBe(0)
    expect(value()?.value).toBe(true)
  })
})

describe('what the LAN knows', () => {
  it('whether a device answers is told when it changes', () => {
    const { inventory, told } = lamp(false)
    inventory.setLan('bf1', true)
    inventory.setLan('bf1', true)
    inventory.setLan('bf1', false)
    inventory.setLan('nobody', true)
    expect(told.map(([kind]) => kind)).toEqual(['lan', 'lan'])
  })

  it('R-S1: what one device said on the LAN turns stale without the others', () => {
    const { inventory, told, say, value } = lamp()
    say('lan', { switch_led: true }, start)
    const stale = () => inventory.isStale(value() as never, 'bf1')
    inventory.markLanStale('bf1', true)
    inventory.markLanStale('bf1', true)
    expect(stale()).toBe(true)
    expect(inventory.isStale(value() as never, 'bf2')).toBe(false)
    inventory.markLanStale('bf1', false)
    expect(stale()).toBe(false)
    expect(told.filter(([kind]) => kind === 'lanStaleness')).toHaveLength(2)
  })

  it('what the cloud said is not stale because the LAN is gone', () => {
    const { inventory, say, value } = lamp()
    say('queue', { switch_led: true }, start)
    inventory.markLanStale('bf1', true)
    expect(inventory.isStale(value() as never, 'bf1')).toBe(false)
  })
})
