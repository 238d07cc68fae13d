import { describe, expect, it } from 'vitest'
import { SpecificationBook } from '../../src/inventory/specification-book.ts'
import { SpecificationLoader } from '../../src/inventory/specification-loader.ts'
import { Troubles } from '../../src/inventory/troubles.ts'
import { type Deferred, deferred } from '../../src/util/deferred.ts'
import { BridgeError } from '../../src/util/error.ts'
import { deviceOf } from '../support/device.ts'
import { FakeDirectory, lampModel } from '../support/fake-directory.ts'
import { newInventory } from '../support/inventory.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'

/** Devices of a product each, whose models come when the test says so. */
function bench(devices: number) {
  const clock = new VirtualClock()
  const directory = new FakeDirectory(clock)
  const inventory = newInventory(clock)
  const add = (i: number) =>
    inventory.setDevices([deviceOf(`bf${i}`, { product: { id: `p${i}`, name: '' } })])
  for (let i = 0; i < devices; i++) add(i)
  directory.models = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`p${i}`, lampModel]))
  const errors: string[] = []
  const life = new AbortController()
  const loader = new SpecificationLoader({
    inventory,
    book: new SpecificationBook({ directory, inventory, overrides: {} }),
    clock,
    troubles: new Troubles((error, what) => errors.push(`${what}: ${error.code}`)),
    signal: life.signal,
  })
  const known = () => [...inventory.devices.values()].filter(({ specification }) => specification).length
  return { clock, directory, inventory, loader, errors, life, add, known }
}

describe('reading what devices lack', () => {
  it('reads four at a time, each once', async () => {
    const { directory, loader, known } = bench(10)
    const answers: Deferred<void>[] = []
    directory.trouble = () => {
      const answer = deferred<void>()
      answers.push(answer)
      return answer.promise
    }
    loader.start()
    loader.start()
    await settle()
    expect(directory.calls).toHaveLength(4)
    for (let i = 0; i < 10; i++) {
      answers[i]?.resolve()
      await settle()
    }
    await loader.idle
    expect(directory.calls).toHaveLength(10)
    expect(known()).toBe(10)
  })

  it('takes in devices that are listed meanwhile', async () => {
    const { directory, loader, add, known } = bench(1)
    const answer = deferred<void>()
    directory.trouble = () => answer.promise
    loader.start()
    add(1)
    answer.resolve()
    await loader.idle
    expect(known()).toBe(2)
  })

  it('with nothing to read is idle at once', async () => {
    const { directory, loader } = bench(0)
    await loader.idle
    loader.start()
    await loader.idle
    expect(directory.calls).toEqual([])
  })

  it('a device that is refused does not stop the others', async () => {
    const { directory, loader, errors, known } = bench(12)
    const refused = new BridgeError('cloud/refused', 'no', { retry: 'never' })
    directory.trouble = (call) => (call === 'model bf0' ? refused : undefined)
    loader.start()
    await loader.idle
    expect(known()).toBe(11)
    expect(errors).toEqual(['reading the specification of bf0: cloud/refused'])
  })

  it('a device that meets trouble is tried again by itself, after the others, at growing pauses', async () => {
    const { clock, directory, loader, known } = bench(10)
    const isTroubled = (call: string) => ['bf0', 'bf1', 'bf2', 'bf3'].some((id) => call.endsWith(` ${id}`))
    const trouble = new BridgeError('cloud/unavailable', 'away', { retry: 'later' })
    directory.trouble = (call) => (isTroubled(call) ? trouble : undefined)
    loader.start()
    await loader.idle
    expect([directory.calls.length, known()]).toEqual([4, 0])
    await clock.advance(30_000)
    expect([directory.calls.length, known()]).toEqual([14, 6])
    const from = directory.calls.length
    await clock.advance(3_600_000)
    // After 1, 3, 7, 15 and 31 minutes.
    expect(directory.calls.length - from).toBe(5 * 4)
    directory.trouble = () => undefined
    await clock.advance(3_600_000)
    expect(known()).toBe(10)
    expect(clock.waiting).toBe(0)
  })

  it('a device in trouble that has gone is not tried again', async () => {
    const { clock, directory, inventory, loader } = bench(1)
    const trouble = new BridgeError('cloud/unavailable', 'away', { retry: 'later' })
    directory.trouble = () => trouble
    loader.start()
    await loader.idle
    inventory.removeDevice('bf0')
    await clock.advance(24 * 3_600_000)
    expect(directory.calls).toHaveLength(1)
    expect(clock.waiting).toBe(0)
  })

  it('that is stopped ends, and tells no trouble', async () => {
    const { directory, loader, errors, life } = bench(20)
    directory.trouble = (_call, { signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('given up'))))
    loader.start()
    await settle()
    life.abort()
    await loader.idle
    expect(directory.calls).toHaveLength(4)
    expect(errors).toEqual([])
  })

  it('takes the products of most devices first, and so many at a time as a home may cost', async () => {
    const { directory, loader, inventory, known } = bench(30)
    const common = { id: 'p99', name: '' }
    inventory.setDevices(['x', 'y', 'z'].map((id) => deviceOf(id, { product: common })))
    loader.start()
    await loader.idle
    expect([loader.hasLeft, directory.count('model'), known()]).toEqual([true, 14, 16])
    expect(inventory.specification('x')).toBeDefined()
    loader.start()
    await loader.idle
    loader.start()
    await loader.idle
    expect([loader.hasLeft, known()]).toEqual([false, 33])
  })
})
