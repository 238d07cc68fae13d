import type { IConnackPacket, IPublishPacket } from 'mqtt'
import type { LinkLimits, PublishRefused } from './link.ts'
import type { Incoming } from './message.ts'

/** Without a server's word; its own limit is far above ours. */
const anyPacketSize = 268_435_455
const mostReceiveMaximum = 65_535

export function limitsOf(version: 4 | 5, connack: IConnackPacket | undefined): LinkLimits {
  const given = version === 5 ? connack?.properties : undefined
  return {
    protocol: version === 5 ? 'MQTT 5' : 'MQTT 3.1.1',
    receiveMaximum: given?.receiveMaximum ?? mostReceiveMaximum,
    maximumPacketSize: given?.maximumPacketSize ?? anyPacketSize,
    retainAvailable: given?.retainAvailable ?? true,
    maximumQos: (given?.maximumQoS as 0 | 1 | undefined) ?? 2,
  }
}

export function incoming(topic: string, payload: Buffer, packet: IPublishPacket): Incoming {
  const { properties } = packet
  const user = properties?.userProperties
  return {
    topic,
    payload,
    retain: packet.retain,
    dup: packet.dup,
    ...(properties?.responseTopic ? { responseTopic: properties.responseTopic } : {}),
    ...(properties?.correlationData ? { correlationData: properties.correlationData } : {}),
    ...(properties?.contentType ? { contentType: properties.contentType } : {}),
    ...(user ? { user: flat(user) } : {}),
  }
}

/** A repeated user property counts with its first value. */
function flat(user: Record<string, string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(user).map(([name, value]) => [name, String(Array.isArray(value) ? value[0] : value)]),
  )
}

export function publishReason(code: number): PublishRefused['reason'] {
  if (code === 0x87) return 'not-authorized'
  if (code === 0x95) return 'too-large'
  return code === 0x97 ? 'quota' : 'other'
}
