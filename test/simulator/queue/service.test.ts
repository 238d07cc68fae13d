import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decodeFrame } from '../../../src/codec/queue/frame.ts'
import { Feed } from '../../../src/simulator/feed.ts'
import { Simulator } from '../../../src/simulator/simulator.ts'
import { demoWorld } from '../../../src/simulator/world-file.ts'
import { opened, project, QueueDesk } from '../../support/queue-desk.ts'
import { demo } from '../../support/simulator-desk.ts'
import { settle, VirtualClock } from '../../support/virtual-clock.ts'

const bizCodes = (texts: readonly string[]) =>
  texts.map((text) => opened(decodeFrame(text)).body['bizCode'] ?? 'statusReport')

function presence(desk: QueueDesk, bizCode = 'online') {
  const body = { devId: 'bf1', productKey: 'p', bizCode, bizData: { time: 1 }, ts: desk.clock.now() }
  return desk.service.publish({ protocol: 20, bizCode, key: 'bf1', body })
}

describe('a messaging rule', () => {
  it('lets nothing into the queue until it is released, and keeps what is in', async () => {
    const desk = new QueueDesk({ entry: { rules: { event: { released: false } } } })
    const guest = await desk.reader()
    desk.report()
    expect(desk.service.backlog()).toBe(0)
    desk.service.topics.event.rule.release()
    desk.report()
    expect(guest.texts).toHaveLength(1)
    desk.service.topics.event.rule.withdraw()
    expect(desk.service.topics.event.rule.released).toBe(false)
    desk.report()
    expect(guest.texts).toHaveLength(1)
  })

  it('may let in a few kinds only; reports of the older family have a name of their own', async () => {
    const desk = new QueueDesk({ entry: { rules: { event: { bizCodes: ['statusReport', 'offline'] } } } })
    const guest = await desk.reader()
    desk.report()
    presence(desk, 'online')
    presence(desk, 'offline')
    expect(bizCodes(guest.texts)).toEqual(['statusReport', 'offline'])
  })

  it('of one environment says nothing about the other, and alarms need none', async () => {
    const desk = new QueueDesk({ entry: { rules: { event: { released: false } } } })
    const [test, notice] = [
      await desk.reader({ environment: 'event-test' }),
      await desk.reader({ environment: 'notice' }),
    ]
    const message = { protocol: 4, bizCode: null, key: 'x', body: {} }
    desk.service.publish(message, { environment: 'event-test' })
    desk.service.publish(message, { environment: 'notice' })
    expect([test.texts.length, notice.texts.length]).toEqual([1, 1])
  })
})

describe('a subscription', () => {
  it('has a full copy of the stream from its making on', async () => {
    const desk = new QueueDesk({ entry: { subscriptions: { event: ['second'] } } })
    desk.report('bf1', 1)
    desk.service.subscribe('late')
    desk.service.subscribe('all', 'event', 'earliest')
    desk.report('bf1', 2)
    expect(['sub', 'second', 'late', 'all', 'none'].map((suffix) => desk.service.backlog(suffix))).toEqual([
      2, 2, 1, 2, 0,
    ])
    const guest = await desk.reader({ suffix: 'second', acks: true })
    await settle()
    expect(guest.texts).toHaveLength(2)
    expect([desk.service.backlog('second'), desk.service.backlog()]).toEqual([0, 2])
    expect(desk.service.subscribe('second').name).toBe(`${project.accessId}-second`)
  })

  it('is not lost while others read it', async () => {
    const desk = new QueueDesk()
    const [one, two] = [await desk.reader(), await desk.reader()]
    one.say('{"type":"unsubscribe"}')
    expect(one.closed).toBeUndefined()
    expect(two.closed).toBeUndefined()
    desk.report()
    expect(one.texts.length + two.texts.length).toBe(1)
  })
})

describe('what waits', () => {
  it('waits for two hours', async () => {
    const desk = new QueueDesk()
    desk.report('bf1', 'old')
    await desk.clock.advance(60_000)
    desk.report('bf1', 'young')
    await desk.clock.advance(2 * 3_600_000 - 30_000)
    const guest = await desk.reader()
    const values = guest.frames.map((frame) => opened(frame).body['status'])
    expect(values).toMatchObject([[{ value: 'young' }]])
  })

  it('is forgotten when everybody has it', async () => {
    const desk = new QueueDesk()
    const guest = await desk.reader({ acks: true })
    for (let i = 0; i < 600; i++) {
      desk.report(`bf${i % 5}`)
      if (i % 50 === 0) await settle(1)
    }
    await settle()
    expect(guest.texts).toHaveLength(600)
    const { partitions } = desk.service.topics.event.log
    desk.service.topics.event.sweep()
    expect(partitions.every(({ first, end }) => first === end)).toBe(true)
  })

  it('in great number is told about every quarter of an hour', async () => {
    const desk = new QueueDesk()
    desk.service.burst(2_000)
    await desk.clock.advance(900_000)
    expect(desk.service.backlog('sub', 'notice')).toBe(0)
    desk.service.burst(1)
    await desk.clock.advance(900_000)
    const guest = await desk.reader({ environment: 'notice' })
    expect(guest.frames).toHaveLength(1)
    const [frame] = guest.frames
    const { envelope, body } = opened(frame as NonNullable<typeof frame>)
    expect(envelope.protocol).toBe(10_000)
    expect(body).toMatchObject({
      bizCode: 'HighPriorityNotice',
      bizData: { eventType: 'pulsar_backlog_notice' },
    })
    const { eventData } = body['bizData'] as { eventData: string }
    expect(JSON.parse(eventData)).toMatchObject({
      topic: `${project.accessId}/out/event`,
      subscription: `${project.accessId}-sub`,
      backLogNum: 2_001,
    })
  })
})

describe('the cipher', () => {
  it('is the project’s, changes for what comes after, and can be told for one message', async () => {
    const desk = new QueueDesk({ entry: { cipher: 'gcm' } })
    const guest = await desk.reader()
    desk.report()
    desk.service.cipher = 'ecb'
    desk.report()
    desk.service.publish({ protocol: 4, bizCode: null, key: 'x', body: {} }, { cipher: 'plain-ecb' })
    desk.service.publish(
      { protocol: 4, bizCode: null, key: 'x', body: {} },
      { cipher: 'ecb', properties: { em: 'aes_new' } },
    )
    expect(guest.frames.map(({ properties }) => properties['em'])).toEqual([
      'aes_gcm',
      'aes_ecb',
      undefined,
      'aes_new',
    ])
    for (const frame of guest.frames) expect(opened(frame).signed).toBe(true)
  })

  it('can be any, by chance', async () => {
    const desk = new QueueDesk({ entry: { cipher: 'mixed' } })
    const guest = await desk.reader()
    for (let i = 0; i < 50; i++) desk.report(`bf${i}`)
    expect(new Set(guest.frames.map(({ properties }) => properties['em']))).toEqual(
      new Set(['aes_gcm', 'aes_ecb', undefined]),
    )
    for (const frame of guest.frames) expect(opened(frame).body).toHaveProperty('devId')
  })
})

describe('what the platform tells', () => {
  async function house(queue: Parameters<typeof build>[0]) {
    return build(queue)
  }

  function build(queue: ConstructorParameters<typeof Simulator>[0]['queue']) {
    const clock = new VirtualClock()
    const simulator = new Simulator({
      world: demoWorld(),
      clock,
      seed: 1,
      alive: false,
      ...(queue ? { queue } : {}),
    })
    const entries = (environment: 'event' | 'event-test' = 'event') =>
      simulator.queue.topics[environment].log.partitions.flatMap((partition) =>
        Array.from({ length: partition.end - partition.first }, (_, i) => partition.at(partition.first + i)),
      )
    return { clock, simulator, entries }
  }

  it('comes in both families when both are wanted, each fact twice and under one key', async () => {
    const { simulator, entries } = await house({ families: ['legacy', 'iotcore'] })
    simulator.world.setOnline(demo.lamp, false)
    expect(entries().map((entry) => [entry?.key, entry?.content.bizCode])).toEqual([
      [demo.lamp, 'offline'],
      [demo.lamp, 'deviceOffline'],
    ])
    expect(new Set(entries().map((entry) => entry?.partition)).size).toBe(1)
  })

  it('reaches the test environment from devices that are marked for it, and from no other', async () => {
    const { simulator, entries } = await house({
      testDevices: [demo.plug],
      families: ['legacy', 'iotcore'],
    })
    simulator.world.setOnline(demo.lamp, false)
    simulator.world.setOnline(demo.plug, false)
    expect(entries('event-test').map((entry) => [entry?.key, entry?.content.bizCode])).toEqual([
      [demo.plug, 'offline'],
      [demo.plug, 'deviceOffline'],
    ])
    expect(entries()).toHaveLength(4)
  })

  it.each([
    [undefined, 22, { action: 'alarm' }],
    [{ protocol: 20 } as const, 20, { action: 'alarm' }],
    [{ bizData: 'string' } as const, 22, '{"action":"alarm"}'],
    [{ protocol: 20, bizData: 'string' } as const, 20, '{"action":"alarm"}'],
  ])('of an external action is worded as %o', async (externalAction, protocol, bizData) => {
    const { simulator, entries } = await house(externalAction ? { externalAction } : {})
    const home = simulator.world.homes.get(demo.home)
    const automation = home?.automations.get(demo.bedtime)
    if (!home || !automation) throw new Error('the demo has no automation')
    simulator.world.events.emit('externalAction', { home, automation, payload: { action: 'alarm' } })
    const [entry] = entries()
    expect(entry?.content.protocol).toBe(protocol)
    expect(JSON.parse(entry?.content.body ?? '')).toMatchObject({ automationId: demo.bedtime, bizData })
  })

  it('every example of a body goes through unchanged', async () => {
    const { examples } = JSON.parse(
      readFileSync(new URL('../../vector/event-examples.json', import.meta.url), 'utf8'),
    ) as {
      examples: readonly { bizCode: string | null; protocol: number | null; body: Record<string, unknown> }[]
    }
    const desk = new QueueDesk({ entry: { cipher: 'mixed' } })
    const guest = await desk.reader()
    const feed = new Feed(() => desk.clock.now())
    desk.service.follow(feed)
    for (const { bizCode, protocol, body } of examples)
      feed.append({ family: 'legacy', protocol: protocol ?? 20, bizCode, key: 'one', body })
    expect(guest.frames.map((frame) => opened(frame).body)).toEqual(examples.map(({ body }) => body))
    desk.service.stop()
    feed.append({ family: 'legacy', protocol: 4, bizCode: null, key: 'one', body: {} })
    expect(guest.frames).toHaveLength(examples.length)
  })

  it('leaves the world’s own chance alone, however many listen', async () => {
    const reports = async (queue: Parameters<typeof build>[0]) => {
      const clock = new VirtualClock()
      const simulator = new Simulator({ world: demoWorld(), clock, seed: 5, ...(queue ? { queue } : {}) })
      await simulator.start()
      await clock.advance(120_000)
      await simulator[Symbol.asyncDispose]()
      return simulator.journal.entries('report').map(({ subject, detail }) => [subject, detail])
    }
    expect(await reports({ cipher: 'mixed', families: ['legacy', 'iotcore'] })).toEqual(
      await reports(undefined),
    )
  })
})

describe('the journal', () => {
  it('has every coming, delivery, acknowledgement and going', async () => {
    const desk = new QueueDesk()
    const guest = await desk.reader({ query: { consumerName: 'bridge@main' } })
    for (let i = 0; i < 5; i++) desk.report(`bf${i}`)
    const ids = guest.frames.map(({ messageId }) => messageId)
    guest.ack(...ids, ids[0] ?? '')
    guest.visit.ping(Buffer.from('p'))
    guest.leave(1000, 'bye')
    await settle()
    const by = { consumer: 1, name: 'bridge@main', environment: 'event' }
    expect(desk.did('open')).toMatchObject([{ ...by, type: 'Failover' }])
    expect(desk.did('deliver').map(({ messageId }) => messageId)).toEqual(ids)
    expect(desk.did('deliver')[0]).toMatchObject({ ...by, redeliveryCount: 0, bizCode: null })
    expect(desk.did('ack').map(({ messageId, first }) => [messageId, first])).toEqual([
      ...ids.map((id) => [id, true]),
      [ids[0], false],
    ])
    expect(desk.did('ping')).toMatchObject([{ ...by, payload: 'p' }])
    expect(desk.did('close')).toMatchObject([{ ...by, code: 1000, reason: 'bye' }])
  })

  it('says why something was read again', async () => {
    const desk = new QueueDesk()
    const guest = await desk.reader({ query: { ackTimeoutMillis: '2000' } })
    desk.report()
    await desk.clock.advance(2_000)
    guest.leave()
    await settle()
    expect(desk.did('redeliver')).toMatchObject([
      { why: 'ack-timeout', messages: 1 },
      { why: 'disconnect', messages: 1 },
    ])
    expect(guest.texts).toHaveLength(2)
  })
})
