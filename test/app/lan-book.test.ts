import { describe, expect, it } from 'vitest'
import { type KnownDevice, LanBook } from '../../src/app/lan-book.ts'
import type { ConfiguredDevice } from '../../src/app/lan-import.ts'
import type { DataPoint, Specification } from '../../src/domain/data-point.ts'
import type { LanAccess } from '../../src/domain/link.ts'
import { Secret } from '../../src/util/secret.ts'
import { configuredDevice } from '../support/configured-device.ts'

const key = 'abcdefgh12345678'

function access(deviceId: string, more: Partial<Omit<LanAccess, 'deviceId'>> = {}): LanAccess {
  return { deviceId, localKey: new Secret(key), nodeId: null, uuid: null, ...more }
}

const configured = (id: string, more: Partial<ConfiguredDevice> = {}) =>
  configuredDevice(id, { localKey: new Secret('ffffffffffffffff'), ...more })

function known(
  id: string,
  device: Partial<KnownDevice['device']> = {},
  points: readonly Pick<DataPoint, 'code' | 'access' | 'dpId'>[] = [],
): KnownDevice {
  const specification = { points: new Map(points.map((point) => [point.code, point])) }
  return {
    device: { id, sub: false, gatewayId: null, category: 'kg', ...device },
    specification: points.length > 0 ? (specification as unknown as Specification) : undefined,
  }
}

describe('what the account tells of a device', () => {
  it('is news the first time, and with another key', () => {
    const book = new LanBook()
    expect(book.learn(access('bf1'))).toBe(true)
    expect(book.learn(access('bf1'))).toBe(false)
    expect(book.learn(access('bf1', { localKey: new Secret('another0another0') }))).toBe(true)
    expect([...book.accesses()].map(({ localKey }) => localKey.reveal())).toEqual(['another0another0'])
  })

  it('stays where a later list leaves a part of it out', () => {
    const book = new LanBook()
    book.learn(access('bf1', { nodeId: 'n1' }))
    expect(book.learn(access('bf1', { uuid: 'u1' }))).toBe(true)
    expect(book.learn(access('bf1'))).toBe(false)
    expect([...book.accesses()]).toMatchObject([{ nodeId: 'n1', uuid: 'u1' }])
  })
})

describe('the children of a gateway', () => {
  const home = [known('gw'), known('lamp', { sub: true, gatewayId: 'gw' })]
  const childrenOf = (book: LanBook, entries: readonly ConfiguredDevice[] = []) =>
    book.devices(entries, home).map(({ id, children }) => [id, [...children]])

  it('are known by their node, else by their own number', () => {
    const book = new LanBook()
    book.learn(access('gw'))
    book.learn(access('lamp', { uuid: 'u1' }))
    expect(childrenOf(book)).toEqual([['gw', [['u1', 'lamp']]]])
    book.learn(access('lamp', { nodeId: 'n1' }))
    expect(childrenOf(book)).toEqual([['gw', [['n1', 'lamp']]]])
  })

  it('are known by what the configuration calls them, whatever the account says', () => {
    const book = new LanBook()
    book.learn(access('gw'))
    book.learn(access('lamp', { nodeId: 'n1' }))
    const entry = configured('lamp', { cid: 'mine', gatewayId: 'gw' })
    expect(childrenOf(book, [entry])).toEqual([['gw', [['mine', 'lamp']]]])
  })

  it('have no connection of their own, and without a name for them none at all', () => {
    const book = new LanBook()
    book.learn(access('gw'))
    book.learn(access('lamp'))
    expect(childrenOf(book)).toEqual([['gw', []]])
  })
})

describe('a device with a connection of its own', () => {
  it('needs a key, from whichever side', () => {
    const book = new LanBook()
    expect(book.devices([], [known('bf1')])).toEqual([])
    book.learn(access('bf1'))
    expect(book.devices([], [known('bf1')])[0]?.localKey.reveal()).toBe(key)
    expect(book.devices([configured('bf1')], [known('bf1')])[0]?.localKey.reveal()).toBe('ffffffffffffffff')
  })

  it('is asked for its points by number, and reminded of those that it measures only then', () => {
    const book = new LanBook()
    book.learn(access('bf1'))
    const points = [
      { code: 'switch_1', access: 'rw', dpId: 1 },
      { code: 'cur_power', access: 'ro', dpId: 19 },
      { code: 'cur_current', access: 'rw', dpId: 18 },
      { code: 'of_the_cloud', access: 'ro', dpId: null },
    ] as const
    const [device] = book.devices([], [known('bf1', {}, points)])
    expect(device).toMatchObject({ pointIds: [1, 19, 18], refreshIds: [19] })
  })

  it('may sleep when it runs on a battery, as cloud or configuration say', () => {
    const book = new LanBook()
    const entries = [
      configured('a', { category: 'mcs' }),
      configured('b', { category: 'kg' }),
      configured('c'),
    ]
    const devices = book.devices(entries, [known('c', { category: 'wsdcg' })])
    expect(new Map(devices.map(({ id, sleeps }) => [id, sleeps]))).toEqual(
      new Map([
        ['a', true],
        ['b', false],
        ['c', true],
      ]),
    )
  })
})
