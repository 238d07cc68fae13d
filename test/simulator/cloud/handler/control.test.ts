import { describe, expect, it } from 'vitest'
import { demo, issue, SimulatorDesk } from '../../../support/simulator-desk.ts'

interface Row {
  readonly id: string
  readonly status?: unknown
}

describe('devices', () => {
  it('of the newer family come without values', async () => {
    const desk = new SimulatorDesk()
    const one = await desk.get<Row>('iot03-device-get', { device_id: demo.motion })
    expect(one).toMatchObject({ id: demo.motion, gateway_id: demo.gateway, sn: expect.any(String) })
    expect(one).not.toHaveProperty('status')
    const { list, total } = await desk.get<{ list: Row[]; total: number }>('iot03-devices', { page_size: 50 })
    expect([list.length, total]).toEqual([20, 20])
    const few = await desk.get<{ list: Row[] }>('iot03-device-list', {
      device_ids: `${demo.lamp},${demo.plug}`,
    })
    expect(few.list.map(({ id }) => id)).toEqual([demo.lamp, demo.plug])
    expect(await desk.get('iot03-status', { device_id: demo.lamp })).toEqual(
      await desk.get('device-status', { device_id: demo.lamp }),
    )
    expect(await desk.get('iot03-status-batch', { device_ids: demo.lamp })).toEqual(
      await desk.get('devices-status-batch', { device_ids: demo.lamp }),
    )
    expect(await desk.get('iot03-specification', { device_id: demo.lamp })).toEqual(
      await desk.get('device-specifications', { device_id: demo.lamp }),
    )
    await desk.get('iot03-commands', {
      device_id: demo.lamp,
      commands: [{ code: 'switch_led', value: false }],
    })
    expect(desk.value(demo.lamp, 'switch_led')).toBe(false)
  })
})

describe('functions', () => {
  it('of a device and of a category have names, and JSON text for values', async () => {
    const desk = new SimulatorDesk()
    interface Functions {
      readonly category: string
      readonly functions: readonly { readonly code: string; readonly name: string; readonly values: string }[]
    }
    const own = await desk.get<Functions>('device-functions', { device_id: demo.lamp })
    const all = await desk.get<Functions>('category-functions', { category: own.category })
    const codes = (of: Functions) => of.functions.map(({ code }) => code)
    expect(codes(own)).toContain('bright_value_v2')
    expect(codes(own)).not.toContain('bright_value')
    expect(codes(all)).toEqual(expect.arrayContaining(['bright_value', ...codes(own)]))
    expect(JSON.parse(own.functions[0]?.values ?? '')).toEqual({})
    expect(await desk.get('iot03-functions', { device_id: demo.lamp })).toEqual(own)
    expect(await desk.get('iot03-category-functions', { category: 'dj' })).toEqual(all)
    expect(await desk.refused('category-functions', { category: 'xx' })).toBe(2015)
  })
})

describe('a command', () => {
  it('of a scene to a device that takes it late arrives late', async () => {
    const desk = new SimulatorDesk({ faults: ['device-latency=500'] })
    const scene_id = await desk.get<string>('scene-create', {
      home_id: demo.home,
      name: 'Off',
      background: 'x',
      actions: [issue(demo.lamp, { switch_led: false })],
    })
    await desk.get('scene-trigger', { home_id: demo.home, scene_id })
    expect(desk.value(demo.lamp, 'switch_led')).toBe(true)
    await desk.clock.advance(500)
    expect(desk.value(demo.lamp, 'switch_led')).toBe(false)
  })
})
