import type { AnnouncementForm } from '../../codec/lan/discovery.ts'
import type { LanVersion } from '../../codec/lan/version.ts'
import type { SimDevice } from '../world/device.ts'
import type { Firmware } from './firmware.ts'

const forms: Readonly<Record<LanVersion, AnnouncementForm>> = {
  '3.1': 'clear',
  '3.2': 'ecb',
  '3.3': 'ecb',
  '3.4': 'ecb34',
  '3.5': 'gcm',
}

/** An address that is nobody's (RFC 5737). */
const nobodys = '192.0.2.1'

/** How a device wraps what it announces. */
export function formOf({ lan }: SimDevice): AnnouncementForm {
  return lan?.form ?? forms[lan?.version ?? '3.3']
}

/** What a device says of itself, misspelt as all of them do. */
export function announcementOf(firmware: Firmware, ip: string): object {
  const { device } = firmware
  const wrong = firmware.fault('udp-wrong-ip')
  return {
    ip: wrong === undefined ? ip : wrong || nobodys,
    ...(firmware.fault('udp-no-id') === undefined ? { gwId: device.id } : {}),
    active: 2,
    ablilty: 0,
    mode: 0,
    encrypt: true,
    productKey: device.model.productId,
    version: device.lan?.version,
  }
}
