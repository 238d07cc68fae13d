import { describe, expect, it } from 'vitest'
import { demo, SimulatorDesk } from '../../../support/simulator-desk.ts'

interface Row {
  readonly id: string
  readonly status?: unknown
}

const hour = 3_600_000

describe('lists of devices', () => {
  it('are listed by app, by product and by id, in pages of two kinds', async () => {
    const desk = new SimulatorDesk()
    const { product_id } = await desk.get<{ product_id: string }>('device-get', { device_id: demo.plug })
    const plugs = await desk.get<{ devices: Row[]; total: number }>('device-list', { product_id })
    expect(plugs.devices.map(({ id }) => id)).toEqual([demo.plug, demo.cabinPlug])
    const some = await desk.get<{ devices: Row[] }>('device-list', {
      device_ids: `${demo.door},${demo.lamp}`,
    })
    expect(some.devices.map(({ id }) => id)).toEqual([demo.door, demo.lamp])
    const third = await desk.get<{ devices: Row[]; total: number }>('device-list', {
      page_no: 3,
      page_size: 8,
    })
    expect([third.devices.length, third.total]).toEqual([4, 20])

    const seen: string[] = []
    for (let key = '', more = true; more; ) {
      const page = await desk.get<{ devices: Row[]; has_more: boolean; last_row_key: string }>(
        'device-list-v2',
        {
          size: 7,
          ...(key === '' ? {} : { last_row_key: key }),
        },
      )
      seen.push(...page.devices.map(({ id }) => id))
      key = page.last_row_key
      more = page.has_more
    }
    expect(seen).toEqual([...desk.world.devices.keys()])
    expect(await desk.refused('device-list', { device_ids: Array(21).fill(demo.lamp).join(',') })).toBe(1109)
  })

  it('are listed by when they changed, in seconds', async () => {
    const desk = new SimulatorDesk()
    await desk.clock.advance(hour)
    desk.world.report(demo.lamp, { switch_led: false })
    const now = Math.floor(desk.clock.now() / 1_000)
    const page = await desk.get<{ devices: Row[] }>('device-list-v2', { size: 50, start_update_time: now })
    expect(page.devices.map(({ id }) => id)).toEqual([demo.lamp])
  })

  it('of a user are those of the homes he lives in; nothing is shared here', async () => {
    const desk = new SimulatorDesk()
    expect(await desk.get('user-devices', { uid: demo.uid })).toHaveLength(20)
    expect(await desk.get('user-devices', { uid: demo.uid, from: 'home' })).toHaveLength(20)
    expect(await desk.get('user-devices', { uid: demo.uid, from: 'sharing' })).toEqual([])
    expect(await desk.get('user-devices', { uid: demo.uid, page_no: 2, page_size: 15 })).toHaveLength(5)
  })
})
