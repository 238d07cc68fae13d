import { describe, expect, it } from 'vitest'
import type { QueueSide } from '../../src/app/queue-side.ts'
import { queueWanted } from '../../src/app/queue-wanted.ts'
import { queueKey, queuePassword } from '../../src/codec/queue/credential.ts'
import { QueueLinkError, refusal } from '../../src/transport/queue/link-error.ts'
import { Secret } from '../../src/util/secret.ts'
import { canaries, expectNoCanary } from '../support/canary.ts'
import { changed } from '../support/config.ts'
import { SideBench } from '../support/side-bench.ts'
import { hourMs, minuteMs } from '../support/span.ts'

const second = 1_000

/** Nobody comes through any more. */
function down(bench: SideBench): void {
  bench.queue.prepare = () => {
    throw new QueueLinkError('unreachable', 'The queue cannot be reached.')
  }
  bench.queue.last.drop()
}

describe('the start', () => {
  it('waits for what is needed to make sense of messages', async () => {
    await using bench = new SideBench()
    bench.prepared = false
    bench.side.start()
    await bench.clock.advance(30 * second)
    expect(bench.queue.asked).toHaveLength(0)
    expect(bench.health).toBe('down starting')
    bench.prepared = true
    await bench.clock.advance(second)
    expect(bench.health).toBe('up')
    await bench.clock.advance(10 * second)
    expect(bench.queue.asked).toHaveLength(1)
  })

  it('is forgiven for a minute; then somebody else has to look', async () => {
    await using bench = new SideBench()
    bench.prepared = false
    bench.side.start()
    await bench.clock.advance(58 * second)
    expect(bench.side.isTrusted).toBe(true)
    await bench.clock.advance(3 * second)
    expect(bench.trust).toEqual([false])
    bench.prepared = true
    await bench.clock.advance(second)
    expect(bench.trust).toEqual([false, true])
  })
})

describe('whether it tells at once what happens', () => {
  it('it does not while what it tells has waited; it is trusted nevertheless', async () => {
    await using bench = await new SideBench().up()
    expect(bench.side.isPrompt).toBe(true)
    for (let i = 0; i < 50; i++) bench.say(i, canaries.accessSecret, 5_000)
    await bench.clock.advance(100)
    expect(bench.taken).toHaveLength(50)
    expect([bench.side.isPrompt, bench.side.pushes, bench.side.isTrusted]).toEqual([false, true, true])
    bench.say(51)
    await bench.clock.advance(100)
    expect(bench.side.isPrompt).toBe(true)
  })

  it('it does not when it is down', async () => {
    await using bench = await new SideBench().up()
    down(bench)
    await bench.clock.advance(second)
    expect(bench.side.isPrompt).toBe(false)
  })
})

describe('R-S1: how far it is trusted', () => {
  const stale = ({ inventory }: SideBench) => {
    const fact = inventory.device('lamp')?.state.get('level')
    return fact && inventory.isStale(fact, 'lamp')
  }

  it('a short absence is forgiven', async () => {
    await using bench = await new SideBench().up()
    bench.say(1)
    for (let i = 0; i < 10; i++) {
      bench.queue.last.drop()
      await bench.clock.advance(40 * second)
      expect(bench.health).toBe('up')
    }
    expect(bench.trust).toEqual([])
  })

  it('after a minute its values are stale and somebody else has to look, until it is up again', async () => {
    await using bench = await new SideBench().up()
    bench.inventory.apply({
      deviceId: 'lamp',
      source: 'queue',
      receivedMs: bench.clock.now(),
      points: [{ code: 'level', raw: 1, timeMs: bench.clock.now() }],
    })
    down(bench)
    await bench.clock.advance(59 * second)
    expect(stale(bench)).toBe(false)
    expect(bench.side.pushes).toBe(false)
    await bench.clock.advance(2 * second)
    expect(stale(bench)).toBe(true)
    expect(bench.trust).toEqual([false])
    bench.queue.prepare = () => {}
    for (let i = 0; i < 120 && bench.health !== 'up'; i++) await bench.clock.advance(second)
    // At once, not when somebody looks the next time.
    expect(stale(bench)).toBe(false)
    expect(bench.trust).toEqual([false, true])
  })

  it('a queue that is connected and silent while things change is found out, and believed with its next word', async () => {
    await using bench = await new SideBench().up()
    bench.read(1)
    await bench.clock.advance(16 * minuteMs)
    expect(bench.reconciles).toBe(1)
    bench.read(1)
    expect(bench.health).toBe('up')
    bench.read(2)
    expect(bench.health).toBe('degraded silent')
    expect(bench.side.pushes).toBe(false)
    expect(bench.trust).toEqual([false])
    expect(bench.healths.at(-1)).toBe('degraded silent')
    await bench.clock.advance(3 * hourMs)
    // Where everything is read anyway, nobody looks besides.
    expect(bench.reconciles).toBe(1)
    bench.say(3)
    expect(bench.health).toBe('up')
    expect(bench.trust).toEqual([false, true])
    expect(bench.side.quietMs).toBe(0)
  })

  it('a queue of which messages cannot be decrypted is not trusted', async () => {
    await using bench = await new SideBench().up()
    for (let i = 0; i < 5; i++) bench.say(i, 'another secret that is long enough')
    await bench.clock.advance(2 * minuteMs)
    expect(bench.trust).toEqual([false])
    expect(bench.queue.sockets.flatMap(({ acks }) => acks)).toEqual([])
  })
})

describe('R-Q5: a gap', () => {
  it('of a minute is a reason to read the devices', async () => {
    await using bench = await new SideBench().up()
    down(bench)
    await bench.clock.advance(2 * minuteMs)
    bench.queue.prepare = () => {}
    await bench.clock.advance(2 * minuteMs)
    expect(bench.reconciles).toBe(1)
    expect(bench.gaps).toHaveLength(1)
  })

  it('since an earlier run is one too', async () => {
    const start = new SideBench().clock.now()
    await using bench = await new SideBench({ heardMs: start - 3 * hourMs }).up()
    expect(bench.reconciles).toBe(1)
    const [gap] = bench.gaps
    expect((gap?.toMs ?? 0) - (gap?.fromMs ?? 0)).toBeGreaterThanOrEqual(3 * hourMs)
  })
})

describe('when it was heard', () => {
  const now = ({ clock }: SideBench) => clock.now()

  it('is now, while it is there', async () => {
    await using bench = await new SideBench({ heardMs: 5 }).up()
    expect(bench.side.heardMs).toBe(now(bench))
    await bench.clock.advance(hourMs)
    expect(bench.side.heardMs).toBe(now(bench))
  })

  it('is what an earlier run knew, until it is there', async () => {
    await using bench = new SideBench({ heardMs: 5 })
    bench.prepared = false
    bench.side.start()
    await bench.clock.advance(minuteMs)
    expect(bench.side.heardMs).toBe(5)
  })

  it('stays when the bridge stops, in a quiet house too: its next start has missed nothing', async () => {
    const bench = await new SideBench().up()
    await bench.clock.advance(3 * hourMs)
    const at = now(bench)
    await bench[Symbol.asyncDispose]()
    expect(bench.side.health).toMatchObject({ state: 'down', reason: 'shutdown' })
    expect(bench.side.heardMs).toBe(at)
  })

  it('is when it was lost', async () => {
    await using bench = await new SideBench().up()
    await bench.clock.advance(hourMs)
    const at = now(bench)
    down(bench)
    await bench.clock.advance(hourMs)
    expect(bench.side.heardMs).toBe(at)
  })

  it('is its last word, where it stood and was silent', async () => {
    await using bench = await new SideBench().up()
    bench.say(1)
    const at = now(bench)
    bench.read(1)
    await bench.clock.advance(hourMs)
    bench.read(2)
    expect(bench.health).toBe('degraded silent')
    expect(bench.side.heardMs).toBe(at)
    await bench.clock.advance(hourMs)
    expect(bench.side.heardMs).toBe(at)
  })

  it('is worth keeping now and then, whether or not anything was said', async () => {
    await using bench = await new SideBench().up()
    await bench.clock.advance(hourMs)
    expect(bench.notes).toBeGreaterThanOrEqual(6)
    expect(bench.notes).toBeLessThanOrEqual(7)
    down(bench)
    await bench.clock.advance(hourMs)
    expect(bench.notes).toBeLessThanOrEqual(7)
  })
})

describe('other settings', () => {
  it('make a new connection, after what is being settled was acknowledged on the old one', async () => {
    await using bench = await new SideBench().up()
    bench.prompt = false
    const [first, second_] = [bench.say(1), bench.say(2)]
    bench.change({ queue: { subscription: 'another-sub' } })
    bench.side.renew()
    const [old] = bench.queue.sockets
    expect(bench.queue.sockets).toHaveLength(1)
    bench.taken[0]?.settle(true)
    await bench.clock.advance(500)
    expect(bench.queue.sockets).toHaveLength(1)
    bench.taken[1]?.settle(true)
    await bench.clock.advance(second)
    expect(old?.acks).toEqual([first, second_])
    expect(bench.queue.sockets).toHaveLength(2)
    expect(bench.queue.last.options.url).toContain('/another-sub?')
    expect(bench.health).toBe('up')
    expect(bench.trust).toEqual([])
    expect(bench.gaps).toEqual([])
  })

  it('do not wait for a broker that takes nothing; what comes later is not acknowledged, and comes again', async () => {
    await using bench = await new SideBench().up()
    bench.prompt = false
    bench.say(1)
    bench.side.renew()
    await bench.clock.advance(5 * second)
    expect(bench.queue.sockets).toHaveLength(2)
    bench.taken[0]?.settle(true)
    expect(bench.queue.sockets.flatMap(({ acks }) => acks)).toEqual([])
  })

  it('with another access secret reads what is encrypted with it', async () => {
    await using bench = await new SideBench().up()
    const accessSecret = 'canary-other-secret-0123456789'
    bench.change({ tuya: { accessSecret: new Secret(accessSecret) } } as never)
    bench.side.renew()
    await bench.clock.advance(second)
    const id = bench.say(7, accessSecret)
    expect(bench.taken).toHaveLength(1)
    expect(bench.queue.last.acks).toEqual([id])
    const { accessId } = bench.config.tuya ?? { accessId: '' }
    expect(bench.queue.last.options.password.reveal()).toBe(queuePassword(accessId, accessSecret))
    expect(bench.redactor.redact(queuePassword(accessId, accessSecret))).toBe('[redacted]')
  })

  it('of which nothing can be made leave the old connection, and are told', async () => {
    await using bench = await new SideBench().up()
    bench.change({ queue: { tls: { ca: '/nonexistent/ca.pem' } } })
    bench.side.renew()
    await bench.clock.advance(second)
    expect(bench.troubles).toEqual(['queue/settings'])
    expect(bench.health).toBe('up')
    bench.say(1)
    expect(bench.taken).toHaveLength(1)
  })

  it('with an access secret that is cut off are those of somebody whom the queue does not know', async () => {
    await using bench = await new SideBench().up()
    bench.change({ tuya: { accessSecret: new Secret('cut off') } } as never)
    bench.queue.prepare = () => {
      throw refusal(401, undefined)
    }
    bench.side.renew()
    await bench.clock.advance(5 * second)
    expect(bench.health).toBe('down credentials')
    expect(new Set(bench.troubles)).toEqual(new Set(['queue/credentials']))
    // Should it come through, nothing is acknowledged away.
    bench.queue.prepare = () => {}
    await bench.clock.advance(20 * minuteMs)
    for (let i = 0; i < 5; i++) bench.say(i)
    expect(bench.queue.last.acks).toEqual([])
  })

  it('that change quickly make one new connection', async () => {
    await using bench = await new SideBench().up()
    for (const subscription of ['a-sub', 'b-sub', 'c-sub']) {
      bench.change({ queue: { subscription } })
      bench.side.renew()
    }
    await bench.clock.advance(2 * second)
    expect(bench.queue.sockets).toHaveLength(2)
    expect(bench.queue.last.options.url).toContain('/c-sub?')
  })

  it('before it was ready to begin leave it waiting', async () => {
    await using bench = new SideBench()
    bench.prepared = false
    bench.side.start()
    bench.side.renew()
    await bench.clock.advance(5 * second)
    expect(bench.queue.asked).toHaveLength(0)
    bench.prepared = true
    await bench.clock.advance(second)
    expect(bench.queue.sockets).toHaveLength(1)
  })

  it('while it stops change nothing', async () => {
    const bench = await new SideBench().up()
    bench.side.renew()
    const stopping = bench[Symbol.asyncDispose]()
    bench.side.renew()
    await stopping
    await bench.clock.advance(minuteMs)
    expect(bench.queue.sockets).toHaveLength(1)
    expect(bench.queue.last.over).toBe('stopped')
    expect(bench.clock.waiting).toBe(0)
  })
})

describe('R-S5: the end', () => {
  it('what is being settled is acknowledged, what comes after it is not taken, and nothing else is acknowledged', async () => {
    const bench = await new SideBench().up()
    bench.prompt = false
    const first = bench.say(1)
    bench.say(2)
    bench.side.drain()
    bench.say(3)
    expect(bench.taken).toHaveLength(2)
    bench.taken[0]?.settle(true)
    expect(bench.queue.last.acks).toEqual([first])
    await bench[Symbol.asyncDispose]()
    bench.taken[1]?.settle(true)
    expect(bench.queue.last.acks).toEqual([first])
    expect(bench.queue.last.over).toBe('stopped')
    expect(bench.stops).toBe(1)
    expect(bench.clock.waiting).toBe(0)
  })

  it('before it began is one too', async () => {
    const bench = new SideBench()
    bench.side.start()
    await bench[Symbol.asyncDispose]()
    await bench.clock.advance(minuteMs)
    expect(bench.queue.asked).toHaveLength(0)
    expect(bench.clock.waiting).toBe(0)
  })
})

describe('S-1: secrets', () => {
  it('of the queue stand nowhere, whatever goes wrong', async () => {
    const bench = await new SideBench().up()
    const { accessId } = bench.config.tuya ?? { accessId: '' }
    const password = queuePassword(accessId, canaries.accessSecret)
    const key = queueKey(canaries.accessSecret).toString()
    expect(bench.queue.last.options.password.reveal()).toBe(password)
    bench.say(1)
    bench.queue.last.hear('no frame at all')
    bench.queue.prepare = (_options, n) => {
      if (n % 2 === 0) throw refusal(401, undefined)
      throw new Error(`refused with ${password} and ${key}`)
    }
    bench.queue.last.drop()
    await bench.clock.advance(30 * minuteMs)
    await bench[Symbol.asyncDispose]()
    expect(bench.troubles).toContain('queue/credentials')
    expect(bench.dead).toHaveLength(1)
    const secrets = [canaries.accessSecret, password, key]
    expect(bench.lines.join('')).toContain('[redacted]')
    expectNoCanary(bench.lines, 'the log', secrets)
    expectNoCanary([...bench.healths, ...bench.troubles, JSON.stringify(bench.dead)], 'what is told', secrets)
  })
})

describe('whether a queue is wanted', () => {
  const { config } = new SideBench()
  type Changes = Parameters<typeof changed>[1]
  const cases: readonly (readonly [string, Changes, ReturnType<typeof queueWanted>['wanted'], boolean])[] = [
    ['the region’s own', { queue: { url: null } }, true, false],
    ['one at an address set by hand', {}, true, false],
    ['none where it is off', { queue: { channel: 'off' } }, false, false],
    ['none without a project', { tuya: null } as never, false, false],
    [
      'none beside a cloud set by hand, which is told',
      { tuya: { endpoint: 'https://cloud.example' }, queue: { url: null } },
      false,
      true,
    ],
    ['one beside a cloud set by hand', { tuya: { endpoint: 'https://cloud.example' } }, true, false],
    [
      'the Open Hub, of which the cloud tells where it is',
      { tuya: { endpoint: 'https://cloud.example' }, queue: { url: null, channel: 'openhub' } },
      true,
      false,
    ],
  ]
  it.each(cases)('%s', (_what, changes, wanted, isTold) => {
    const answer = queueWanted(changed(config, changes))
    expect(answer.wanted).toBe(wanted)
    expect(answer.why !== undefined).toBe(isTold)
  })
})

it('gives what metrics ask for', async () => {
  await using bench = await new SideBench().up()
  bench.say(1)
  bench.queue.last.hear('no frame')
  bench.queue.last.drop()
  await bench.clock.advance(5 * second)
  const { counts, reconnects, deadByReason, doubtful }: QueueSide = bench.side
  expect(counts).toMatchObject({ received: 2, settled: 1, dead: 1, pending: 0 })
  expect(Object.fromEntries(reconnects)).toEqual({ closed: 1 })
  expect([...deadByReason.values()]).toEqual([1])
  expect(doubtful).toBe(0)
})
