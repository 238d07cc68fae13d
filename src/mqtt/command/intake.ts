import { CommandLife, type Outcome } from '../../domain/command.ts'
import { BoundedMap } from '../../util/bounded-map.ts'
import { type Deadline, deadline } from '../../util/clock.ts'
import { BridgeError } from '../../util/error.ts'
import { limits } from '../../util/json.ts'
import { lifeController } from '../../util/signal.ts'
import type { Incoming } from '../message.ts'
import { type Case, type CommandTold, caseOf, unknownName } from './case.ts'
import { ConditionRate, RatedOperations } from './condition-rate.ts'
import { CommandMemory, OnceRate } from './memory.ts'
import type { CommandParts } from './ports.ts'
import { type ParsedTopic, type Prepared, Preparer, peek, unknownTopic } from './prepare.ts'
import { progressReceipt, receipt, rejected } from './receipt.ts'
import { noOptions, type Options, type ReplyTo, replyTo, timeLeft } from './request.ts'

const wholeMs = 15_000
const laneMs = 10_000
const troubleEveryMs = 3_600_000
const topicsRemembered = 1_000

/** Commands from the broker: guarded, read, carried out, and answered exactly once each (I-4). */
export class CommandIntake {
  readonly #parts: CommandParts
  readonly #memory: CommandMemory
  readonly #preparer: Preparer
  readonly #troubled = new BoundedMap<string, number>(topicsRemembered)
  readonly #life = lifeController()
  readonly counts = { received: 0, ignored: 0, retained: 0 }
  #open = 0
  #stopped = false

  constructor(parts: CommandParts) {
    this.#parts = parts
    this.#memory = new CommandMemory(parts.clock)
    const operations = new RatedOperations(parts.operations, new ConditionRate(parts.clock))
    this.#preparer = new Preparer(parts, new OnceRate(parts.clock), operations)
  }

  /** Commands without their final answer. */
  get open(): number {
    return this.#open
  }

  /** From now on nothing is accepted. */
  stop(): void {
    this.#stopped = true
    this.#life.abort(new BridgeError('bridge/shutdown', 'The bridge is stopping.', { retry: 'later' }))
  }

  handle(message: Incoming, told?: CommandTold): void {
    const { topic, payload, retain, dup, responseTopic } = message
    if (this.#stopped) return
    this.counts.received++
    const one = caseOf(message, this.#parts, told)
    if (payload.byteLength === 0) {
      this.counts.ignored++
      if (responseTopic !== undefined && !retain)
        this.#refuse(one, new BridgeError('command/empty', 'The payload is empty.'))
      return
    }
    if (retain) {
      this.#retained(one)
      return
    }
    const largest = one.topic?.name === 'commandOperation' ? limits.operation.bytes : limits.command.bytes
    if (payload.byteLength > largest) {
      this.#refuse(
        one,
        new BridgeError(
          'command/too-large',
          `The payload has ${payload.byteLength} bytes; at most ${largest} are accepted.`,
        ),
      )
      return
    }
    // A repetition with an id gets the stored answer again; without one it is the broker's, and nobody asks.
    if (dup && this.#memory.isRepeat(topic, payload) && this.#peek(one).id === null) {
      this.counts.ignored++
      return
    }
    this.#carryOut(one)
    // Afterwards, since the device waits.
    this.#memory.note(topic, payload)
  }

  #carryOut(one: Case): void {
    try {
      const prepared = this.#prepare(one)
      const { options } = prepared
      const to = this.#replyTo(one, options)
      const outcome = this.#known(one, options, to) ?? this.#begin(one, prepared, to)
      outcome.then((done) => this.#answer(one, options.id, to, done))
    } catch (thrown) {
      this.#refuse(one, this.#errorOf(thrown))
    }
  }

  /** What became of the same command before (R-K5), however old it is by now. Throws when the id was another's. */
  #known(one: Case, { id }: Options, to: ReplyTo): Promise<Outcome> | undefined {
    const known = id === null ? undefined : this.#memory.find(to.topic ?? '', id)
    if (known && known.target !== one.subject.target) {
      throw new BridgeError(
        'command/id-reused',
        `The id "${id}" was used for ${known.target} less than ten minutes ago.`,
      )
    }
    return known?.outcome
  }

  #begin(one: Case, prepared: Prepared, to: ReplyTo): Promise<Outcome> {
    const { clock, settings } = this.#parts
    const { id } = prepared.options
    const leftMs = timeLeft(prepared.options, clock.now(), settings.requireTs, laneMs)
    const outcome = this.#run(one, prepared, to, leftMs)
    if (id !== null) this.#memory.keep(to.topic ?? '', id, one.subject.target, outcome)
    return outcome
  }

  #prepare(one: Case): Prepared {
    if (!one.topic) throw unknownTopic(one.message.topic)
    if (one.topic.name.startsWith('commandNamed') && !one.thing) throw unknownName(one.topic, this.#parts)
    return this.#preparer.prepare(one.message, one.topic, one.thing?.id ?? '')
  }

  /** Never rejects. */
  async #run(one: Case, prepared: Prepared, to: ReplyTo, leftMs: number): Promise<Outcome> {
    const { clock, publisher } = this.#parts
    const { id, progress } = prepared.options
    let whole: Deadline | undefined
    const life = new CommandLife()
    this.#open++
    try {
      const outcome = await prepared.run(
        leftMs,
        (state) => {
          if (!life.to(state)) return
          one.told?.(state)
          if (!progress || to.topic === null) return
          const ms = clock.monotonic() - one.arrivedAt
          publisher.tellTo(
            to.topic,
            progressReceipt(id, one.subject, state, ms, clock.now()),
            to.correlationData,
          )
        },
        () => {
          whole ??= deadline(clock, wholeMs, noAnswer, this.#life.signal)
          return whole.signal
        },
      )
      return this.#ended(life, outcome)
    } catch (thrown) {
      return this.#ended(life, refusedOutcome(this.#errorOf(thrown)))
    } finally {
      whole?.cancel()
      this.#open--
    }
  }

  /** What was accepted is not rejected afterwards: it failed. Any other false step is our own defect. */
  #ended(life: CommandLife, outcome: Outcome): Outcome {
    if (life.end(outcome.state)) return outcome
    if (outcome.state !== 'rejected')
      this.#parts.onDefect(new Error(`a command cannot go from ${life.state} to ${outcome.state}`))
    return { ...outcome, state: 'failed' }
  }

  #errorOf(thrown: unknown): BridgeError {
    if (thrown instanceof BridgeError) return thrown
    this.#parts.onDefect(thrown)
    const message = 'The bridge failed at this command; its log tells more.'
    return new BridgeError('bridge/internal', message, { retry: 'later', cause: thrown })
  }

  /** R-K1: never carried out, told, and taken from the broker. */
  #retained(one: Case): void {
    const { clock, publisher, settings, onTrouble } = this.#parts
    const topic = one.message.origin ?? one.message.topic
    this.counts.retained++
    this.#refuse(one, new BridgeError('command/retained', 'Publish commands without the retain flag.'))
    const last = this.#troubled.get(topic)
    const now = clock.monotonic()
    if (last === undefined || now - last >= troubleEveryMs) {
      this.#troubled.set(topic, now)
      const removed = settings.clearRetained ? '; this one was removed from the broker' : ''
      onTrouble(
        'command/retained',
        `Commands published with the retain flag are never executed${removed}.`,
        topic,
      )
    }
    if (settings.clearRetained) publisher.clearTopic(topic)
  }

  /** The answer to something that was not accepted; goes wherever the sender can be told. */
  #refuse(one: Case, error: BridgeError): void {
    const said = this.#peek(one)
    let to: ReplyTo
    try {
      to = this.#replyTo(one, { ...noOptions, ...said })
    } catch {
      to = { topic: null, correlationData: undefined }
    }
    this.#answer(one, said.id, to, rejected(error))
  }

  #peek({ message, topic }: Case): Pick<Options, 'id' | 'from'> {
    return peek(message, isObjectTopic(topic))
  }

  #replyTo(one: Case, options: Options): ReplyTo {
    const { tree, settings } = this.#parts
    const replyOfFrom = options.from === null ? null : tree.build('reply', { from: options.from })
    return replyTo(one.message, replyOfFrom, settings.replyTopics)
  }

  #answer(one: Case, id: string | null, to: ReplyTo, outcome: Outcome): void {
    const { clock, publisher, onOutcome } = this.#parts
    const ms = clock.monotonic() - one.arrivedAt
    const payload = receipt(id, one.subject, outcome, ms, clock.now())
    const extra = outcome.path ? { user: { path: outcome.path } } : {}
    if (to.topic !== null) publisher.tellTo(to.topic, payload, to.correlationData, extra)
    const { result } = one.subject
    if (result.kind === 'device') publisher.tell('resultDevice', { device: result.name }, payload, extra)
    else if (result.kind === 'scene') publisher.tell('resultScene', { scene: result.name }, payload, extra)
    else if (result.kind === 'automation')
      publisher.tell('resultAutomation', { automation: result.name }, payload, extra)
    else if (result.kind === 'bridge') publisher.tell('resultBridge', { verb: result.name }, payload, extra)
    else if (to.topic === null) {
      if (result.kind === 'operation')
        publisher.tell('resultOperation', { operation: result.name }, payload, extra)
      else publisher.tell('resultUnknown', {}, payload, extra)
    }
    onOutcome(outcome, ms)
    one.told?.(outcome.state, outcome)
  }
}

function noAnswer(): BridgeError {
  return new BridgeError('command/unconfirmed', 'No answer within 15 s; it may have happened.', {
    retry: 'later',
  })
}

function isObjectTopic(topic: ParsedTopic | undefined): boolean {
  return (
    topic === undefined ||
    [
      'commandDevice',
      'commandNamed',
      'commandGet',
      'commandNamedGet',
      'commandOperation',
      'commandBridge',
      'commandSceneTrigger',
      'commandNamedSceneTrigger',
      'commandAutomationTrigger',
      'commandNamedAutomationTrigger',
    ].includes(topic.name)
  )
}

/** What was refused before it was accepted is rejected; what failed on the way has failed, or nobody knows. */
function refusedOutcome(error: BridgeError): Outcome {
  if (error.code === 'command/unconfirmed') return { ...rejected(error), state: 'timeout' }
  return error.code.startsWith('command/') ? rejected(error) : { ...rejected(error), state: 'failed' }
}
