import { lanCommand } from '../src/codec/lan/command.ts'
import { prefix } from '../src/codec/lan/frame.ts'
import type { Packet } from './wire-tap.ts'

/** From each command below a topic to the next frame that sets something, in milliseconds. */
export function wireTimes(
  packets: readonly Packet[],
  topic: string,
  devicePorts: ReadonlySet<number>,
): number[] {
  const times: number[] = []
  let since: number | undefined
  for (const { atMs, port, payload } of packets) {
    if (isPublish(payload)) since = payload.includes(topic) ? atMs : undefined
    else if (since !== undefined && devicePorts.has(port) && isSet(payload)) {
      times.push(atMs - since)
      since = undefined
    }
  }
  return times
}

/** A command on its way to a broker; what brokers tell others has no such topic. */
function isPublish(payload: Buffer): boolean {
  return payload.readUInt8(0) >> 4 === 3 && payload.subarray(0, 32).includes('/cmd/device/')
}

function isSet(payload: Buffer): boolean {
  if (payload.length < 14) return false
  const commandAt = payload.readUInt32BE(0) === prefix['6699'] ? 10 : 8
  const command = payload.readUInt32BE(commandAt)
  return command === lanCommand.control || command === lanCommand.controlNew
}
