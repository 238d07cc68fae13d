import { describe, expect, it } from 'vitest'
import { MirrorBench } from '../support/mirror-bench.ts'
import { automationOf, sceneOf } from '../support/rule.ts'

/** A house with a room and a lamp in it, all said, and announced from now on. */
async function house(settings: ConstructorParameters<typeof MirrorBench>[0] = {}): Promise<MirrorBench> {
  const bench = new MirrorBench(settings)
  bench.addRoom({ id: '7', name: 'Office', homeId: '1' })
  bench.put('lamp', { name: 'Desk lamp', roomId: '7' })
  bench.describe('lamp', 'bright')
  bench.report('lamp', { bright: 420 })
  await bench.settled()
  bench.mirror.announce()
  bench.left.length = 0
  return bench
}

const events = (bench: MirrorBench) =>
  bench.left
    .filter(({ topic }) => topic.startsWith('tuya/event/'))
    .map(({ topic, payload }) => ({ ...JSON.parse(payload), on: topic.slice('tuya/event/bridge/'.length) }))

describe('lists', () => {
  it('show homes, rooms, devices and names', async () => {
    const bench = await house()
    expect(bench.json('meta/index/homes')['items']).toEqual([{ id: '1', name: 'Home' }])
    expect(bench.json('meta/index/rooms')['items']).toEqual([{ id: '7', name: 'Office', home: '1' }])
    expect(bench.json('meta/index/devices')['items']).toEqual([
      { id: 'lamp', name: 'Desk lamp', slug: 'desk_lamp', category: 'dj', home: '1', room: '7' },
    ])
    expect(bench.json('meta/index/names')).toEqual({
      device: { desk_lamp: 'lamp' },
      scene: {},
      automation: {},
    })
    expect(bench.json('meta/home/1')).toMatchObject({ name: 'Home', rooms: ['7'], devices: 1 })
    expect(bench.json('meta/room/7')).toEqual({ id: '7', name: 'Office', home: '1', devices: ['lamp'] })
  })

  it('follow a burst of changes once', async () => {
    const bench = await house()
    for (let i = 0; i < 50; i++) bench.put(`plug${i}`)
    await bench.settled()
    const said = bench.left.filter(({ topic }) => topic === 'tuya/meta/index/devices')
    expect(said).toHaveLength(1)
    expect(bench.json('meta/home/1')['devices']).toBe(51)
  })

  it('are not said again when nothing changed', async () => {
    const bench = await house()
    bench.addHome({ id: '1', name: 'Home' })
    bench.put('lamp', {})
    expect(await bench.settled()).toEqual([])
  })

  it('grow and shrink by pages', async () => {
    const bench = await house()
    for (let i = 0; i < 1_200; i++) bench.put(`plug${i}`)
    await bench.settled()
    expect(bench.topics('meta/index/devices').sort()).toEqual([
      'meta/index/devices',
      'meta/index/devices/2',
      'meta/index/devices/3',
    ])
    expect(bench.topics('meta/index/names').length).toBeGreaterThan(2)
    for (let i = 0; i < 1_200; i++) bench.remove(`plug${i}`)
    await bench.settled()
    expect(bench.topics('meta/index/devices')).toEqual(['meta/index/devices'])
    expect(bench.topics('meta/index/names')).toEqual(['meta/index/names'])
    expect(bench.json('meta/index/devices')).toMatchObject({ page: 1, pages: 1 })
  })
})

describe('a new name', () => {
  it('changes what the device is, and the lists; nothing of what it says', async () => {
    const bench = await house()
    bench.put('lamp', { name: 'Floor lamp' })
    const topics = (await bench.settled()).map((line) => line.split(' ')[0])
    expect(topics.sort()).toEqual([
      'event/bridge/device_renamed',
      'meta/device/lamp',
      'meta/index/devices',
      'meta/index/names',
    ])
    expect(bench.json('meta/device/lamp')).toMatchObject({ name: 'Floor lamp', slug: 'floor_lamp' })
  })

  it('is told', async () => {
    const bench = await house()
    bench.put('lamp', { name: 'Floor lamp' })
    await bench.settled()
    expect(events(bench)).toMatchObject([
      { on: 'device_renamed', device: 'lamp', data: { id: 'lamp', name: 'Floor lamp', before: 'Desk lamp' } },
    ])
  })

  it('with names mirrored: copies under the old name go before those under the new one come', async () => {
    const bench = await house({ mirrorNames: true })
    const copies = ['', '/availability', '/dp/bright']
    const named = (slug: string) => copies.map((copy) => `state/named/device/${slug}${copy}`)
    expect(bench.topics('state/named').sort()).toEqual(named('desk_lamp'))
    bench.put('lamp', { name: 'Floor lamp' })
    const lines = (await bench.settled()).filter((line) => line.startsWith('state/'))
    expect(lines.slice(0, 3).sort()).toEqual(named('desk_lamp'))
    expect(
      lines
        .slice(3)
        .map((line) => line.split(' ')[0])
        .sort(),
    ).toEqual(named('floor_lamp'))
    for (const copy of copies)
      expect(bench.text(`state/named/device/floor_lamp${copy}`)).toBe(bench.text(`state/device/lamp${copy}`))
    expect(bench.topics('state/named').sort()).toEqual(named('floor_lamp'))
  })

  it('with names mirrored: what is said later is copied to the new name', async () => {
    const bench = await house({ mirrorNames: true })
    bench.put('lamp', { name: 'Floor lamp' })
    bench.report('lamp', { bright: 7 })
    bench.put('lamp', { online: false })
    await bench.settled()
    expect(bench.text('state/named/device/floor_lamp/dp/bright')).toBe('7')
    expect(bench.text('state/named/device/floor_lamp/availability')).toBe('offline')
    expect(bench.text('state/named/device/floor_lamp')).toBe(bench.text('state/device/lamp'))
    expect(bench.topics('state/named/device/desk_lamp')).toEqual([])
  })

  it('that gives the same slug changes no copy', async () => {
    const bench = await house({ mirrorNames: true })
    bench.put('lamp', { name: 'DESK LAMP' })
    expect((await bench.settled()).filter((line) => line.startsWith('state/'))).toEqual([])
  })
})

describe('removal of a device', () => {
  it('goes offline, clears everything, then the lists, then tells', async () => {
    const bench = await house()
    bench.remove('lamp')
    const lines = await bench.settled()
    const at = (start: string) => lines.findIndex((line) => line.startsWith(start))
    const order = [
      'state/device/lamp/availability offline',
      'state/device/lamp/dp/bright',
      'meta/device/lamp',
      'meta/index/devices',
      'event/bridge/device_removed',
    ]
    expect(order.map(at)).toEqual([...order.map(at)].sort((a, b) => a - b))
    expect(at('event/bridge/device_removed')).toBe(lines.length - 1)
    expect(events(bench)).toMatchObject([{ on: 'device_removed', data: { id: 'lamp', name: 'Desk lamp' } }])
    expect(bench.topics('state/')).toEqual([])
    expect(bench.json('meta/home/1')['devices']).toBe(0)
    expect(bench.json('meta/room/7')['devices']).toEqual([])
  })

  it('takes the copies by name back too', async () => {
    const bench = await house({ mirrorNames: true })
    bench.remove('lamp')
    await bench.settled()
    expect(bench.topics('state/named')).toEqual([])
  })

  it('while the broker is away it is made up for, and told at the end', async () => {
    const bench = await house()
    bench.publisher.pause()
    bench.remove('lamp')
    await bench.clock.advance(1_000)
    bench.publisher.resume()
    const lines = await bench.settled()
    expect(bench.topics().filter((topic) => topic.includes('/lamp'))).toEqual([])
    const told = lines.findIndex((line) => line.startsWith('event/bridge/device_removed'))
    const cleared = lines.flatMap((line, i) => (line.includes('device/lamp') ? [i] : []))
    expect(told).toBeGreaterThan(Math.max(...cleared))
  })
})

describe('homes and rooms', () => {
  it('a removed room is cleared and told, and so is a home', async () => {
    const bench = await house()
    const room = { id: '7', name: 'Office', homeId: '1' }
    bench.rooms.delete('7')
    bench.mirror.roomRemoved(room)
    bench.homes.delete('1')
    bench.mirror.homeRemoved({ id: '1', name: 'Home' })
    await bench.settled()
    expect(bench.topics('meta/room')).toEqual([])
    expect(bench.topics('meta/home')).toEqual([])
    expect(bench.json('meta/index/rooms')['items']).toEqual([])
    expect(events(bench).map(({ on, data }) => [on, data.id])).toEqual([
      ['room_removed', '7'],
      ['home_removed', '1'],
    ])
  })

  it('new names show with every device there', async () => {
    const bench = await house()
    bench.put('plug')
    bench.addRoom({ id: '7', name: 'Study', homeId: '1' })
    bench.addHome({ id: '1', name: 'House' })
    await bench.settled()
    expect(bench.json('meta/device/lamp')).toMatchObject({ roomName: 'Study', homeName: 'House' })
    expect(bench.json('meta/device/plug')).toMatchObject({ roomName: null, homeName: 'House' })
    expect(events(bench).map(({ on }) => on)).toEqual(['device_added', 'room_renamed', 'home_renamed'])
  })

  it('a device that moves shows in its new room alone', async () => {
    const bench = await house()
    bench.addRoom({ id: '8', name: 'Hall', homeId: '1' })
    bench.put('lamp', { roomId: '8' })
    await bench.settled()
    expect(bench.json('meta/room/7')['devices']).toEqual([])
    expect(bench.json('meta/room/8')['devices']).toEqual(['lamp'])
    expect(bench.json('meta/device/lamp')).toMatchObject({ room: '8', roomName: 'Hall' })
  })
})

describe('events', () => {
  it('are not made of what is there at the start', async () => {
    const bench = new MirrorBench()
    bench.put('lamp')
    await bench.settled()
    expect(events(bench)).toEqual([])
  })

  it('count by object, and say in their properties what a CloudEvent says', async () => {
    const bench = await house()
    bench.put('lamp', { name: 'A' })
    bench.put('lamp', { name: 'B' })
    bench.put('plug')
    bench.flush()
    expect(events(bench).map(({ device, seq }) => [device, seq])).toEqual([
      ['lamp', 1],
      ['lamp', 2],
      ['plug', 1],
    ])
    const message = bench.left.find(({ topic }) => topic === 'tuya/event/bridge/device_added')
    const { id, time } = JSON.parse(message?.payload ?? '{}')
    expect(message).toMatchObject({ qos: 1, retain: false })
    expect(message?.properties?.user).toEqual({
      bridge: 'main',
      specversion: '1.0',
      id,
      time,
      source: '/tuya/device/plug',
      type: 'tuya.device_added',
    })
  })
})

it('after a reconnect everything is said again', async () => {
  const bench = await house()
  const before = new Map(bench.retained)
  bench.retained.clear()
  bench.publisher.pause()
  bench.publisher.resume()
  await bench.settled()
  expect(bench.retained).toEqual(before)
})

describe('scenes and automations', () => {
  async function ruled(settings: ConstructorParameters<typeof MirrorBench>[0] = {}): Promise<MirrorBench> {
    const bench = await house(settings)
    bench.scenes.set([sceneOf('s1', { name: 'Good night', homeId: '1' })])
    bench.automations.set([automationOf('a1', { name: 'Bedtime', homeId: '1', enabled: false })])
    return bench
  }

  it('are documents, switches, entries of lists, names, numbers in their home, and news', async () => {
    const bench = await ruled()
    await bench.settled()
    expect(bench.json('meta/scene/s1')).toMatchObject({
      id: 's1',
      slug: 'good_night',
      home: '1',
      valid: true,
    })
    expect(bench.json('meta/automation/a1')).toMatchObject({
      match: 'any',
      external: { conditions: ['bedtime'], actions: ['goodnight'] },
    })
    expect([bench.text('state/scene/s1/enabled'), bench.text('state/automation/a1/enabled')]).toEqual([
      'true',
      'false',
    ])
    expect(bench.json('meta/index/scenes')['items']).toEqual([
      { id: 's1', name: 'Good night', slug: 'good_night', home: '1' },
    ])
    expect(bench.json('meta/index/automations')['items']).toEqual([
      { id: 'a1', name: 'Bedtime', slug: 'bedtime', home: '1' },
    ])
    expect(bench.json('meta/index/names')).toMatchObject({
      scene: { good_night: 's1' },
      automation: { bedtime: 'a1' },
    })
    expect(bench.json('meta/home/1')).toMatchObject({ scenes: 1, automations: 1 })
    expect(events(bench)).toMatchObject([
      { on: 'scene_added', scene: 's1', data: { id: 's1', name: 'Good night' } },
      { on: 'automation_added', automation: 'a1', data: { id: 'a1', name: 'Bedtime' } },
    ])
  })

  it('that are removed leave nothing, and are told when the lists are without them', async () => {
    const bench = await ruled()
    await bench.settled()
    bench.left.length = 0
    bench.scenes.remove('s1')
    bench.automations.remove('a1')
    const lines = await bench.settled()
    expect(bench.topics().filter((topic) => /\/(scene|automation)\//.test(topic))).toEqual([])
    expect(bench.json('meta/index/scenes')['items']).toEqual([])
    expect(bench.json('meta/index/names')).toMatchObject({ scene: {}, automation: {} })
    expect(bench.json('meta/home/1')).toMatchObject({ scenes: 0, automations: 0 })
    expect(lines.slice(-2).map((line) => line.split(' ')[0])).toEqual([
      'event/bridge/scene_removed',
      'event/bridge/automation_removed',
    ])
  })

  it('a new name shows in document, list and names, and is told', async () => {
    const bench = await ruled()
    await bench.settled()
    bench.left.length = 0
    bench.scenes.set([sceneOf('s1', { name: 'Sleep', homeId: '1' })])
    const topics = (await bench.settled()).map((line) => line.split(' ')[0])
    expect(topics.sort()).toEqual([
      'event/bridge/scene_renamed',
      'meta/index/names',
      'meta/index/scenes',
      'meta/scene/s1',
    ])
    expect(bench.json('meta/scene/s1')).toMatchObject({ name: 'Sleep', slug: 'sleep' })
    expect(bench.json('meta/index/names')).toMatchObject({ scene: { sleep: 's1' } })
  })

  it('their lists grow and shrink by pages', async () => {
    const bench = await house()
    const ids = Array.from({ length: 1_200 }, (_, i) => `s${i}`)
    bench.scenes.set(ids.map((id) => sceneOf(id, { homeId: '1' })))
    await bench.settled()
    expect(bench.topics('meta/index/scenes').sort()).toEqual([
      'meta/index/scenes',
      'meta/index/scenes/2',
      'meta/index/scenes/3',
    ])
    for (const id of ids) bench.scenes.remove(id)
    await bench.settled()
    expect(bench.topics('meta/index/scenes')).toEqual(['meta/index/scenes'])
  })
})

describe('members of a home', () => {
  const members = [
    { uid: 'eu1', name: 'Kim', admin: false },
    { uid: 'eu2', name: 'Demo', admin: true },
  ]

  it('are not told unless the owner wants it', async () => {
    const bench = await house()
    bench.mirror.beside.members('1', members)
    expect(await bench.settled()).toEqual([])
  })

  it('are told by role, or by name, and go with the home', async () => {
    const roles = await house({ members: 'roles' })
    roles.mirror.beside.members('1', members)
    await roles.settled()
    expect(roles.text('meta/home/1/members')).toMatch(/"role":"member".*"role":"admin"/)
    expect(roles.text('meta/home/1/members')).not.toContain('Kim')

    const full = await house({ members: 'full' })
    full.mirror.beside.members('1', members)
    await full.settled()
    expect(full.json('meta/home/1/members')).toMatchObject([{ name: 'Kim' }, { name: 'Demo' }])
    full.homes.delete('1')
    full.mirror.homeRemoved({ id: '1', name: 'Home' })
    await full.settled()
    expect(full.topics('meta/home')).toEqual([])
  })
})

describe('keys of a scene switch', () => {
  const bindings = [{ code: 'switch_mode1', value: 'click', sceneId: 's1', sceneName: 'Dinner' }]

  it('tell which scenes they run, until none does', async () => {
    const bench = await house()
    bench.mirror.beside.bindings('lamp', bindings)
    bench.flush()
    expect(bench.json('meta/device/lamp/scenes')).toEqual([
      { code: 'switch_mode1', value: 'click', scene: 's1', sceneName: 'Dinner' },
    ])
    bench.mirror.beside.bindings('lamp', [])
    bench.flush()
    expect(bench.topics('meta/device/lamp/scenes')).toEqual([])
  })

  it('go with the device', async () => {
    const bench = await house()
    bench.mirror.beside.bindings('lamp', bindings)
    bench.remove('lamp')
    await bench.settled()
    expect(bench.topics().filter((topic) => topic.includes('/lamp'))).toEqual([])
  })
})

it('a gap is told whatever is announced, and counted among the bridge’s own events', async () => {
  const bench = new MirrorBench()
  bench.mirror.gap('queue', 5, 7_200_005)
  bench.mirror.gap('queue', 5, 7_200_006)
  bench.flush()
  expect(events(bench)).toMatchObject([
    { on: 'gap', kind: 'gap', seq: 1, data: { link: 'queue', fromMs: 5, toMs: 7_200_005 } },
    { on: 'gap', seq: 2 },
  ])
})

it('who waits for the availability of a device is told when the broker has it', async () => {
  const bench = await house()
  const told: boolean[] = []
  bench.put('lamp', { online: false })
  bench.mirror.confirm('lamp', 'stateAvailability', (delivered) => told.push(delivered))
  expect(told).toEqual([])
  expect(bench.said().filter((line) => line.includes('availability'))).toEqual([
    'state/device/lamp/availability offline',
  ])
  expect(told).toEqual([true])
})

it('copies of last events go with their device, and no description of it takes them away', async () => {
  const bench = await house()
  const topic = 'tuya/last/device/lamp/button/switch_mode1'
  bench.publisher.retainAt('device/lamp', 'lastButton', topic, {
    text: '{}',
    contentType: 'application/json',
  })
  bench.describe('lamp', 'bright', 'temp')
  await bench.settled()
  expect(bench.text('last/device/lamp/button/switch_mode1')).toBe('{}')
  bench.remove('lamp')
  await bench.settled()
  expect(bench.topics('last/')).toEqual([])
})
