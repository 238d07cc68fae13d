import { isId } from '../../domain/id.ts'
import type { Incoming } from '../../mqtt/message.ts'
import type { TopicTree } from '../../mqtt/topic.ts'
import { BridgeError } from '../../util/error.ts'
import { isRecord, limits, own, parseJson } from '../../util/json.ts'

/**
 * What the page asks, as the command that anybody could have published: from here on there is one road. `bytes` come
 * from the browser. Throws BridgeError for what is no request of the page.
 */
export function commandOf(bytes: Uint8Array, tree: Pick<TopicTree, 'build'>): Incoming {
  const request = parseJson(bytes, limits.command)
  if (!isRecord(request)) throw noRequest
  const { id } = request
  switch (own(request, 'do')) {
    case 'write':
      return command(tree.build('commandDevice', { device: idAt(request, 'device') }), {
        dp: own(request, 'dp'),
        id,
      })
    case 'read':
      return command(tree.build('commandGet', { device: idAt(request, 'device') }), { id })
    case 'trigger':
    case 'enable':
      return definitionCommand(request, tree)
    case 'resync':
      return command(tree.build('commandBridge', { verb: 'resync' }), { id })
    default:
      throw noRequest
  }
}

const noRequest = new BridgeError('command/bad-value', 'This is no request of the page.')

function definitionCommand(request: Record<string, unknown>, tree: Pick<TopicTree, 'build'>): Incoming {
  const id = String(own(request, 'id') ?? '')
  const thing = idAt(request, 'thing')
  const isScene = own(request, 'kind') === 'scene'
  if (own(request, 'do') === 'trigger') {
    const topic = isScene
      ? tree.build('commandSceneTrigger', { scene: thing })
      : tree.build('commandAutomationTrigger', { automation: thing })
    return command(topic, { id })
  }
  const topic = isScene
    ? tree.build('commandSceneEnabled', { scene: thing })
    : tree.build('commandAutomationEnabled', { automation: thing })
  // A bare value takes its options beside it.
  return { ...command(topic, own(request, 'on') === true), user: { id } }
}

function command(topic: string, payload: unknown): Incoming {
  const bytes = Buffer.from(JSON.stringify(payload))
  return { topic, payload: bytes, retain: false, dup: false, contentType: 'application/json' }
}

function idAt(request: Record<string, unknown>, key: string): string {
  const id = own(request, key)
  if (typeof id !== 'string' || !isId(id)) throw noRequest
  return id
}
