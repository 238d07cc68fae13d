import { describe, expect, it } from 'vitest'
import type { FirmwareModule } from '../../src/domain/firmware.ts'
import { FirmwareWatch } from '../../src/inventory/firmware-watch.ts'
import { BridgeError } from '../../src/util/error.ts'
import { seededRandom } from '../../src/util/random.ts'
import { deviceOf } from '../support/device.ts'
import { firmwareModule } from '../support/firmware.ts'
import { newInventory } from '../support/inventory.ts'
import { dayMs, hourMs, minuteMs } from '../support/span.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const ready = firmwareModule(0, { status: 'ready', latest: '2.0.0' })
const running = firmwareModule(0, { status: 'running', latest: '2.0.0' })
const done = firmwareModule(0, { status: 'done', current: '2.0.0', latest: '2.0.0' })

/** Two devices, and a cloud that tells of them what the test says. */
function bench({ daily = false } = {}) {
  const clock = new VirtualClock()
  const inventory = newInventory(clock)
  inventory.setDevices([deviceOf('bf1'), deviceOf('bf2')])
  const reads: { readonly deviceId: string; readonly atMs: number; readonly urgent: boolean }[] = []
  const errors: string[] = []
  const cloud = {
    modules: [ready] as readonly FirmwareModule[],
    trouble: (_deviceId: string): Error | undefined => undefined,
    left: 1_000,
    daily,
  }
  const watch = new FirmwareWatch({
    inventory,
    read: async (deviceId, { urgent }) => {
      reads.push({ deviceId, atMs: clock.monotonic(), urgent })
      const trouble = cloud.trouble(deviceId)
      if (trouble) throw trouble
      return cloud.modules
    },
    budget: { left: () => cloud.left },
    clock,
    random: seededRandom(1),
    get daily() {
      return cloud.daily
    },
    onError: (error, what) => errors.push(`${what}: ${error.code}`),
  })
  return { clock, inventory, watch, reads, errors, cloud }
}

const never = new AbortController().signal

it('somebody who asks gets the versions, which everybody sees', async () => {
  const { watch, inventory, reads } = bench()
  expect(await watch.check('bf1', never)).toEqual([ready])
  expect(inventory.firmware.get('bf1')).toEqual([ready])
  expect(reads).toMatchObject([{ deviceId: 'bf1', urgent: true }])
})

describe('an upgrade', () => {
  it('is read, ever more seldom, until it has ended', async () => {
    const { watch, inventory, cloud, clock, reads } = bench()
    watch.follow('bf1')
    cloud.modules = [running]
    await clock.advance(5 * minuteMs)
    expect(inventory.firmware.get('bf1')).toEqual([running])
    const gaps = reads.slice(1).map(({ atMs }, i) => atMs - (reads[i]?.atMs ?? 0))
    expect(reads.length).toBeGreaterThan(4)
    expect(reads.length).toBeLessThan(20)
    expect(gaps.at(-1)).toBeGreaterThan(gaps[0] ?? 0)
    cloud.modules = [done]
    await clock.advance(minuteMs)
    expect(inventory.firmware.get('bf1')).toEqual([done])
    const { length } = reads
    await clock.advance(dayMs)
    expect(reads.length).toBe(length)
  })

  it('that the cloud shows a moment later is not taken for ended', async () => {
    const { watch, inventory, cloud, clock } = bench()
    watch.follow('bf1')
    await clock.advance(20_000)
    cloud.modules = [running]
    await clock.advance(2 * minuteMs)
    expect(inventory.firmware.get('bf1')).toEqual([running])
    cloud.modules = [done]
    await clock.advance(2 * minuteMs)
    expect(inventory.firmware.get('bf1')).toEqual([done])
  })

  it('that never ends is left after an hour', async () => {
    const { watch, cloud, clock, reads } = bench()
    cloud.modules = [running]
    watch.follow('bf1')
    await clock.advance(2 * hourMs)
    expect(reads.at(-1)?.atMs).toBeLessThanOrEqual(hourMs)
    expect(reads.at(-1)?.atMs).toBeGreaterThan(hourMs - 2 * minuteMs)
    expect(reads.length).toBeLessThan(130)
  })

  it('is followed through trouble, and not where the cloud refuses', async () => {
    const { watch, inventory, cloud, clock, errors, reads } = bench()
    cloud.trouble = () => new BridgeError('cloud/unavailable', 'trouble', { retry: 'later' })
    watch.follow('bf1')
    await clock.advance(3 * minuteMs)
    expect(errors).toEqual(['following the upgrade of bf1: cloud/unavailable'])
    cloud.trouble = () => undefined
    cloud.modules = [running]
    await clock.advance(2 * minuteMs)
    expect(inventory.firmware.get('bf1')).toEqual([running])
    cloud.trouble = () => new BridgeError('cloud/permission', 'no', { retry: 'never' })
    await clock.advance(2 * minuteMs)
    const { length } = reads
    await clock.advance(hourMs)
    expect(reads.length).toBe(length)
  })

  it('that ran when the bridge was stopped is followed by the next run', async () => {
    const { watch, inventory, cloud, clock } = bench()
    inventory.firmware.set('bf1', [running])
    inventory.firmware.set('bf2', [ready])
    cloud.modules = [done]
    watch.start()
    await clock.advance(5 * minuteMs)
    expect(inventory.firmware.get('bf1')).toEqual([done])
    expect(inventory.firmware.get('bf2')).toEqual([ready])
  })

  it('of a device that is gone is no matter', async () => {
    const { watch, inventory, clock, reads } = bench()
    watch.follow('bf1')
    inventory.removeDevice('bf1')
    await clock.advance(hourMs)
    expect(reads).toEqual([])
  })

  it('is not waited for when the bridge stops', async () => {
    const { watch, clock, reads } = bench()
    watch.follow('bf1')
    await watch.stop()
    await clock.advance(hourMs)
    expect(reads).toEqual([])
  })
})

describe('the daily round', () => {
  it('is made only where it is wanted', async () => {
    const { watch, clock, reads } = bench()
    watch.start()
    await clock.advance(3 * dayMs)
    expect(reads).toEqual([])
  })

  it('asks for every device once a day', async () => {
    const { watch, clock, reads, inventory } = bench({ daily: true })
    watch.start()
    await clock.advance(2.5 * dayMs)
    expect(reads.map(({ deviceId }) => deviceId)).toEqual(['bf1', 'bf2', 'bf1', 'bf2', 'bf1', 'bf2'])
    expect(reads.some(({ urgent }) => urgent)).toBe(false)
    expect(inventory.firmware.get('bf2')).toEqual([ready])
  })

  it('passes over devices that are refused, and says nothing of devices without firmware', async () => {
    const { watch, clock, reads, inventory, cloud, errors } = bench({ daily: true })
    cloud.trouble = (id) => (id === 'bf1' ? new BridgeError('cloud/unsupported', 'no') : undefined)
    cloud.modules = []
    watch.start()
    await clock.advance(hourMs)
    expect(reads.map(({ deviceId }) => deviceId)).toEqual(['bf1', 'bf2'])
    expect(inventory.firmware.all.size).toBe(0)
    expect(errors).toEqual([])
  })

  it('R-C6: waits while the day has no calls left', async () => {
    const { watch, clock, reads, cloud } = bench({ daily: true })
    cloud.left = 0
    watch.start()
    await clock.advance(5 * hourMs)
    expect(reads).toEqual([])
    cloud.left = 10
    await clock.advance(hourMs)
    expect(reads.length).toBe(2)
  })
})

describe('an upgrade that others tell of', () => {
  it('has the versions read once with each new word', async () => {
    const { watch, cloud, clock, reads, inventory } = bench()
    cloud.modules = [running]
    for (let i = 0; i < 20; i++) {
      watch.told('bf1', '2')
      await clock.advance(5_000)
    }
    expect(reads).toHaveLength(1)
    cloud.modules = [done]
    watch.told('bf1', '3')
    await clock.advance(5_000)
    expect(reads).toHaveLength(2)
    expect(reads[0]?.urgent).toBe(false)
    expect(inventory.firmware.get('bf1')).toEqual([done])
  })

  it('and whose next word comes while they are read has them read again', async () => {
    const { watch, cloud, clock, reads, inventory } = bench()
    cloud.modules = [running]
    watch.told('bf1', '2')
    cloud.trouble = () => {
      cloud.trouble = () => undefined
      watch.told('bf1', '3')
      cloud.modules = [done]
      return undefined
    }
    await clock.advance(5_000)
    expect(reads).toHaveLength(2)
    expect(inventory.firmware.get('bf1')).toEqual([done])
  })

  it('costs nothing for a device that nobody knows, or that is followed anyway', async () => {
    const { watch, clock, reads, cloud } = bench()
    cloud.modules = [done]
    watch.told('bf9', '2')
    watch.follow('bf1')
    watch.told('bf1', '2')
    const before = reads.length
    await clock.advance(1_500)
    expect(reads.length - before).toBeLessThanOrEqual(1)
    expect(reads.every(({ deviceId }) => deviceId === 'bf1')).toBe(true)
  })

  it('that begins while the versions are read for another word is followed all the same', async () => {
    const { watch, clock, inventory, cloud } = bench()
    watch.told('bf1', '1')
    watch.follow('bf1')
    cloud.modules = [running]
    await clock.advance(minuteMs)
    cloud.modules = [done]
    await clock.advance(2 * minuteMs)
    expect(inventory.firmware.get('bf1')).toEqual([done])
    await watch.stop()
    expect(clock.waiting).toBe(0)
  })

  it('is not read after the stop', async () => {
    const { watch, clock, reads } = bench()
    watch.told('bf1', '2')
    await watch.stop()
    await clock.advance(hourMs)
    expect(reads).toEqual([])
    expect(clock.waiting).toBe(0)
  })
})

describe('whether there is a daily check may change', () => {
  it('begins when it is wanted, and is not made twice', async () => {
    const { watch, clock, reads, cloud } = bench()
    watch.start()
    await clock.advance(dayMs)
    expect(reads).toEqual([])
    cloud.daily = true
    watch.review()
    watch.review()
    await clock.advance(hourMs)
    expect(reads.map(({ deviceId }) => deviceId)).toEqual(['bf1', 'bf2'])
    await clock.advance(dayMs)
    expect(reads).toHaveLength(4)
    await watch.stop()
  })

  it('ends when it is not wanted any more, also in the middle of a round', async () => {
    const { watch, clock, reads, cloud } = bench({ daily: true })
    cloud.trouble = () => {
      cloud.daily = false
      watch.review()
      return undefined
    }
    watch.start()
    await clock.advance(3 * dayMs)
    expect(reads.map(({ deviceId }) => deviceId)).toEqual(['bf1'])
    await watch.stop()
  })
})
