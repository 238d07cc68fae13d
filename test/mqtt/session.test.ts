import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { LinkError } from '../../src/mqtt/link.ts'
import { SessionBench } from '../support/session-bench.ts'
import { settle } from '../support/virtual-clock.ts'

const words = (bench: SessionBench) =>
  bench.connector.last.published.map(({ topic, payload }) => [topic, payload])

it('subscribes to commands and to its probe, with the options of the contract, and to nothing else', async () => {
  const bench = await new SessionBench().up()
  expect(bench.connector.last.subscribed).toEqual([
    ['tuya/cmd/#', { qos: 2, noLocal: true, retainAsPublished: true, withoutStored: true }],
    ['tuya/bridge/probe', { qos: 1 }],
  ])
  expect(bench.connector.options[0]).toMatchObject({
    suffix: '',
    will: { topic: 'tuya/bridge/state', payload: 'offline' },
  })
  await bench.stop()
})

it('subscribes to the commands of further trees too, with those that are stored there', async () => {
  const bench = await new SessionBench({ alsoObeyed: ['legacy/+/command'] }).up()
  expect(bench.connector.last.subscribed).toContainEqual([
    'legacy/+/command',
    { qos: 2, noLocal: true, retainAsPublished: true },
  ])
  bench.connector.last.hear('legacy/x/command', 'on')
  expect(bench.commands.map(({ topic }) => topic)).toEqual(['legacy/x/command'])
  await bench.stop()
})

it('publishes nothing until the canary has come back', async () => {
  const bench = new SessionBench()
  bench.connector.prepare = (link) => {
    link.deaf = true
  }
  bench.outbox.offerEvent({ topic: 'tuya/event/bridge/x', payload: '', qos: 1, retain: false })
  await bench.up()
  expect(words(bench)).toEqual([[bench.probe, 'token 1']])
  expect(bench.session.health).toMatchObject({ state: 'down', reason: 'connecting' })
  bench.connector.last.hear(bench.probe, 'token 1')
  await bench.clock.advance(0)
  expect(bench.session.health).toMatchObject({ state: 'up', reason: null })
  expect(words(bench).at(-1)).toEqual(['tuya/event/bridge/x', ''])
  await bench.stop()
})

it('hands on commands, and keeps its own probe to itself', async () => {
  const bench = await new SessionBench().up()
  bench.connector.last.hear('tuya/cmd/bridge/ping', 'run')
  bench.connector.last.hear(bench.probe, 'whatever')
  expect(bench.commands.map(({ topic }) => topic)).toEqual(['tuya/cmd/bridge/ping'])
  await bench.stop()
})

it('a command that comes between SUBSCRIBE and SUBACK is not missed', async () => {
  const bench = new SessionBench()
  bench.connector.prepare = (link) => {
    link.subscribes = async () => {
      if (link.subscribed.length === 1) link.hear('tuya/cmd/bridge/ping', 'run', true)
    }
  }
  await bench.up()
  expect(bench.commands).toHaveLength(1)
  await bench.stop()
})

it('reconnects after every kind of end, at most 5 s later', async () => {
  const bench = await new SessionBench().up()
  const ends = ['closed', 'unreachable', 'timeout', 'refused', 'version', 'protocol', 'silent'] as const
  for (const [i, end] of ends.entries()) {
    await bench.clock.advance(11_000)
    bench.connector.last.drop(end)
    await bench.clock.advance(5_000)
    expect(bench.ups, `after ${end}`).toHaveLength(i + 2)
  }
  expect(Object.fromEntries(bench.session.reconnects)).toEqual(
    Object.fromEntries(ends.map((end) => [end, 1])),
  )
  await bench.stop()
})

it('tries again and again, each time up to twice as late, up to 5 s, and anew after 30 good seconds', async () => {
  const bench = new SessionBench()
  bench.refuse('unreachable')
  await bench.up()
  await bench.clock.advance(120_000)
  const gaps = bench.downs.slice(1).map(({ at }, i) => at - (bench.downs[i]?.at ?? 0))
  expect(gaps.length).toBeGreaterThan(24)
  for (const [i, gap] of gaps.entries()) expect(gap).toBeLessThanOrEqual(Math.min(5_000, 1_000 * 2 ** i))
  bench.allow()
  await bench.clock.advance(5_000 + 30_000)
  bench.connector.last.drop()
  await bench.clock.advance(1_000)
  expect(bench.ups).toHaveLength(2)
  await bench.stop()
})

it('bad credentials are tried again each 60 s, with the reason public', async () => {
  const bench = new SessionBench()
  bench.refuse('credentials')
  await bench.up()
  expect(bench.session.health).toMatchObject({ state: 'down', reason: 'credentials' })
  await bench.clock.advance(59_999)
  expect(bench.downs).toHaveLength(1)
  await bench.clock.advance(1)
  expect(bench.downs).toHaveLength(2)
  bench.allow()
  await bench.clock.advance(60_000)
  expect(bench.session.health.state).toBe('up')
  await bench.stop()
})

it('another bridge on the base keeps us silent; it is looked for again each 60 s', async () => {
  const bench = new SessionBench()
  bench.prepare = () => {
    throw new LinkError('base-in-use', 'another one')
  }
  await bench.up()
  expect(bench.session.health).toMatchObject({ state: 'down', reason: 'base-in-use' })
  await bench.clock.advance(59_000)
  expect(bench.connector.links).toHaveLength(0)
  bench.prepare = () => {
    throw new LinkError('unreachable', 'restarting')
  }
  await bench.clock.advance(1_000)
  expect(bench.session.health.reason).toBe('unreachable')
  bench.prepare = () => {}
  await bench.clock.advance(5_000)
  expect(bench.session.health.state).toBe('up')
  await bench.stop()
})

it('R-M9: a session that is taken over waits for 60 s and says why', async () => {
  const bench = await new SessionBench().up()
  bench.connector.last.drop('taken-over')
  await bench.clock.advance(59_000)
  expect(bench.session.health).toMatchObject({ state: 'down', reason: 'client-id-in-use' })
  expect(bench.ups).toHaveLength(1)
  await bench.clock.advance(1_000)
  expect(bench.ups).toHaveLength(2)
  await bench.stop()
})

it('R-M9: so do three connections in a row that were cut while they were young, proved or not', async () => {
  const bench = new SessionBench()
  let unproved = false
  bench.connector.prepare = (link) => {
    link.deaf = unproved
  }
  await bench.up()
  for (const deaf of [true, false, false]) {
    expect(bench.session.health.reason).not.toBe('client-id-in-use')
    unproved = deaf
    bench.connector.last.drop()
    const { length } = bench.connector.links
    for (let i = 0; i < 60 && bench.connector.links.length === length; i++) await bench.clock.advance(100)
  }
  expect(bench.session.health.reason).toBe('client-id-in-use')
  const { length } = bench.connector.links
  await bench.clock.advance(50_000)
  expect(bench.connector.links).toHaveLength(length)
  await bench.clock.advance(10_000)
  expect(bench.session.health.state).toBe('up')
  await bench.stop()
})

it('a broker that is away between young connections is a broker that restarts, not another client', async () => {
  const bench = await new SessionBench().up()
  for (let i = 0; i < 6; i++) {
    bench.refuse('unreachable')
    bench.connector.last.drop()
    await bench.clock.advance(3_000)
    bench.allow()
    await bench.clock.advance(5_000)
    expect(bench.session.health.state).toBe('up')
  }
  await bench.stop()
})

it('says what the first canary shows: no rights, or no answer', async () => {
  const bench = new SessionBench()
  bench.connector.prepare = (link) => {
    link.deaf = true
  }
  await bench.up()
  await bench.clock.advance(4_000)
  expect(bench.downs[0]?.end).toBe('rights')
  bench.connector.prepare = (link) => {
    link.obliging = false
  }
  await bench.clock.advance(9_000)
  expect(bench.downs[1]?.end).toBe('silent')
  expect(bench.session.health.reason).toBe('silent')
  await bench.stop()
})

it('a broker that does not answer SUBSCRIBE is given up after 10 s', async () => {
  const bench = new SessionBench()
  bench.connector.prepare = (link) => {
    link.subscribes = () => new Promise((_resolve, reject) => void link.ended.then(reject))
  }
  await bench.up()
  await bench.clock.advance(9_999)
  expect(bench.downs).toEqual([])
  await bench.clock.advance(1)
  expect(bench.downs).toEqual([{ end: 'silent', at: 10_000 }])
  await bench.stop()
})

it('a refused subscription is a matter of rights', async () => {
  const bench = new SessionBench()
  bench.connector.prepare = (link) => {
    link.subscribes = () => Promise.reject(new LinkError('rights', 'no'))
  }
  await bench.up()
  expect(bench.session.health.reason).toBe('rights')
  bench.allow()
  await bench.clock.advance(1_000)
  expect(bench.session.health.state).toBe('up')
  await bench.stop()
})

it('what the connection did not acknowledge goes out again on the next', async () => {
  const bench = await new SessionBench().up()
  const told: boolean[] = []
  bench.connector.last.obliging = false
  bench.outbox.offerEvent(
    { topic: 'tuya/event/bridge/x', payload: '1', qos: 1, retain: false },
    (delivered) => told.push(delivered),
  )
  bench.session.wake()
  await bench.clock.advance(10_000)
  expect(bench.downs).toEqual([{ end: 'silent', at: 10_000 }])
  expect(told).toEqual([])
  await bench.clock.advance(1_000)
  expect(bench.connector.last.on('tuya/event/bridge/x')).toEqual(['1'])
  expect(told).toEqual([true])
  await bench.stop()
})

it('200 reconnects leave no timer and no listener, and a command is still heard once', async () => {
  const bench = await new SessionBench().up()
  const signal = bench.connector.options[0]?.signal as AbortSignal
  await bench.clock.advance(11_000)
  const before = [bench.clock.waiting, getEventListeners(signal, 'abort').length]
  for (let i = 0; i < 200; i++) {
    bench.connector.last.drop(i % 2 === 0 ? 'closed' : 'silent')
    await bench.clock.advance(16_000)
  }
  expect(bench.ups).toHaveLength(201)
  expect([bench.clock.waiting, getEventListeners(signal, 'abort').length]).toEqual(before)
  bench.connector.last.hear('tuya/cmd/bridge/ping', 'run')
  expect(bench.commands).toHaveLength(1)
  await bench.stop()
})

it('ends by saying goodbye when everything has been said', async () => {
  const bench = await new SessionBench().up()
  bench.outbox.offerEvent({ topic: 'tuya/event/bridge/x', payload: '1', qos: 1, retain: false })
  await bench.stop()
  expect(words(bench).slice(1)).toEqual([
    ['tuya/event/bridge/x', '1'],
    ['tuya/bridge/state', 'offline'],
  ])
  expect(bench.connector.last.closed).toBe(true)
  expect(bench.clock.waiting).toBe(0)
})

it('when goodbye could not be said, the connection is cut, so that the broker says it', async () => {
  const bench = await new SessionBench().up()
  bench.connector.last.obliging = false
  const start = bench.clock.monotonic()
  await bench.stop(3_000)
  expect(bench.clock.monotonic() - start).toBeLessThanOrEqual(3_100)
  expect(bench.connector.last.closed).toBe(false)
  await expect(bench.connector.last.ended).resolves.toMatchObject({ end: 'stopped' })
})

it('ends at once while it waits, looks around, connects or proves', async () => {
  const waiting = new SessionBench()
  waiting.refuse('credentials')
  await waiting.up()
  const proving = new SessionBench()
  proving.connector.prepare = (link) => {
    link.obliging = false
  }
  await proving.up()
  const subscribing = new SessionBench()
  subscribing.connector.prepare = (link) => {
    link.subscribes = () => new Promise((_resolve, reject) => void link.ended.then(reject))
  }
  await subscribing.up()
  for (const bench of [waiting, proving, subscribing]) {
    await bench.stop()
    expect(bench.clock.monotonic()).toBeLessThanOrEqual(100)
    await settle()
    expect(bench.clock.waiting).toBe(0)
  }
})

it('ends also before it was started', async () => {
  const bench = new SessionBench()
  await bench.stop()
  bench.session.start()
  await bench.clock.advance(60_000)
  expect(bench.connector.options).toEqual([])
})

describe('other settings of the connection', () => {
  it('are used at once; what was not acknowledged goes over the new connection', async () => {
    const bench = await new SessionBench().up()
    const first = bench.connector.last
    first.obliging = false
    const fates: boolean[] = []
    bench.outbox.offerEvent({ topic: 'tuya/e', payload: '1', qos: 1, retain: false }, (fate) =>
      fates.push(fate),
    )
    bench.session.wake()
    await bench.clock.advance(0)
    expect(first.on('tuya/e')).toEqual(['1'])
    bench.session.renew()
    await bench.clock.advance(0)
    expect(bench.connector.links).toHaveLength(2)
    expect(bench.connector.last.on('tuya/e')).toEqual(['1'])
    expect(fates).toEqual([true])
    // Nobody said goodbye: whoever is left says the Will.
    expect(first.closed).toBe(false)
    expect(Object.fromEntries(bench.session.reconnects)).toEqual({ renewed: 1 })
    expect(bench.session.health.state).toBe('up')
    await bench.stop()
  })

  it('end a pause of 60 s', async () => {
    const bench = new SessionBench()
    bench.refuse('credentials')
    await bench.up()
    bench.allow()
    bench.session.renew()
    await bench.clock.advance(0)
    expect(bench.session.health.state).toBe('up')
    await bench.stop()
  })

  it('end a try that has no answer yet, before and after the connection is there', async () => {
    const bench = new SessionBench()
    const { connector } = bench
    connector.prepare = (link, n) => {
      link.deaf = n === 2
      if (n > 1) return
      const { signal } = connector.options[0] as { signal: AbortSignal }
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new LinkError('stopped', 'stopped')))
      })
    }
    await bench.up()
    expect([connector.options.length, connector.links.length]).toEqual([1, 0])
    bench.session.renew()
    await bench.clock.advance(0)
    expect([connector.options.length, connector.links.length]).toEqual([2, 1])
    bench.session.renew()
    await bench.clock.advance(0)
    expect(connector.links).toHaveLength(2)
    expect(bench.session.health.state).toBe('up')
    expect(Object.fromEntries(bench.session.reconnects)).toEqual({ renewed: 2 })
    await bench.stop()
  })

  it('a hundred times in a row leave one connection, no timer and nobody suspected', async () => {
    const bench = await new SessionBench().up()
    for (let i = 0; i < 100; i++) {
      bench.session.renew()
      await bench.clock.advance(i % 3)
    }
    await bench.clock.advance(0)
    expect(bench.session.health.state).toBe('up')
    expect(bench.dead).toEqual([])
    await bench.stop()
    bench.session.renew()
    await bench.clock.advance(60_000)
    expect(bench.session.health.state).toBe('up')
  })
})
