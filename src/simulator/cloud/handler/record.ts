import { deviceLogs } from '../../../codec/cloud/operation/device-logs.ts'
import { iot03Logs } from '../../../codec/cloud/operation/iot03-logs.ts'
import { iot03ReportLogs } from '../../../codec/cloud/operation/iot03-report-logs.ts'
import type { SimDevice } from '../../world/device.ts'
import { type LogEntry, logEvent } from '../../world/log.ts'
import { deviceOf, rowsAfter } from '../access.ts'
import { illegal } from '../given.ts'
import { renderLog } from '../render/record.ts'
import { type Calling, serve } from '../serve.ts'

const usualSize = 20

/** What happened to a device, newest first, in pages that follow each other by row keys. */
export const recordHandlers = [
  serve(
    deviceLogs,
    (calling, { device_id, type, start_time, end_time, codes, size = usualSize, ...keys }) => {
      const device = deviceOf(calling, device_id)
      const entries = found(calling, device, { events: eventsOf(type), start_time, end_time, codes })
      const start = keys.start_row_key ?? keys.last_row_key ?? ''
      const { rows, hasMore, lastKey } = rowsAfter(entries, keyOf, start, checkedSize(size))
      return {
        device_id: device.id,
        has_next: hasMore,
        current_row_key: start,
        next_row_key: hasMore ? lastKey : '',
        logs: rows.map(renderLog),
      }
    },
  ),
  serve(
    iot03Logs,
    (calling, { device_id, event_types, start_time, end_time, size = usualSize, last_row_key = '' }) => {
      const device = deviceOf(calling, device_id)
      const entries = found(calling, device, { events: eventsOf(event_types), start_time, end_time })
      return listPage(device, entries, last_row_key, size)
    },
  ),
  serve(
    iot03ReportLogs,
    (calling, { device_id, codes, start_time, end_time, size = usualSize, last_row_key = '' }) => {
      const device = deviceOf(calling, device_id)
      const events = new Set([logEvent.report])
      return listPage(
        device,
        found(calling, device, { events, start_time, end_time, codes }),
        last_row_key,
        size,
      )
    },
  ),
]

function listPage(device: SimDevice, entries: readonly LogEntry[], after: string, size: number): object {
  const { rows, hasMore, lastKey } = rowsAfter(entries, keyOf, after, checkedSize(size))
  return { device_id: device.id, list: rows.map(renderLog), has_more: hasMore, last_row_key: lastKey }
}

const keyOf = ({ number }: LogEntry) => `row${number.toString(36)}`

function checkedSize(size: number): number {
  if (size < 1 || size > 100) throw illegal()
  return size
}

function eventsOf(text: string): ReadonlySet<number> {
  const events = text.split(',').map(Number)
  if (!events.every((event) => Number.isInteger(event) && event >= 1 && event <= 10)) throw illegal()
  return new Set(events)
}

interface Search {
  readonly events: ReadonlySet<number>
  readonly start_time: number
  readonly end_time: number
  readonly codes?: string | undefined
}

function found({ world }: Calling, device: SimDevice, search: Search): readonly LogEntry[] {
  const { events, start_time, end_time } = search
  if (start_time > end_time) throw illegal()
  const codes = search.codes === undefined ? undefined : new Set(search.codes.split(','))
  return world.logs
    .of(device)
    .filter(
      ({ event, code, timeMs }) =>
        events.has(event) && timeMs >= start_time && timeMs <= end_time && (!codes || codes.has(code)),
    )
    .toReversed()
}
