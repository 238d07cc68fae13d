import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { regions } from '../../../src/app/region.ts'
import { consumerUrl, parseConsumerPath, queueBase } from '../../../src/codec/queue/address.ts'

const address = {
  accessId: 'demoaccessid00000001',
  environment: 'event',
  subscription: 'demoaccessid00000001-sub',
  query: { subscriptionType: 'Failover', ackTimeoutMillis: '30000' },
} as const
const path =
  '/ws/v2/consumer/persistent/demoaccessid00000001/out/event/demoaccessid00000001-sub?subscriptionType=Failover&ackTimeoutMillis=30000'

describe('the address of a queue', () => {
  it.each([
    ['cn', 'wss://mqe.tuyacn.com:8285/'],
    ['us', 'wss://mqe.tuyaus.com:8285/'],
    ['eu', 'wss://mqe.tuyaeu.com:8285/'],
    ['in', 'wss://mqe.tuyain.com:8285/'],
    ['sg', 'wss://mqe-sg.iotbing.com:8285/'],
    ['ue', 'wss://mqe-ueaz.tuyaus.com:8285/'],
    ['we', 'wss://mqe-weaz.tuyaeu.com:8285/'],
  ])('of region %s is %s', (region, base) => {
    expect(queueBase(region)).toBe(base)
  })

  it('exists for every region that the API has, and for no other', () => {
    for (const region of regions) expect(queueBase(region)).toMatch(/^wss:\/\/.*:8285\/$/)
    expect(queueBase('mars')).toBeUndefined()
    expect(queueBase('toString')).toBeUndefined()
  })

  it.each(['wss://mqe.tuyaeu.com:8285/', 'wss://mqe.tuyaeu.com:8285', 'wss://mqe.tuyaeu.com:8285//'])(
    'has one slash behind %s',
    (base) => {
      expect(consumerUrl({ base, ...address })).toBe(`wss://mqe.tuyaeu.com:8285${path}`)
    },
  )

  it('keeps a path of its own and needs no query', () => {
    expect(consumerUrl({ base: 'ws://127.0.0.1:1/proxy/', ...address, query: {} })).toBe(
      `ws://127.0.0.1:1/proxy${path.split('?')[0]}`,
    )
  })

  it('is read back by the other side', () => {
    expect(parseConsumerPath(path)).toEqual(address)
    expect(parseConsumerPath(path.replace('/event/', '/event-test/'))?.environment).toBe('event-test')
    expect(parseConsumerPath(path.replace('/event/', '/other/'))?.environment).toBe('other')
  })

  it.each([
    '/',
    '',
    `/${path}`,
    path.replace('/out/', '/in/'),
    path.replace('consumer', 'producer'),
    path.replace('v2', 'v3'),
    path.replace('-sub', '-sub/more'),
    '/ws/v2/consumer/persistent//out/event/x',
    '/ws/v2/consumer/persistent/a/out/event/',
    '/ws/v2/consumer/persistent/a/out/event/%zz',
  ])('is not %s', (target) => {
    expect(parseConsumerPath(target)).toBeUndefined()
  })

  it('survives names of any kind', () => {
    const name = fc.string({ minLength: 1, unit: 'grapheme' })
    fc.assert(
      fc.property(
        name,
        name,
        fc.dictionary(fc.string({ minLength: 1 }), fc.string()),
        (accessId, subscription, query) => {
          const url = consumerUrl({ base: 'ws://h:1/', accessId, environment: 'event', subscription, query })
          expect(parseConsumerPath(url.slice('ws://h:1'.length))).toEqual({
            accessId,
            environment: 'event',
            subscription,
            query: { ...query },
          })
        },
      ),
    )
  })
})
