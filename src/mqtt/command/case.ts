import type { CommandState, Outcome } from '../../domain/command.ts'
import { slugOf } from '../../domain/slug.ts'
import { BridgeError } from '../../util/error.ts'
import { nearest } from '../../util/nearest.ts'
import type { Incoming } from '../message.ts'
import { topics } from '../topic.ts'
import type { CommandParts, ThingKind } from './ports.ts'
import type { ParsedTopic } from './prepare.ts'
import type { Subject } from './receipt.ts'

type CaseParts = Pick<CommandParts, 'clock' | 'tree' | 'settings' | 'house'>

/** What a command is about. */
export interface Thing {
  readonly kind: ThingKind
  readonly id: string
}

/** Told of the steps of a command, and of its end with what became of it. */
export type CommandTold = (state: CommandState, outcome?: Outcome) => void

/** Everything about one command that its answers need. */
export interface Case {
  readonly message: Incoming
  readonly subject: Subject
  readonly topic: ParsedTopic | undefined
  readonly thing: Thing | undefined
  readonly arrivedAt: number
  readonly told?: CommandTold | undefined
}

/** Reads the topic alone: whoever is refused wants to know what for. */
export function caseOf(message: Incoming, parts: CaseParts, told?: CommandTold): Case {
  const { clock, tree } = parts
  const topic = tree.parse(message.topic)
  const thing = topic && thingOf(topic, parts)
  const subject = subjectOf(tree.relative(message.topic) ?? message.topic, topic, thing)
  return { message, topic, thing, arrivedAt: clock.monotonic(), subject, told }
}

const kinds: readonly ThingKind[] = ['device', 'scene', 'automation']

/** `cmd/named/<kind>/{name}…` */
function namedKind({ name }: ParsedTopic): ThingKind {
  const kind = topics[name].pattern.split('/')[2]
  return kinds.find((known) => known === kind) ?? 'device'
}

function thingOf(topic: ParsedTopic, { settings, house }: CaseParts): Thing | undefined {
  for (const kind of kinds) {
    const id = topic.params[kind]
    if (id !== undefined) return { kind, id }
  }
  const name = topic.params['name']
  if (name === undefined || !settings.names) return undefined
  const kind = namedKind(topic)
  const found = house.named(kind, name)
  return 'id' in found ? { kind, id: found.id } : undefined
}

/** `path` is the topic below the base. */
function subjectOf(path: string, topic: ParsedTopic | undefined, thing: Thing | undefined): Subject {
  if (thing) return { target: `${thing.kind}/${thing.id}`, result: { kind: thing.kind, name: thing.id } }
  const { operation, verb } = topic?.params ?? {}
  if (operation !== undefined)
    return { target: `op/${operation}`, result: { kind: 'operation', name: operation } }
  if (verb !== undefined) return { target: `bridge/${verb}`, result: { kind: 'bridge', name: verb } }
  const target = path.replace(/^cmd\//, '').slice(0, 200)
  // A slip below a thing's topic is still about that thing.
  const [, kind, name] = /^(device|scene|automation)\/([A-Za-z0-9_-]{1,64})\//.exec(target) ?? []
  return kind === undefined || name === undefined
    ? { target, result: { kind: 'unknown' } }
    : { target, result: { kind: kind as ThingKind, name } }
}

/** Why a name leads nowhere. */
export function unknownName(topic: ParsedTopic, { house, settings }: CaseParts): BridgeError {
  const name = topic.params['name'] ?? ''
  const kind = namedKind(topic)
  if (!settings.names)
    return new BridgeError('command/unknown-name', 'Names are switched off (setting names).')
  const found = house.named(kind, name)
  const candidates = 'candidates' in found ? found.candidates : []
  if (candidates.length > 0) {
    return new BridgeError(
      'command/ambiguous-name',
      `Several ${kind}s could be "${name.slice(0, 64)}"; use the whole name or the id.`,
      { details: candidates.map((id) => ({ [kind]: id })) },
    )
  }
  return new BridgeError('command/unknown-name', `No ${kind} is called "${name.slice(0, 64)}".`, {
    details: nearest(slugOf(name), house.names(kind), 5).map((near) => ({ name: near })),
  })
}
