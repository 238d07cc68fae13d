import { isId } from '../../domain/id.ts'
import type { Branch, TopicTree, tuyaMqttTopics } from '../../mqtt/topic.ts'
import { isRecord, limits, parseJson, utf8 } from '../../util/json.ts'
import type { Names } from './names.ts'
import { pointOf, powerOf, type Thing } from './thing.ts'

/** The part of a message that is translated. */
export interface Heard {
  readonly topic: string
  readonly payload: Uint8Array
}

export interface CommandParts {
  readonly branch: Branch<typeof tuyaMqttTopics>
  readonly tree: TopicTree
  readonly names: Names
}

/**
 * Commands in that bridge's words as commands of our own, which are then guarded, checked, carried out and answered like
 * all others. What cannot be understood is passed on in a form that is refused with a reason.
 */
export class TuyaMqttCommands {
  readonly #parts: CommandParts

  constructor(parts: CommandParts) {
    this.#parts = parts
  }

  /** The filters of everything that is obeyed. */
  get filters(): readonly string[] {
    const { base } = this.#parts.branch
    return [`${base}/+/command`, `${base}/+/dps/command`, `${base}/+/dps/+/command`]
  }

  /** The command of our own tree that it stands for; undefined when the topic is none of that tree's. */
  translate<M extends Heard>(message: M): (M & { readonly origin: string }) | undefined {
    const parsed = this.#parts.branch.parse(message.topic)
    if (!parsed) return undefined
    const { thing: level = '', point = '' } = parsed.params
    const thing = this.#parts.names.find(level)
    const said = { ...message, origin: message.topic }
    if (!thing || message.payload.byteLength === 0) return { ...said, topic: this.#topicOf(level, thing) }
    switch (parsed.name) {
      case 'tuyaMqttCommand':
        return { ...said, ...this.#word(message, thing) }
      case 'tuyaMqttSetDps':
        return { ...said, topic: this.#topicOf(level, thing), payload: several(message.payload, thing) }
      case 'tuyaMqttSetDp':
        return { ...said, topic: this.#topicOf(level, thing), payload: one(message.payload, thing, point) }
      default:
        return undefined
    }
  }

  /** A device that nobody knows is refused by whatever it was called. */
  #topicOf(level: string, thing: Thing | undefined): string {
    const { tree } = this.#parts
    if (!thing && !isId(level)) return tree.build('commandNamed', { name: level })
    return tree.build('commandDevice', { device: thing?.device.id ?? level })
  }

  /** `get-states`, or the power as a word. */
  #word({ payload }: Heard, { device, specification }: Thing): Heard {
    const { tree } = this.#parts
    if (utf8(payload)?.trim().toLowerCase() === 'get-states')
      return { topic: tree.build('commandGet', { device: device.id }), payload: Buffer.from('run') }
    const code = powerOf(specification)?.code
    return code === undefined
      ? { topic: tree.build('commandDevice', { device: device.id }), payload }
      : { topic: tree.build('commandDp', { device: device.id, code }), payload }
  }
}

/** One raw value, as text: what it means follows from the point. */
function one(payload: Uint8Array, thing: Thing, number: string): Uint8Array {
  const text = utf8(payload)
  return text === undefined ? payload : raws(thing, [[number, text]], {})
}

const options = ['id', 'from', 'ts', 'ttl', 'path', 'progress', 'clamp'] as const

/** `{"dps":1,"set":true}` or `{"multiple":true,"data":{"1":true,"2":128}}`, with our own options if there are any. */
function several(payload: Uint8Array, thing: Thing): Uint8Array {
  const asked = objectOf(payload)
  if (!asked) return payload
  const { dps, set, data } = asked
  const rest = Object.fromEntries(
    options.flatMap((key) => (asked[key] === undefined ? [] : [[key, asked[key]]])),
  )
  if (isRecord(data)) return raws(thing, Object.entries(data), rest)
  return set === undefined || (typeof dps !== 'number' && typeof dps !== 'string')
    ? payload
    : raws(thing, [[String(dps), set]], rest)
}

function objectOf(payload: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value = parseJson(payload, limits.command)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Numbers that the device does not have are refused by the names that they would have. */
function raws(thing: Thing, values: readonly (readonly [string, unknown])[], rest: object): Uint8Array {
  const named = values.map(([number, value]) => {
    const point = pointOf(thing.specification, number)
    return [point?.code ?? `dp_${number.slice(0, 60)}`, point?.type === 'unknown' ? guessed(value) : value]
  })
  return Buffer.from(JSON.stringify({ raw: Object.fromEntries(named), ...rest }))
}

/** Of a point that nobody described only the text tells the type. */
function guessed(value: unknown): unknown {
  if (value === 'true' || value === 'false') return value === 'true'
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))
    ? Number(value)
    : value
}
