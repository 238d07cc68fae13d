import { expect, it } from 'vitest'
import type { Proposal } from '../../src/transport/lan/device.ts'
import { Discovery } from '../../src/transport/lan/discovery.ts'
import { systemClock } from '../../src/util/clock.ts'
import { systemRandom } from '../../src/util/random.ts'
import { parseSubnet, type Subnet } from '../../src/util/subnet.ts'
import { announcement, lamp } from '../support/discovery-bench.ts'
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
