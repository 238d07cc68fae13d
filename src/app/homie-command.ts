import type { CommandTold } from '../mqtt/command/case.ts'
import type { Incoming } from '../mqtt/message.ts'
import type { TopicTree } from '../mqtt/topic.ts'
import { utf8 } from '../util/json.ts'
import type { ConventionTree } from './homie-edition.ts'

export interface HomieCommandParts {
  readonly tree: TopicTree
  /** Carries out a command of the bridge's own. */
  readonly onCommand: (message: Incoming, told?: CommandTold) => void
  readonly onTrouble: (reason: string, message: string, more: object) => void
}

/** A written property is one of the bridge's own commands, with all that belongs to those. */
export function obey(
  { tree, onCommand, onTrouble }: HomieCommandParts,
  homie: ConventionTree,
  { topic, payload, retain, dup }: Incoming,
  clear: (topic: string) => void,
): void {
  // No filter tells our devices from those of others.
  if (payload.byteLength === 0 || !homie.isOurs(topic)) return
  const text = utf8(payload) ?? ''
  if (retain) {
    clear(topic)
    onTrouble('command/retained', 'Commands published with the retain flag are never executed.', { topic })
    return
  }
  const wish = homie.wish(topic, text)
  if (!wish) {
    onTrouble('command/bad-value', 'No settable property takes that.', { topic: topic.slice(0, 512) })
    return
  }
  const { code, view, payload: value } = wish.setting
  const device = wish.deviceId
  const command =
    view === null
      ? tree.build('commandDp', { device, code })
      : tree.build('commandView', { device, code, view })
  onCommand({ topic: command, payload: Buffer.from(value), retain: false, dup }, (state, outcome) => {
    if (state === 'accepted') homie.target(wish, text)
    else if (outcome?.reason !== undefined)
      onTrouble(outcome.reason, outcome.message ?? 'A Homie command failed.', { topic, device })
  })
}
