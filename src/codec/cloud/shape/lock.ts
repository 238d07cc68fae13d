import type { Schema } from '../schema.ts'
import {
  finite,
  listOrNull,
  number,
  statusSchema,
  text,
  timeMs,
  type WireNumber,
  type WireStatus,
  type WireText,
} from '../shape.ts'

export interface WireLockLog {
  readonly update_time?: WireNumber
  /** One pair in the platform's sample, a list of them in recorded answers. */
  readonly status?: WireStatus | readonly WireStatus[] | null
  readonly nick_name?: WireText
  readonly user_id?: WireNumber
  readonly unlock_name?: WireText
}

const lockLogSchema: Schema = {
  type: 'object',
  properties: {
    update_time: number,
    status: { anyOf: [statusSchema, listOrNull(statusSchema)] },
    nick_name: text,
    user_id: number,
    unlock_name: text,
  },
}

/** The records stand in `logs` (openings) or in `records` (alarms). */
export interface WireLockLogPage {
  readonly total?: WireNumber
  readonly logs?: readonly WireLockLog[] | null
  readonly records?: readonly WireLockLog[] | null
}

export const lockLogPageSchema: Schema = {
  type: 'object',
  properties: { total: number, logs: listOrNull(lockLogSchema), records: listOrNull(lockLogSchema) },
}

export interface LockLog {
  readonly timeMs: number | null
  readonly status: readonly WireStatus[]
  readonly userId: string | null
  readonly nickName: string | null
  /** What opened it: the name of a finger, a card, a code. */
  readonly unlockName: string | null
}

export interface LockLogPage {
  readonly total: number
  readonly logs: readonly LockLog[]
}

export function readLockLogPage(page: WireLockLogPage): LockLogPage {
  const logs = (page.logs ?? page.records ?? []).map((log) => ({
    timeMs: timeMs(log.update_time),
    status: [log.status ?? []].flat(),
    userId: log.user_id ? String(log.user_id) : null,
    nickName: log.nick_name || null,
    unlockName: log.unlock_name || null,
  }))
  return { total: finite(page.total) ?? logs.length, logs }
}

export interface WireLockMedia {
  readonly file_url?: WireText
  readonly file_key?: WireText
  readonly media_url?: WireText
  readonly media_key?: WireText
}

export const lockMediaSchema: Schema = {
  type: 'object',
  properties: {
    file_url: text,
    file_key: text,
    file_path: text,
    media_url: text,
    media_key: text,
    media_path: text,
    bucket: text,
    media_bucket: text,
  },
}

/** A picture or a recording: where it lies for a short while, and the key that it is encrypted with. */
export interface MediaFile {
  readonly url: string
  readonly key: string | null
}

export interface LockMedia {
  readonly cover: MediaFile | null
  readonly recording: MediaFile | null
}

export function readLockMedia(media: WireLockMedia): LockMedia {
  const file = (url: WireText, key: WireText) => (url ? { url, key: key || null } : null)
  return {
    cover: file(media.file_url, media.file_key),
    recording: file(media.media_url, media.media_key),
  }
}
