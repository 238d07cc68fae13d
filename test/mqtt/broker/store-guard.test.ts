import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { guardStore } from '../../../src/mqtt/broker/store-guard.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const broken = () => {
  throw new Error('broken')
}

function guarded<S extends object>(store: S, clock = new VirtualClock()) {
  const told: unknown[] = []
  guardStore(store, clock, (thrown) => told.push(thrown))
  return { store, told, clock }
}

describe('fault-matrix A18: a store that fails', () => {
  it('is told of, and the failure goes on, also when it was thrown at once', async () => {
    const { store, told } = guarded({
      storeRetained: (): Promise<void> => Promise.reject(new Error('disk')),
      putWill: broken as () => Promise<void>,
    })
    await expect(store.storeRetained()).rejects.toThrow('disk')
    await expect(store.putWill()).rejects.toThrow('broken')
    expect(told).toHaveLength(2)
  })

  it('is answered for where aedes would end the process or wait for ever', async () => {
    const { store, told } = guarded({
      subscriptionsByTopic: (): Promise<unknown> => Promise.reject(new Error('disk')),
      delWill: broken as () => Promise<unknown>,
    })
    expect(await store.subscriptionsByTopic()).toEqual([])
    expect(await store.delWill()).toBeUndefined()
    expect(told).toHaveLength(2)
  })

  it('gives an empty stream, or one whose failure somebody hears', async () => {
    const { store, told } = guarded({
      outgoingStream: broken as () => Readable,
      createRetainedStreamCombi: () => new Readable({ objectMode: true, read: (): void => broken() }),
    })
    expect(await store.outgoingStream().toArray()).toEqual([])
    await expect(store.createRetainedStreamCombi().toArray()).rejects.toThrow('broken')
    expect(told).toHaveLength(2)
  })

  it('is told of once a minute for each kind of call', async () => {
    const clock = new VirtualClock()
    const { store, told } = guarded({ delWill: broken as () => Promise<unknown> }, clock)
    for (let i = 0; i < 5; i++) await store.delWill()
    expect(told).toHaveLength(1)
    await clock.advance(60_000)
    await store.delWill()
    expect(told).toHaveLength(2)
  })

  it('one that works is not noticed', async () => {
    const { store, told } = guarded({ storeRetained: async (topic: string) => `kept ${topic}` })
    expect(await store.storeRetained('a')).toBe('kept a')
    expect(told).toEqual([])
  })
})

it('only who was let in clears what belongs to a client id', async () => {
  const cleared: unknown[] = []
  const { store } = guarded({
    cleanIncoming: async (client: unknown) => {
      cleared.push(client)
    },
  })
  await store.cleanIncoming({ id: 'panel', _authorized: false })
  await store.cleanIncoming({ id: 'panel', _authorized: true })
  expect(cleared).toEqual([{ id: 'panel', _authorized: true }])
})
