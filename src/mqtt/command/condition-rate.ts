import { BoundedMap } from '../../util/bounded-map.ts'
import type { Clock } from '../../util/clock.ts'
import { BridgeError } from '../../util/error.ts'
import type { OperationCall, OperationFacts, OperationPort } from './ports.ts'

const callsAtMost = 10
const withinMs = 10_000
const automationsRemembered = 1_000

/** An external action that fires an external condition can circle: ten calls in ten seconds, whatever they hold. */
export class ConditionRate {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #recent = new BoundedMap<string, readonly number[]>(automationsRemembered)

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** Throws `command/rate` for the call that is one too many. */
  admit(automationId: string): void {
    const now = this.#clock.monotonic()
    const recent = (this.#recent.get(automationId) ?? []).filter((at) => at > now - withinMs)
    if (recent.length >= callsAtMost) {
      const message = 'At most 10 condition calls in 10 s reach one automation.'
      throw new BridgeError('command/rate', message, { retry: 'later' })
    }
    this.#recent.set(automationId, [...recent, now])
  }
}

/** The operations, with that rate on all that fulfil conditions, whichever way they are asked for. */
export class RatedOperations implements OperationPort {
  readonly #operations: OperationPort
  readonly #rate: ConditionRate

  constructor(operations: OperationPort, rate: ConditionRate) {
    this.#operations = operations
    this.#rate = rate
  }

  get ids(): readonly string[] {
    return this.#operations.ids
  }

  describe(id: string, params?: Readonly<Record<string, unknown>>): OperationFacts | undefined {
    return this.#operations.describe(id, params)
  }

  /** What is refused for its parameters does not count. */
  prepare(id: string, params: Readonly<Record<string, unknown>>): OperationCall {
    const call = this.#operations.prepare(id, params)
    const automation = this.#operations.describe(id, params)?.fires
    if (automation !== undefined) this.#rate.admit(automation)
    return call
  }
}
