import { describe, expect, it } from 'vitest'
import { joinSpecification } from '../../src/domain/specification.ts'
import { Settlement } from '../../src/util/settlement.ts'
import { deviceOf, reportOf } from '../support/device.ts'
import { newInventory, toldBy } from '../support/inventory.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

/** A reading was asked for at `asked`, and answered at `answered` with 10. */
function readMeter() {
  const clock = new VirtualClock()
  const inventory = newInventory(clock)
  const asked = clock.now()
  const answered = asked + 200
  inventory.setDevices([deviceOf('bf1')])
  const standard = [{ code: 'level', dpId: 1, type: 'integer', access: 'ro', min: 0, max: 100 }] as const
  inventory.setSpecification('bf1', joinSpecification({ standard, thing: [], shadow: [] }, {}))
  const read = (level: number, askedMs = asked, receivedMs = answered) =>
    inventory.apply(reportOf('bf1', { level }, askedMs, { source: 'poll', receivedMs }))
  const acknowledged: number[] = []
  const say = (level: number, timeMs: number, source: 'queue' | 'lan' = 'queue') => {
    const settlement = new Settlement(() => acknowledged.push(level))
    inventory.apply(reportOf('bf1', { level }, timeMs, { source }), settlement)
    settlement.seal()
  }
  const fact = () => inventory.device('bf1')?.state.get('level')
  const told = toldBy(inventory)
  const reports = () => told.flatMap((one) => (one[0] === 'report' ? [one[1]] : []))
  return { clock, inventory, asked, answered, read, say, fact, reports, acknowledged }
}

describe('what was reported while another value was read', () => {
  it('I-2: is not told when the report of what was read follows', async () => {
    const { clock, asked, read, say, fact, reports, acknowledged } = readMeter()
    read(10)
    say(9, asked + 50)
    expect(fact()).toMatchObject({ value: 10, source: 'poll' })
    expect(acknowledged).toEqual([])
    say(10, asked + 60)
    expect(fact()).toMatchObject({ value: 10, source: 'queue' })
    expect(acknowledged).toEqual([9, 10])
    await clock.advance(60_000)
    expect(fact()?.value).toBe(10)
    expect(reports().map(({ changed }) => changed)).toEqual([['level'], [], []])
  })

  it('I-2: nor when both are of the same millisecond', async () => {
    const { clock, asked, read, say, fact } = readMeter()
    read(10)
    say(9, asked)
    say(10, asked)
    await clock.advance(60_000)
    expect(fact()?.value).toBe(10)
  })

  it('I-3: is the newer when no other report follows', async () => {
    const { clock, asked, read, say, fact, reports, acknowledged } = readMeter()
    read(10)
    say(11, asked + 150)
    await clock.advance(500)
    expect(fact()?.value).toBe(10)
    await clock.advance(51)
    expect(fact()).toMatchObject({ value: 11, source: 'queue' })
    expect(acknowledged).toEqual([11])
    expect(reports().map(({ changed }) => changed)).toEqual([['level'], [], ['level']])
  })

  it('is told as news at once, and once; it makes state, and counts as odd, when it is let in', async () => {
    const { clock, inventory, asked, read, say, reports } = readMeter()
    read(10)
    say('much' as never, asked + 150)
    const news = () => reports().map(({ said, observed }) => [said.length, observed.length])
    expect(news().slice(1)).toEqual([[1, 0]])
    expect(inventory.counts.odd).toBe(0)
    await clock.advance(60_000)
    expect(news().slice(1)).toEqual([
      [1, 0],
      [0, 1],
    ])
    expect(inventory.counts.odd).toBe(1)
  })

  it('is taken at once after the report of what was read, and the published time does not go back', () => {
    const { asked, answered, read, say, fact } = readMeter()
    read(10)
    expect(fact()).toMatchObject({ timeMs: answered })
    say(10, asked + 50)
    say(11, asked + 60)
    // After what was read: that may be on disk when this is with the broker.
    expect(fact()).toMatchObject({ value: 11, timeMs: answered + 1, source: 'queue' })
    say(9, asked + 55)
    expect(fact()?.value).toBe(11)
    say(12, answered + 1)
    expect(fact()).toMatchObject({ value: 12, timeMs: answered + 2 })
    say(13, answered + 1)
    expect(fact()).toMatchObject({ value: 13, timeMs: answered + 3 })
    say(13, answered + 2)
    expect(fact()).toMatchObject({ value: 13, timeMs: answered + 3 })
    say(14, answered + 50)
    expect(fact()).toMatchObject({ value: 14, timeMs: answered + 50 })
  })

  it('is seen to be the newer by a bridge that finds what was read on its disk', () => {
    const { inventory, asked, read, say, fact } = readMeter()
    read(10)
    const onDisk = fact()?.timeMs ?? Number.NaN
    say(10, asked + 50)
    say(11, asked + 60)
    const withBroker = fact()?.timeMs ?? Number.NaN
    const next = readMeter()
    next.inventory.setFloors('bf1', new Map([['level', withBroker]]))
    next.inventory.apply(reportOf('bf1', { level: 10 }, onDisk, { source: 'snapshot' }))
    expect([next.fact(), inventory.device('bf1')?.state.get('level')?.value]).toEqual([undefined, 11])
  })

  it('is taken at once when the reading told nothing new: what was known held all the time', () => {
    const { asked, read, say, fact } = readMeter()
    say(10, asked - 1_000)
    read(10)
    say(11, asked + 50)
    expect(fact()).toMatchObject({ value: 11, timeMs: asked + 50 })
  })

  it('is older than what is reported later, or read later', async () => {
    const { clock, asked, answered, read, say, fact, acknowledged } = readMeter()
    read(10)
    say(9, asked + 50)
    say(12, answered + 20)
    expect(acknowledged).toEqual([9, 12])
    expect(fact()?.value).toBe(12)
    read(13, answered + 100, answered + 300)
    say(11, answered + 150)
    read(14, answered + 200, answered + 400)
    await clock.advance(60_000)
    expect(fact()?.value).toBe(14)
    expect(acknowledged).toEqual([9, 12, 11])
  })

  it('counts at once where it is a portion of what is added up', () => {
    const { inventory, asked, answered } = readMeter()
    const standard = [{ code: 'add_ele', dpId: 17, type: 'integer', access: 'ro', scale: 0 }] as const
    inventory.setDevices([deviceOf('bf1'), deviceOf('bf2')])
    inventory.setSpecification('bf2', joinSpecification({ standard, thing: [], shadow: [] }, {}))
    const say = (portion: number, timeMs: number, more: object) =>
      inventory.apply(reportOf('bf2', { add_ele: portion }, timeMs, more))
    say(5, asked, { source: 'poll', receivedMs: answered })
    say(3, asked + 50, { source: 'queue' })
    say(5, asked + 60, { source: 'queue' })
    expect(inventory.energy.total('bf2', 'add_ele')).toBe(8)
  })

  it('I-2: a reading that was asked for before a report came does not go before it', () => {
    const { asked, read, say, fact } = readMeter()
    say(11, asked + 50)
    read(10)
    expect(fact()).toMatchObject({ value: 11, timeMs: asked + 50 })
  })

  it('of two readings at once the later answer counts', () => {
    const { asked, answered, read, fact } = readMeter()
    read(10)
    read(11, asked + 10, answered + 10)
    expect(fact()).toMatchObject({ value: 11 })
    read(12, asked + 9, answered + 20)
    expect(fact()).toMatchObject({ value: 11 })
  })

  it('waits five seconds at most, however long the reading took', async () => {
    const { clock, asked, read, say, fact } = readMeter()
    read(10, asked, asked + 60_000)
    say(11, asked + 1)
    await clock.advance(4_999)
    expect(fact()?.value).toBe(10)
    await clock.advance(1)
    expect(fact()?.value).toBe(11)
  })

  it('does not wait for a device that speaks for itself, nor for one that is gone', async () => {
    const { clock, inventory, asked, read, say, fact, acknowledged } = readMeter()
    read(10)
    say(11, asked + 50, 'lan')
    expect(fact()?.value).toBe(11)
    read(12, asked + 300, asked + 400)
    say(13, asked + 350)
    inventory.removeDevice('bf1')
    expect(acknowledged).toEqual([11, 13])
    await clock.advance(60_000)
    expect(fact()).toBeUndefined()
  })

  it('is not acknowledged, nor told, once the bridge has stopped', async () => {
    const { clock, inventory, asked, read, say, fact, acknowledged } = readMeter()
    read(10)
    say(11, asked + 50)
    inventory.stop()
    await clock.advance(60_000)
    expect(acknowledged).toEqual([])
    expect(fact()?.value).toBe(10)
  })

  it('of more than a thousand points does not wait', () => {
    const { inventory, asked, answered } = readMeter()
    const codes = Array.from({ length: 999 }, (_, i) => `p${i}`)
    const valuesOf = (value: number) => Object.fromEntries(codes.map((code) => [code, value]))
    const known = () => [...(inventory.device('bf2')?.state.entries() ?? [])].map(([, { value }]) => value)
    inventory.setDevices([deviceOf('bf1'), deviceOf('bf2')])
    inventory.setSpecification('bf2', joinSpecification({ standard: [], thing: [], shadow: [] }, {}))
    const read = { source: 'poll', receivedMs: answered } as const
    inventory.apply(reportOf('bf2', valuesOf(1), asked, read))
    inventory.apply(reportOf('bf1', { level: 1, more: 1, most: 1 }, asked, read))
    inventory.apply(reportOf('bf2', valuesOf(2), asked + 1, { source: 'queue' }))
    expect(known().every((value) => value === 1)).toBe(true)
    inventory.apply(reportOf('bf1', { level: 2, more: 2, most: 2 }, asked + 1, { source: 'queue' }))
    const { state } = inventory.device('bf1') ?? {}
    expect(['level', 'more', 'most'].map((code) => state?.get(code)?.value)).toEqual([1, 2, 2])
  })
})
