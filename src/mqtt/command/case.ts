import { slugOf } from '../../domain/slug.ts'
import { BridgeError } from '../../util/error.ts'
import { nearest } from '../../util/nearest.ts'
import type { Incoming } from '../message.ts'
import type { CommandParts } from './ports.ts'
import type { ParsedTopic } from './prepare.ts'
import type { Subject } from './receipt.ts'

type CaseParts = Pick<CommandParts, 'clock' | 'tree' | 'settings' | 'house'>

/** Everything about one command that its answers need. */
export interface Case {
  readonly message: Incoming
  readonly subject: Subject
  readonly topic: ParsedTopic | undefined
  readonly deviceId: string | undefined
  readonly arrivedAt: number
}

/** Reads the topic alone: whoever is refused wants to know what for. */
export function caseOf(message: Incoming, parts: CaseParts): Case {
  const { clock, tree } = parts
  const topic = tree.parse(message.topic)
  const deviceId = deviceOf(topic, parts)
  const subject = subjectOf(tree.relative(message.topic) ?? message.topic, topic, deviceId)
  return { message, topic, deviceId, arrivedAt: clock.monotonic(), subject }
}

function deviceOf(topic: ParsedTopic | undefined, { settings, house }: CaseParts): string | undefined {
  if (topic?.params['device'] !== undefined) return topic.params['device']
  const name = topic?.params['name']
  if (name === undefined || !settings.names) return undefined
  const found = house.named(name)
  return 'id' in found ? found.id : undefined
}

/** `path` is the topic below the base. */
function subjectOf(path: string, topic: ParsedTopic | undefined, deviceId: string | undefined): Subject {
  if (topic && deviceId !== undefined) {
    return { target: `device/${deviceId}`, result: { kind: 'device', name: deviceId } }
  }
  const { operation, verb } = topic?.params ?? {}
  if (operation !== undefined)
    return { target: `op/${operation}`, result: { kind: 'operation', name: operation } }
  if (verb !== undefined) return { target: `bridge/${verb}`, result: { kind: 'bridge', name: verb } }
  const target = path.replace(/^cmd\//, '').slice(0, 200)
  // A slip below a device's topic is still about that device.
  const device = /^device\/([A-Za-z0-9_-]{1,64})\//.exec(target)?.[1]
  return { target, result: device === undefined ? { kind: 'unknown' } : { kind: 'device', name: device } }
}

/** Why a name leads nowhere. */
export function unknownName(topic: ParsedTopic, { house, settings }: CaseParts): BridgeError {
  const name = topic.params['name'] ?? ''
  if (!settings.names)
    return new BridgeError('command/unknown-name', 'Names are switched off (setting names).')
  const found = house.named(name)
  const candidates = 'candidates' in found ? found.candidates : []
  if (candidates.length > 0) {
    return new BridgeError(
      'command/ambiguous-name',
      `Several devices could be "${name.slice(0, 64)}"; use the whole name or the id.`,
      {
        details: candidates.map((device) => ({ device })),
      },
    )
  }
  return new BridgeError('command/unknown-name', `No device is called "${name.slice(0, 64)}".`, {
    details: nearest(slugOf(name), house.names(), 5).map((near) => ({ name: near })),
  })
}
