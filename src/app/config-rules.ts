import { isLoopback } from '../util/address.ts'
import type { ConfigFault } from './config-fault.ts'
import type { Config } from './config-types.ts'

/** Rules over more than one key. */
export function checkTogether(config: Config, demo: boolean, faults: ConfigFault[]): void {
  const { tuya, broker, mqtt } = config
  const fault = (path: string, message: string, hint: string) => faults.push({ path, message, hint })
  if (!tuya && !demo)
    fault(
      'tuya',
      'is missing.',
      'Give tuya.accessId and tuya.accessSecret of your cloud project, or run `dp2mqtt serve --demo`.',
    )
  if (tuya && !tuya.accessSecret)
    fault(
      'tuya.accessSecret',
      'is missing.',
      'Copy it from the project’s overview page, or name a file in tuya.accessSecretFile.',
    )
  if (tuya?.endpoint?.startsWith('http:') && !isLoopback(new URL(tuya.endpoint).hostname)) {
    fault('tuya.endpoint', 'is plain http to another machine.', 'Use https; http is for loopback only.')
  }
  if (mqtt.oldBase !== null && overlaps(mqtt.oldBase, mqtt.base)) {
    fault(
      'mqtt.oldBase',
      'and mqtt.base may not lie within each other.',
      'Give the base of before, or leave it out.',
    )
  }
  if (mqtt.url !== null) return
  if (!isLoopback(broker.host)) {
    if (!broker.users)
      fault(
        'broker.users',
        `is empty while the broker listens on ${broker.host}.`,
        'Off loopback everyone needs a user: add some, or listen on 127.0.0.1.',
      )
    if (!broker.tls && !broker.allowPlaintext) {
      fault(
        'broker.tls',
        `is empty while the broker listens on ${broker.host}.`,
        'Give certificate and key, or say broker.allowPlaintext: true.',
      )
    }
  }
  const names = new Set<string>()
  for (const [i, user] of (broker.users ?? []).entries()) {
    if (names.has(user.name))
      fault(`broker.users.${i}.name`, `"${user.name}" is there twice.`, 'Give each user another name.')
    names.add(user.name)
    if (!user.password && !user.passwordHash)
      fault(`broker.users.${i}.password`, 'is missing.', 'Give password, passwordFile or passwordHash.')
  }
}

function overlaps(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)
}
