import { networkInterfaces } from 'node:os'
import { type AddressVerdict, broadcastOf, formatIpv4, parseIpv4 } from '../../util/subnet.ts'

/** A way out of this machine: its own address there, and the one that everybody hears. */
export interface LanInterface {
  readonly address: string
  readonly broadcast: string
}

/** Those whose own address may be believed of a device too. */
export function lanInterfaces(verdict: (address: string) => AddressVerdict): readonly LanInterface[] {
  const found = new Map<string, LanInterface>()
  for (const entry of Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])) {
    if (entry.family !== 'IPv4' || verdict(entry.address) !== 'ok') continue
    const broadcast = broadcastIn(entry.cidr)
    if (broadcast !== undefined && !found.has(broadcast))
      found.set(broadcast, { address: entry.address, broadcast })
  }
  return [...found.values()]
}

/** Undefined where nobody else can be: point-to-point links and single addresses. */
export function broadcastIn(cidr: string | null): string | undefined {
  const [text = '', prefix = ''] = (cidr ?? '').split('/')
  const address = parseIpv4(text)
  const bits = Number(prefix)
  if (address === undefined || prefix === '' || !(bits >= 0 && bits <= 30)) return undefined
  return formatIpv4(broadcastOf(address, bits))
}
