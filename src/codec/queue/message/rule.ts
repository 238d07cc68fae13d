import type { Json } from '../../../domain/data-point.ts'
import type { SceneRunMessage } from '../../../domain/message.ts'
import { asNumber, JsonError, limits, own, parseJson } from '../../../util/json.ts'
import { readTime } from '../time.ts'
import { idOf, type Letter, membersOf, type Reader } from './letter.ts'
import { toldBy } from './told.ts'

/** What the platform counts as done. */
const done = 1

export const sceneExecute: Reader = (letter) => {
  const { body, bizData } = letter
  const sceneId = idOf(own(bizData, 'id'))
  if (sceneId === null) return undefined
  return {
    kind: 'sceneRun',
    ...toldBy(letter),
    sceneId,
    homeId: idOf(own(body, 'gid')),
    actions: actionsOf(letter),
  }
}

/** Waits and other actions without a device are left out. */
function actionsOf({ body, timeMs }: Letter): SceneRunMessage['actions'] {
  const actions = own(body, 'actions')
  if (!Array.isArray(actions)) return []
  return actions.flatMap((action: Json) => {
    const members = membersOf(action)
    const device = idOf(own(members, 'entityId'))
    if (device === null) return []
    const ok = asNumber(own(members, 'execStatus')) === done
    return [{ device, ok, timeMs: readTime(own(members, 'executeTime')) ?? timeMs }]
  })
}

/** The payload is the owner's own object: nothing in it is left out or altered. */
export const externalAction: Reader = (letter) => {
  const { body, protocol, bizCode, timeMs } = letter
  const payload = payloadOf(body['bizData'])
  const automationId = idOf(own(body, 'automationId')) ?? idOf(own(membersOf(payload), 'automationId'))
  if (automationId === null) return undefined
  const homeId = idOf(own(body, 'homeId')) ?? idOf(own(body, 'gid'))
  return { kind: 'externalAction', protocol, bizCode, timeMs, data: payload, automationId, homeId, payload }
}

/** Some senders put the object into a text. */
function payloadOf(sent: Json | undefined): Json {
  if (typeof sent !== 'string') return sent ?? null
  try {
    return parseJson(sent, limits.queueBody) as Json
  } catch (thrown) {
    if (!(thrown instanceof JsonError)) throw thrown
    return sent
  }
}
