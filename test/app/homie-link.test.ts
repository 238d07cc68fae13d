import { describe, expect, it } from 'vitest'
import { HomieLink } from '../../src/app/homie-link.ts'
import type { BrokerLink, ConnectOptions, LinkError } from '../../src/mqtt/link.ts'
import { LinkError as Ended, PublishRefused } from '../../src/mqtt/link.ts'
import { largestPayload, type Outgoing } from '../../src/mqtt/message.ts'
import { deferred } from '../../src/util/deferred.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'

class Bench {
  readonly clock = new VirtualClock()
  readonly published: Outgoing[] = []
  readonly options: ConnectOptions[] = []
  readonly acknowledge: ((refused?: PublishRefused) => void)[] = []
  readonly dead: string[] = []
  packetBytes = 256 * 1024
  readonly ends: ((error: LinkError) => void)[] = []
  ups = 0
  /** How much more there is to say at first. */
  atUp = 0
  readonly link = new HomieLink({
    connector: {
      address: 'bench',
      connect: (options) => {
        this.options.push(options)
        const end = deferred<LinkError>()
        this.ends.push(end.resolve)
        return Promise.resolve({
          limits: { maximumPacketSize: this.packetBytes },
          ended: end.promise,
          subscribe: () => Promise.resolve(),
          publish: (message: Outgoing, done: (refused?: PublishRefused) => void) => {
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
    suffix: '-homie',
    will: { topic: 'homie/5/root/$state', payload: 'lost' },
    filter: 'homie/5/+/+/+/set',
    onMessage: () => {},
    onUp: () => {
      this.ups++
      this.link.say('homie/5/root/$state', 'ready', true)
      for (let i = 0; i < this.atUp; i++) this.link.say('value', String(i), true)
    },
    onDown: () => {},
    onDead: ({ topic }, reason, first) => this.dead.push(`${topic} ${reason}${first ? ' first' : ''}`),
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

  it('gives up what is too large and what the broker refuses, says so, and goes on', async () => {
    const bench = new Bench()
    bench.link.start()
    await settle()
    bench.acknowledge.shift()?.()
    for (const topic of ['a', 'b']) bench.link.say(topic, 'x'.repeat(largestPayload + 1), true)
    bench.link.say('c', '1', true)
    bench.acknowledge.shift()?.(new PublishRefused('not-authorized'))
    bench.link.say('d', '2', true)
    expect(bench.dead).toEqual(['a payload-size first', 'b payload-size', 'c not-authorized first'])
    expect(bench.published.map(({ topic }) => topic)).toEqual(['homie/5/root/$state', 'c', 'd'])
  })

  it('keeps to the largest packet that the broker takes', async () => {
    const bench = new Bench()
    bench.packetBytes = 1_000
    bench.link.start()
    await settle()
    bench.link.say('a', 'x'.repeat(1_000), true)
    expect(bench.dead).toEqual(['a packet-size first'])
  })

  it('a house of any size is told at once; a broker that then takes nothing is left', async () => {
    const bench = new Bench()
    bench.atUp = 150_000
    bench.link.start()
    await settle()
    expect(bench.link.isUp).toBe(true)
    for (let i = 0; i <= 100_000; i++) bench.link.say('t', String(i), true)
    await settle()
    expect(bench.link.isUp).toBe(false)
  })
})
