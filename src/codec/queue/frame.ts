import { isRecord, nestsDeeper, own } from '../../util/json.ts'
import { QueueError } from './queue-error.ts'
import { readIsoTime } from './time.ts'

/** One message as the proxy hands it over. */
export interface Frame {
  /** Opaque, and the same each time the message comes. */
  readonly messageId: string
  /** Base64 of the envelope. */
  readonly payload: string
  /** `em` names the cipher. */
  readonly properties: Readonly<Record<string, string>>
  /** Null when the proxy wrote none that can be read. */
  readonly publishTimeMs: number | null
  readonly key: string | null
  readonly redeliveryCount: number
}

/** An envelope of 1 MiB in base64, and room for the rest. */
const largestFrame = 1_536 * 1024
/** Below this length, brackets in brackets are parsed in no time. */
const looksAheadFrom = 64 * 1024
/** Nobody nests like this. The limits for messages are for what is in them. */
const deepest = 1000
/** Real ids have some twenty characters. */
const longestId = 1024

/**
 * A frame out of the text that came. Throws QueueError `frame_json`, with `messageId` if that much could be read.
 * Only members that are known are looked at, so that nothing else in it can keep a message from being acknowledged.
 */
export function decodeFrame(text: string): Frame {
  const value = parse(text)
  const messageId = own(value, 'messageId')
  const payload = own(value, 'payload')
  const key = own(value, 'key')
  const publishTime = own(value, 'publishTime')
  const count = own(value, 'redeliveryCount')
  if (!isMessageId(messageId)) throw new QueueError('frame_json', { detail: 'It has no messageId.' })
  if (typeof payload !== 'string')
    throw new QueueError('frame_json', { detail: 'It has no payload.', messageId })
  return {
    messageId,
    payload,
    properties: texts(own(value, 'properties')),
    publishTimeMs: (typeof publishTime === 'string' ? readIsoTime(publishTime) : undefined) ?? null,
    key: typeof key === 'string' && key !== '' ? key : null,
    redeliveryCount: typeof count === 'number' && Number.isSafeInteger(count) && count > 0 ? count : 0,
  }
}

export function encodeFrame(frame: Frame): string {
  const { messageId, payload, properties, publishTimeMs, key, redeliveryCount } = frame
  return JSON.stringify({
    messageId,
    payload,
    properties,
    publishTime: publishTimeMs === null ? undefined : new Date(publishTimeMs).toISOString(),
    redeliveryCount,
    key: key ?? undefined,
  })
}

export function encodeAck(messageId: string): string {
  return JSON.stringify({ messageId })
}

/** What a consumer may send. */
export type ClientFrame =
  | { readonly kind: 'ack' | 'nack'; readonly messageId: string }
  | { readonly kind: 'permit'; readonly permits: number }
  | { readonly kind: 'isEndOfTopic' | 'unsubscribe' }

/** The side of the proxy. Throws QueueError `frame_json`, upon which a proxy closes the connection. */
export function decodeClientFrame(text: string): ClientFrame {
  const value = parse(text)
  const kind = own(value, 'type')
  if (kind === 'isEndOfTopic' || kind === 'unsubscribe') return { kind }
  if (kind === 'permit') {
    const permits = own(value, 'permitMessages')
    if (typeof permits === 'number' && Number.isSafeInteger(permits) && permits > 0) return { kind, permits }
    throw new QueueError('frame_json', { detail: 'It permits no number of messages.' })
  }
  const messageId = own(value, 'messageId')
  if (!isMessageId(messageId)) throw new QueueError('frame_json', { detail: 'It has no messageId.' })
  return { kind: kind === 'negativeAcknowledge' ? 'nack' : 'ack', messageId }
}

function parse(text: string): Record<string, unknown> {
  if (text.length > largestFrame) throw new QueueError('frame_json', { detail: 'It is too large.' })
  if (text.length > looksAheadFrom && nestsDeeper(text, deepest))
    throw new QueueError('frame_json', { detail: 'It is nested too deep.' })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new QueueError('frame_json')
  }
  if (!isRecord(value)) throw new QueueError('frame_json')
  return value
}

function isMessageId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longestId
}

const noTexts: Readonly<Record<string, string>> = Object.freeze({})

function texts(value: unknown): Readonly<Record<string, string>> {
  const entries = isRecord(value) ? Object.entries(value) : []
  if (entries.length === 0) return noTexts
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
