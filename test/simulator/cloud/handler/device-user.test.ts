import { describe, expect, it } from 'vitest'
import { demo, SimulatorDesk } from '../../../support/simulator-desk.ts'

describe('people whom a device knows', () => {
  it('get a number that is told once, are changed, listed and deleted', async () => {
    const desk = new SimulatorDesk()
    const device = { device_id: demo.lock }
    const user_id = await desk.get<string>('device-user-add', {
      ...device,
      nick_name: 'Ann',
      sex: 2,
      height: 170,
    })
    expect(user_id).toMatch(/^\d+$/)
    await desk.get('device-user-update', { ...device, user_id, nick_name: 'Anna', sex: 2, weight: 61_000 })
    const anna = { ...device, nick_name: 'Anna', sex: 2, height: 170, weight: 61_000, contact: '' }
    expect(await desk.get('device-user-get', { ...device, user_id })).toEqual(anna)
    expect(await desk.get('device-user-list', device)).toEqual([anna])
    expect(await desk.get('device-user-delete', { ...device, user_id })).toBe(true)
    expect(await desk.get('device-user-list', device)).toEqual([])
    for (const id of ['device-user-get', 'device-user-delete'])
      expect(await desk.refused(id, { ...device, user_id })).toBe(2006)
  })
})
