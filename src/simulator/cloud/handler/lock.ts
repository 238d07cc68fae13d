import { lockAlarmLogs } from '../../../codec/cloud/operation/lock-alarm-logs.ts'
import { lockLatestMedia } from '../../../codec/cloud/operation/lock-latest-media.ts'
import { lockMediaUrl } from '../../../codec/cloud/operation/lock-media-url.ts'
import { lockOpenLogs } from '../../../codec/cloud/operation/lock-open-logs.ts'
import { isLock, type SimDevice } from '../../world/device.ts'
import { type LockRecord, mediaOf } from '../../world/lock.ts'
import { deviceOf, pageOf } from '../access.ts'
import { illegal } from '../given.ts'
import { Refusal } from '../refusal.ts'
import { renderLockRecord, renderMedia } from '../render/record.ts'
import { type Calling, serve } from '../serve.ts'

/** What locks remember, newest first. */
export const lockHandlers = [
  serve(lockOpenLogs, (calling, { device_id, page_no, page_size, start_time, end_time }) => {
    const lock = lockOf(calling, device_id)
    const records = calling.world.locks
      .of(lock, 'open')
      .filter(({ timeMs }) => timeMs >= milliseconds(start_time) && timeMs <= milliseconds(end_time))
      .toReversed()
    return { total: records.length, logs: pageOf(records, page_no, page_size).map(renderLockRecord) }
  }),
  serve(lockAlarmLogs, (calling, { device_id, page_no, page_size, codes }) => {
    const lock = lockOf(calling, device_id)
    const wanted = codes === undefined ? undefined : new Set(codes.split(','))
    const records = calling.world.locks
      .of(lock, 'alarm')
      .filter(({ code }) => !wanted || wanted.has(code))
      .toReversed()
    return { total: records.length, records: pageOf(records, page_no, page_size).map(renderLockRecord) }
  }),
  serve(lockLatestMedia, (calling, { device_id, file_type }) => {
    if (file_type !== 1 && file_type !== 2) throw illegal()
    const lock = lockOf(calling, device_id)
    const record = calling.world.locks.of(lock, file_type === 1 ? 'open' : 'alarm').at(-1)
    return record ? renderMedia(lock, record) : {}
  }),
  serve(lockMediaUrl, (calling, { device_id, bucket, file_path }) => {
    const lock = lockOf(calling, device_id)
    const record = recordsOf(calling, lock).find((each) => {
      const media = mediaOf(lock, each)
      return media.bucket === bucket && media.path === file_path
    })
    if (!record) throw new Refusal(1000, 'data not exist')
    return renderMedia(lock, record)
  }),
]

function lockOf(calling: Calling, id: string): SimDevice {
  const device = deviceOf(calling, id)
  if (!isLock(device)) throw new Refusal(2004, 'not support the lock type')
  return device
}

function recordsOf({ world }: Calling, lock: SimDevice): readonly LockRecord[] {
  return [...world.locks.of(lock, 'open'), ...world.locks.of(lock, 'alarm')]
}

/** Seconds are taken too: the platform's samples mix them. */
function milliseconds(time: number): number {
  return time < 1e11 ? time * 1000 : time
}
