import { describe, expect, it } from 'vitest'
import type { Device } from '../../src/domain/device.ts'
import { type BookState, type Overrides, SpecificationBook } from '../../src/inventory/specification-book.ts'
import { deferred } from '../../src/util/deferred.ts'
import { BridgeError } from '../../src/util/error.ts'
import { deviceOf } from '../support/device.ts'
import { extendedModel, FakeDirectory, lampModel, switchModel } from '../support/fake-directory.ts'
import { newInventory } from '../support/inventory.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'

const waiting = { signal: new AbortController().signal }

function bench(saved?: BookState, overrides: Overrides = {}) {
  const clock = new VirtualClock()
  const directory = new FakeDirectory(clock)
  directory.models = { p1: lampModel, p2: extendedModel, p3: switchModel }
  const inventory = newInventory(clock)
  const book = new SpecificationBook({ directory, inventory, overrides }, saved)
  const add = (id: string, productId = 'p1'): Device => {
    const device = deviceOf(id, { product: { id: productId, name: '' } })
    inventory.setDevices([device])
    return device
  }
  /** Everything that there is to read of the device. */
  const load = async (device: Device) => {
    await book.load(device, waiting)
    while (book.lacks(device)) await book.loadMore(device, waiting)
  }
  const codes = (id: string) => [...(inventory.specification(id)?.points.keys() ?? [])]
  const names = (id: string) =>
    [...(inventory.specification(id)?.points.values() ?? [])].map(({ name }) => name)
  return { directory, inventory, book, add, load, codes, names }
}

describe('reading', () => {
  it('is done once a product', async () => {
    const { directory, add, load, codes, book } = bench()
    await load(add('bf1'))
    await load(add('bf2'))
    expect(directory.calls).toEqual(['model bf1', 'thing bf1'])
    expect([codes('bf1'), codes('bf2')]).toEqual([['switch_led'], ['switch_led']])
    expect(book.recall(add('bf3'))).toBe(true)
    expect(codes('bf3')).toEqual(['switch_led'])
  })

  it('is done once for devices that come together', async () => {
    const { directory, add, load } = bench()
    const answer = deferred<void>()
    directory.trouble = () => answer.promise
    const loading = Promise.all([load(add('bf1')), load(add('bf2')), load(add('bf3'))])
    await settle()
    answer.resolve()
    await loading
    expect(directory.count('model')).toBe(1)
  })

  it('of devices without a product is done for each', async () => {
    const { directory, add, load } = bench()
    await load(add('bf1', ''))
    await load(add('bf2', ''))
    expect(directory.count('model')).toBe(2)
  })

  it('asks the device itself where its product has points outside the standard set, and takes its values', async () => {
    const { directory, inventory, add, load, codes } = bench()
    directory.shadows = { bf1: [{ code: 'extra', dpId: 101, name: 'My name' }] }
    await load(add('bf1', 'p2'))
    expect(directory.calls).toEqual(['model bf1', 'thing bf1', 'shadow bf1'])
    expect(codes('bf1')).toEqual(['switch_led', 'extra'])
    expect(inventory.specification('bf1')?.points.get('extra')?.name).toBe('My name')
    expect(inventory.device('bf1')?.state.get('extra')?.value).toBe(5)
  })

  it('corrections of the configuration go over everything', async () => {
    const { inventory, add, load } = bench(undefined, { p1: { switch_led: { name: 'Power', access: 'ro' } } })
    await load(add('bf1'))
    expect(inventory.specification('bf1')?.points.get('switch_led')).toMatchObject({
      name: 'Power',
      access: 'ro',
      overridden: true,
    })
  })
})

describe('failures', () => {
  it('are passed on, leave no specification, and the next try asks again', async () => {
    const { directory, inventory, add, load, codes } = bench()
    const error = new BridgeError('cloud/unavailable', 'trouble', { retry: 'later' })
    directory.trouble = () => error
    const device = add('bf1')
    await expect(load(device)).rejects.toBe(error)
    expect(inventory.specification('bf1')).toBeUndefined()
    directory.trouble = () => undefined
    await load(device)
    expect(codes('bf1')).toEqual(['switch_led'])
  })

  it('of the shadow do not lose the model', async () => {
    const { directory, inventory, add, load } = bench()
    const error = new BridgeError('cloud/unavailable', 'trouble', { retry: 'later' })
    directory.trouble = (call) => (call.startsWith('shadow') ? error : undefined)
    const device = add('bf1', 'p2')
    await expect(load(device)).rejects.toBe(error)
    expect(inventory.specification('bf1')?.points.has('switch_led')).toBe(true)
    directory.trouble = () => undefined
    await load(device)
    expect([directory.count('model'), directory.count('thing')]).toEqual([1, 1])
    expect(inventory.specification('bf1')?.points.has('extra')).toBe(true)
  })
})

describe('points outside the standard set', () => {
  it('are due once after a restart, since the saved specification holds no values', async () => {
    const before = bench()
    const known = before.add('bf1', 'p2')
    await before.load(known)
    await before.load(before.add('bf2', 'p1'))
    expect(before.book.lacks(known)).toBeUndefined()
    const after = bench(before.book.state)
    const [extended, plain] = [after.add('bf1', 'p2'), after.add('bf2', 'p1')]
    after.book.recall(extended)
    after.book.recall(plain)
    expect([after.book.lacks(extended), after.book.lacks(plain)]).toEqual(['points', undefined])
    await after.load(extended)
    expect(after.book.lacks(extended)).toBeUndefined()
    expect(after.inventory.device('bf1')?.state.get('extra')?.value).toBe(5)
  })

  it('are read in turns, and a device that fails does not keep the others from theirs', async () => {
    const { directory, book, add, load } = bench()
    for (const id of ['bf1', 'bf2', 'bf3']) await load(add(id, 'p2'))
    add('bf4', 'p1')
    directory.trouble = (call) =>
      call === 'shadow bf2' ? new BridgeError('cloud/unavailable', 'trouble', { retry: 'later' }) : undefined
    const turns: string[] = []
    for (let i = 0; i < 5; i++) {
      const device = book.longestUnread
      turns.push(device?.id ?? '')
      if (device) await book.extend(device, waiting).catch(() => {})
    }
    expect(turns).toEqual(['bf1', 'bf2', 'bf3', 'bf1', 'bf2'])
  })

  it('that are refused later stay known', async () => {
    const { directory, book, add, load, inventory } = bench()
    directory.shadows = { bf1: [{ code: 'extra', dpId: 101, name: 'My name' }] }
    const device = add('bf1', 'p2')
    await load(device)
    directory.shadows = {}
    await book.extend(device, waiting)
    expect(inventory.specification('bf1')?.points.get('extra')?.name).toBe('My name')
  })

  it('a house without such devices asks for nothing', async () => {
    const { book, add, load } = bench()
    await load(add('bf1', 'p1'))
    expect(book.longestUnread).toBeUndefined()
  })
})

describe('models that may not be read', () => {
  it('leave the device with what its reports tell, and are not kept', async () => {
    const { directory, inventory, book, add, load, codes } = bench()
    directory.models = {}
    const device = add('bf1')
    await load(device)
    expect(inventory.specification('bf1')).toBeDefined()
    expect(codes('bf1')).toEqual(['extra'])
    expect(book.isBare('bf1')).toBe(true)
    expect(book.state.models).toEqual({})
  })

  it('are read when that is allowed later', async () => {
    const { directory, book, add, load, codes } = bench()
    directory.models = {}
    const device = add('bf1')
    await load(device)
    directory.models = { p1: lampModel }
    await load(device)
    expect(book.isBare('bf1')).toBe(false)
    expect(codes('bf1')).toEqual(['switch_led'])
  })

  it('asked again in vain leave what was learned as it is', async () => {
    const { directory, inventory, add, load } = bench()
    directory.models = {}
    const device = add('bf1')
    await load(device)
    let changes = 0
    inventory.events.on('specification', () => changes++)
    await load(device)
    expect(changes).toBe(0)
    expect(directory.count('shadow')).toBe(1)
  })
})

describe('over a restart', () => {
  it('a device that is known in full needs no call', async () => {
    const before = bench()
    before.directory.shadows = { bf1: [{ code: 'extra', dpId: 101, name: 'My name' }] }
    await before.load(before.add('bf1', 'p2'))
    await before.load(before.add('bf2', 'p1'))
    const saved = JSON.parse(JSON.stringify(before.book.state)) as BookState
    const after = bench(saved)
    expect(after.book.recall(after.add('bf1', 'p2'))).toBe(true)
    expect(after.book.recall(after.add('bf2', 'p1'))).toBe(true)
    expect(after.inventory.specification('bf1')?.points.get('extra')?.name).toBe('My name')
    expect(after.directory.calls).toEqual([])
  })

  it('one whose own part is missing is shown with what its product has, and asked for the rest', async () => {
    const before = bench()
    await before.load(before.add('bf1', 'p2'))
    before.book.forget('bf1')
    const after = bench(before.book.state)
    const device = after.add('bf1', 'p2')
    expect(after.book.recall(device)).toBe(true)
    expect(after.codes('bf1')).toEqual(['switch_led', 'extra'])
    expect(after.book.lacks(device)).toBe('points')
  })

  it('a product whose thing model was not read yet is known as such', async () => {
    const before = bench()
    await before.book.load(before.add('bf1', 'p2'), waiting)
    const after = bench(JSON.parse(JSON.stringify(before.book.state)))
    const [first, second] = [after.add('bf1', 'p2'), after.add('bf2', 'p2')]
    for (const device of [first, second]) after.book.recall(device)
    expect([after.codes('bf1'), after.book.lacks(first)]).toEqual([['switch_led'], 'model'])
    await after.book.loadMore(first, waiting)
    expect([after.codes('bf2'), after.book.lacks(second)]).toEqual([['switch_led', 'extra'], 'points'])
  })

  it('an unknown product is not known', () => {
    const { book, add } = bench()
    expect(book.recall(add('bf1'))).toBe(false)
  })
})

describe('names that people gave to points', () => {
  const waiting = { signal: new AbortController().signal }
  const called = (name: string) => [{ code: 'switch_led', dpId: 20, ...(name === '' ? {} : { name }) }]

  it('are read where somebody renamed one, and back', async () => {
    const { directory, book, add, load, names } = bench()
    const device = add('bf1')
    await load(device)
    await load(add('bf2'))
    directory.shadows = { bf1: called('Moon') }
    await book.renameAll(device, waiting)
    expect([names('bf1'), names('bf2')]).toEqual([['Moon'], [null]])
    directory.shadows = { bf1: called('') }
    await book.renameAll(device, waiting)
    expect(names('bf1')).toEqual([null])
    expect(directory.count('shadow')).toBe(2)
    expect(book.isExtended('bf1')).toBe(false)
  })

  it('are found by the number of the point, and kept over a restart', async () => {
    const { directory, book, add, load } = bench()
    const device = add('bf1')
    await load(device)
    directory.shadows = { bf1: [{ code: 'led', dpId: 20, name: 'Moon' }] }
    await book.renameAll(device, waiting)
    const second = bench(JSON.parse(JSON.stringify(book.state)))
    expect(second.book.recall(second.add('bf1'))).toBe(true)
    expect([second.codes('bf1'), second.names('bf1')]).toEqual([['switch_led'], ['Moon']])
  })

  it('are taken from the specification of the device where its shadow may not be read', async () => {
    const { directory, book, add, load, names } = bench()
    const device = add('bf1')
    await load(device)
    const { models } = directory
    const standard = lampModel.standard.map((point) => ({ ...point, name: 'Moon' }))
    directory.models = { ...models, p1: { ...lampModel, standard } }
    await book.renameAll(device, waiting)
    expect(names('bf1')).toEqual(['Moon'])
    directory.models = models
    await book.renameAll(device, waiting)
    expect(names('bf1')).toEqual([null])
  })

  it('stand beside those of channels', async () => {
    const { directory, book, add, load, names } = bench()
    const lock = { code: 'child_lock', dpId: 9, type: 'boolean', access: 'rw' } as const
    directory.models = { p3: { ...switchModel, standard: [...switchModel.standard, lock] } }
    directory.channelNamesNow = { bf1: { switch_1: 'Kettle' } }
    const device = add('bf1', 'p3')
    await load(device)
    directory.shadows = { bf1: [{ code: 'child_lock', name: 'Hands off' }] }
    await book.renameAll(device, waiting)
    expect(names('bf1')).toEqual(['Kettle', null, 'Hands off'])
  })

  it('come with the shadow of a device that has points of its own', async () => {
    const { directory, book, add, load } = bench()
    directory.shadows = { bf1: called('Moon') }
    const device = add('bf1', 'p2')
    await load(device)
    await book.renameAll(device, waiting)
    expect(directory.count('shadow')).toBe(1)
  })
})

describe('names of channels', () => {
  const kitchen = { switch_1: 'Kettle', switch_2: 'Toaster' }

  it('are read once for a device that has several, and for no other', async () => {
    const { directory, add, load, names } = bench()
    directory.channelNamesNow = { bf1: kitchen }
    const [several, single] = [add('bf1', 'p3'), add('bf2', 'p1')]
    for (const device of [several, single, several, single]) await load(device)
    expect(directory.count('channelNames')).toBe(1)
    expect(names('bf1')).toEqual(['Kettle', 'Toaster'])
  })

  it('are read again when somebody renamed one', async () => {
    const { directory, book, add, load, names } = bench()
    directory.channelNamesNow = { bf1: kitchen }
    const device = add('bf1', 'p3')
    await load(device)
    directory.channelNamesNow = { bf1: { ...kitchen, switch_2: 'Mixer' } }
    await book.rename(device, waiting)
    expect(names('bf1')).toEqual(['Kettle', 'Mixer'])
  })

  it('are kept over a restart, and where a later read is refused', async () => {
    const first = bench()
    first.directory.channelNamesNow = { bf1: kitchen }
    await first.load(first.add('bf1', 'p3'))
    const second = bench(JSON.parse(JSON.stringify(first.book.state)))
    const device = second.add('bf1', 'p3')
    expect(second.book.recall(device)).toBe(true)
    expect(second.names('bf1')).toEqual(['Kettle', 'Toaster'])
    expect(second.book.isUnnamed(device)).toBe(false)
    await second.book.rename(device, waiting)
    expect(second.names('bf1')).toEqual(['Kettle', 'Toaster'])
  })

  it('that nobody may read are asked for once a run', async () => {
    const first = bench()
    const device = first.add('bf1', 'p3')
    await first.load(device)
    expect(first.book.isUnnamed(device)).toBe(false)
    const second = bench(JSON.parse(JSON.stringify(first.book.state)))
    second.book.recall(second.add('bf1', 'p3'))
    expect(second.book.isUnnamed(device)).toBe(true)
  })

  it('that fail for now leave the specification without them', async () => {
    const { directory, add, load, codes, book } = bench()
    directory.trouble = (call) =>
      call.startsWith('channelNames')
        ? new BridgeError('cloud/unavailable', 'x', { retry: 'later' })
        : undefined
    const device = add('bf1', 'p3')
    await expect(load(device)).rejects.toThrow('x')
    expect(codes('bf1')).toEqual(['switch_1', 'switch_2'])
    expect(book.isUnnamed(device)).toBe(true)
  })

  it('go with their device', async () => {
    const { directory, book, add, load } = bench()
    directory.channelNamesNow = { bf1: kitchen }
    await load(add('bf1', 'p3'))
    book.forget('bf1')
    expect(book.state.names).toEqual({})
  })
})
