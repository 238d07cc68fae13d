import type { Outgoing, Properties } from './message.ts'

/** PUBLISH, QoS 1, and the flag of what is retained (MQTT 3.1.1 and 5, section 3.3.1). */
const firstByte = 0x30
const qosFlag = 0x02
const retainFlag = 0x01

/** MQTT 5, section 2.2.2.2. */
const property = { utf8: 0x01, expiry: 0x02, contentType: 0x03, correlation: 0x09, user: 0x26 } as const

/** Bytes that are taken from the engine at a time. */
const slabBytes = 64 * 1024

/**
 * Messages as the bytes of their packets, one behind the other; the library takes several times as long for one as all
 * the rest of its way does. Topics and sizes were checked before (R-M3).
 */
export class PublishPackets {
  readonly #version: 4 | 5
  #slab = Buffer.alloc(0)
  /** Where in the slab what was not taken yet begins and ends. */
  #from = 0
  #to = 0
  /** What was not taken yet of slabs before this one. */
  #full: Buffer[] = []
  #bytes = 0

  constructor(version: 4 | 5) {
    this.#version = version
  }

  /** What was not taken yet. */
  get bytes(): number {
    return this.#bytes
  }

  /** `id`: 1 to 65535, of a message of QoS 1. */
  put({ topic, payload, qos, retain, properties }: Outgoing, id = 0): void {
    const version = this.#version
    const members = version === 5 ? propertyBytes(properties) : 0
    const head = version === 5 ? sizeOfLength(members) + members : 0
    const topicBytes = Buffer.byteLength(topic)
    const length = 2 + topicBytes + 2 * qos + head + Buffer.byteLength(payload)
    const start = this.#reserve(1 + sizeOfLength(length) + length)
    const slab = this.#slab
    slab[start] = firstByte | (qos === 1 ? qosFlag : 0) | (retain ? retainFlag : 0)
    let at = putLength(slab, start + 1, length)
    at = putText(slab, at, topic, topicBytes)
    if (qos === 1) at = slab.writeUInt16BE(id, at)
    if (version === 5) at = putProperties(slab, putLength(slab, at, members), properties)
    slab.write(payload, at)
  }

  /** Everything that was put since the last time, in order. */
  take(): readonly Buffer[] {
    const taken = this.#full
    if (this.#to > this.#from) taken.push(this.#slab.subarray(this.#from, this.#to))
    this.#full = []
    this.#from = this.#to
    this.#bytes = 0
    return taken
  }

  /** Where so many bytes have their place. What was taken may be on its way to the socket: no place is used twice. */
  #reserve(bytes: number): number {
    if (this.#to + bytes > this.#slab.length) {
      if (this.#to > this.#from) this.#full.push(this.#slab.subarray(this.#from, this.#to))
      this.#slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, bytes))
      this.#from = 0
      this.#to = 0
    }
    const start = this.#to
    this.#to += bytes
    this.#bytes += bytes
    return start
  }
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
