import { operationById, operations } from '../codec/cloud/operation/index.ts'
import type { OperationClass } from '../codec/cloud/operation.ts'
import { isRawPrefix } from '../codec/cloud/raw-request.ts'
import { isLoopback } from '../util/address.ts'
import { nearest } from '../util/nearest.ts'
import { isPasswordHash } from '../util/password.ts'
import type { ConfigFault } from './config-fault.ts'
import type { Config } from './config-types.ts'
import { checkLan, knowsDevices } from './lan-rules.ts'

/** Rules over more than one key. */
export function checkTogether(config: Config, demo: boolean, faults: ConfigFault[]): void {
  const { tuya, queue, broker, mqtt, lan, http } = config
  const fault = (path: string, message: string, hint: string) => faults.push({ path, message, hint })
  if (!tuya && !demo && !knowsDevices(lan))
    fault(
      'tuya',
      'is missing.',
      'Give tuya.accessId and tuya.accessSecret of your cloud project, or lan.devices to go without a cloud, or run `dp2mqtt serve --demo`.',
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
  if (tuya && queue.channel === 'openhub' && tuya.uid === null) {
    fault(
      'tuya.uid',
      'is empty while queue.channel is openhub.',
      'Give the id of the user whose devices it tells of.',
    )
  }
  if (queue.url?.startsWith('ws:') && !isLoopback(new URL(queue.url).hostname)) {
    fault('queue.url', 'is plain ws to another machine.', 'Use wss; ws is for loopback only.')
  }
  if (mqtt.oldBase !== null && overlaps(mqtt.oldBase, mqtt.base)) {
    fault(
      'mqtt.oldBase',
      'and mqtt.base may not lie within each other.',
      'Give the base of before, or leave it out.',
    )
  }
  if (config.tuyaMqtt.enabled && overlaps(config.tuyaMqtt.base, mqtt.base)) {
    fault(
      'tuyaMqtt.base',
      'and mqtt.base may not lie within each other.',
      'Give one of them another name, such as mqtt.base: dp2mqtt.',
    )
  }
  for (const [i, name] of config.operations.allow.entries()) {
    const refusal = notAllowable(name)
    if (refusal) fault(`operations.allow.${i}`, ...refusal)
  }
  checkRaw(config.operations.raw, fault)
  if (http.password && http.passwordHash !== null)
    fault('http.passwordHash', 'is given besides a password.', 'Keep one of the two.')
  if (http.passwordHash !== null && !isPasswordHash(http.passwordHash))
    fault('http.passwordHash', 'is no password hash.', 'Make one: printf %s "$PASSWORD" | dp2mqtt hash')
  const { publish } = config
  if (publish.homeassistant && !(publish.scalars && publish.views)) {
    fault(
      'publish.homeassistant',
      'needs publish.scalars and publish.views.',
      'Switch both on: its entities read them.',
    )
  }
  checkLan(lan, fault)
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

/** The path prefixes that requests of one's own may go to. */
export function rawPrefixes(raw: Config['operations']['raw']): readonly string[] {
  return Array.isArray(raw) ? raw : []
}

const howToList = 'List path prefixes of whole levels, such as /v2.0/cloud/thing/, or say false.'

function checkRaw(
  raw: Config['operations']['raw'],
  fault: (path: string, message: string, hint: string) => void,
): void {
  if (raw === true) fault('operations.raw', 'is true, which names no path.', howToList)
  for (const [i, prefix] of rawPrefixes(raw).entries()) {
    if (!isRawPrefix(prefix))
      fault(`operations.raw.${i}`, `"${prefix.slice(0, 64)}" is not a path prefix.`, howToList)
  }
}

const classes: readonly OperationClass[] = [
  'read',
  'control',
  'config',
  'firmware',
  'personal',
  'lock',
  'destructive',
]

/** Why a word cannot stand in the list of what is allowed, and what to do; undefined when it can. */
function notAllowable(name: string): readonly [message: string, hint: string] | undefined {
  const operation = operationById(name)
  if (name === 'never' || operation?.class === 'never') {
    return [`"${name}" is never called over MQTT.`, 'Leave it out.']
  }
  if (operation || classes.some((known) => known === name)) return undefined
  const near = nearest(name, [...classes, ...operations.map(({ id }) => id)], 3)
  return [
    `"${name}" is neither a class nor an operation.`,
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `The classes are ${classes.join(', ')}.`,
  ]
}

export function overlaps(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)
}
