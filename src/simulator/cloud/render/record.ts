import type { SimDevice } from '../../world/device.ts'
import { type FirmwareModule, upgradeStatus } from '../../world/firmware.ts'
import { type LockRecord, mediaOf } from '../../world/lock.ts'
import type { LogEntry } from '../../world/log.ts'
import type { DpEntry } from '../../world-file.ts'

const seconds = (ms: number) => Math.floor(ms / 1000)

/** Every value is text here, every time in milliseconds. */
export function renderLog({ code, value, event, from, timeMs }: LogEntry): object {
  return { code, value, event_id: event, event_from: String(from), event_time: timeMs, status: '1' }
}

const moduleNames: Readonly<Record<number, string>> = {
  0: 'Wi-Fi Module',
  1: 'Bluetooth Module',
  2: 'GPRS Module',
  3: 'Zigbee Module',
  4: 'IR Module',
  5: '433 Module',
  6: 'NB Module',
  9: 'MCU Module',
}

export function renderModule(module: FirmwareModule): object {
  const waits = module.status !== upgradeStatus.none
  return {
    upgrade_status: module.status,
    current_version: module.version,
    upgrade_version: waits ? module.upgrade : module.version,
    module_type: module.type,
    module_desc: moduleNames[module.type] ?? '',
    last_upgrade_time: seconds(module.upgradedMs),
    upgrade_desc: waits ? 'Bug fixes.' : '',
  }
}

export function renderLockRecord(record: LockRecord): object {
  const { code, value, userId, timeMs } = record
  const opened = record.kind === 'open'
  return {
    update_time: seconds(timeMs),
    status: { code, value },
    nick_name: opened ? `User ${userId}` : '',
    user_id: userId,
    unlock_name: opened ? `${code.replace('unlock_', '')} ${userId}` : '',
  }
}

const store = 'https://storage.invalid'

export function renderMedia(device: SimDevice, record: LockRecord): object {
  const { bucket, path, key } = mediaOf(device, record)
  const recording = path.replace('.jpg', '.mp4')
  return {
    file_url: `${store}/${bucket}${path}`,
    file_key: key,
    file_path: path,
    bucket,
    media_url: `${store}/${bucket}${recording}`,
    media_key: key,
    media_path: recording,
    media_bucket: bucket,
  }
}

/** Sums are told in the shown unit, as text. */
export function renderTotal(dp: DpEntry, total: number): object {
  const scale = Number(dp.values['scale'] ?? 0)
  return { total: (total / 10 ** scale).toFixed(scale) }
}
