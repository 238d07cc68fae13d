import { describe, expect, it } from 'vitest'
import { OpenHubDecoder, type OpenHubVersion } from '../../../src/codec/queue/open-hub.ts'
import type { PushGrant } from '../../../src/simulator/cloud/push-access.ts'
import { hubFaults } from '../../../src/simulator/fault.ts'
import { Simulator, type SimulatorOptions } from '../../../src/simulator/simulator.ts'
import { demoWorld } from '../../../src/simulator/world-file.ts'
import { demo } from '../../support/simulator-desk.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

type Said = readonly [topic: string, payload: string]

class Desk {
  readonly clock = new VirtualClock()
  readonly simulator: Simulator

  constructor(options: Partial<SimulatorOptions> = {}) {
    this.simulator = new Simulator({
      world: demoWorld(),
      clock: this.clock,
      seed: 1,
      alive: false,
      ...options,
    })
  }

  /** A client that got its configuration and is connected. */
  client(uid: string = demo.uid, version: OpenHubVersion = '2.0', link = 'one') {
    const grant = this.simulator.cloud.pushAccess.grant(uid, link, version)
    const said: Said[] = []
    let ended = 0
    const session = this.simulator.hub.open(grant.clientId, {
      publish: (topic, payload) => said.push([topic, payload]),
      end: () => ended++,
    })
    if (!session) throw new Error('there is no grant')
    return { grant, said, session, ended: () => ended, read: () => said.map((one) => read(grant, one[1])) }
  }
}

function read(grant: PushGrant, payload: string) {
  const decoder = new OpenHubDecoder({
    password: grant.password,
    version: grant.version,
    unverified: 'accept',
  })
  return decoder.decode(payload, 0)
}

describe('the Open Hub', () => {
  it.each(['1.0', '2.0'] as const)('tells what devices do, in version %s', (version) => {
    const desk = new Desk()
    const { said, grant, read } = desk.client(demo.uid, version)
    desk.simulator.world.report(demo.lamp, { switch_led: false })
    desk.simulator.world.setOnline(demo.lamp, false)
    expect(said.map(([topic]) => topic)).toEqual([grant.topic, grant.topic])
    expect(read()).toMatchObject([
      {
        aad: version === '2.0' ? 'text' : null,
        tagUnverified: false,
        envelope: { protocol: 4, t: desk.clock.now() },
        body: { devId: demo.lamp, status: [{ code: 'switch_led', value: false }] },
      },
      { envelope: { protocol: 20 }, body: { bizCode: 'offline', devId: demo.lamp } },
    ])
  })

  it('tells nothing of scenes, homes and automations, and nothing in the newer wording', () => {
    const desk = new Desk({ families: ['legacy', 'iotcore'] })
    const { read } = desk.client()
    const { world } = desk.simulator
    world.addHome({ id: '7', name: 'New', owner: demo.uid, rooms: [] })
    const home = world.homes.get(demo.home)
    const automation = home?.automations.get(demo.bedtime)
    if (home && automation) world.events.emit('externalAction', { home, automation, payload: {} })
    world.setOnline(demo.lamp, false)
    expect(read().map(({ body }) => body['bizCode'])).toEqual(['offline'])
  })

  it('tells each user of the devices in homes that are theirs, whether as owner or as member', () => {
    const world = demoWorld()
    const [first, ...others] = world.homes
    if (!first) throw new Error('the demo has no home')
    const homes = [{ ...first, members: [{ uid: demo.kim, name: 'Kim', admin: false }] }, ...others]
    const desk = new Desk({ world: { ...world, homes } })
    const [owner, kim] = [desk.client(demo.uid), desk.client(demo.kim)]
    const stranger = desk.client('nobody')
    desk.simulator.world.setOnline(demo.lamp, false)
    desk.simulator.world.setOnline(demo.cabinPlug, false)
    const counts = [owner, kim, stranger].map(({ said }) => said.length)
    expect(counts[0]).toBe(2)
    expect(counts[1]).toBe(first.id === demo.home ? 1 : 2)
    expect(counts[2]).toBe(0)
  })

  it('says of a new device only that it is there, until the client comes again', async () => {
    const desk = new Desk()
    const before = desk.client()
    const { world } = desk.simulator
    const token = world.pairing.open(demo.uid, demo.home)
    await desk.clock.advance(20_000)
    const id = token.joined[0]?.id
    if (!id) throw new Error('nothing was paired')
    const said = (client: typeof before) =>
      client.read().flatMap(({ body }) => (body['devId'] === id ? [body['bizCode']] : []))
    world.rename(id, 'Newcomer')
    expect(said(before)).toEqual(['bindUser'])
    const after = desk.client(demo.uid, '2.0', 'two')
    world.rename(id, 'Known')
    expect(said(before)).toEqual(['bindUser'])
    expect(said(after)).toEqual(['nameUpdate'])
    world.removeDevice(id)
    expect(said(after)).toEqual(['nameUpdate', 'delete'])
  })

  it('can tell of new devices at once', async () => {
    const desk = new Desk({ queue: { openHub: { newDevicesSilent: false } } })
    const client = desk.client()
    desk.simulator.world.pairing.open(demo.uid, demo.home)
    await desk.clock.advance(20_000)
    const codes = client.read().map(({ body }) => body['bizCode'])
    expect(codes).toContain('bindUser')
    expect(codes).toContain('online')
  })

  it('keeps the cipher of a client whose link got another grant meanwhile', () => {
    const desk = new Desk()
    const client = desk.client()
    desk.simulator.cloud.pushAccess.grant(demo.uid, 'one', '2.0')
    desk.simulator.world.setOnline(demo.lamp, false)
    expect(client.read()).toMatchObject([{ tagUnverified: false, body: { bizCode: 'offline' } }])
  })

  it('ends a client when its grant ends', async () => {
    const desk = new Desk()
    const client = desk.client()
    await desk.clock.advance(7_199_999)
    expect(client.ended()).toBe(0)
    await desk.clock.advance(1)
    expect(client.ended()).toBe(1)
    desk.simulator.hub.close(client.session)
    desk.simulator.hub.close(client.session)
    desk.simulator.world.setOnline(demo.lamp, false)
    expect(client.said).toEqual([])
    const kinds = ['hub-open', 'hub-expire', 'hub-close', 'hub-deliver']
    expect(kinds.map((kind) => desk.simulator.journal.entries('queue', kind).length)).toEqual([1, 1, 1, 0])
  })

  it.each([
    ['bytes6', 'milliseconds'],
    ['bytes8', 'seconds'],
    ['none', 'seconds'],
  ] as const)('may make its tags with %s and write %s', (aad, time) => {
    const desk = new Desk({ queue: { openHub: { aad, time } } })
    const { read } = desk.client()
    desk.simulator.world.setOnline(demo.lamp, false)
    const now = desk.clock.now()
    expect(read()).toMatchObject([{ aad, envelope: { t: time === 'seconds' ? now / 1000 : now } }])
  })
})

/** What each fault of the hub does; one entry for every name there is. */
const effects: Readonly<Record<keyof typeof hubFaults, () => Promise<void>>> = {
  'hub-refuse': async () => {
    const desk = new Desk()
    const { grant } = desk.client()
    const judge = () => desk.simulator.hub.judge(grant.clientId, grant.username, grant.password)
    expect(judge()).toBe(0)
    desk.simulator.faults.set('hub-refuse=3')
    expect(judge()).toBe(3)
  },
  'hub-expire': async () => {
    const desk = new Desk({ faults: ['hub-expire=120'] })
    const client = desk.client()
    expect(desk.simulator.cloud.pushAccess.lifeSeconds).toBe(120)
    await desk.clock.advance(120_000)
    expect(client.ended()).toBe(1)
  },
  'hub-bad-tag': async () => {
    const desk = new Desk({ faults: ['hub-bad-tag'] })
    const { read } = desk.client()
    desk.simulator.world.setOnline(demo.lamp, false)
    expect(read()).toMatchObject([{ tagUnverified: true, body: { bizCode: 'offline' } }])
  },
}

describe('the fault', () => {
  it.each(Object.entries(hubFaults))('%s: %s', async (name) => {
    await effects[name as keyof typeof hubFaults]()
  })

  it('of a body hits here too', () => {
    const desk = new Desk({ faults: ['queue-seconds'] })
    const { read } = desk.client()
    desk.simulator.world.report(demo.lamp, { switch_led: false })
    expect(read()).toMatchObject([{ body: { status: [{ t: String(desk.clock.now() / 1000) }] } }])
  })
})
