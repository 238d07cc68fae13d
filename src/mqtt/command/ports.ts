import type { Automation } from '../../domain/automation.ts'
import type { Outcome, ProgressState, Write } from '../../domain/command.ts'
import type { ValueCodec } from '../../domain/data-point.ts'
import type { FirmwareModule } from '../../domain/firmware.ts'
import type { Scene } from '../../domain/scene.ts'
import type { PointFact } from '../../domain/state.ts'
import type { Clock } from '../../util/clock.ts'
import type { Publisher } from '../publisher.ts'
import type { TopicTree } from '../topic.ts'
import type { Target } from './write.ts'

/** What commands may be about, besides operations and the bridge. */
export type ThingKind = 'device' | 'scene' | 'automation'

/** What commands are addressed to. */
export interface CommandHouse {
  device(id: string): Target | undefined
  scene(id: string): Scene | undefined
  automation(id: string): Automation | undefined
  /** The ids of all things of a kind. */
  ids(kind: ThingKind): readonly string[]
  /** The thing that a name stands for, or those that could be meant. */
  named(kind: ThingKind, name: string): { readonly id: string } | { readonly candidates: readonly string[] }
  /** Every name that stands for a thing of a kind, as it is written in topics. */
  names(kind: ThingKind): readonly string[]
  isStale(fact: PointFact, deviceId: string): boolean
  /** The document that `get` answers with. */
  document(id: string): unknown
}

/** What brings writes to devices. */
export interface CommandRouter {
  submit(write: Write, progress: (state: ProgressState) => void): Promise<Outcome>
  read(deviceId: string, signal: AbortSignal): Promise<'lan' | 'cloud'>
}

export interface OperationFacts {
  readonly class: string
  readonly allowed: boolean
  /** The answer goes to the one who asked and nobody else. */
  readonly private: boolean
  /** The automation whose external conditions it fulfils. */
  readonly fires?: string
}

/** The cloud's operations, as far as this bridge may call them. */
export interface OperationPort {
  readonly ids: readonly string[]
  /** What an operation is, given these parameters. */
  describe(id: string, params?: Readonly<Record<string, unknown>>): OperationFacts | undefined
  /** Throws BridgeError for parameters that do not fit; the call itself rejects with it. */
  prepare(id: string, params: Readonly<Record<string, unknown>>): OperationCall
}

/** `accepted` is told when nothing but the call itself can still fail. */
export type OperationCall = (signal: AbortSignal, accepted?: () => void) => Promise<Outcome>

/** What firmware devices have. */
export interface FirmwarePort {
  /** Reads the versions again; they are published as well. Rejects with BridgeError. */
  check(deviceId: string, signal: AbortSignal): Promise<readonly FirmwareModule[]>
}

/** One word to the bridge; gives what the answer's `result` holds. Rejects with BridgeError. */
export type BridgeVerb = (options: Readonly<Record<string, unknown>>, signal: AbortSignal) => Promise<unknown>

export interface CommandSettings {
  readonly replyTopics: readonly string[]
  readonly requireTs: boolean
  readonly clearRetained: boolean
  readonly locksAllowed: boolean
  readonly names: boolean
}

export interface CommandParts {
  readonly tree: TopicTree
  readonly publisher: Publisher
  readonly clock: Clock
  readonly house: CommandHouse
  readonly router: CommandRouter
  readonly operations: OperationPort
  readonly firmware: FirmwarePort
  readonly verbs: ReadonlyMap<string, BridgeVerb>
  readonly codec: ValueCodec
  readonly settings: CommandSettings
  /** Told of every final outcome. */
  readonly onOutcome: (outcome: Outcome, ms: number) => void
  /** A command failed by a defect of ours; what was thrown may hold anything and is for the log alone. */
  readonly onDefect: (thrown: unknown) => void
  /** Trouble for `bridge/error`. */
  readonly onTrouble: (reason: string, message: string, topic: string) => void
}
