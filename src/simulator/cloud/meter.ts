import type { AnyOperation } from '../../codec/cloud/operation.ts'
import type { Clock } from '../../util/clock.ts'
import type { Faults } from '../fault.ts'
import { Refusal } from './refusal.ts'

const callsPerSecond = 20
/** So many seconds' worth of calls may come at once. */
const burstSeconds = 2

/** Holds so many seconds' worth of calls, and fills up again with time. */
class Bucket {
  readonly #clock: Clock
  readonly #perSecond: number
  #left: number
  #filledAt: number

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#left = burstSeconds * perSecond
    this.#filledAt = clock.monotonic()
  }

  get perSecond(): number {
    return this.#perSecond
  }

  take(): boolean {
    const now = this.#clock.monotonic()
    const more = ((now - this.#filledAt) / 1000) * this.#perSecond
    this.#left = Math.min(burstSeconds * this.#perSecond, this.#left + more)
    this.#filledAt = now
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}

/** Rate, quota, plan and authorisation of the project. */
export class Meter {
  readonly #clock: Clock
  readonly #faults: Faults
  #project: Bucket
  /** Of the operations for which the platform publishes a rate. */
  readonly #operations = new Map<string, Bucket>()
  #calls = 0

  constructor(clock: Clock, faults: Faults) {
    this.#clock = clock
    this.#faults = faults
    this.#project = new Bucket(clock, callsPerSecond)
  }

  /** Throws Refusal. */
  check(operation: AnyOperation): void {
    this.#checkRate(operation)
    this.#checkPlan()
    const barred = this.#faults.text('not-authorised')
    if (barred !== undefined && barred !== '' && operation.id.startsWith(barred))
      throw new Refusal(28841105, 'No permissions. This project is not authorized to call this API.')
    const [id, code] = (this.#faults.text('error') ?? '').split(':')
    if (code !== undefined && (id === '*' || id === operation.id)) throw new Refusal(Number(code), 'injected')
  }

  #checkRate(operation: AnyOperation): void {
    const wanted = this.#faults.number('throttle')
    const perSecond = wanted ?? callsPerSecond
    // Another rate begins with a full measure of its own.
    if (this.#project.perSecond !== perSecond) this.#project = new Bucket(this.#clock, perSecond)
    const own = wanted === undefined ? this.#bucketOf(operation) : undefined
    if (!this.#project.take() || own?.take() === false) throw new Refusal(1199, 'request too frequent')
  }

  #bucketOf({ id, perSecond }: AnyOperation): Bucket | undefined {
    if (perSecond === undefined) return undefined
    const bucket = this.#operations.get(id) ?? new Bucket(this.#clock, perSecond)
    this.#operations.set(id, bucket)
    return bucket
  }

  #checkPlan(): void {
    this.#calls++
    const quota = this.#faults.number('quota')
    if (quota !== undefined && this.#calls > quota)
      throw new Refusal(28841004, 'Your quota of Trial Edition is used up.')
    if (this.#faults.has('plan-expired'))
      throw new Refusal(28841002, 'No permissions. Your subscription to cloud development plan has expired.')
  }
}
