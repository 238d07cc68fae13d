import { isLocalKey } from '../codec/lan/device-file.ts'
import { addressRule, parseIpv4, parseSubnet } from '../util/subnet.ts'
import type { Config } from './config-types.ts'

type Lan = Config['lan']
type Fault = (path: string, message: string, hint: string) => void

/** Rules of the section `lan` that a schema cannot tell. */
export function checkLan(lan: Lan, fault: Fault): void {
  for (const [i, text] of lan.subnets.entries()) {
    if (!parseSubnet(text))
      fault(
        `lan.subnets.${i}`,
        `"${text.slice(0, 64)}" is no IPv4 network.`,
        'Give its first address and its length: 192.168.1.0/24.',
      )
  }
  if (new Set(lan.udpPorts).size < 2)
    fault('lan.udpPorts', 'names fewer than two ports.', 'The usual ones are 6666, 6667 and 7000.')
  const ids = new Set<string>()
  for (const [i, device] of lan.devices.entries()) {
    const path = `lan.devices.${i}`
    if (ids.has(device.id))
      fault(`${path}.id`, `"${device.id}" is there twice.`, 'Keep one entry for each device.')
    ids.add(device.id)
    checkDevice(device, path, fault)
  }
}

/** Whether devices can be known without a cloud. */
export function knowsDevices(lan: Lan): boolean {
  return lan.enabled && (lan.devices.length > 0 || lan.deviceFiles.length > 0)
}

function checkDevice({ id, localKey, ip, cid, gateway }: Lan['devices'][number], path: string, fault: Fault) {
  if (localKey && !isLocalKey(localKey.reveal()))
    fault(
      `${path}.localKey`,
      localKey.length === 16
        ? 'holds a character that no local key has.'
        : `has ${localKey.length} characters; a local key has exactly 16.`,
      'Copy it whole, in single quotes (a quote within is doubled), or name a file in localKeyFile.',
    )
  if (ip !== undefined && !isPlace(ip))
    fault(`${path}.ip`, `"${ip.slice(0, 64)}" is no IPv4 address of a device.`, 'For example 192.168.1.20.')
  if ((cid === undefined) !== (gateway === undefined))
    fault(
      `${path}.${cid === undefined ? 'cid' : 'gateway'}`,
      'is missing.',
      'A device behind a gateway needs both: the gateway’s id, and what the gateway calls it.',
    )
  if (gateway !== undefined && gateway === id)
    fault(`${path}.gateway`, 'is the device itself.', 'Give the id of the gateway that it is behind.')
}

/** What is written by hand may be anywhere but where no device can be. */
function isPlace(ip: string): boolean {
  return parseIpv4(ip) !== undefined && addressRule([])(ip) !== 'never'
}
