import { homeCommand, homeIn } from '../integration/homie/home.ts'
import type { Wish } from '../integration/homie/tree-parts.ts'
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
  const payloadOfCommand = Buffer.from(wish.setting.payload)
  const command = { topic: commandTopic(tree, wish), payload: payloadOfCommand, retain: false, dup }
  onCommand(command, (state, outcome) => {
    if (state === 'accepted') homie.target(wish, text)
    else if (outcome?.reason !== undefined)
      onTrouble(outcome.reason, outcome.message ?? 'A Homie command failed.', { topic, ...aboutOf(wish) })
  })
}

function commandTopic(tree: TopicTree, { deviceId: device, setting: { code, view } }: Wish): string {
  if (homeIn(device) !== undefined) return homeCommand(tree, code)
  return view === null
    ? tree.build('commandDp', { device, code })
    : tree.build('commandView', { device, code, view })
}

function aboutOf({ deviceId }: Wish): object {
  const home = homeIn(deviceId)
  return home === undefined ? { device: deviceId } : { home }
}
