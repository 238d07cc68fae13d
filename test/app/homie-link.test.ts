import { describe, expect, it } from 'vitest'
import { HomieLink } from '../../src/app/homie-link.ts'
import type { BrokerLink, ConnectOptions, LinkError } from '../../src/mqtt/link.ts'
import { LinkError as Ended } from '../../src/mqtt/link.ts'
import type { Outgoing } from '../../src/mqtt/message.ts'
import { deferred } from '../../src/util/deferred.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'

class Bench {
  readonly clock = new VirtualClock()
  readonly published: Outgoing[] = []
  readonly options: ConnectOptions[] = []
  readonly acknowledge: (() => void)[] = []
  readonly ends: ((error: LinkError) => void)[] = []
  ups = 0
  readonly link = new HomieLink({
    connector: {
      address: 'bench',
      connect: (options) => {
        this.options.push(options)
        const end = deferred<LinkError>()
        this.ends.push(end.resolve)
        return Promise.resolve({
          ended: end.promise,
          subscribe: () => Promise.resolve(),
          publish: (message: Outgoing, done: () => void) => {
            this.published.push(message)
            this.acknowledge.push(done)
          },
          close: () => {
            end.resolve(new Ended('stopped', 'closed'))
            return Promise.resolve()
          },
          destroy: (reason: LinkError['end']) => end.resolve(new Ended(reason, 'destroyed')),
        } as unknown as BrokerLink)
      },
    },
    clock: this.clock,
    random: () => 0.5,
    will: { topic: 'homie/5/root/$state', payload: 'lost' },
    filter: 'homie/5/+/+/+/set',
    onMessage: () => {},
    onUp: () => {
      this.ups++
      this.link.say('homie/5/root/$state', 'ready', true)
    },
    onDown: () => {},
  })
}

describe('the connection of Homie', () => {
  it('has the Will of the root and says everything when it is up', async () => {
    const bench = new Bench()
    bench.link.start()
    await settle()
    expect(bench.options[0]).toMatchObject({
      suffix: '-homie',
      will: { topic: 'homie/5/root/$state', payload: 'lost' },
    })
    expect(bench.published).toEqual([
      { topic: 'homie/5/root/$state', payload: 'ready', qos: 1, retain: true },
    ])
  })

  it('keeps the order, however slowly the broker acknowledges', async () => {
    const bench = new Bench()
    bench.link.start()
    await settle()
    for (let i = 0; i < 200; i++) bench.link.say('t', String(i), true)
    expect(bench.published.length).toBe(50)
    while (bench.acknowledge.length > 0) bench.acknowledge.shift()?.()
    expect(bench.published.slice(1).map(({ payload }) => Number(payload))).toEqual(
      Array.from({ length: 200 }, (_, i) => i),
    )
  })

  it('comes back after its end and says everything again', async () => {
    const bench = new Bench()
    bench.link.start()
    await settle()
    bench.ends[0]?.(new Ended('closed', 'gone'))
    await bench.clock.advance(60_000)
    expect(bench.ups).toBe(2)
    expect(bench.published.map(({ payload }) => payload)).toEqual(['ready', 'ready'])
  })

  it('says nothing without a connection, and ends where it is told to', async () => {
    const bench = new Bench()
    bench.link.say('t', '1', true)
    expect(bench.published).toEqual([])
    bench.link.start()
    await settle()
    bench.acknowledge.shift()?.()
    await bench.link.stop(1_000)
    await bench.clock.advance(60_000)
    expect(bench.ups).toBe(1)
  })
})
