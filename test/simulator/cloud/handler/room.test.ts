import { describe, expect, it } from 'vitest'
import { demo, SimulatorDesk } from '../../../support/simulator-desk.ts'

const { home } = demo

describe('rooms', () => {
  const where = (desk: SimulatorDesk, id: string) => desk.world.device(id).roomId
  const inKitchen = { home_id: home, room_id: demo.kitchen }

  it('are made, renamed and deleted; their devices stay in the home', async () => {
    const desk = new SimulatorDesk()
    const room_id = await desk.get<number>('room-create', { home_id: home, name: 'Attic' })
    await desk.get('room-update', { home_id: home, room_id, name: 'Loft' })
    expect(await desk.get('room-list', { home_id: home })).toMatchObject({
      rooms: expect.arrayContaining([{ room_id, name: 'Loft' }]),
    })
    await desk.get('room-devices-add', { home_id: home, room_id, device_ids: [demo.lamp] })
    await desk.get('room-delete', { home_id: home, room_id })
    expect(where(desk, demo.lamp)).toBeNull()
    expect(await desk.refused('room-update', { home_id: home, room_id, name: 'x' })).toBe(2502)
    expect(['roomCreate', 'roomNameUpdate', 'roomDelete'].map((kind) => desk.told(kind).length)).toEqual([
      1, 1, 1,
    ])
  })

  it('take devices from each other: a device is in one room', async () => {
    const desk = new SimulatorDesk()
    await desk.get('room-devices-add', { ...inKitchen, device_ids: [demo.lamp] })
    expect(where(desk, demo.lamp)).toBe(demo.kitchen)
    const living = await desk.get<{ id: string }[]>('room-devices-list', {
      home_id: home,
      room_id: demo.livingRoom,
    })
    expect(living.map(({ id }) => id)).not.toContain(demo.lamp)
  })

  it('set replaces all of them, remove takes only what is there', async () => {
    const desk = new SimulatorDesk()
    await desk.get('room-devices-set', { ...inKitchen, device_ids: [demo.lamp, demo.plug] })
    expect([demo.lamp, demo.plug, demo.leak, demo.dimmer].map((id) => where(desk, id))).toEqual([
      demo.kitchen,
      demo.kitchen,
      null,
      null,
    ])
    await desk.get('room-devices-remove', { ...inKitchen, device_ids: [demo.lamp, demo.curtain] })
    expect([demo.lamp, demo.plug, demo.curtain].map((id) => where(desk, id))).toEqual([
      null,
      demo.kitchen,
      demo.livingRoom,
    ])
  })

  it('take no device of another home, and none of the list then', async () => {
    const desk = new SimulatorDesk()
    for (const id of ['room-devices-add', 'room-devices-set', 'room-devices-remove'])
      expect(await desk.refused(id, { ...inKitchen, device_ids: [demo.lamp, demo.cabinPlug] })).toBe(1106)
    expect(where(desk, demo.lamp)).toBe(demo.livingRoom)
  })

  it('hold fifty devices at most', async () => {
    const desk = new SimulatorDesk()
    const ids = Array.from({ length: 51 }, (_, i) => `bf${i}`)
    for (const id of ids) desk.world.addDevice({ id, name: id, model: 'plug', home })
    expect(await desk.refused('room-devices-set', { ...inKitchen, device_ids: ids })).toBe(1101)
    expect(await desk.refused('room-devices-add', { ...inKitchen, device_ids: ids.slice(0, 48) })).toBe(1101)
    expect(await desk.get('room-devices-set', { ...inKitchen, device_ids: ids.slice(0, 50) })).toBe(true)
  })
})
