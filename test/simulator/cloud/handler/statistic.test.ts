import { describe, expect, it } from 'vitest'
import { demo, SimulatorDesk } from '../../../support/simulator-desk.ts'

const hour = 3_600_000

describe('statistics', () => {
  it('add portions up, as text in the shown unit', async () => {
    const desk = new SimulatorDesk()
    const plug = { device_id: demo.plug }
    expect(await desk.get('stat-types', plug)).toEqual([{ code: 'add_ele', stat_type: 'sum' }])
    expect(await desk.get('stat-types', { ...plug, code: 'cur_power' })).toEqual([])
    const total = () => desk.get('stat-total', { ...plug, code: 'add_ele' })
    expect(await total()).toEqual({ total: '0.000' })
    for (const add_ele of [7, 7, 9]) desk.world.report(demo.plug, { add_ele })
    expect(await total()).toEqual({ total: '0.023' })
    expect(await desk.refused('stat-total', { ...plug, code: 'cur_power' })).toBe(2003)
  })

  it('know what came in which hour', async () => {
    const desk = new SimulatorDesk()
    const begin = desk.clock.now()
    for (let i = 0; i < 3; i++) {
      desk.world.report(demo.plug, { add_ele: 10 * (i + 1) })
      await desk.clock.advance(hour)
    }
    const between = (from: number, until: number) =>
      desk.world.statistics.between(
        desk.world.device(demo.plug),
        'add_ele',
        begin + from * hour,
        begin + until * hour,
      )
    expect([between(0, 1), between(1, 3), between(0, 24), between(5, 9)]).toEqual([10, 50, 60, 0])
  })

  it('of the project count devices and users', async () => {
    const desk = new SimulatorDesk()
    desk.world.report(demo.plug, { fault: 1 })
    expect(await desk.get('data-analysis')).toEqual({
      dev_active: '20',
      App_register: '1',
      user_feedback: '0',
      dev_fault: '1',
      dev_live: '19',
    })
  })
})
