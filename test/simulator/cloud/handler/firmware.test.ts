import { describe, expect, it } from 'vitest'
import { demo, SimulatorDesk } from '../../../support/simulator-desk.ts'

describe('firmware', () => {
  interface Module {
    readonly module_type: number
    readonly upgrade_status: number
    readonly current_version: string
  }
  const read = async (desk: SimulatorDesk, type: number) =>
    (await desk.get<Module[]>('ota-upgrade-infos', { device_id: demo.plug })).find(
      ({ module_type }) => module_type === type,
    )
  const start = (desk: SimulatorDesk, module_type: number, id = 'ota-confirm-upgrade') =>
    desk.refused(id, { device_id: demo.plug, module_type })

  it.each(['ota-confirm-upgrade', 'ota-update-firmware'])(
    'walks from ready over running to done by %s',
    async (id) => {
      const desk = new SimulatorDesk()
      expect(await read(desk, 9)).toMatchObject({
        upgrade_status: 1,
        current_version: '1.0.3',
        upgrade_version: '1.0.5',
      })
      expect(await start(desk, 9, id)).toBeUndefined()
      expect(await read(desk, 9)).toMatchObject({ upgrade_status: 2, current_version: '1.0.3' })
      expect(await start(desk, 9, id)).toBe(1113)
      await desk.clock.advance(60_000)
      expect(await read(desk, 9)).toMatchObject({
        upgrade_status: 3,
        current_version: '1.0.5',
        last_upgrade_time: Math.floor(desk.clock.now() / 1_000) - 30,
      })
      expect(desk.told('upgradeStatus').map(({ bizData }) => bizData)).toMatchObject([
        { upgradeStatus: '2', moduleType: 'mcu', description: 'upgrading' },
        { upgradeStatus: '3', moduleType: 'mcu' },
      ])
      expect(await start(desk, 9, id)).toBe(2003)
    },
  )

  it('fails when the device is lost meanwhile, and can be started again', async () => {
    const desk = new SimulatorDesk()
    await start(desk, 9)
    desk.world.setOnline(demo.plug, false)
    await desk.clock.advance(60_000)
    expect(await read(desk, 9)).toMatchObject({ upgrade_status: 4, current_version: '1.0.3' })
    expect(await start(desk, 9)).toBe(2001)
    desk.world.setOnline(demo.plug, true)
    expect(await start(desk, 9)).toBeUndefined()
    await desk.clock.advance(60_000)
    expect(await read(desk, 9)).toMatchObject({ upgrade_status: 3 })
  })

  it('that does not wait is not started, nor that of a part that the device does not have', async () => {
    const desk = new SimulatorDesk()
    expect(await start(desk, 0)).toBe(2003)
    expect(await start(desk, 3)).toBe(1109)
  })

  it('of a device that is deleted meanwhile ends without a word', async () => {
    const desk = new SimulatorDesk()
    await start(desk, 9)
    await desk.get('device-delete', { device_id: demo.plug })
    expect(desk.clock.waiting).toBe(0)
  })
})
