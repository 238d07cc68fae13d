import { expect, it } from 'vitest'
import type { LanVersion } from '../../../src/codec/lan/version.ts'
import type { LanDevice } from '../../../src/transport/lan/device.ts'
import { WhereaboutsBook } from '../../../src/transport/lan/whereabouts.ts'
import { Secret } from '../../../src/util/secret.ts'

const at = (host: string) => ({ host, port: 6668 })

function device(host: string | null, version: LanVersion | null = '3.4'): LanDevice {
  const address = host === null ? null : at(host)
  return {
    id: 'x',
    localKey: new Secret('k'),
    address,
    version,
    children: new Map(),
    pointIds: [],
    refreshIds: [],
    sleeps: false,
  }
}

function book(host: string | null, version: LanVersion | null = '3.4') {
  const places = new WhereaboutsBook()
  places.configure(device(host, version))
  const said = (where: string, spoken: LanVersion | null = null) =>
    places.propose({ deviceId: 'x', address: at(where), version: spoken })
  const next = () => {
    const { address, version: speaks, isTrusted } = places.next ?? {}
    return address ? `${address.host} ${speaks}${isTrusted ? '' : ' ?'}` : 'nowhere'
  }
  return { places, said, next }
}

it('R-L5: what is known comes first, hearsay when it is not there, and they take turns', () => {
  const { places, said, next } = book('a')
  expect([next(), said('b'), next()]).toEqual(['a 3.4', true, 'a 3.4'])
  const tries = Array.from({ length: 4 }, () => {
    places.failed()
    return next()
  })
  expect(tries).toEqual(['b 3.4 ?', 'a 3.4', 'b 3.4 ?', 'a 3.4'])
})

it('R-L5: who lies anew each time still gets every second turn only', () => {
  const { places, said, next } = book('a')
  const tries = Array.from({ length: 6 }, (_, i) => {
    said(`liar${i}`)
    const where = next()
    places.failed()
    return where
  })
  expect(tries.filter((where) => where === 'a 3.4')).toHaveLength(3)
})

it('after it was there once, news of another place is the first thing to try', () => {
  const { places, said, next } = book('a')
  places.proved({ address: at('a'), version: '3.4', isTrusted: true }, '3.4')
  said('b')
  expect(next()).toBe('b 3.4 ?')
  places.failed()
  expect(next()).toBe('a 3.4')
  said('a')
  places.failed()
  expect(next()).toBe('a 3.4')
})

it('R-L5: hearsay raises a version and never lowers it', () => {
  const { places, said, next } = book(null, '3.3')
  expect(next()).toBe('nowhere')
  said('b', '3.1')
  expect(next()).toBe('b 3.3 ?')
  said('b', '3.5')
  expect(next()).toBe('b 3.5 ?')
  places.proved({ address: at('b'), version: '3.5', isTrusted: false }, '3.5')
  said('b', '3.4')
  expect([next(), places.version]).toEqual(['b 3.5', '3.5'])
})

it('what the application says supersedes what was proved, where it differs', () => {
  const { places, next } = book('a', null)
  places.proved({ address: at('b'), version: '3.5', isTrusted: false }, '3.5')
  places.configure(device('b', null))
  expect(next()).toBe('b 3.5')
  places.configure(device('c', null))
  expect(next()).toBe('c null')
})
