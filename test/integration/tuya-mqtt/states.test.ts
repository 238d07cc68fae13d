import { beforeEach, describe, expect, it } from 'vitest'
import { toLan } from '../../../src/codec/data-point/lan.ts'
import type { Json } from '../../../src/domain/data-point.ts'
import { DeviceState } from '../../../src/domain/state.ts'
import { Names } from '../../../src/integration/tuya-mqtt/names.ts'
import { TuyaMqttStates } from '../../../src/integration/tuya-mqtt/states.ts'
import type { Thing } from '../../../src/integration/tuya-mqtt/thing.ts'
import { Branch, tuyaMqttTopics } from '../../../src/mqtt/topic.ts'
import { deviceOf } from '../../support/device.ts'
import { point } from '../../support/point.ts'

const points = [
  point('boolean', { code: 'switch_led', dpId: 20 }),
  point('integer', { code: 'temp', dpId: 2, scale: 1 }),
  point('json', { code: 'colour_data_v2', dpId: 24, colour: { h: 360, s: 1000, v: 1000 } }),
  point('string', { code: 'note', dpId: 30 }),
  point('boolean', { code: 'nameless' }),
]
const press = point('enum', { code: 'switch_mode1', dpId: 1, access: 'ro', momentary: true })

/** The retained topics below the base, as a broker would hold them, and what was told besides. */
let kept: Map<string, string>
let told: string[]
let devices: Map<string, Thing>
let states: TuyaMqttStates

function thing(
  id: string,
  name: string,
  values: Readonly<Record<string, readonly [raw: unknown, value: Json]>>,
) {
  const state = new DeviceState()
  for (const [code, [raw, value]] of Object.entries(values))
    state.apply(code, { raw, value, odd: false, timeMs: 1, receivedMs: 1, source: 'poll' })
  return {
    device: deviceOf(id, { name }),
    specification: { source: 'cloud', points: new Map(points.map((one) => [one.code, one])) },
    state,
  } as const
}

function open(by: 'id' | 'name', ...things: readonly Thing[]): void {
  devices = new Map(things.map((one) => [one.device.id, one]))
  const groups = new Map<string, string>()
  states = new TuyaMqttStates({
    branch: new Branch('legacy', tuyaMqttTopics),
    devices,
    names: new Names(devices, by),
    toLan,
    speaker: {
      retain: (group, _name, topic, { text }) => {
        groups.set(topic, group)
        kept.set(topic, text)
      },
      tell: (_name, topic, { text }) => told.push(`${topic} ${text}`),
      clear: (_group, topic) => kept.delete(topic),
      clearGroup: (group) => {
        for (const [topic, of] of groups) if (of === group) kept.delete(topic)
      },
    },
  })
  for (const one of things) states.changed(one)
}

beforeEach(() => {
  kept = new Map()
  told = []
})

const lamp = () =>
  thing('bf01', 'Desk lamp', {
    switch_led: [true, true],
    temp: ['215', 21.5],
    colour_data_v2: ['{"h":201,"s":511,"v":899}', { h: 201, s: 511, v: 899 }],
    nameless: [true, true],
  })

describe('the states of tuya-mqtt', () => {
  it('are raw values by number, with the power in words', () => {
    open('id', lamp())
    expect(Object.fromEntries(kept)).toEqual({
      'legacy/bf01/status': 'online',
      'legacy/bf01/state': 'ON',
      'legacy/bf01/dps/20/state': 'true',
      'legacy/bf01/dps/2/state': '215',
      'legacy/bf01/dps/24/state': '00c901ff0383',
      'legacy/bf01/dps/state': '{"2":215,"20":true,"24":"00c901ff0383"}',
    })
  })

  it('say what has changed, and the document with all of it', () => {
    open('id', lamp())
    const one = devices.get('bf01') as Thing
    one.state.apply('switch_led', {
      raw: false,
      value: false,
      odd: false,
      timeMs: 2,
      receivedMs: 2,
      source: 'lan',
    })
    kept.clear()
    states.reported(one, ['switch_led'])
    expect([...kept.keys()].sort()).toEqual([
      'legacy/bf01/dps/20/state',
      'legacy/bf01/dps/state',
      'legacy/bf01/state',
    ])
    expect(kept.get('legacy/bf01/state')).toBe('OFF')
    kept.clear()
    states.reported(one, [])
    expect(kept.size).toBe(0)
  })

  it('an empty or unset value is no message, for it would take the topic back', () => {
    open('id', thing('bf01', 'Lamp', { note: ['', ''], switch_led: [null, null] }))
    expect([...kept.keys()]).not.toContain('legacy/bf01/dps/30/state')
    expect([...kept.keys()]).not.toContain('legacy/bf01/dps/20/state')
  })

  it('a press is told and not kept', () => {
    open('id', lamp())
    const before = new Map(kept)
    states.pressed(devices.get('bf01') as Thing, press, 'click')
    expect(told).toEqual(['legacy/bf01/dps/1/state click'])
    expect(kept).toEqual(before)
  })

  it('a renamed device leaves nothing under its old name, and one of the same name may take it', () => {
    const second = thing('bf02', 'Desk lamp', { switch_led: [true, true] })
    open('name', lamp(), second)
    expect(kept.get('legacy/desk_lamp/dps/2/state')).toBe('215')
    expect(kept.get('legacy/bf02/state')).toBe('ON')
    const renamed = { ...lamp(), device: deviceOf('bf01', { name: 'Shelf' }) }
    devices.set('bf01', renamed)
    states.changed(renamed)
    expect([...kept.keys()].map((topic) => topic.split('/')[1])).not.toContain('bf02')
    expect(kept.get('legacy/desk_lamp/dps/2/state')).toBeUndefined()
    expect(kept.get('legacy/desk_lamp/state')).toBe('ON')
    expect(kept.get('legacy/shelf/dps/2/state')).toBe('215')
  })

  it('a device that is gone takes everything with it', () => {
    open('id', lamp())
    devices.delete('bf01')
    states.removed('bf01')
    expect(kept.size).toBe(0)
  })
})
