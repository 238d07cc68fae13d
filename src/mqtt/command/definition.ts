import type { Automation } from '../../domain/automation.ts'
import type { Scene } from '../../domain/scene.ts'
import { BridgeError } from '../../util/error.ts'
import { utf8 } from '../../util/json.ts'
import { nearest } from '../../util/nearest.ts'
import type { Incoming } from '../message.ts'
import type { CommandParts, ThingKind } from './ports.ts'
import type { ParsedTopic, Prepared } from './prepare.ts'
import { type Options, readOptions, readVerb } from './request.ts'
import {
  enableAutomation,
  enableScene,
  fireCondition,
  type OperationCall,
  readEnabled,
  triggerAutomation,
  triggerScene,
} from './scene.ts'

type DefinitionParts = Pick<CommandParts, 'house' | 'operations'>

/** Commands to scenes and automations; throws BridgeError for what they cannot be. */
export class DefinitionPreparer {
  readonly #parts: DefinitionParts

  constructor(parts: DefinitionParts) {
    this.#parts = parts
  }

  prepare(message: Incoming, { name, params }: ParsedTopic, id: string): Prepared {
    const text = utf8(message.payload)
    const user = message.user ?? {}
    if (name.endsWith('SceneTrigger')) {
      return this.#calling(readOptions(readVerb(message.payload, text), user), () =>
        triggerScene(this.#scene(id)),
      )
    }
    if (name.endsWith('SceneEnabled')) {
      const enabled = readEnabled(text)
      return this.#calling(readOptions({}, user), () => enableScene(this.#scene(id), enabled))
    }
    if (name.endsWith('AutomationEnabled')) {
      const enabled = readEnabled(text)
      return this.#calling(readOptions({}, user), () => enableAutomation(this.#automation(id), enabled))
    }
    if (name.endsWith('AutomationTrigger')) {
      const { conditions, ...options } = readVerb(message.payload, text)
      return this.#calling(readOptions(options, user), () =>
        triggerAutomation(this.#automation(id), { conditions }),
      )
    }
    if (text === undefined) throw new BridgeError('command/bad-value', 'The payload is not UTF-8 text.')
    const code = params['code'] ?? ''
    return this.#calling(readOptions({}, user), () => fireCondition(this.#automation(id), code, text))
  }

  #calling(options: Options, call: () => OperationCall): Prepared {
    return {
      options,
      run: async (_leftMs, progress, end) => {
        const { operation, params } = call()
        return this.#parts.operations.prepare(operation, params)(end(), () => progress('accepted'))
      },
    }
  }

  #scene(id: string): Scene {
    return this.#parts.house.scene(id) ?? this.#unknown('scene', id)
  }

  #automation(id: string): Automation {
    return this.#parts.house.automation(id) ?? this.#unknown('automation', id)
  }

  #unknown(kind: ThingKind, id: string): never {
    throw new BridgeError(`command/unknown-${kind}`, `No ${kind} has the id ${id}.`, {
      details: nearest(id, this.#parts.house.ids(kind), 5).map((near) => ({ [kind]: near })),
    })
  }
}
