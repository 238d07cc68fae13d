import type { Position } from './topic-log.ts'

/** One ledger for all: the platform's own number for the file in which a message lies. */
const ledger = 4_099_999

/** The id of a message: opaque to clients, the protocol buffer of ledger, entry and partition beneath. */
export function buildMessageId({ partition, offset }: Position): string {
  return Buffer.from([0x08, ...varint(ledger), 0x10, ...varint(offset), 0x18, ...varint(partition)]).toString(
    'base64',
  )
}

/** Undefined for what never was an id of ours. */
export function parseMessageId(text: string): Position | undefined {
  const bytes = Buffer.from(text, 'base64')
  const numbers: number[] = []
  for (let at = 0; at < bytes.length; ) {
    // Each number has its tag before it.
    const { value, next } = readVarint(bytes, at + 1)
    numbers.push(value)
    at = next
  }
  const [, offset = 0, partition = 0] = numbers
  return buildMessageId({ partition, offset }) === text ? { partition, offset } : undefined
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return [...bytes, rest]
}

function readVarint(bytes: Uint8Array, start: number): { readonly value: number; readonly next: number } {
  let value = 0
  let at = start
  for (let factor = 1; at < bytes.length; factor *= 0x80) {
    const byte = bytes[at++] as number
    value += (byte & 0x7f) * factor
    if (byte < 0x80) break
  }
  return { value, next: Math.max(at, start) }
}
