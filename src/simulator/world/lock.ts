import { createHash } from 'node:crypto'
import type { Emitter } from '../../util/emitter.ts'
import { isLock, type SimDevice } from './device.ts'
import type { ChangedPoint, WorldEvents } from './event.ts'

export interface LockRecord {
  readonly kind: 'open' | 'alarm'
  readonly code: string
  readonly value: string
  /** The number that the lock gave the person; empty for alarms. */
  readonly userId: string
  readonly timeMs: number
}

const kept = 500
const alarmCodes = new Set(['hijack', 'alarm_lock', 'doorbell', 'doorbell_call', 'alarm_message'])

/** What locks wrote down: openings and alarms, from what they report. */
export class LockRecords {
  readonly #records = new Map<string, LockRecord[]>()

  constructor(events: Emitter<WorldEvents>) {
    events.on('status', ({ device, points }) => {
      if (isLock(device)) for (const point of points) this.#note(device, point)
    })
    events.on('removed', ({ device }) => this.#records.delete(device.id))
  }

  of(device: SimDevice, kind: LockRecord['kind']): readonly LockRecord[] {
    return (this.#records.get(device.id) ?? []).filter((record) => record.kind === kind)
  }

  #note(device: SimDevice, { dp, value, timeMs }: ChangedPoint): void {
    const opened = dp.code.startsWith('unlock_')
    if (!opened && !alarmCodes.has(dp.code)) return
    const records = this.#records.get(device.id) ?? []
    this.#records.set(device.id, records)
    records.push({
      kind: opened ? 'open' : 'alarm',
      code: dp.code,
      value: String(value),
      userId: opened ? String(value) : '',
      timeMs,
    })
    if (records.length > 2 * kept) records.splice(0, kept)
  }
}

export interface LockMedia {
  readonly bucket: string
  readonly path: string
  readonly key: string
}

/** Where the picture of a record lies; the same record has the same place in every run. */
export function mediaOf(device: SimDevice, record: LockRecord): LockMedia {
  const name = createHash('sha256').update(`${device.id} ${record.code} ${record.timeMs}`).digest('hex')
  return {
    bucket: 'ty-eu-storage30-pic',
    path: `/${device.uuid}/${name.slice(0, 24)}.jpg`,
    key: name.slice(24, 40),
  }
}
