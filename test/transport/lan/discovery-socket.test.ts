import { describe, expect, it } from 'vitest'
import { decodeProbe } from '../../../src/codec/lan/discovery.ts'
import type { Proposal } from '../../../src/transport/lan/device.ts'
import { Discovery, type DiscoveryParts } from '../../../src/transport/lan/discovery.ts'
import { broadcastIn, lanInterfaces } from '../../../src/transport/lan/interfaces.ts'
import { openUdp, udpError } from '../../../src/transport/lan/udp.ts'
import { systemClock } from '../../../src/util/clock.ts'
import { systemRandom } from '../../../src/util/random.ts'
import { addressRule, parseSubnet, type Subnet } from '../../../src/util/subnet.ts'
import { announcement, lamp } from '../../support/discovery-bench.ts'
import { boundUdp, freeUdpPorts } from '../../support/udp-port.ts'
import { until } from '../../support/until.ts'

const loopback = [parseSubnet('127.0.0.0/8') as Subnet]

async function discoveryOn(ports: readonly number[], more: Partial<DiscoveryParts> = {}) {
  const [clear = 0, sealed = 0, probePort = 0] = ports
  const proposals: Proposal[] = []
  const warnings: string[] = []
  const discovery = new Discovery({
    clock: systemClock,
    random: systemRandom,
    log: { warn: (message) => warnings.push(message), info: () => {} },
    settings: { ports: [clear, sealed], probePort, subnets: loopback },
    interfaces: () => [{ address: '127.0.0.1', broadcast: '127.0.0.77' }],
    wanted: (id) => id === lamp,
    missing: () => true,
    propose: (proposal) => proposals.push(proposal),
    ...more,
  })
  return { discovery, proposals, warnings }
}

describe('discovery with real sockets', () => {
  it('hears a device on each port, and asks one that keeps silent until then', async () => {
    const ports = await freeUdpPorts(3)
    const [clear = 0, sealed = 0, probePort = 0] = ports
    const device = await boundUdp(probePort, '127.0.0.77', true)
    device.on('message', (datagram) => {
      const { ip } = decodeProbe(datagram)
      device.send(announcement(lamp, '127.0.0.77', '3.5', 'gcm'), probePort, ip)
    })
    const { discovery, proposals } = await discoveryOn(ports)
    await using _discovery = discovery
    discovery.start()
    await until(() => proposals.length > 0, 5_000, 'an answer')
    expect(proposals[0]).toEqual({
      deviceId: lamp,
      address: { host: '127.0.0.77', port: 6668 },
      version: '3.5',
    })
    device.send(announcement(lamp, '127.0.0.77', '3.1', 'clear'), clear, '127.0.0.1')
    device.send(announcement(lamp, '127.0.0.77', '3.4', 'ecb34'), sealed, '127.0.0.1')
    await until(() => proposals.length === 3, 5_000, 'two announcements')
    expect(proposals.map(({ version }) => version).sort()).toEqual(['3.1', '3.4', '3.5'])
    device.close()
  })

  it('shares its ports with another program that does, and both hear what is said to all', async () => {
    const ports = await freeUdpPorts(3)
    const [one, two] = await Promise.all([discoveryOn(ports), discoveryOn(ports)])
    await using _one = one.discovery
    await using _two = two.discovery
    one.discovery.start()
    two.discovery.start()
    const speaker = await boundUdp(0)
    speaker.setBroadcast(true)
    const say = () => speaker.send(announcement(lamp, '127.0.0.1'), ports[1] ?? 0, '127.255.255.255')
    await until(
      () => {
        say()
        return one.proposals.length > 0 && two.proposals.length > 0
      },
      5_000,
      'both to hear',
    )
    speaker.close()
  })

  it('says why a port cannot be had, and works with the others', async () => {
    const ports = await freeUdpPorts(3)
    const selfish = await boundUdp(ports[1] ?? 0, '0.0.0.0')
    const { discovery, warnings, proposals } = await discoveryOn(ports)
    await using _discovery = discovery
    discovery.start()
    await until(() => warnings.length > 0, 5_000, 'a warning')
    expect(discovery.status).toMatchObject({ state: 'partly' })
    expect(discovery.status.ports[1]).toMatchObject({ state: 'closed', trouble: 'in-use' })
    expect(warnings[0]).toContain(`UDP port ${ports[1]} cannot be opened: another program holds it alone.`)
    selfish.send(announcement(lamp, '127.0.0.1'), ports[0] ?? 0, '127.0.0.1')
    await until(() => proposals.length > 0, 5_000, 'a proposal')
    selfish.close()
  })

  it('stops while its ports are being opened', async () => {
    const ports = await freeUdpPorts(3)
    const { discovery } = await discoveryOn(ports)
    discovery.start()
    await discovery[Symbol.asyncDispose]()
    const alone = await boundUdp(ports[0] ?? 0, '0.0.0.0')
    alone.close()
    expect(discovery.status.state).toBe('deaf')
  })
})

describe('a UDP port', () => {
  it('sends nothing once it is closed', async () => {
    const socket = await openUdp(0, { onDatagram: () => {}, onError: () => {} })
    await socket.close()
    await socket.close()
    await expect(socket.send(Buffer.from('x'), 9, '127.0.0.1')).rejects.toMatchObject({
      code: 'lan/udp-failed',
    })
  })

  it.each([
    ['EADDRINUSE', 'in-use'],
    ['EACCES', 'not-permitted'],
    ['EPERM', 'not-permitted'],
    ['ENETUNREACH', 'no-network'],
    ['ENOBUFS', 'failed'],
  ])('tells %s as %s', (code, reason) => {
    const error = udpError(Object.assign(new Error('no'), { code }), 'UDP port 7 cannot be opened')
    expect(error).toMatchObject({ reason, code: `lan/udp-${reason}`, retry: 'later' })
    expect(error.message).toMatch(/^UDP port 7 cannot be opened: /)
  })
})

describe('the interfaces of this machine', () => {
  it.each([
    ['192.168.1.7/24', '192.168.1.255'],
    ['10.1.2.3/8', '10.255.255.255'],
    ['10.1.2.3/30', '10.1.2.3'],
    ['10.1.2.3/31', undefined],
    ['10.1.2.3/32', undefined],
    ['fe80::1/64', undefined],
    [null, undefined],
  ])('%s reaches everybody by %s', (cidr, broadcast) => {
    expect(broadcastIn(cidr)).toBe(broadcast)
  })

  it('are asked through only where a device may be', () => {
    expect(lanInterfaces(() => 'outside')).toEqual([])
    expect(lanInterfaces(addressRule(loopback))).toEqual([
      { address: '127.0.0.1', broadcast: '127.255.255.255' },
    ])
  })
})
