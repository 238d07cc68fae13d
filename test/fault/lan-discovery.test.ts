import { expect, it } from 'vitest'
import type { Proposal } from '../../src/transport/lan/device.ts'
import { tcpDial } from '../../src/transport/lan/dial.ts'
import { Discovery } from '../../src/transport/lan/discovery.ts'
import { LanFleet } from '../../src/transport/lan/fleet.ts'
import { systemClock } from '../../src/util/clock.ts'
import { systemRandom } from '../../src/util/random.ts'
import { Secret } from '../../src/util/secret.ts'
import { parseSubnet, type Subnet } from '../../src/util/subnet.ts'
import { announcement, lamp } from '../support/discovery-bench.ts'
import { LanHouse } from '../support/lan-house.ts'
import { demo } from '../support/simulator-desk.ts'
import { UdpFlood } from '../support/udp-flood.ts'
import { boundUdp, freeUdpPorts } from '../support/udp-port.ts'
import { until } from '../support/until.ts'

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

it.each([
  ['of devices that are not ours', [announcement('bf00000000000000000000', '192.168.1.20')]],
  ['in the name of ours', [announcement(lamp, '169.254.169.254'), announcement(lamp, '8.8.8.8')]],
  ['of noise', [Buffer.alloc(400, 7)]],
])('L7: 50,000 datagrams a second %s take less than a quarter of a core', async (_what, datagrams) => {
  const [clear = 0, sealed = 0, probePort = 0] = await freeUdpPorts(3)
  const proposals: Proposal[] = []
  await using discovery = new Discovery({
    clock: systemClock,
    random: systemRandom,
    log: { warn: () => {}, info: () => {} },
    settings: { ports: [clear, sealed], probePort, subnets: [parseSubnet('127.0.0.0/8') as Subnet] },
    interfaces: () => [],
    wanted: (id) => id === lamp,
    missing: () => true,
    propose: (proposal) => proposals.push(proposal),
  })
  discovery.start()
  await until(() => discovery.status.state === 'listening')
  const flood = new UdpFlood(sealed, 50_000, datagrams)
  await until(() => discovery.activity.floods > 0)
  const startedAt = performance.now()
  const before = process.cpuUsage()
  await wait(4_000)
  const { user, system } = process.cpuUsage(before)
  const share = (user + system) / 1_000 / (performance.now() - startedAt)
  const perSecond = await flood.stop()
  console.log(`L7: ${Math.round(perSecond)} datagrams a second took ${(share * 100).toFixed(1)} % of a core`)
  // A machine that is busy otherwise sends less: as if the share grew with what is sent, which it does not.
  expect(perSecond).toBeGreaterThan(5_000)
  expect((share * 50_000) / perSecond).toBeLessThan(0.25)
  expect(new Set(proposals.map(({ address }) => address.host))).toEqual(
    new Set(proposals.length > 0 ? ['127.0.0.9'] : []),
  )
  expect(proposals.length).toBeLessThan(60)
  const device = await boundUdp(0, '127.0.0.77')
  await until(() => {
    device.send(announcement(lamp, '127.0.0.77'), sealed, '127.0.0.1')
    return proposals.some(({ address }) => address.host === '127.0.0.77')
  })
  device.close()
})

it('L7: a flood in the name of a device that answers moves no link, and its commands go on', async () => {
  await using house = await LanHouse.start({ version: '3.3' }, { real: true })
  const { ip, port } = house.lamp
  const [clear = 0, sealed = 0, probePort = 0] = await freeUdpPorts(3)
  const dialed: string[] = []
  await using fleet = new LanFleet({
    clock: systemClock,
    random: systemRandom,
    dial: (address, handlers, signal) => {
      dialed.push(address.host)
      return tcpDial(address, handlers, signal)
    },
  })
  fleet.replace([
    {
      id: demo.lamp,
      localKey: new Secret(house.lamp.localKey),
      address: { host: ip, port },
      version: '3.3',
      children: new Map(),
      pointIds: [20, 21, 22],
      refreshIds: [],
      sleeps: false,
    },
  ])
  fleet.start()
  await until(() => fleet.health(demo.lamp).state === 'up')
  await using discovery = new Discovery({
    clock: systemClock,
    random: systemRandom,
    log: { warn: () => {}, info: () => {} },
    settings: { ports: [clear, sealed], probePort, subnets: [parseSubnet('127.0.0.0/8') as Subnet] },
    interfaces: () => [],
    wanted: (id) => id === demo.lamp,
    missing: () => false,
    propose: (proposal) => fleet.propose(proposal),
  })
  discovery.start()
  await until(() => discovery.status.state === 'listening')
  const lies = ['3.1', '3.3', '3.5'].map((version) => announcement(demo.lamp, '127.0.0.9', version))
  const flood = new UdpFlood(sealed, 50_000, lies)
  await until(() => discovery.activity.floods > 1)
  for (let i = 0; i < 20; i++) {
    const { signal } = new AbortController()
    await fleet.set(demo.lamp, { '20': i % 2 === 0 }, { signal })
    await wait(100)
  }
  await flood.stop()
  expect(discovery.counts.get('proposed') ?? 0).toBeGreaterThan(0)
  expect(fleet.health(demo.lamp).state).toBe('up')
  expect(dialed).toEqual([ip])
})
