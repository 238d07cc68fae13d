import type { Outcome, ProgressState } from '../../domain/command.ts'
import { BridgeError } from '../../util/error.ts'
import { isRecord, own, utf8 } from '../../util/json.ts'
import { nearest } from '../../util/nearest.ts'
import { orAborted } from '../../util/signal.ts'
import type { Incoming } from '../message.ts'
import { type TopicName, topics } from '../topic.ts'
import { DefinitionPreparer } from './definition.ts'
import { askEntity } from './entity.ts'
import { prepareFirmware } from './firmware.ts'
import type { OnceRate } from './memory.ts'
import type { CommandParts, OperationPort } from './ports.ts'
import { forbidden, unknownDevice } from './refusal.ts'
import { noOptions, type Options, optionKeys, readObject, readOptions, readVerb } from './request.ts'
import { type Asked, checkWrite, readForms, type Target } from './write.ts'

/** A command that was read: what it wants to say about itself, and how to carry it out. */
export interface Prepared {
  readonly options: Options
  /**
   * Rejects with BridgeError when it is refused. `leftMs` = how long it may wait. What has no end of its own takes
   * `end`, whose time begins when it is asked for.
   */
  run(leftMs: number, progress: (state: ProgressState) => void, end: () => AbortSignal): Promise<Outcome>
}

export type ParsedTopic = { readonly name: TopicName; readonly params: Readonly<Record<string, string>> }

/** Everything that a payload can be on a topic of the bridge; throws BridgeError for what it cannot be. */
export class Preparer {
  readonly #parts: CommandParts
  /** Those of the parts, with what is asked too often refused. */
  readonly #operations: OperationPort
  readonly #rate: OnceRate
  readonly #definitions: DefinitionPreparer

  constructor(parts: CommandParts, rate: OnceRate, operations: OperationPort) {
    this.#operations = operations
    this.#parts = parts
    this.#rate = rate
    this.#definitions = new DefinitionPreparer({ house: parts.house, operations })
  }

  /** `id` is that of the thing which the topic is about, '' where it is about none. */
  prepare(message: Incoming, topic: ParsedTopic, id: string): Prepared {
    switch (topic.name) {
      case 'commandDevice':
      case 'commandNamed':
        return this.#several(message, id)
      case 'commandDp':
      case 'commandNamedDp':
      case 'commandView':
      case 'commandNamedView':
        return this.#one(message, topic.params, id)
      case 'commandEntity':
      case 'commandNamedEntity':
      case 'commandEntityPart':
      case 'commandNamedEntityPart':
        return this.#entity(message, topic.params, id)
      case 'commandGet':
      case 'commandNamedGet':
        return this.#get(message, id)
      case 'commandOta':
      case 'commandNamedOta':
        return prepareFirmware(message, id, this.#parts)
      case 'commandSceneTrigger':
      case 'commandNamedSceneTrigger':
      case 'commandSceneEnabled':
      case 'commandNamedSceneEnabled':
      case 'commandAutomationTrigger':
      case 'commandNamedAutomationTrigger':
      case 'commandAutomationEnabled':
      case 'commandNamedAutomationEnabled':
      case 'commandCondition':
      case 'commandNamedCondition':
        return this.#definitions.prepare(message, topic, id)
      case 'commandOperation':
        return this.#operation(message, topic.params['operation'] ?? '')
      case 'commandBridge':
        return this.#verb(message, topic.params['verb'] ?? '')
      default:
        throw unknownTopic(message.topic)
    }
  }

  #several(message: Incoming, deviceId: string): Prepared {
    const members = readObject(message.payload, 'command')
    const { asked, options } = readForms(members)
    return this.#write(deviceId, asked, readOptions(options, message.user ?? {}))
  }

  #one(message: Incoming, params: Readonly<Record<string, string>>, deviceId: string): Prepared {
    const code = params['code'] ?? ''
    const view = params['view']
    const value = utf8(message.payload)
    if (value === undefined) throw new BridgeError('command/bad-value', 'The payload is not UTF-8 text.')
    const asText = { code, as: 'text', value, json: message.contentType === 'application/json' } as const
    const asked: Asked = view === undefined ? asText : { code, as: 'view', view, value }
    return this.#write(deviceId, [asked], readOptions({}, message.user ?? {}))
  }

  #entity(message: Incoming, params: Readonly<Record<string, string>>, deviceId: string): Prepared {
    const payload = utf8(message.payload)
    if (payload === undefined) throw new BridgeError('command/bad-value', 'The payload is not UTF-8 text.')
    const { key = '', part = '' } = params
    const ask = (target: Target) => askEntity(target, key, part, payload)
    return this.#write(deviceId, ask, readOptions({}, message.user ?? {}))
  }

  #write(
    deviceId: string,
    asks: readonly Asked[] | ((target: Target) => readonly Asked[]),
    options: Options,
  ): Prepared {
    const { house, codec, settings, router } = this.#parts
    return {
      options,
      run: async (leftMs, progress) => {
        const target = house.device(deviceId)
        if (!target) throw unknownDevice(deviceId, house)
        const asked = typeof asks === 'function' ? asks(target) : asks
        const checked = checkWrite(target, asked, {
          codec,
          isStale: (fact) => house.isStale(fact, deviceId),
          locksAllowed: settings.locksAllowed,
          clamp: options.clamp,
        })
        if (checked.once && !this.#rate.admit(deviceId)) {
          throw new BridgeError('command/rate', 'At most 20 such commands a second reach one device.', {
            retry: 'later',
          })
        }
        const { points, once, warnings } = checked
        const outcome = await router.submit(
          { deviceId, points, once, path: options.path, ttlMs: leftMs },
          progress,
        )
        return warnings.length > 0
          ? { ...outcome, warnings: [...warnings, ...(outcome.warnings ?? [])] }
          : outcome
      },
    }
  }

  #get(message: Incoming, deviceId: string): Prepared {
    const members = readVerb(message.payload, utf8(message.payload))
    const { house, router } = this.#parts
    return {
      options: readOptions(members, message.user ?? {}),
      run: async (_leftMs, _progress, end) => {
        if (!house.device(deviceId)) throw unknownDevice(deviceId, house)
        const path = await router.read(deviceId, end())
        return {
          state: 'confirmed',
          by: path === 'lan' ? 'report' : 'cloud',
          path,
          result: house.document(deviceId),
        }
      },
    }
  }

  #operation(message: Incoming, id: string): Prepared {
    const members = readObject(message.payload, 'operation')
    const { params, ...rest } = members
    if (params === undefined) checkNothingBeside(rest)
    const options = readOptions(rest, message.user ?? {})
    const operations = this.#operations
    return {
      options,
      run: async (_leftMs, progress, end) => {
        const described = operations.describe(id, isRecord(params) ? params : {})
        if (!described) {
          throw new BridgeError('command/unknown-operation', `There is no operation "${id.slice(0, 64)}".`, {
            details: nearest(id, operations.ids, 5).map((operation) => ({ operation })),
          })
        }
        if (!described.allowed) throw forbidden(id, described.class)
        if (described.private && message.responseTopic === undefined && options.from === null) {
          throw new BridgeError(
            'command/reply-needed',
            `The answer of ${id} is private: give "from" or a Response Topic.`,
          )
        }
        if (params !== undefined && !isRecord(params)) {
          throw new BridgeError(
            'command/bad-param',
            '"params" must be an object of parameter names and values.',
          )
        }
        return operations.prepare(id, params ?? {})(end(), () => progress('accepted'))
      },
    }
  }

  #verb(message: Incoming, name: string): Prepared {
    const verb = this.#parts.verbs.get(name)
    if (!verb) {
      throw new BridgeError(
        'command/unknown-verb',
        `The bridge does not know the word "${name.slice(0, 64)}".`,
        {
          details: [...this.#parts.verbs.keys()].map((known) => ({ verb: known })),
        },
      )
    }
    const members = readVerb(message.payload, utf8(message.payload))
    // A scope's id is the id of a thing, not of the command.
    const { id, ...rest } = members
    const aboutThing = members['scope'] !== undefined
    return {
      options: readOptions(aboutThing ? rest : { ...rest, id }, message.user ?? {}),
      run: async (_leftMs, _progress, end) => ({
        state: 'confirmed',
        by: 'bridge',
        path: null,
        result: await orAborted(verb(members, end()), end()),
      }),
    }
  }
}

/** Who forgot `params` would be told that his parameters are missing, which he has before his eyes. */
function checkNothingBeside(members: Readonly<Record<string, unknown>>): void {
  const beside = Object.keys(members).filter((name) => !optionKeys.has(name))
  const [first] = beside
  if (first === undefined) return
  throw new BridgeError(
    'command/bad-param',
    `Parameters stand inside of "params": {"params":{"${first.slice(0, 64)}":…}}.`,
    {
      details: beside
        .slice(0, 20)
        .map((name) => ({ param: name.slice(0, 64), expected: 'inside of "params"' })),
    },
  )
}

/** Known ones instead of near ones: whoever mistyped a level sees what could stand there. */
export function unknownTopic(topic: string): BridgeError {
  return new BridgeError('command/unknown-topic', `Nothing listens on ${topic.slice(0, 200)}.`, {
    details: Object.values(topics).flatMap(({ direction, pattern }) =>
      direction === 'obey' ? [{ topic: pattern }] : [],
    ),
  })
}

/** The id and requester of a message that could not be read otherwise, as far as they can be told. */
export function peek(message: Incoming, isObjectTopic: boolean): Pick<Options, 'id' | 'from'> {
  const user = message.user ?? {}
  const members = isObjectTopic ? tolerant(message.payload) : {}
  const text = (key: 'id' | 'from') => {
    const value = own(members, key) ?? own(user, key)
    return typeof value === 'string' ? value : undefined
  }
  const one = (key: 'id' | 'from') => {
    try {
      return readOptions({ [key]: text(key) }, {})[key]
    } catch {
      return noOptions[key]
    }
  }
  return { id: one('id'), from: one('from') }
}

function tolerant(payload: Uint8Array): Record<string, unknown> {
  try {
    return readObject(payload, 'operation')
  } catch {
    return {}
  }
}
