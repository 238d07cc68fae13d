import { describe, expect, it } from 'vitest'
import { deviceOf, homeOf, roomOf } from '../support/device.ts'
import { switchModel } from '../support/fake-directory.ts'
import { tell } from '../support/queue-message.ts'
import { hourMs, minuteMs } from '../support/span.ts'
import { forbidden, SyncBench, unavailable } from '../support/sync-bench.ts'

/** Lists are not due for hours: what is asked for is because of what was told. */
async function house(): Promise<SyncBench> {
  const bench = await new SyncBench({ leastPollMs: 5 * hourMs }).started()
  await bench.clock.advance(minuteMs)
  return bench
}

describe('one message costs a call or two', () => {
  it('a renamed device is read by itself', async () => {
    const bench = await house()
    bench.directory.devicesNow = [deviceOf('bf1', { roomId: 'r1', name: 'Reading lamp' }), deviceOf('bf2')]
    bench.sync.told(tell.renamed('bf1'))
    expect(await bench.calls(5_000)).toEqual(['device bf1'])
    expect(bench.inventory.device('bf1')?.device).toMatchObject({ name: 'Reading lamp', roomId: 'r1' })
  })

  it('twenty renames within a second are one read', async () => {
    const bench = await house()
    const before = bench.directory.calls.length
    for (let i = 0; i < 20; i++) {
      bench.sync.told(tell.renamed('bf1'))
      await bench.clock.advance(50)
    }
    await bench.clock.advance(5_000)
    expect(bench.directory.calls.slice(before)).toEqual(['device bf1'])
  })

  it('twenty renamed devices are one list', async () => {
    const bench = new SyncBench({ leastPollMs: 5 * hourMs })
    bench.directory.devicesNow = Array.from({ length: 20 }, (_, i) => deviceOf(`bf${i}`))
    await bench.started()
    for (let i = 0; i < 20; i++) bench.sync.told(tell.renamed(`bf${i}`))
    expect(await bench.calls(5_000)).toEqual(['devices h1'])
  })

  it('a stream that never ends is read every few seconds all the same', async () => {
    const bench = await house()
    const before = bench.directory.calls.length
    for (let i = 0; i < 200; i++) {
      bench.sync.told(tell.renamed('bf1'))
      await bench.clock.advance(100)
    }
    const calls = bench.directory.calls.length - before
    expect(calls).toBeGreaterThanOrEqual(4)
    expect(calls).toBeLessThanOrEqual(6)
  })

  it('a renamed channel has the names of the device read', async () => {
    const bench = new SyncBench({ leastPollMs: 5 * hourMs })
    bench.directory.models = { p1: switchModel }
    await bench.started()
    bench.directory.channelNamesNow = { bf1: { switch_1: 'Table' } }
    bench.sync.told(tell.pointRenamed('bf1'))
    expect(await bench.calls(5_000)).toEqual(['channelNames bf1'])
    expect(bench.inventory.specification('bf1')?.points.get('switch_1')?.name).toBe('Table')
  })

  it('a home, and rooms, that changed', async () => {
    const bench = await house()
    bench.directory.homesNow = [homeOf('h1', { name: 'Villa' })]
    bench.sync.told(tell.home('h1', 'updated'))
    expect(await bench.calls(5_000)).toEqual(['home h1'])
    expect(bench.inventory.homes.get('h1')?.name).toBe('Villa')
    bench.directory.roomsNow = [roomOf('r1', { name: 'Attic' })]
    bench.sync.told(tell.home('h1', 'room_renamed'))
    expect(await bench.calls(5_000)).toEqual(['rooms h1'])
    expect(bench.inventory.rooms.get('r1')?.name).toBe('Attic')
    bench.sync.told(tell.home('h1', 'rooms_sorted'))
    expect(await bench.calls(5_000)).toEqual(['rooms h1'])
  })

  it('a new room is read with what stands in it', async () => {
    const bench = await house()
    bench.directory.roomsNow = [roomOf('r1'), roomOf('r2')]
    bench.directory.devicesNow = [deviceOf('bf1', { roomId: 'r1' }), deviceOf('bf2', { roomId: 'r2' })]
    bench.sync.told(tell.home('h1', 'room_created'))
    expect(await bench.calls(5_000)).toEqual(['rooms h1', 'placed r2'])
    expect([...bench.inventory.devices.values()].map(({ device }) => device.roomId)).toEqual(['r1', 'r2'])
  })

  it('a new home with its rooms', async () => {
    const bench = await house()
    bench.directory.homesNow = [homeOf('h1'), homeOf('h2')]
    bench.directory.roomsNow = [roomOf('r1'), roomOf('r2', { homeId: 'h2' })]
    bench.sync.told(tell.home('h2', 'created'))
    expect(await bench.calls(5_000)).toEqual(['home h2', 'rooms h2'])
    expect([...bench.inventory.homes.keys(), ...bench.inventory.rooms.keys()]).toEqual([
      'h1',
      'h2',
      'r1',
      'r2',
    ])
    expect(await bench.calls(15_000), 'a little later, with what is in it').toEqual(
      expect.arrayContaining(['devices h2', 'scenes h2', 'automations h2']),
    )
  })

  it('a device that came into a home stands in its room, of which nobody tells', async () => {
    const bench = await house()
    const joined = deviceOf('bf3', { roomId: 'r1' })
    bench.directory.devicesNow = [deviceOf('bf1', { roomId: 'r1' }), deviceOf('bf2'), joined]
    bench.sync.told(tell.bound('bf3', 'h1'))
    await bench.clock.advance(20_000)
    expect(bench.inventory.device('bf3')?.device.roomId).toBe('r1')
  })

  it('what changes nothing costs nothing', async () => {
    const bench = await house()
    for (const message of [
      tell.status('bf1'),
      tell.presence('bf1'),
      tell.sceneRun('s1'),
      tell.unbound('bf9'),
    ])
      bench.sync.told(message)
    expect(await bench.calls(minuteMs)).toEqual([])
  })
})

describe('a device that nobody knows', () => {
  it('is read once, joins its home and is described', async () => {
    const bench = await house()
    bench.directory.devicesNow.push(deviceOf('bf3'))
    for (let i = 0; i < 50; i++) bench.sync.told(tell.status('bf3'))
    expect(await bench.calls(5_000)).toEqual(['device bf3'])
    expect(bench.inventory.device('bf3')?.device.homeId).toBe('h1')
    expect(bench.inventory.device('bf3')?.state.get('switch_led')?.value).toBe(true)
  })

  it('at a start, before anything was read, costs nothing: the lists bring it', async () => {
    const bench = new SyncBench({ leastPollMs: 5 * hourMs })
    bench.sync.start()
    for (const id of ['bf1', 'bf2']) bench.sync.told(tell.status(id))
    await bench.clock.advance(10_000)
    expect(bench.directory.count('device ')).toBe(0)
  })

  it('and is none of ours is asked for once in six hours', async () => {
    const bench = await house()
    bench.directory.absent = 'denied'
    const asked: string[] = []
    for (let i = 0; i < 100; i++) {
      bench.sync.told(tell.status('bf9'))
      asked.push(...(await bench.calls(minuteMs)))
    }
    expect(asked.filter((call) => call === 'device bf9')).toHaveLength(1)
  })

  it('and speaks with hundreds of others takes at most twenty calls an hour', async () => {
    const bench = await house()
    bench.directory.absent = 'denied'
    for (let i = 0; i < 300; i++) bench.sync.told(tell.status(`stranger${i}`))
    expect(await bench.calls(minuteMs)).toHaveLength(20)
  })

  it('lives in a home that nobody told of: that is read, and joins too', async () => {
    const bench = await house()
    bench.directory.homesNow = [homeOf('h1'), homeOf('h2')]
    bench.directory.devicesNow.push(deviceOf('bf3', { homeId: 'h2' }))
    bench.sync.told(tell.status('bf3'))
    expect(await bench.calls(5_000)).toEqual(['device bf3', 'home h2', 'rooms h2', 'device bf3'])
    expect(bench.inventory.device('bf3')?.device.homeId).toBe('h2')
  })

  it('was bound and is not there yet is asked for once more', async () => {
    const bench = await house()
    bench.sync.told(tell.bound('bf3', 'h1'))
    expect(await bench.calls(5_000)).toEqual(['device bf3'])
    bench.directory.devicesNow.push(deviceOf('bf3'))
    expect(await bench.calls(20_000)).toEqual(['device bf3'])
    expect(bench.deviceIds).toContain('bf3')
  })

  it('was bound joins also when it was none of ours before', async () => {
    const bench = await house()
    bench.sync.told(tell.status('bf3'))
    await bench.clock.advance(5_000)
    bench.directory.devicesNow.push(deviceOf('bf3'))
    bench.sync.told(tell.bound('bf3'))
    await bench.clock.advance(5_000)
    expect(bench.deviceIds).toContain('bf3')
  })
})

describe('what is told to be gone', () => {
  it.each(['gone', 'denied'] as const)('goes at once when the cloud says so too (%s)', async (absent) => {
    const bench = await house()
    bench.directory.absent = absent
    bench.directory.devicesNow = [deviceOf('bf1', { roomId: 'r1' })]
    bench.sync.told(tell.unbound('bf2'))
    expect(await bench.calls(2_000)).toEqual(['device bf2'])
    expect(bench.deviceIds).toEqual(['bf1'])
    bench.directory.roomsNow = []
    bench.directory.absent = 'gone'
    bench.sync.told(tell.home('h1', 'room_deleted'))
    expect(await bench.calls(2_000)).toEqual(['rooms h1', 'placed r1'])
    expect(bench.inventory.rooms.size).toBe(0)
    bench.directory.homesNow = []
    bench.directory.absent = absent
    bench.sync.told(tell.home('h1', 'deleted'))
    expect(await bench.calls(2_000)).toEqual(['home h1'])
    expect([bench.inventory.homes.size, bench.deviceIds]).toEqual([0, []])
    expect(await bench.calls(minuteMs)).toEqual([])
  })

  it('stays when the cloud shows it', async () => {
    const bench = await house()
    bench.sync.told(tell.unbound('bf2'))
    bench.sync.told(tell.home('h1', 'deleted'))
    bench.sync.told(tell.home('h1', 'room_deleted'))
    await bench.clock.advance(5_000)
    expect([bench.deviceIds, bench.inventory.homes.size, bench.inventory.rooms.size]).toEqual([
      ['bf1', 'bf2'],
      1,
      1,
    ])
  })

  it('stays when the cloud cannot be asked, until it can', async () => {
    const bench = await house()
    bench.directory.devicesNow = [deviceOf('bf1', { roomId: 'r1' })]
    bench.directory.trouble = () => unavailable
    bench.sync.told(tell.unbound('bf2'))
    await bench.clock.advance(minuteMs)
    expect(bench.deviceIds).toEqual(['bf1', 'bf2'])
    bench.directory.trouble = () => undefined
    await bench.clock.advance(2 * minuteMs)
    expect(bench.deviceIds).toEqual(['bf1'])
  })

  it('stays when the project may not ask at all', async () => {
    const bench = await house()
    bench.directory.devicesNow = [deviceOf('bf1', { roomId: 'r1' })]
    bench.directory.trouble = (call) => (call.startsWith('device ') ? forbidden : undefined)
    bench.sync.told(tell.unbound('bf2'))
    await bench.clock.advance(minuteMs)
    expect(bench.deviceIds).toEqual(['bf1', 'bf2'])
    expect(bench.errors).toEqual(['reading the registration again: cloud/permission'])
  })

  it('what nobody told to be gone is not removed by a word about itself', async () => {
    const bench = await house()
    bench.directory.devicesNow = [deviceOf('bf1', { roomId: 'r1' })]
    bench.sync.told(tell.renamed('bf2'))
    await bench.clock.advance(minuteMs)
    expect(bench.deviceIds).toEqual(['bf1', 'bf2'])
  })

  it('many at once go by the list of their home', async () => {
    const bench = new SyncBench({ leastPollMs: 5 * hourMs })
    bench.directory.devicesNow = Array.from({ length: 10 }, (_, i) => deviceOf(`bf${i}`))
    await bench.started()
    bench.directory.devicesNow = [deviceOf('bf0'), deviceOf('bf1')]
    for (let i = 1; i < 10; i++) bench.sync.told(tell.unbound(`bf${i}`))
    expect(await bench.calls(5_000)).toEqual(['devices h1'])
    expect(bench.deviceIds).toEqual(['bf0', 'bf1'])
  })

  it('all at once go by the word of each, and none by an empty list', async () => {
    const bench = new SyncBench({ leastPollMs: 5 * hourMs })
    bench.directory.devicesNow = Array.from({ length: 5 }, (_, i) => deviceOf(`bf${i}`))
    await bench.started()
    bench.directory.empty.add('devices')
    for (let i = 0; i < 5; i++) bench.sync.told(tell.unbound(`bf${i}`))
    await bench.clock.advance(5_000)
    expect(bench.deviceIds).toHaveLength(5)
    bench.directory.devicesNow = []
    for (let i = 0; i < 5; i++) bench.sync.told(tell.unbound(`bf${i}`))
    await bench.clock.advance(5_000)
    expect(bench.deviceIds).toEqual([])
  })

  it('a device that moved to another home moves', async () => {
    const bench = new SyncBench({ leastPollMs: 5 * hourMs })
    bench.directory.homesNow = [homeOf('h1'), homeOf('h2')]
    await bench.started()
    bench.directory.devicesNow = [deviceOf('bf1', { homeId: 'h2' }), deviceOf('bf2')]
    bench.sync.told(tell.unbound('bf1', 'h1'))
    bench.sync.told(tell.bound('bf1', 'h2'))
    expect(await bench.calls(5_000)).toEqual(['device bf1'])
    expect(bench.inventory.device('bf1')?.device.homeId).toBe('h2')
  })
})

it('a flood of changes becomes one reading of everything', async () => {
  const bench = await house()
  await bench.clock.advance(hourMs)
  for (let i = 0; i < 600; i++) bench.sync.told(tell.bound(`bf${i}x`))
  const calls = await bench.calls(5 * minuteMs)
  expect(calls).toContain('homes')
  expect(calls.length).toBeLessThan(150)
})

it('nothing is read after the stop', async () => {
  const bench = await house()
  bench.sync.told(tell.renamed('bf1'))
  await bench.sync.stop()
  bench.sync.told(tell.renamed('bf2'))
  expect(await bench.calls(hourMs)).toEqual([])
  expect(bench.clock.waiting).toBe(0)
})
