import { describe, expect, it } from 'vitest'
import { MirrorBench } from '../support/mirror-bench.ts'

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
