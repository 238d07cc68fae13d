import { describe, expect, it } from 'vitest'
import type { QueueMessage } from '../../src/domain/message.ts'
import { deviceOf } from '../support/device.ts'
import { extendedModel, sceneSwitchModel, switchModel } from '../support/fake-directory.ts'
import { dayMs, hourMs, minuteMs } from '../support/span.ts'
import { forbidden, SyncBench, unavailable } from '../support/sync-bench.ts'

const own = /^(thing|shadow|channelNames|bindings) /

/** So many switches of two channels; each call takes one of what the day still allows. */
function switches(count: number, left: number, limit = left): SyncBench {
  const bench = new SyncBench({ leastPollMs: hourMs })
  bench.limit = limit
  bench.left = left
  bench.directory.models = { p1: switchModel }
  bench.directory.devicesNow = Array.from({ length: count }, (_, i) => deviceOf(`bf${i}`))
  bench.directory.trouble = () => {
    bench.left--
    return undefined
  }
  return bench
}

/** So many scene switches, of the first of which one call ends as told. */
function sceneSwitches(count: number, troubled: string, trouble: Error): SyncBench {
  const bench = switches(count, 10_000)
  bench.directory.models = { p1: sceneSwitchModel }
  bench.directory.trouble = (call) => (call === `${troubled} bf0` ? trouble : undefined)
  return bench
}

/** What the platform tells when a device is paired, or taken out of its home. */
function binding(kind: 'bound' | 'unbound', deviceId: string): QueueMessage {
  return { kind, deviceId, homeId: 'h1', protocol: 20, bizCode: kind, timeMs: 0, data: {} } as never
}

const ofTheirOwn = (calls: readonly string[]) => calls.filter((call) => own.test(call))

describe('what devices have of their own', () => {
  it('follows at once as far as the calls of a home allow, then one each ten seconds', async () => {
    const bench = await switches(100, 10_000, 800).started()
    const first = bench.directory.calls.length
    expect(first).toBeLessThanOrEqual(60)
    expect(first).toBeGreaterThan(50)
    expect(ofTheirOwn(await bench.calls(minuteMs))).toHaveLength(6)
    await bench.clock.advance(hourMs)
    expect(bench.directory.count('channelNames')).toBe(100)
  })

  it('follows sooner where the day has many calls', async () => {
    const bench = await switches(100, 10_000, 8_000).started()
    expect(ofTheirOwn(await bench.calls(30_000)).length).toBeGreaterThan(25)
  })

  it('leaves half of the day’s reading to lists, and goes on with one at a time', async () => {
    const bench = await switches(400, 640, 800).started()
    await bench.clock.advance(dayMs - minuteMs)
    const read = bench.directory.count('channelNames')
    expect(bench.left).toBeGreaterThanOrEqual(0)
    expect(read).toBeGreaterThan(250)
    expect(read).toBeLessThan(340)
  })

  it('is read once, and of a device that joins at once', async () => {
    const bench = await switches(3, 10_000).started()
    await bench.clock.advance(minuteMs)
    expect(ofTheirOwn(await bench.calls(13 * hourMs))).toEqual([])
    bench.directory.devicesNow.push(deviceOf('new', { product: { id: 'p2', name: '' } }))
    bench.directory.models = { ...bench.directory.models, p2: extendedModel }
    await bench.clock.advance(hourMs + 1)
    expect(ofTheirOwn(bench.directory.calls).slice(-2)).toEqual(['thing new', 'shadow new'])
  })

  it('that is refused is told, keeps no other waiting, and is asked for again with the next full reading', async () => {
    const bench = switches(3, 10_000)
    bench.directory.trouble = (call) => (call === 'channelNames bf0' ? forbidden : undefined)
    await bench.started()
    await bench.clock.advance(hourMs)
    expect(ofTheirOwn(bench.directory.calls).slice(1)).toEqual([
      'channelNames bf0',
      'channelNames bf1',
      'channelNames bf2',
    ])
    expect(bench.errors).toEqual(['reading what bf0 has of its own: cloud/permission'])
    await bench.clock.advance(6 * hourMs)
    expect(bench.directory.count('channelNames bf0')).toBe(2)
  })

  it('that meets trouble is tried again at growing pauses, until it is over', async () => {
    const bench = switches(3, 10_000)
    bench.directory.trouble = (call) => (call === 'channelNames bf0' ? unavailable : undefined)
    await bench.started()
    await bench.clock.advance(minuteMs)
    expect(bench.directory.count('channelNames')).toBe(3)
    await bench.clock.advance(3 * hourMs)
    // After 10, 30, 70 and 150 minutes.
    expect(bench.directory.count('channelNames bf0')).toBe(5)
    bench.directory.trouble = () => undefined
    bench.directory.channelNamesNow = { bf0: { switch_1: 'Left' } }
    await bench.clock.advance(3 * hourMs - 2 * minuteMs)
    expect(bench.directory.count('channelNames bf0')).toBe(6)
    expect(bench.inventory.specification('bf0')?.points.get('switch_1')?.name).toBe('Left')
    expect(bench.directory.count('channelNames')).toBe(8)
  })

  it('meets trouble with the keys of a switch: they are tried again too', async () => {
    const bench = await sceneSwitches(2, 'bindings', unavailable).started()
    await bench.clock.advance(minuteMs)
    bench.directory.trouble = () => undefined
    await bench.clock.advance(10 * minuteMs)
    expect(bench.directory.calls.filter((call) => call.startsWith('bindings')).sort()).toEqual([
      'bindings bf0',
      'bindings bf0',
      'bindings bf1',
    ])
  })

  it('that is refused of a scene switch is not asked for again and again, and its keys are read', async () => {
    const bench = await sceneSwitches(1, 'thing', forbidden).started()
    await bench.clock.advance(hourMs)
    expect(ofTheirOwn(bench.directory.calls)).toEqual(['thing bf0', 'bindings bf0'])
  })

  it('keys of many scene switches are read again twenty at a time', async () => {
    const bench = switches(60, 100_000)
    bench.directory.models = { p1: sceneSwitchModel }
    await bench.started()
    await bench.clock.advance(hourMs)
    expect(bench.directory.count('bindings')).toBe(60)
    await bench.clock.advance(6 * hourMs)
    expect(bench.directory.count('bindings')).toBe(80)
    expect(new Set(bench.directory.calls.filter((call) => call.startsWith('bindings'))).size).toBe(60)
  })

  it('I-3: is read again of a device that was paired anew, also when nobody saw it go', async () => {
    const bench = switches(4, 10_000)
    bench.directory.models = { p1: sceneSwitchModel, p2: switchModel, p3: extendedModel }
    bench.directory.devicesNow = ['p1', 'p2', 'p3', 'p2'].map((id, i) =>
      deviceOf(`bf${i}`, { product: { id, name: '' } }),
    )
    bench.directory.shadows = { bf2: [{ code: 'extra', dpId: 101, type: 'integer' }] }
    await bench.started()
    await bench.clock.advance(minuteMs)
    const from = bench.directory.calls.length
    for (const deviceId of ['bf0', 'bf1', 'bf2', 'bf3']) bench.sync.told(binding('bound', deviceId))
    await bench.clock.advance(minuteMs)
    expect(ofTheirOwn(bench.directory.calls.slice(from)).sort()).toEqual([
      'bindings bf0',
      'channelNames bf1',
      'channelNames bf3',
      'shadow bf2',
    ])
    expect(bench.directory.forgotten).toEqual(['bf0', 'bf1', 'bf2', 'bf3'])
  })

  it('I-3: that was refused while it was gone is read when it is back', async () => {
    const bench = switches(1, 10_000)
    bench.directory.trouble = (call) => (call === 'channelNames bf0' ? forbidden : undefined)
    await bench.started()
    await bench.clock.advance(minuteMs)
    const [device] = bench.directory.devicesNow.splice(0)
    bench.sync.told(binding('unbound', 'bf0'))
    await bench.clock.advance(minuteMs)
    expect(bench.inventory.device('bf0')).toBeUndefined()
    bench.directory.trouble = () => undefined
    if (device) bench.directory.devicesNow.push(device)
    bench.directory.channelNamesNow = { bf0: { switch_1: 'Left' } }
    bench.sync.told(binding('bound', 'bf0'))
    await bench.clock.advance(minuteMs)
    expect(bench.inventory.specification('bf0')?.points.get('switch_1')?.name).toBe('Left')
  })
})
