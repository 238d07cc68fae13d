import type { Json } from '../../../domain/data-point.ts'
import { isId } from '../../../domain/id.ts'
import type { QueueMessage } from '../../../domain/message.ts'
import { isRecord, own } from '../../../util/json.ts'
import { readTime } from '../time.ts'

export type Members = Readonly<Record<string, Json>>

/** What the body of a message does not say itself. */
export interface Origin {
  readonly protocol: number
  /** When the platform pushed it, as the envelope says. */
  readonly t: unknown
  readonly publishTimeMs: number | null
  readonly receivedMs: number
}

/** A body, taken apart as far as all kinds have it in common. */
export interface Letter extends Origin {
  readonly body: Members
  readonly bizCode: string | null
  /** Empty where the body has none, or one that is no object. */
  readonly bizData: Members
  readonly deviceId: string | null
  readonly productId: string | null
  readonly timeMs: number
}

/** What a letter says; undefined when it lacks what its kind needs. */
export type Reader = (letter: Letter) => QueueMessage | undefined

export function openLetter(body: Members, origin: Origin): Letter {
  const { protocol, t, publishTimeMs, receivedMs } = origin
  const bizData = membersOf(own(body, 'bizData'))
  // Named one by one: spreading the origin took longer than all the rest of a message.
  return {
    protocol,
    t,
    publishTimeMs,
    receivedMs,
    body,
    bizCode: textOf(own(body, 'bizCode')),
    bizData,
    deviceId: idOf(textOf(own(body, 'devId')) ?? own(bizData, 'devId')),
    productId:
      textOf(own(body, 'productKey')) ??
      textOf(own(body, 'productId')) ??
      textOf(own(bizData, 'productId')) ??
      textOf(own(bizData, 'productKey')),
    timeMs:
      readTime(own(bizData, 'time')) ??
      readTime(own(body, 'ts')) ??
      readTime(t) ??
      readTime(publishTimeMs) ??
      receivedMs,
  }
}

/** The members of an object; none of anything else. */
export function membersOf(value: unknown): Members {
  return isRecord(value) ? (value as Members) : none
}

const none: Members = {}

/** A text that is not empty. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** An id as it may stand in a topic, also one that was sent as a number. */
export function idOf(value: unknown): string | null {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : textOf(value)
  return text !== null && isId(text) ? text : null
}

/** The number of a data point, also one that was sent as text. */
export function dpIdOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : null
  return typeof value === 'string' && value.length <= 9 && /^\d+$/.test(value) ? Number(value) : null
}
