import { describe, expect, it } from 'vitest'
import { type Arguments, demo, SimulatorDesk } from '../../../support/simulator-desk.ts'

interface Row {
  readonly id: string
  readonly status?: unknown
}

describe('joining', () => {
  const search = (desk: SimulatorDesk, duration?: number) =>
    desk.refused('gateway-enable-discovery', {
      device_id: demo.gateway,
      ...(duration === undefined ? {} : { duration }),
    })
  const behind = async (desk: SimulatorDesk, more: Arguments = {}) =>
    (await desk.get<Row[]>('gateway-list-sub', { device_id: demo.gateway, ...more })).map(({ id }) => id)

  it('through a gateway: what waits comes while it looks around, and is told', async () => {
    const desk = new SimulatorDesk()
    const since = Math.floor(desk.clock.now() / 1_000)
    expect(await search(desk)).toBeUndefined()
    expect(await behind(desk)).toEqual([demo.motion, demo.button])
    await desk.clock.advance(20_000)
    const contact = 'bf5d0b7c9e2f4a61d8hn3r'
    expect(await behind(desk)).toEqual([demo.motion, demo.button, contact])
    expect(await behind(desk, { discovery_time: since })).toEqual([contact])
    expect(desk.told('bindUser')).toMatchObject([{ devId: contact, bizData: { ownerId: demo.home } }])
    expect(desk.told('online')).toMatchObject([{ devId: contact }])
    expect(await desk.get('device-sub-devices', { device_id: demo.gateway })).toHaveLength(3)
    expect(await desk.get('iot03-sub-devices', { device_id: demo.gateway })).toHaveLength(3)
  })

  it('ends with 0 or with its time, and a second search finds something new', async () => {
    const desk = new SimulatorDesk()
    await search(desk, 100)
    expect(desk.world.pairing.isSearching(demo.gateway)).toBe(true)
    await search(desk, 0)
    expect(desk.world.pairing.isSearching(demo.gateway)).toBe(false)
    await desk.clock.advance(100_000)
    expect(await behind(desk)).toHaveLength(2)
    await search(desk, 5)
    await desk.clock.advance(6_000)
    expect(await behind(desk)).toHaveLength(3)
    await search(desk, 60)
    await desk.clock.advance(60_000)
    expect(await behind(desk)).toHaveLength(4)
    expect(desk.clock.waiting).toBe(0)
  })

  it('is refused by what is no gateway, offline, or for too long', async () => {
    const desk = new SimulatorDesk()
    expect(await desk.refused('gateway-enable-discovery', { device_id: demo.lamp })).toBe(2009)
    expect(await search(desk, 3_601)).toBe(1109)
    expect(await search(desk, -1)).toBe(1109)
    desk.world.setOnline(demo.gateway, false)
    expect(await search(desk)).toBe(2001)
  })

  it('by token shows its progress until the token ends', async () => {
    const desk = new SimulatorDesk()
    const asked = { paring_type: 'EZ', uid: demo.uid, time_zone_id: 'Europe/Berlin', home_id: demo.cabin }
    const { token, expire_time } = await desk.get<{ token: string; expire_time: number }>(
      'pairing-token-create',
      asked,
    )
    const progress = () => desk.get('pairing-token-devices', { token })
    expect(await progress()).toEqual({ successDevices: [], errorDevices: [] })
    await desk.clock.advance(20_000)
    expect(await progress()).toMatchObject({ successDevices: [{ name: 'New plug', owner_id: demo.cabin }] })
    await desk.clock.advance(expire_time * 1_000)
    expect(await desk.refused('pairing-token-devices', { token })).toBe(2007)
    expect(await desk.refused('pairing-token-create', { ...asked, time_zone_id: 'Berlin' })).toBe(1109)
    expect(await desk.refused('pairing-token-create', { ...asked, uid: 'nobody' })).toBe(1106)
  })
})
