/** An IPv4 network: its first address as a number, and how many bits of it are fixed. */
export interface Subnet {
  readonly base: number
  readonly bits: number
}

/** Of an address that is only hearsay: `ok`, not in the networks given, or one where no device can ever be. */
export type AddressVerdict = 'ok' | 'outside' | 'never'

/** Four decimal numbers without leading zeros, as one number; undefined for everything else. */
export function parseIpv4(text: string): number | undefined {
  if (text.length > 15) return undefined
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part)) return undefined
    const byte = Number(part)
    if (byte > 255) return undefined
    value = value * 256 + byte
  }
  return value
}

export function formatIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.')
}

/** `192.168.1.0/24`, or a single address; undefined when it is neither or has bits behind the prefix. */
export function parseSubnet(text: string): Subnet | undefined {
  const [address = '', prefix = '32', ...more] = text.split('/')
  const base = parseIpv4(address)
  if (base === undefined || more.length > 0 || !/^(0|[1-9][0-9]?)$/.test(prefix)) return undefined
  const bits = Number(prefix)
  if (bits > 32 || firstOf(base, bits) !== base) return undefined
  return { base, bits }
}

export function formatSubnet({ base, bits }: Subnet): string {
  return `${formatIpv4(base)}/${bits}`
}

export function isInside({ base, bits }: Subnet, address: number): boolean {
  return firstOf(address, bits) === base
}

/** The last address of the network that this one lies in. */
export function broadcastOf(address: number, bits: number): number {
  return firstOf(address, bits) + 2 ** (32 - bits) - 1
}

function firstOf(address: number, bits: number): number {
  const size = 2 ** (32 - bits)
  return address - (address % size)
}

const network = (text: string): Subnet => parseSubnet(text) as Subnet

export const privateSubnets: readonly Subnet[] = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map(
  network,
)
const loopback = network('127.0.0.0/8')
/** "This network", link-local, and everything from multicast to the broadcast of all. */
const neverSubnets = ['0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'].map(network)

/**
 * R-L5: which addresses may be believed at all. Without networks the private ones; loopback only where a network within
 * it is named, however wide another one is; the first and the last address of a network are no device's.
 */
export function addressRule(given: readonly Subnet[]): (address: string) => AddressVerdict {
  const subnets = given.length === 0 ? privateSubnets : given
  const named = subnets.filter(({ base, bits }) => bits >= loopback.bits && isInside(loopback, base))
  return (text) => {
    const address = parseIpv4(text)
    if (address === undefined || neverSubnets.some((subnet) => isInside(subnet, address))) return 'never'
    const may = isInside(loopback, address) ? named : subnets
    const inside = may.filter((subnet) => isInside(subnet, address))
    if (inside.length === 0) return 'outside'
    return inside.some((subnet) => isEdge(subnet, address)) ? 'never' : 'ok'
  }
}

function isEdge({ base, bits }: Subnet, address: number): boolean {
  return bits <= 30 && (address === base || address === broadcastOf(base, bits))
}
