import { describe, expect, it } from 'vitest'
import {
  type Arguments,
  automation,
  demo,
  external,
  issue,
  SimulatorDesk,
  timer,
  watch,
} from '../support/simulator-desk.ts'

/** All that people made, as the platform shows it; values and times of devices aside. */
async function picture(desk: SimulatorDesk): Promise<unknown> {
  const homes = await desk.get<{ home_id: number }[]>('user-homes', { uid: demo.uid })
  return Promise.all(
    homes.map(async (home) => {
      const { home_id } = home
      const devices = await desk.get<{ id: string; name: string }[]>('home-devices', { home_id })
      const { rooms } = await desk.get<{ rooms: { room_id: number }[] }>('room-list', { home_id })
      return {
        home,
        rooms: await Promise.all(
          rooms.map(async (room) => {
            const there = await desk.get<{ id: string }[]>('room-devices-list', {
              home_id,
              room_id: room.room_id,
            })
            return { ...room, devices: there.map(({ id }) => id) }
          }),
        ),
        members: await desk.get('member-list', { home_id }),
        scenes: await desk.get('scene-list', { home_id }),
        automations: await desk.get('automation-list', { home_id }),
        devices: await Promise.all(
          devices.map(async ({ id, name }) => ({
            id,
            name,
            channels: await desk.get('device-multiple-names', { device_id: id }),
            bindings: await desk.get('device-scene-list', { device_id: id }),
          })),
        ),
      }
    }),
  )
}

describe('a day', () => {
  it('in which a home is built, lived in and taken down leaves the world as it was', async () => {
    const desk = new SimulatorDesk()
    desk.simulator.engine.start()
    const before = await picture(desk)

    // a home with rooms, people and devices
    const home_id = await desk.get<number>('home-create', {
      uid: demo.uid,
      home: { name: 'Workshop', geo_name: 'Graz', lat: 47.07, lon: 15.44 },
      rooms: ['Bench', 'Store'],
    })
    const { rooms } = await desk.get<{ rooms: { room_id: number; name: string }[] }>('room-list', { home_id })
    const [bench, store] = rooms.map(({ room_id }) => room_id)
    const { uid } = await desk.get<{ uid: string }>('user-sync', {
      schema: 'demoApp',
      country_code: '43',
      username: 'sam@example.org',
      password: '0'.repeat(32),
      username_type: 2,
      nick_name: 'Sam',
    })
    const member = { country_code: '43', member_account: 'sam@example.org', admin: false, name: 'Sam' }
    await desk.get('member-add', { home_id, app_schema: 'demoApp', member })
    await desk.get('member-update', { home_id, uid, admin: true })
    expect(await desk.get('user-homes', { uid })).toMatchObject([{ home_id }])
    const { token } = await desk.get<{ token: string }>('pairing-token-create', {
      paring_type: 'EZ',
      uid: demo.uid,
      time_zone_id: 'Europe/Vienna',
      home_id: String(home_id),
    })
    await desk.clock.advance(20_000)
    const { successDevices } = await desk.get<{ successDevices: { id: string }[] }>('pairing-token-devices', {
      token,
    })
    const saw = successDevices[0]?.id as string
    desk.world.addDevice({ id: 'bflampofbench', name: 'Lamp', model: 'lamp_v2', home: String(home_id) })
    await desk.get('room-devices-add', { home_id, room_id: bench, device_ids: [saw, 'bflampofbench'] })
    await desk.get('room-devices-set', { home_id, room_id: store, device_ids: [saw] })

    // a scene and an automation of each kind
    const base = { home_id, background: 'https://example.org/picture.png' }
    const scene_id = await desk.get<string>('scene-create', {
      ...base,
      name: 'All off',
      actions: [issue(saw, { switch_1: false }), issue('bflampofbench', { switch_led: false })],
    })
    const make = (changes: Arguments) =>
      desk.get<string>('automation-create', automation({ ...base, ...changes }))
    const any = await make({
      name: 'Tell me',
      conditions: [watch(1, saw, 'switch_1', true), external(2, 'whistle', 'true')],
    })
    const all = await make({
      name: 'Closing time',
      match_type: 2,
      conditions: [timer(1, { time: '18:00', loops: '1111111' }), watch(2, saw, 'switch_1', true)],
      actions: [{ action_executor: 'ruleTrigger', entity_id: scene_id }],
    })
    const rule = await make({
      name: 'Light with the saw',
      match_type: 3,
      condition_rule: '1&&2||3',
      conditions: [
        watch(1, saw, 'switch_1', true),
        watch(2, 'bflampofbench', 'switch_led', false),
        external(3, 'light', 'on'),
      ],
      actions: [issue('bflampofbench', { switch_led: true })],
    })
    desk.world.report('bflampofbench', { switch_led: false })

    // fired from the device, by the API, by the clock
    await desk.get('device-commands', { device_id: saw, commands: [{ code: 'switch_1', value: true }] })
    expect([any, all, rule].map((id) => desk.runs(id))).toEqual([1, 0, 1])
    expect(desk.value('bflampofbench', 'switch_led')).toBe(true)
    expect(desk.told('automationExternalAction')).toMatchObject([
      { automationId: any, bizData: { action: 'fired' } },
    ])
    const stored = await desk.get<{ conditions: { entity_id: string }[] }>('automation-get', {
      home_id,
      automation_id: any,
    })
    await desk.get('automation-external-trigger', {
      home_id,
      automation_id: any,
      $root: [{ entity_id: stored.conditions[1]?.entity_id, display: { code: 'whistle', value: 'true' } }],
    })
    expect(desk.runs(any)).toBe(2)
    await desk.clock.advance(18 * 3_600_000)
    expect(desk.runs(all)).toBe(1)
    expect([desk.value(saw, 'switch_1'), desk.value('bflampofbench', 'switch_led')]).toEqual([false, false])
    expect(desk.told('sceneExecute')).toMatchObject([
      { gid: home_id, bizData: { id: scene_id, name: 'All off' } },
    ])

    // renamed and moved
    await desk.get('home-update', { home_id, name: 'Shed' })
    await desk.get('room-update', { home_id, room_id: store, name: 'Yard' })
    await desk.get('device-rename', { device_id: saw, name: 'Table saw' })
    await desk.get('device-function-rename', { device_id: saw, function_code: 'switch_1', name: 'Motor' })
    await desk.get('room-devices-remove', { home_id, room_id: store, device_ids: [saw] })
    await desk.get('scene-update', {
      ...base,
      scene_id,
      name: 'Dark',
      actions: [issue(saw, { switch_1: false })],
    })
    expect(desk.told('nameUpdate')).toMatchObject([{ devId: saw, bizData: { name: 'Table saw' } }])
    expect(desk.told('dpNameUpdate')).toMatchObject([{ devId: saw, bizData: { dpId: '1', name: 'Motor' } }])

    // and taken down
    await desk.get('automation-delete', { home_id, automation_id: rule })
    await desk.get('scene-delete', { home_id, scene_id })
    const left = await desk.get<{ automation_id: string; status: string }[]>('automation-list', { home_id })
    expect(left.map(({ automation_id, status }) => [automation_id, status])).toEqual([
      [any, '1'],
      [all, '2'],
    ])
    await desk.get('member-delete', { home_id, uid })
    await desk.get('room-delete', { home_id, room_id: bench })
    await desk.get('device-delete', { device_id: saw })
    await desk.get('home-delete', { home_id })
    expect(desk.told('homeDelete')).toMatchObject([
      { bizData: { homeName: 'Shed', devices: ['bflampofbench'] } },
    ])
    expect(await desk.refused('home-get', { home_id })).toBe(1106)
    expect(await picture(desk)).toEqual(before)
    desk.simulator.engine.stop()
  })
})
