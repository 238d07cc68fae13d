import { describe, expect, it } from 'vitest'
import { type Arguments, demo, SimulatorDesk } from '../../../support/simulator-desk.ts'

const { home, uid } = demo

/** A desk with one new home, empty but for its rooms. */
async function withHome(rooms: readonly string[] = []) {
  const desk = new SimulatorDesk()
  const home_id = await desk.get<number>('home-create', { uid, home: { name: 'Flat' }, rooms })
  return { desk, home_id }
}

describe('homes', () => {
  it('are made with a number, their rooms, and the one who made them as administrator', async () => {
    const { desk, home_id } = await withHome(['Kitchen', 'Bathroom'])
    expect(home_id).toBeGreaterThan(1_000_000)
    expect(await desk.get('home-get', { home_id })).toEqual({
      home_id,
      name: 'Flat',
      geo_name: '',
      lat: 0,
      lon: 0,
    })
    expect(await desk.get('room-list', { home_id })).toMatchObject({
      rooms: [{ name: 'Kitchen' }, { name: 'Bathroom' }],
    })
    expect(await desk.get('member-list', { home_id })).toMatchObject([{ uid, admin: true, name: 'Demo' }])
    expect(desk.told('homeCreate')).toMatchObject([{ bizData: { homeId: home_id, homeName: 'Flat', uid } }])
    expect(desk.told('roomCreate')).toMatchObject([
      { bizData: { roomName: 'Kitchen' } },
      { bizData: { roomName: 'Bathroom' } },
    ])
  })

  it('keep what a change does not name', async () => {
    const desk = new SimulatorDesk()
    expect(await desk.get('home-update', { home_id: home, geo_name: 'Potsdam' })).toBe(true)
    expect(await desk.get('home-get', { home_id: home })).toMatchObject({
      name: 'Home',
      geo_name: 'Potsdam',
      lat: 52.52,
    })
    expect(desk.told('homeUpdate')).toMatchObject([{ bizData: { homeName: 'Home', lat: 52.52, lon: 13.4 } }])
  })

  it('go with rooms, members, scenes, automations, and unlink their devices, gateways and all', async () => {
    const desk = new SimulatorDesk()
    expect(await desk.get('home-delete', { home_id: home })).toBe(true)
    expect(await desk.get('user-homes', { uid })).toMatchObject([{ name: 'Cabin' }])
    for (const id of [
      'home-get',
      'room-list',
      'member-list',
      'scene-list',
      'automation-list',
      'home-devices',
    ])
      expect(await desk.refused(id, { home_id: home }), id).toBe(1106)
    expect(await desk.refused('device-get', { device_id: demo.lamp })).toBe(1106)
    expect(desk.told('delete')).toHaveLength(18)
    const [deleted] = desk.told('homeDelete') as { bizData: { devices: string[]; memberIds: number[] } }[]
    expect(deleted?.bizData.devices).toHaveLength(18)
    expect(deleted?.bizData.memberIds).toEqual([1, 2])
  })

  it.each<[string, Arguments, number]>([
    ['without a name', { uid, home: { geo_name: 'x' } }, 1100],
    ['with an empty name', { uid, home: { name: '' } }, 1100],
    ['with a number for a name', { uid, home: { name: 7 } }, 1109],
    ['with a place in words', { uid, home: { name: 'x', lat: 'north' } }, 1109],
    ['of nobody', { uid: 'nobody', home: { name: 'x' } }, 1106],
    ['of somebody who is not linked', { uid: demo.kim, home: { name: 'x' } }, 1106],
    ['with too many rooms', { uid, home: { name: 'x' }, rooms: Array(21).fill('r') }, 1101],
  ])('are refused %s', async (_what, args, code) => {
    const desk = new SimulatorDesk()
    expect(await desk.refused('home-create', args)).toBe(code)
    expect(desk.world.homes.size).toBe(2)
  })

  it('are twenty at most for a user, of twenty rooms', async () => {
    const desk = new SimulatorDesk()
    for (let i = 0; i < 18; i++) await desk.get('home-create', { uid, home: { name: `Home ${i}` } })
    expect(await desk.refused('home-create', { uid, home: { name: 'One more' } })).toBe(1101)
    for (let i = 4; i < 20; i++) await desk.get('room-create', { home_id: home, name: `Room ${i}` })
    expect(await desk.refused('room-create', { home_id: home, name: 'One more' })).toBe(1101)
  })

  it('hold two hundred devices at most: the next one fails to join', async () => {
    const desk = new SimulatorDesk()
    for (let i = 18; i < 200; i++) desk.world.addDevice({ id: `bf${i}`, name: 'X', model: 'plug', home })
    const { token } = await desk.get<{ token: string }>('pairing-token-create', {
      paring_type: 'AP',
      uid,
      time_zone_id: 'Europe/Berlin',
      home_id: home,
    })
    await desk.clock.advance(20_000)
    expect(await desk.get('pairing-token-devices', { token })).toMatchObject({
      successDevices: [],
      errorDevices: [{ name: 'New plug' }],
    })
  })
})
