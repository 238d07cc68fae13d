import { expect, it } from 'vitest'
import { Cipher } from '../../../src/codec/queue/cipher.ts'
import { openHubKey } from '../../../src/codec/queue/credential.ts'
import { encodeOpenHub, type OpenHubVersion } from '../../../src/codec/queue/open-hub.ts'
import type { LinkHealth } from '../../../src/domain/link.ts'
import type { Received } from '../../../src/domain/message.ts'
import type { DeadLetter } from '../../../src/transport/queue/dead-letters.ts'
import type { Gap } from '../../../src/transport/queue/gap.ts'
import { type LinkEnd, QueueLinkError } from '../../../src/transport/queue/link-error.ts'
import { OpenHub } from '../../../src/transport/queue/open-hub.ts'
import { BridgeError } from '../../../src/util/error.ts'
import { seededRandom } from '../../../src/util/random.ts'
import { hubPassword, ScriptedHub } from '../../support/scripted-hub.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const minute = 60_000
const hour = 60 * minute

/** The link over a scripted hub in virtual time. */
class Bench implements AsyncDisposable {
  readonly clock = new VirtualClock()
  readonly hub = new ScriptedHub(this.clock)
  readonly link: OpenHub
  readonly taken: { readonly received: Received; settle(delivered: boolean): void }[] = []
  readonly resyncs: (Gap | null)[] = []
  readonly healths: LinkHealth[] = []
  readonly dead: DeadLetter[] = []
  readonly defects: unknown[] = []
  readonly version: OpenHubVersion
  prompt = true
  #n = 0

  constructor({
    version = '2.0',
    unverified = 'accept',
  }: { readonly version?: OpenHubVersion; readonly unverified?: 'accept' | 'reject' } = {}) {
    this.version = version
    this.link = new OpenHub({
      fetchConfig: this.hub.fetch,
      openSocket: this.hub.open,
      version,
      unverified,
      sink: (received, settlement) => {
        const settle = settlement.part()
        this.taken.push({ received, settle })
        if (this.prompt) settle(true)
      },
      clock: this.clock,
      random: seededRandom(3),
      onHealth: (health) => this.healths.push(health),
      onResync: (gap) => this.resyncs.push(gap),
      onDead: (letter) => this.dead.push(letter),
      onDefect: (thrown) => this.defects.push(thrown),
    })
  }

  async up(): Promise<this> {
    this.link.start()
    await this.clock.advance(0)
    return this
  }

  get state(): string {
    const { state, reason } = this.link.health
    return reason === null ? state : `${state} ${reason}`
  }

  /** A message in the cipher of a configuration. */
  payload(config = this.hub.asked.length, tag: 'text' | 'bytes6' | 'broken' = 'text'): string {
    const n = this.#n++
    const cipher = new Cipher(openHubKey(hubPassword(config)))
    const letter = {
      protocol: 4,
      t: 1_767_225_600 + n,
      version: this.version,
      sign: '',
      iv: Buffer.alloc(12, n),
    }
    const body = {
      devId: 'bf1',
      dataId: `d${n}`,
      productKey: 'p',
      status: [{ code: 'switch_1', value: true, t: n }],
    }
    const text = encodeOpenHub({ ...letter, body, aad: tag === 'bytes6' ? tag : 'text' }, cipher)
    if (tag !== 'broken') return text
    return JSON.stringify({ ...JSON.parse(text), t: 1 })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clock.during(this.link[Symbol.asyncDispose]())
    expect(this.clock.waiting, 'timers left').toBe(0)
    expect(this.hub.standing).toBe(0)
    expect(this.defects).toEqual([])
    const { received, settled, duplicate, stale, dead, shed, pending } = this.link.counts
    expect(received).toBe(settled + duplicate + stale + dead + shed + pending)
  }
}

const refused = (end: LinkEnd) => new QueueLinkError(end, `scripted: ${end}`)

it.each(['1.0', '2.0'] as const)(
  'asks, connects and hands on what comes, encrypted as version %s',
  async (version) => {
    await using bench = await new Bench({ version }).up()
    expect(bench.hub.last.options.config).toMatchObject({ clientId: 'config1', topics: ['cloud/token/in/1'] })
    expect(bench.state).toBe('up')
    bench.hub.last.hear(bench.payload())
    expect(bench.taken[0]?.received).toMatchObject({
      message: { kind: 'status', deviceId: 'bf1' },
      receivedMs: bench.clock.now(),
    })
    expect(bench.link.counts).toMatchObject({ received: 1, settled: 1, pending: 0 })
    expect(bench.link.health.lastMs).toBe(bench.clock.now())
  },
)

it('a minute before the end it asks anew, ends the old connection, and only then makes the new one', async () => {
  await using bench = await new Bench().up()
  await bench.clock.advance(7_139_999)
  expect(bench.hub.asked).toHaveLength(1)
  let standing = -1
  bench.hub.prepare = () => {
    standing = bench.hub.standing
  }
  await bench.clock.advance(1)
  expect(bench.hub.asked).toEqual([0, 7_140_000])
  expect(bench.hub.sockets[0]).toMatchObject({ over: 'renewed', endedAt: 7_140_000 })
  expect([bench.hub.last.options.config.clientId, standing]).toEqual(['config2', 0])
  bench.hub.last.hear(bench.payload(2))
  expect(bench.taken).toHaveLength(1)
  expect(
    bench.healths.map(({ state }) => state),
    'no alarm',
  ).toEqual(['down', 'up'])
})

it('renews for days', async () => {
  await using bench = await new Bench().up()
  await bench.clock.advance(48 * hour)
  expect(bench.hub.asked).toHaveLength(25)
  expect(bench.hub.tried).toHaveLength(25)
  expect(bench.hub.standing).toBe(1)
})

it('the old connection brings messages while the new configuration is not to be had', async () => {
  await using bench = await new Bench().up()
  bench.hub.onAsk = () => {
    throw new BridgeError('cloud/unavailable', 'down')
  }
  await bench.clock.advance(7_190_000)
  expect(bench.hub.asked.length).toBeGreaterThan(3)
  bench.hub.last.hear(bench.payload(1))
  expect([bench.taken.length, bench.state]).toEqual([1, 'up'])
})

it('a configuration that is older than its life is not used, whatever the hub allows', async () => {
  await using bench = await new Bench().up()
  bench.hub.onAsk = () => {
    throw new BridgeError('cloud/unavailable', 'down')
  }
  await bench.clock.advance(7_200_000)
  expect(bench.hub.last).toMatchObject({ over: 'expired', endedAt: 7_200_000 })
  const before = bench.hub.asked.length
  await bench.clock.advance(3 * hour)
  expect(bench.hub.tried).toHaveLength(1)
  expect(bench.hub.asked.length - before, 'one question a minute or so').toBeLessThan(320)
  expect(bench.state).toBe('down unavailable')
  bench.hub.onAsk = () => {}
  await bench.clock.advance(minute)
  expect(bench.state).toBe('up')
})

it('a cloud that never answers is not the end of renewing', async () => {
  const bench = new Bench()
  bench.hub.onAsk = () => new Promise<void>(() => {})
  await using up = await bench.up()
  await up.clock.advance(10 * minute)
  expect(up.hub.asked.length).toBeGreaterThan(4)
  expect(up.state).toBe('down timeout')
  bench.hub.onAsk = () => {}
  await up.clock.advance(3 * minute)
  expect(up.state).toBe('up')
})

it('a plan that is used up is asked about after a quarter of an hour at the earliest', async () => {
  const bench = new Bench()
  bench.hub.onAsk = () => {
    throw new BridgeError('cloud/quota', 'used up')
  }
  await using up = await bench.up()
  expect(up.state).toBe('down quota')
  await up.clock.advance(24 * hour)
  expect(up.hub.asked.length).toBeLessThan(10)
  expect(up.hub.asked[1]).toBeGreaterThan(13 * minute)
})

it('after a close the same configuration is tried three times more, then a new one', async () => {
  await using bench = await new Bench().up()
  bench.hub.prepare = () => {
    throw refused('unreachable')
  }
  bench.hub.last.drop()
  await bench.clock.advance(20 * minute)
  const used = bench.hub.tried.map(({ clientId }) => clientId)
  expect(used.slice(0, 8)).toEqual([...Array(4).fill('config1'), ...Array(4).fill('config2')])
  expect(bench.hub.asked.length, 'and not without pauses').toBeLessThan(15)
  bench.hub.prepare = () => {}
  await bench.clock.advance(2 * minute)
  expect(bench.state).toBe('up')
})

it('refused credentials mean an old configuration: a new one is asked for at once', async () => {
  await using bench = await new Bench().up()
  await bench.clock.advance(minute)
  bench.hub.prepare = ({ config }) => {
    if (config.clientId === 'config1') throw refused('credentials')
  }
  bench.hub.last.drop()
  await bench.clock.advance(2_000)
  expect(bench.hub.tried.map(({ clientId }) => clientId)).toEqual(['config1', 'config1', 'config2'])
  expect(bench.state).toBe('up')
})

it('credentials that are refused from the first time on are no reason to ask without end', async () => {
  const bench = new Bench()
  bench.hub.prepare = () => {
    throw refused('credentials')
  }
  await using up = await bench.up()
  expect(up.state).toBe('down credentials')
  await up.clock.advance(24 * hour)
  expect(up.hub.asked.length).toBeLessThan(250)
  expect(up.hub.asked.length).toBeGreaterThan(100)
})

it('asks to read everything after each connection, and says since when nothing was heard', async () => {
  await using bench = await new Bench().up()
  expect(bench.resyncs).toEqual([null])
  await bench.clock.advance(minute)
  const fromMs = bench.clock.now()
  bench.hub.last.drop()
  await bench.clock.advance(5_000)
  expect(bench.resyncs).toEqual([null, { fromMs, toMs: expect.any(Number) }])
  await bench.clock.advance(2 * hour)
  expect(bench.resyncs.length).toBe(bench.hub.sockets.length)
})

it('some time after a new device it connects anew, once for several', async () => {
  await using bench = await new Bench().up()
  bench.link.reconnectForNewDevice()
  await bench.clock.advance(9_000)
  bench.link.reconnectForNewDevice()
  await bench.clock.advance(9_999)
  expect(bench.hub.sockets).toHaveLength(1)
  await bench.clock.advance(1)
  expect(bench.hub.sockets[0]?.over).toBe('new-device')
  expect(bench.hub.tried.map(({ clientId }) => clientId)).toEqual(['config1', 'config1'])
  expect(bench.resyncs).toHaveLength(2)
  expect(bench.state).toBe('up')
})

it('new devices without end do not put that off without end', async () => {
  await using bench = await new Bench().up()
  for (let i = 0; i < 13; i++) {
    bench.link.reconnectForNewDevice()
    await bench.clock.advance(5_000)
  }
  expect(bench.hub.sockets[0]).toMatchObject({ over: 'new-device', endedAt: 60_000 })
})

it('new devices do not use up the tries of a configuration', async () => {
  await using bench = await new Bench().up()
  for (let i = 0; i < 10; i++) {
    bench.link.reconnectForNewDevice()
    await bench.clock.advance(10_000)
  }
  expect([bench.hub.sockets.length, bench.hub.asked.length]).toEqual([11, 1])
})

it('a tag that fits with nothing is shown and counted, and the message taken or refused as told', async () => {
  for (const unverified of ['accept', 'reject'] as const) {
    await using bench = await new Bench({ unverified }).up()
    bench.hub.last.hear(bench.payload(1, 'bytes6'))
    expect([bench.taken.length, bench.state, bench.link.tagUnverified]).toEqual([1, 'up', 0])
    bench.hub.last.hear(bench.payload(1, 'broken'))
    if (unverified === 'accept') {
      expect([bench.taken.length, bench.state, bench.link.tagUnverified]).toEqual([
        2,
        'degraded tag-unverified',
        1,
      ])
    } else {
      expect([bench.taken.length, bench.dead[0]?.reason]).toEqual([1, 'queue/decrypt'])
    }
    expect(bench.link.tagUnverified).toBe(1)
    bench.hub.last.hear(bench.payload(1))
    expect(bench.state).toBe('up')
  }
})

it('what cannot be read is dead, and five in a row mean another key', async () => {
  await using bench = await new Bench({ version: '1.0' }).up()
  bench.hub.last.hear('garbage')
  for (let i = 0; i < 4; i++) bench.hub.last.hear(bench.payload(9))
  bench.hub.last.hear(bench.payload(1))
  for (let i = 0; i < 5; i++) bench.hub.last.hear(bench.payload(9))
  expect(bench.hub.last.over).toBe('undecodable')
  await bench.clock.advance(0)
  expect([bench.state, bench.taken.length, bench.dead.length]).toEqual(['down undecodable', 1, 10])
  expect(bench.hub.asked, 'no hurry').toHaveLength(1)
  await bench.clock.advance(5 * minute)
  expect(bench.hub.last.options.config.clientId).toBe('config2')
})

it('what nobody takes is lost beyond a thousand, and counted', async () => {
  await using bench = await new Bench().up()
  bench.prompt = false
  const payload = bench.payload()
  for (let i = 0; i < 1_200; i++) bench.hub.last.hear(payload)
  expect(bench.taken).toHaveLength(1_000)
  expect(bench.link.counts).toMatchObject({ received: 1_200, shed: 200, pending: 1_000 })
  for (const { settle } of bench.taken) {
    settle(true)
    settle(false)
  }
  bench.hub.last.hear(payload)
  expect(bench.link.counts).toMatchObject({ received: 1_201, settled: 1_000, dead: 0, pending: 1 })
})

it('stops from every state, twice as well', async () => {
  for (const stage of ['new', 'asking', 'connecting', 'up', 'waiting'] as const) {
    const bench = new Bench()
    const never = (signal: AbortSignal) =>
      new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    if (stage === 'asking') bench.hub.onAsk = never
    if (stage === 'connecting') bench.hub.prepare = ({ signal }) => never(signal)
    if (stage === 'waiting')
      bench.hub.prepare = () => {
        throw refused('unreachable')
      }
    if (stage !== 'new') await bench.up()
    bench.link.reconnectForNewDevice()
    await bench.clock.during(bench.link[Symbol.asyncDispose]())
    bench.link.reconnectForNewDevice()
    await bench[Symbol.asyncDispose]()
    const asked = bench.hub.asked.length
    await bench.clock.advance(hour)
    expect(bench.hub.asked, stage).toHaveLength(asked)
    expect(bench.state).toBe('down shutdown')
  }
})
