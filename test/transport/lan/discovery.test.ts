import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeProbe, encodeAnnouncement, encodeProbe } from '../../../src/codec/lan/discovery.ts'
import { parseSubnet, type Subnet } from '../../../src/util/subnet.ts'
import { announcement, DiscoveryBench, lamp, plug } from '../../support/discovery-bench.ts'

const subnets = (...texts: string[]) => texts.map((text) => parseSubnet(text) as Subnet)

describe('what devices say of themselves', () => {
  it.each([
    ['clear', 6666, '3.1'],
    ['ecb', 6667, '3.3'],
    ['ecb34', 6667, '3.4'],
    ['gcm', 6667, '3.5'],
    ['gcm', 7000, '3.5'],
    ['bare', 6667, '3.3'],
  ] as const)('is heard in the form %s on %i and proposed with its version', async (form, port, version) => {
    await using bench = await new DiscoveryBench().start()
    bench.air.say(port, '192.168.1.20', announcement(lamp, '192.168.1.20', version, form))
    expect(bench.proposals).toEqual([
      { deviceId: lamp, address: { host: '192.168.1.20', port: 6668 }, version },
    ])
    expect(bench.discovery.heard(lamp)).toMatchObject({ host: '192.168.1.20', ip: null, version, port })
  })

  it('is proposed by the address that it came from, where it calls itself by another', async () => {
    await using bench = await new DiscoveryBench().start()
    bench.air.say(6667, '192.168.1.21', announcement(lamp, '192.168.1.20'))
    expect(bench.proposals[0]?.address.host).toBe('192.168.1.21')
    expect(bench.discovery.heard(lamp)?.ip).toBe('192.168.1.20')
  })

  it('is proposed each time, since a device that speaks is there, and counted as repeated', async () => {
    await using bench = await new DiscoveryBench().start()
    for (let i = 0; i < 3; i++) bench.air.say(6667, '192.168.1.20', announcement(lamp, '192.168.1.20'))
    expect(bench.proposals).toHaveLength(3)
    expect(bench.fates).toEqual({ proposed: 1, repeated: 2 })
  })

  it('leads to the port that the configuration names', async () => {
    await using bench = await new DiscoveryBench({
      portOf: (id) => (id === lamp ? 16668 : undefined),
    }).start()
    bench.air.say(6667, '192.168.1.20', announcement(lamp, '192.168.1.20'))
    bench.air.say(6667, '192.168.1.21', announcement(plug, '192.168.1.21'))
    expect(bench.proposals.map(({ address }) => address.port)).toEqual([16668, 6668])
  })

  it('with a version that nobody knows is proposed without one', async () => {
    await using bench = await new DiscoveryBench().start()
    bench.air.say(6667, '192.168.1.20', announcement(lamp, '192.168.1.20', '2.0'))
    expect(bench.proposals[0]?.version).toBeNull()
  })

  it('is nothing to us where the device is not ours', async () => {
    await using bench = await new DiscoveryBench().start()
    bench.air.say(6667, '192.168.1.20', announcement('bf00000000000000000000', '192.168.1.20'))
    expect(bench.proposals).toEqual([])
    expect(bench.fates).toEqual({ unwanted: 1 })
  })
})

describe('R-L5: what is spoofed, malformed or too much is dropped and counted', () => {
  it.each(['127.0.0.1', '169.254.169.254', '8.8.8.8', '224.0.0.251', '255.255.255.255', '0.0.0.0'])(
    'attack 15: nothing is proposed from %s',
    async (sender) => {
      await using bench = await new DiscoveryBench().start()
      for (const form of ['ecb', 'ecb34', 'gcm'] as const)
        bench.air.say(6667, sender, announcement(lamp, '192.168.1.20', '3.3', form))
      expect(bench.proposals).toEqual([])
      expect(bench.fates).toEqual({ 'foreign-address': 3 })
    },
  )

  it('attack 15: an address that only stands in the text is never proposed', async () => {
    await using bench = await new DiscoveryBench().start()
    for (const ip of ['127.0.0.1', '169.254.169.254', '8.8.8.8', 'evil.example', '192.168.1.255'])
      bench.air.say(6667, '192.168.1.66', announcement(lamp, ip))
    expect(new Set(bench.proposals.map(({ address }) => address.host))).toEqual(new Set(['192.168.1.66']))
  })

  it('believes addresses in the networks that are given alone', async () => {
    await using bench = await new DiscoveryBench({
      settings: { subnets: subnets('127.0.0.0/8', '10.9.0.0/16') },
    }).start()
    for (const [i, sender] of ['127.0.0.1', '10.9.1.1', '10.8.1.1', '192.168.1.1', '10.9.255.255'].entries())
      bench.air.say(6667, sender, announcement(i % 2 ? lamp : plug, sender))
    expect(bench.proposals.map(({ address }) => address.host)).toEqual(['127.0.0.1', '10.9.1.1'])
  })

  it('drops what cannot be read, and says nothing', async () => {
    await using bench = await new DiscoveryBench().start()
    const good = announcement(lamp, '192.168.1.20')
    const bad = [
      Buffer.alloc(0),
      Buffer.from('hello'),
      good.subarray(0, 20),
      Buffer.concat([good, Buffer.from([0])]),
      encodeAnnouncement('ecb', { ip: '192.168.1.20' }),
      encodeAnnouncement('clear', { gwId: '../../etc', ip: '192.168.1.20' }),
    ]
    for (const [i, datagram] of bad.entries()) bench.air.say(6667, `192.168.1.${30 + i}`, datagram)
    expect(bench.proposals).toEqual([])
    expect(bench.fates).toEqual({ malformed: bad.length })
    expect(bench.warnings).toEqual([])
  })

  it('never throws, whatever comes, and proposes nothing of it', async () => {
    await using bench = await new DiscoveryBench().start()
    let said = 0
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom('000055aa', '00006699', ''),
        async (bytes, start) => {
          if (said % 90 === 0) await bench.clock.advance(1_000)
          const sender = `10.${(said >> 14) & 127}.${(said >> 7) & 127}.${1 + (said & 127)}`
          said++
          bench.air.say(6667, sender, Buffer.concat([Buffer.from(start, 'hex'), bytes]))
        },
      ),
      { numRuns: 3_000 },
    )
    expect(bench.fates['overall-limit']).toBeUndefined()
    expect(bench.proposals).toEqual([])
    expect(Object.values(bench.fates).reduce((sum, count) => sum + count, 0)).toBe(said)
  })

  it('drops more than 2 KiB unread', async () => {
    await using bench = await new DiscoveryBench().start()
    const long = encodeAnnouncement('clear', { gwId: lamp, ip: '192.168.1.20', more: 'x'.repeat(2_048) })
    bench.air.say(6667, '192.168.1.20', long)
    expect(bench.fates).toEqual({ oversize: 1 })
  })

  it('looks at 5 datagrams a second of one sender, and at 5 more in the next second', async () => {
    await using bench = await new DiscoveryBench().start()
    for (let second = 0; second < 2; second++) {
      for (let i = 0; i < 50; i++) bench.air.say(6667, '192.168.1.20', announcement(lamp, '192.168.1.20'))
      await bench.clock.advance(1_000)
    }
    expect(bench.proposals).toHaveLength(10)
    expect(bench.fates['sender-limit']).toBe(90)
  })

  it('looks at 200 a second in all, half of them kept for those whom it knows', async () => {
    await using bench = await new DiscoveryBench().start()
    bench.air.say(6667, '192.168.1.20', announcement(lamp, '192.168.1.20'))
    await bench.clock.advance(1_000)
    const foreign = announcement('bf00000000000000000000', '10.0.0.1')
    for (let i = 0; i < 900; i++) bench.air.say(6667, `10.0.${i >> 7}.${1 + (i & 127)}`, foreign)
    expect(bench.fates['unwanted']).toBe(100)
    bench.air.say(6667, '192.168.1.20', announcement(lamp, '192.168.1.20'))
    expect(bench.proposals).toHaveLength(2)
  })

  it('knows 4,096 devices at most', async () => {
    await using bench = await new DiscoveryBench({ wanted: () => true }).start()
    for (let i = 0; i < 4_200; i++) {
      if (i % 90 === 0) await bench.clock.advance(1_000)
      bench.air.say(6667, `10.0.${i >> 7}.${1 + (i & 127)}`, announcement(`device${i}`, '10.0.0.1'))
    }
    expect([...bench.discovery.everythingHeard]).toHaveLength(4_096)
    expect(bench.discovery.heard('device4199')).toBeDefined()
    expect(bench.discovery.heard('device0')).toBeUndefined()
  })

  it('L7: closes a port that is flooded until the second is over, says so once, and hears again', async () => {
    await using bench = await new DiscoveryBench().start()
    for (let second = 0; second < 3; second++) {
      let heard = 0
      for (let i = 0; i < 50_000; i++)
        heard += bench.air.say(6667, `10.1.${i & 127}.1`, Buffer.alloc(100)) ? 1 : 0
      expect(heard).toBe(1_001)
      expect(bench.air.listening).toEqual([6666, 7000])
      expect(bench.discovery.status.ports[1]).toEqual({ port: 6667, state: 'paused', trouble: null })
      await bench.clock.advance(1_000)
      expect(bench.air.listening).toEqual([6666, 6667, 7000])
    }
    expect(bench.warnings).toEqual(['UDP port 6667 is flooded; it is closed until each second is over.'])
    expect(bench.discovery.activity.floods).toBe(3)
    bench.air.say(6667, '192.168.1.20', announcement(lamp, '192.168.1.20'))
    expect(bench.proposals).toHaveLength(1)
  })
})

describe('devices are asked to tell of themselves', () => {
  it('three times six seconds apart, then every minute, with our own address in it', async () => {
    await using bench = await new DiscoveryBench().start()
    await bench.clock.advance(12_000)
    expect(bench.air.sent).toHaveLength(3)
    expect(bench.air.sent.map(({ port, host }) => `${host}:${port}`)).toEqual(
      Array(3).fill('192.168.1.255:7000'),
    )
    expect(decodeProbe(bench.air.sent[0]?.datagram as Buffer)).toEqual({ from: 'app', ip: '192.168.1.2' })
    await bench.clock.advance(59_000)
    expect(bench.air.sent).toHaveLength(3)
    await bench.clock.advance(1_000)
    expect(bench.air.sent).toHaveLength(4)
    await bench.clock.advance(120_000)
    expect(bench.air.sent).toHaveLength(6)
    expect(bench.discovery.activity.probes).toBe(6)
  })

  it('never with the same nonce', async () => {
    await using bench = await new DiscoveryBench().start()
    await bench.clock.advance(600_000)
    const nonces = bench.air.sent.map(({ datagram }) => datagram.subarray(18, 30).toString('hex'))
    expect(nonces.length).toBeGreaterThan(10)
    expect(new Set(nonces).size).toBe(nonces.length)
  })

  it('on each interface', async () => {
    await using bench = await new DiscoveryBench({
      interfaces: () => [
        { address: '192.168.1.2', broadcast: '192.168.1.255' },
        { address: '10.0.0.2', broadcast: '10.0.3.255' },
      ],
    }).start()
    expect(bench.air.sent.map(({ host, datagram }) => [host, decodeProbe(datagram).ip])).toEqual([
      ['192.168.1.255', '192.168.1.2'],
      ['10.0.3.255', '10.0.0.2'],
    ])
  })

  it('only while one is missing, and soon again when one is missed', async () => {
    await using bench = new DiscoveryBench()
    bench.missing = false
    await bench.start()
    await bench.clock.advance(600_000)
    expect(bench.air.sent).toEqual([])
    bench.missing = true
    for (let i = 0; i < 10; i++) bench.discovery.lookAround()
    await bench.clock.advance(12_000)
    expect(bench.air.sent).toHaveLength(3)
  })

  it('and questions, our own among them, are no answers', async () => {
    await using bench = await new DiscoveryBench().start()
    bench.air.say(7000, '192.168.1.2', encodeProbe('192.168.1.2', Buffer.alloc(12, 1)))
    expect(bench.fates).toEqual({ question: 1 })
  })

  it('and a network that refuses is told once', async () => {
    await using bench = new DiscoveryBench()
    bench.air.sendFails = 'no-network'
    await bench.start()
    await bench.clock.advance(300_000)
    expect(bench.warnings).toEqual(['Nothing can be sent to 192.168.1.255'])
    expect(bench.discovery.activity.probes).toBe(0)
  })
})

describe('a port that cannot be had', () => {
  it('is named with its reason, stops nothing else, and is tried again', async () => {
    await using bench = new DiscoveryBench()
    bench.air.refuse(6667, 'in-use')
    await bench.start()
    expect(bench.discovery.status).toEqual({
      state: 'partly',
      ports: [
        { port: 6666, state: 'open', trouble: null },
        { port: 6667, state: 'closed', trouble: 'in-use' },
        { port: 7000, state: 'open', trouble: null },
      ],
    })
    await bench.clock.advance(300_000)
    expect(bench.warnings).toHaveLength(1)
    bench.air.allow(6667)
    await bench.clock.advance(60_000)
    bench.air.say(6667, '192.168.1.20', announcement(lamp, '192.168.1.20'))
    expect(bench.discovery.status.state).toBe('listening')
    expect(bench.proposals).toHaveLength(1)
  })

  it('is no crash either when it is none of them', async () => {
    await using bench = new DiscoveryBench()
    for (const port of [6666, 6667, 7000]) bench.air.refuse(port, 'not-permitted')
    await bench.start()
    await bench.clock.advance(60_000)
    expect(bench.discovery.status.state).toBe('deaf')
    expect(bench.warnings).toHaveLength(3)
    expect(bench.warnings[0]).toContain('No device is discovered.')
  })

  it('is opened again when it was lost', async () => {
    await using bench = await new DiscoveryBench().start()
    bench.air.lose(7000)
    await bench.clock.advance(0)
    expect(bench.air.listening).toEqual([6666, 6667])
    await bench.clock.advance(5_000)
    expect(bench.air.listening).toEqual([6666, 6667, 7000])
  })

  it('and where nothing at all is heard for a minute, that is said', async () => {
    await using bench = await new DiscoveryBench().start()
    await bench.clock.advance(59_000)
    expect(bench.discovery.status.state).toBe('listening')
    await bench.clock.advance(1_000)
    expect(bench.discovery.status.state).toBe('silent')
    bench.air.say(6667, '192.168.1.20', announcement(plug, '192.168.1.20'))
    expect(bench.discovery.status.state).toBe('listening')
  })

  it('leaves no timer and no port behind', async () => {
    const bench = await new DiscoveryBench().start()
    await bench.clock.advance(1_000)
    await bench.discovery[Symbol.asyncDispose]()
    await bench.discovery[Symbol.asyncDispose]()
    expect(bench.air.listening).toEqual([])
    expect(bench.clock.waiting).toBe(0)
  })
})
