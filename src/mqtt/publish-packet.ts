import type { Outgoing, Properties } from './message.ts'

/** PUBLISH, QoS 1, and the flag of what is retained (MQTT 3.1.1 and 5, section 3.3.1). */
const firstByte = 0x30
const qosFlag = 0x02
const retainFlag = 0x01

/** MQTT 5, section 2.2.2.2. */
const property = { utf8: 0x01, expiry: 0x02, contentType: 0x03, correlation: 0x09, user: 0x26 } as const

/**
 * A message as the bytes of its packet; the library takes several times as long for one as all the rest of its way
 * does. Topic and sizes were checked before (R-M3). `id`: 1 to 65535, of a message of QoS 1.
 */
export function publishPacket(
  { topic, payload, qos, retain, properties }: Outgoing,
  version: 4 | 5,
  id = 0,
): Buffer {
  const members = version === 5 ? propertyBytes(properties) : 0
  const head = version === 5 ? sizeOfLength(members) + members : 0
  const topicBytes = Buffer.byteLength(topic)
  const length = 2 + topicBytes + 2 * qos + head + Buffer.byteLength(payload)
  const packet = Buffer.allocUnsafe(1 + sizeOfLength(length) + length)
  packet[0] = firstByte | (qos === 1 ? qosFlag : 0) | (retain ? retainFlag : 0)
  let at = putLength(packet, 1, length)
  at = putText(packet, at, topic, topicBytes)
  if (qos === 1) at = packet.writeUInt16BE(id, at)
  if (version === 5) at = putProperties(packet, putLength(packet, at, members), properties)
  packet.write(payload, at)
  return packet
}

const none: Properties = {}

function propertyBytes({ contentType, expirySeconds, correlationData, user }: Properties = none): number {
  let bytes = 0
  // The type is known, and of ASCII.
  if (contentType) bytes += 2 + 3 + contentType.length
  if (expirySeconds) bytes += 5
  if (correlationData) bytes += 3 + correlationData.length
  for (const name in user) bytes += 5 + Buffer.byteLength(name) + Buffer.byteLength(user[name] ?? '')
  return bytes
}

function putProperties(
  into: Buffer,
  from: number,
  { contentType, expirySeconds, correlationData, user }: Properties = none,
): number {
  let at = from
  if (contentType) {
    at = into.writeUInt16BE((property.utf8 << 8) | 1, at)
    into[at++] = property.contentType
    at = putText(into, at, contentType, contentType.length)
  }
  if (expirySeconds) at = into.writeUInt32BE(expirySeconds, into.writeUInt8(property.expiry, at))
  if (correlationData) {
    at = into.writeUInt16BE(correlationData.length, into.writeUInt8(property.correlation, at))
    at += correlationData.copy(into, at)
  }
  for (const name in user) {
    const value = user[name] ?? ''
    into[at++] = property.user
    at = putText(into, at, name, Buffer.byteLength(name))
    at = putText(into, at, value, Buffer.byteLength(value))
  }
  return at
}

function putText(into: Buffer, at: number, text: string, bytes: number): number {
  into[at] = bytes >> 8
  into[at + 1] = bytes & 0xff
  into.write(text, at + 2)
  return at + 2 + bytes
}

/** Seven bits a byte, the lowest first; the highest bit says that more follow. */
function putLength(into: Buffer, from: number, length: number): number {
  let [at, rest] = [from, length]
  for (; rest > 0x7f; rest >>>= 7) into[at++] = (rest & 0x7f) | 0x80
  into[at++] = rest
  return at
}

function sizeOfLength(length: number): number {
  if (length < 0x80) return 1
  if (length < 0x4000) return 2
  return length < 0x20_0000 ? 3 : 4
}
