import { describe, expect, it } from 'vitest'
import type { Specification } from '../../src/domain/data-point.ts'
import type { StatusMessage } from '../../src/domain/message.ts'
import { deviceOf, homeOf } from '../support/device.ts'
import { EffectsBench } from '../support/effects-bench.ts'
import { specification } from '../support/mirrored.ts'
import { point } from '../support/point.ts'
import { message } from '../support/told-message.ts'

const second = 1_000
const whole = specification([point('boolean', { code: 'on' }), point('integer', { code: 'level' })])
const part: Specification = { ...specification([point('boolean', { code: 'on' })]), partial: true }

function house(): EffectsBench {
  const bench = new EffectsBench()
  bench.inventory.setHome(homeOf('h1'))
  bench.topics()
  return bench
}

function status(
  bench: EffectsBench,
  values: Record<string, unknown>,
  deviceId = 'new',
  agoMs = 0,
): StatusMessage {
  const timeMs = bench.clock.now() - agoMs
  const points = Object.entries(values).map(([code, value]) => ({ code, dpId: null, value, timeMs }))
  return message('status', { deviceId, productId: null, dataId: null, points: points as never, timeMs })
}

const knownValue = ({ inventory }: EffectsBench, code: string, deviceId = 'new') =>
  inventory.device(deviceId)?.state.get(code)?.value

describe('reports of a device that nobody knows yet', () => {
  it('wait, arrive in order when it is known, and are settled once', async () => {
    const bench = house()
    bench.take(status(bench, { level: 1 }), 'first')
    await bench.clock.advance(second)
    bench.take(status(bench, { level: 2 }), 'second')
    await bench.clock.advance(2 * second)
    expect(bench.fates).toEqual([])
    bench.inventory.setDevices([deviceOf('new')])
    bench.inventory.setSpecification('new', whole)
    expect(bench.topics().filter((topic) => topic.endsWith('/report'))).toHaveLength(2)
    expect(bench.fates).toEqual(['first delivered', 'second delivered'])
    expect(knownValue(bench, 'level')).toBe(2)
    await bench.clock.advance(60 * second)
    expect(bench.fates).toHaveLength(2)
    expect(bench.inventory.counts).toMatchObject({ unknownDevice: 0, reports: 2 })
    expect(bench.clock.waiting).toBe(0)
  })

  it('are given up after six seconds: refused and counted, never lost silently', async () => {
    const bench = house()
    bench.take(status(bench, { level: 1 }), 'first')
    await bench.clock.advance(4 * second)
    bench.take(status(bench, { level: 2 }), 'second')
    await bench.clock.advance(2 * second - 1)
    expect(bench.fates).toEqual([])
    await bench.clock.advance(1)
    expect(bench.fates).toEqual(['first refused', 'second refused'])
    expect(bench.inventory.counts.unknownDevice).toBe(2)
  })

  it('are not waited for again for ten minutes, unless it becomes known', async () => {
    const bench = house()
    bench.take(status(bench, { level: 1 }), 'first')
    await bench.clock.advance(6 * second)
    bench.take(status(bench, { level: 2 }), 'second')
    expect(bench.fates).toEqual(['first refused', 'second refused'])
    await bench.clock.advance(600 * second)
    bench.take(status(bench, { level: 3 }), 'third')
    expect(bench.fates).toHaveLength(2)
    bench.inventory.setDevices([deviceOf('new')])
    bench.inventory.setSpecification('new', whole)
    bench.topics()
    expect(bench.fates.at(-1)).toBe('third delivered')
    bench.take(status(bench, { level: 4 }), 'fourth')
    bench.topics()
    expect(bench.fates.at(-1)).toBe('fourth delivered')
    expect(knownValue(bench, 'level')).toBe(4)
  })

  it('I-7: at most 64 wait, whatever the number of devices; the others are refused at once', async () => {
    const bench = house()
    for (let i = 0; i < 100; i++) bench.take(status(bench, { level: i }, `stranger${i}`), `m${i}`)
    expect(bench.fates).toHaveLength(36)
    await bench.clock.advance(6 * second)
    expect(bench.fates.filter((fate) => fate.endsWith(' refused'))).toHaveLength(100)
    expect(bench.clock.waiting).toBe(0)
    expect(bench.inventory.counts.unknownDevice).toBe(100)
    // There is room again.
    bench.take(status(bench, { level: 1 }, 'another'), 'late')
    expect(bench.fates).toHaveLength(100)
  })
})

describe('reports of a known device', () => {
  it('without a specification: told as they came after six seconds, acknowledged when told, understood later', async () => {
    const bench = house()
    bench.inventory.setDevices([deviceOf('new')])
    const report = { ...status(bench, { level: 5 }), protocol: 4, bizCode: null }
    bench.take(report)
    await bench.clock.advance(6 * second)
    // I-1: not before the broker has it; a bridge that dies now would find it nowhere.
    expect(bench.fates).toEqual([])
    const sent = new Map(bench.out.flush().map(({ topic, payload }) => [topic, String(payload)]))
    const told = (topic: string) => JSON.parse(sent.get(topic) ?? 'null')
    const points = [{ code: 'level', dpId: null, value: 5, timeMs: report.timeMs }]
    expect(told('tuya/event/queue/protocol_4')).toMatchObject({ device: 'new', data: { points } })
    expect(told('tuya/last/queue/protocol_4')).toMatchObject({ device: 'new', data: { points: null } })
    expect(bench.fates).toEqual(['message delivered'])
    expect(bench.inventory.counts.unknownDevice).toBe(0)
    bench.inventory.setSpecification('new', whole)
    expect(knownValue(bench, 'level')).toBe(5)
  })

  it('with a part of it: what is known of them follows after six seconds, the rest when it is understood', async () => {
    const bench = house()
    bench.inventory.setDevices([deviceOf('new')])
    bench.inventory.setSpecification('new', part)
    bench.take(status(bench, { on: true, level: 5 }))
    await bench.clock.advance(6 * second)
    // I-1: not before the broker has what is told of it.
    expect(bench.fates).toEqual([])
    bench.topics()
    expect(bench.fates).toEqual(['message delivered'])
    expect(knownValue(bench, 'on')).toBe(true)
    expect(knownValue(bench, 'level')).toBeUndefined()
    bench.inventory.setSpecification('new', whole)
    expect(knownValue(bench, 'level')).toBe(5)
  })

  it('one that finds no room to wait does not overtake those of its device that wait', async () => {
    const bench = house()
    bench.inventory.setDevices([deviceOf('new'), deviceOf('other')])
    bench.inventory.setSpecification('new', part)
    bench.inventory.setSpecification('other', part)
    const told: unknown[] = []
    bench.inventory.events.on('report', ({ record, said }) =>
      told.push(...said.map(({ raw }) => `${record.device.id} ${raw}`)),
    )
    bench.take(status(bench, { on: true }), 'first')
    for (let i = 0; i < 63; i++) bench.take(status(bench, { on: true }, 'other'), `other ${i}`)
    expect(told).toEqual([])
    await bench.clock.advance(second)
    bench.take(status(bench, { on: false }), 'second')
    expect(told).toEqual(['new true', 'new false'])
    bench.topics()
    expect(bench.fates).toEqual(['first delivered', 'second delivered'])
    await bench.clock.advance(5 * second)
    expect(told).toHaveLength(65)
  })

  it('a specification that is still a part is not waited for less', async () => {
    const bench = house()
    bench.inventory.setDevices([deviceOf('new')])
    bench.take(status(bench, { on: true, level: 5 }))
    await bench.clock.advance(second)
    bench.inventory.setSpecification('new', part)
    bench.topics()
    expect(bench.fates).toEqual([])
    bench.inventory.setSpecification('new', whole)
    bench.topics()
    expect(bench.fates).toEqual(['message delivered'])
  })

  it('I-2: what waited does not come before what was read meanwhile', async () => {
    const bench = house()
    bench.inventory.setDevices([deviceOf('new')])
    bench.take(status(bench, { level: 1 }))
    await bench.clock.advance(second)
    const points = [{ code: 'level', raw: 9, timeMs: bench.clock.now() }]
    bench.inventory.apply({ deviceId: 'new', source: 'poll', receivedMs: bench.clock.now(), points })
    bench.inventory.setSpecification('new', whole)
    expect(knownValue(bench, 'level')).toBe(9)
    bench.topics()
    expect(bench.fates).toEqual(['message delivered'])
  })

  it('one that goes while they wait is unknown in the end', async () => {
    const bench = house()
    bench.inventory.setDevices([deviceOf('new')])
    bench.take(status(bench, { level: 1 }))
    bench.inventory.removeDevice('new')
    await bench.clock.advance(6 * second)
    expect(bench.fates).toEqual(['message refused'])
  })
})

it('after the stop nothing waits any more, and nothing of it is settled: the queue brings it again', async () => {
  const bench = house()
  bench.take(status(bench, { level: 1 }))
  bench.effects.stop()
  expect(bench.clock.waiting).toBe(0)
  bench.inventory.setDevices([deviceOf('new')])
  bench.inventory.setSpecification('new', whole)
  await bench.clock.advance(60 * second)
  expect(bench.fates).toEqual([])
})
