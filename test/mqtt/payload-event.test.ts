import { describe, expect, it } from 'vitest'
import { bridgeEvent, cloudEvent } from '../../src/mqtt/payload-event.ts'

describe('an event of the bridge', () => {
  const facts = {
    kind: 'device_added',
    object: { device: 'a' },
    timeMs: Date.UTC(2026, 10, 21, 21, 12, 22, 35),
    receivedMs: Date.UTC(2026, 10, 21, 21, 12, 22, 675),
    seq: 1,
    data: { id: 'a', name: 'Lamp' },
  } as const

  it('tells when, what, and how old it was', () => {
    expect(JSON.parse(bridgeEvent(facts).text)).toMatchObject({
      kind: 'device_added',
      seq: 1,
      time: '2026-11-21T21:12:22.035Z',
      ageMs: 640,
      stale: false,
      replay: false,
      source: 'bridge',
      device: 'a',
      data: { id: 'a', name: 'Lamp' },
    })
  })

  it('has an id that is made from its content alone', () => {
    const { id } = bridgeEvent(facts)
    expect(id).toMatch(/^[0-9a-f]{16}$/)
    expect(bridgeEvent({ ...facts, seq: 9, receivedMs: facts.receivedMs + 5 }).id).toBe(id)
    expect(bridgeEvent({ ...facts, data: { id: 'a', name: 'Lamp 2' } }).id).not.toBe(id)
    expect(bridgeEvent({ ...facts, timeMs: facts.timeMs + 1 }).id).not.toBe(id)
  })

  it('is a CloudEvent by its user properties', () => {
    const event = bridgeEvent(facts)
    expect(cloudEvent('device_added', '/tuya/device/a', event)).toEqual({
      specversion: '1.0',
      id: event.id,
      source: '/tuya/device/a',
      type: 'tuya.device_added',
      time: '2026-11-21T21:12:22.035Z',
    })
  })

  it('is never older than new when a clock was set back', () => {
    expect(JSON.parse(bridgeEvent({ ...facts, receivedMs: facts.timeMs - 5 }).text).ageMs).toBe(0)
  })
})
