import { type AnnouncementForm, encodeAnnouncement } from '../../src/codec/lan/discovery.ts'
import type { Proposal } from '../../src/transport/lan/device.ts'
import { Discovery, type DiscoveryParts } from '../../src/transport/lan/discovery.ts'
import { seededRandom } from '../../src/util/random.ts'
import { UdpAir } from './udp-air.ts'
import { VirtualClock } from './virtual-clock.ts'

export const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
export const plug = 'bf3c9a7d41e0b2f6aaw2vn'

/** What a device says of itself, in one of the forms. */
export function announcement(
  id: string,
  ip: string,
  version = '3.3',
  form: AnnouncementForm = 'ecb',
): Buffer {
  return encodeAnnouncement(
    form,
    { ip, gwId: id, active: 2, ablilty: 0, encrypt: true, productKey: 'keyaaaa', version },
    Buffer.alloc(12, 7),
  )
}

/** Discovery without a network, on a clock that stands still. */
export class DiscoveryBench implements AsyncDisposable {
  readonly air = new UdpAir()
  readonly clock = new VirtualClock()
  readonly proposals: Proposal[] = []
  readonly warnings: string[] = []
  readonly discovery: Discovery
  missing = true

  constructor(more: Partial<DiscoveryParts> = {}) {
    this.discovery = new Discovery({
      clock: this.clock,
      random: seededRandom(1),
      log: { warn: (message) => this.warnings.push(message), info: () => {} },
      open: this.air.open,
      interfaces: () => [{ address: '192.168.1.2', broadcast: '192.168.1.255' }],
      wanted: (id) => id === lamp || id === plug,
      missing: () => this.missing,
      propose: (proposal) => this.proposals.push(proposal),
      ...more,
    })
  }

  async start(): Promise<this> {
    this.discovery.start()
    await this.clock.advance(0)
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.discovery[Symbol.asyncDispose]()
  }

  get fates(): Record<string, number> {
    return Object.fromEntries(this.discovery.counts)
  }
}
