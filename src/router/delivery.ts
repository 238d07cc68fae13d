import type { Outcome, Write } from '../domain/command.ts'
import type { Json, Specification } from '../domain/data-point.ts'
import { type LinkHealth, type Reader, SendError, type Sender, type Sent } from '../domain/link.ts'
import { sameJson } from '../domain/state.ts'
import { backoff } from '../util/backoff.ts'
import { type Clock, deadline, settledWithin, sleep, type Timer } from '../util/clock.ts'
import type { Random } from '../util/random.ts'
import { orAborted } from '../util/signal.ts'
import { Confirmation, type ObservedValue } from './confirmation.ts'
import { timedOut, unconfirmed, valuesOf } from './outcome.ts'

/** One way to devices, with what the router needs to judge it. */
export interface Route {
  readonly sender: Sender
  /** Asks for the value when no report comes by itself; absent where pushes are sure to come. */
  readonly reader?: Reader
  /** Whether reports come by themselves at present: then the device is asked only when one is late. */
  readonly pushes?: () => boolean
  /** After so many milliseconds a pushed report that has not come is asked for. */
  readonly pushLateMs: number
  /** So long an answer is waited for before another way is tried; without it an unknown end stays one. */
  readonly answerMs?: number
  /** Milliseconds between two commands to one device. */
  readonly paceMs: number
  /** From the send to the report. */
  readonly confirmMs: number
  health(deviceId: string): LinkHealth
}

export interface DeliveryParts {
  readonly specification: (deviceId: string) => Specification | undefined
  /** What is known for sure of a data point; undefined when nothing is. */
  readonly current: (deviceId: string, code: string) => Json | undefined
  readonly clock: Clock
  readonly random: Random
  /** The clock that dates reports. */
  readonly now: () => number
}

/** Longer than this nobody looks before a write goes another way. */
const glanceMs = 1_000
/** Whether reports come at once may change while one is waited for. */
const lookMs = 250
/** An answer that takes longer is not waited for before the device is read (R-C5: the state first). */
const readBesideMs = 2_500

/** Ends the waiting for what is not needed any more; nobody sees it. */
const done = new Error('done')

/** Brings a write over one way, and finds out whether it came true. */
export class Delivery {
  readonly #parts: DeliveryParts
  /** Ends what is under way when the bridge stops. */
  readonly #grace: AbortSignal
  readonly #watching = new Map<string, Set<Confirmation>>()

  constructor(parts: DeliveryParts, grace: AbortSignal) {
    this.#parts = parts
    this.#grace = grace
  }

  /** Reports that the inventory accepted. */
  observe(deviceId: string, observed: readonly ObservedValue[], read: boolean): void {
    for (const confirmation of this.#watching.get(deviceId) ?? []) confirmation.observe(observed, read)
  }

  /**
   * One way: sent and confirmed, sent with unknown end, or the error after which another way may be tried. `next` is
   * that other way, where the write may be done once more.
   */
  async attempt(
    route: Route,
    write: Write,
    signal: AbortSignal,
    onSent: () => void,
    next?: Route,
  ): Promise<Outcome | SendError> {
    const { clock, now } = this.#parts
    const reportable = this.#reportable(write)
    const confirmation = new Confirmation(reportable, now())
    const unchanged = this.#unchanged(write.deviceId, reportable)
    this.#watch(write.deviceId, confirmation)
    const until = deadline(clock, route.confirmMs, unconfirmed, signal)
    const waiting = until.signal
    try {
      const sending = send(route.sender, write, waiting)
      onSent()
      const reading = reportable.length > 0 && this.#askAgain(route, write, sending, waiting)
      const answer = await this.#answer(route, sending, confirmation, next)
      if (answer && !(answer instanceof SendError) && answer.by === 'device')
        confirmation.unchanged(unchanged)
      const outcome =
        answer instanceof SendError &&
        (answer.outcome !== 'unknown' || (next && route.answerMs !== undefined))
          ? await this.#lookFirst(answer, route, write, confirmation, waiting, next)
          : await this.#await(route, write, answer, confirmation, waiting)
      until.end(done)
      await reading
      return outcome
    } finally {
      until.cancel()
      this.#unwatch(write.deviceId, confirmation)
    }
  }

  /** What the way answers, or undefined when the report of the device was quicker. */
  async #answer(
    { answerMs, sender }: Route,
    sending: Promise<Sent | SendError>,
    confirmation: Confirmation,
    next: Route | undefined,
  ): Promise<Sent | SendError | undefined> {
    const reported = confirmation.missing.length > 0 ? [confirmation.confirmed.then(() => undefined)] : []
    if (!next || answerMs === undefined) return Promise.race([sending, ...reported])
    let late: Timer | undefined
    const silent = new Promise<SendError>((resolve) => {
      late = this.#parts.clock.after(answerMs, () => resolve(silence(sender.path)))
    })
    try {
      return await Promise.race([sending, ...reported, silent])
    } finally {
      late?.cancel()
    }
  }

  /**
   * Before a write goes another way although it may have been done: that way knows whether it was. What it says comes
   * as a report.
   */
  async #lookFirst(
    error: SendError,
    route: Route,
    write: Write,
    confirmation: Confirmation,
    signal: AbortSignal,
    next: Route | undefined,
  ): Promise<Outcome | SendError> {
    if (error.outcome !== 'unknown' || !next?.reader || confirmation.missing.length === 0) return error
    const glance = deadline(this.#parts.clock, glanceMs, unconfirmed, signal)
    const reading = orAborted(next.reader.read(write.deviceId, { signal: glance.signal }), glance.signal)
    await Promise.race([reading.catch(() => {}), confirmation.confirmed])
    glance.cancel()
    if (confirmation.missing.length > 0) return error
    return { state: 'confirmed', by: 'report', path: route.sender.path, sent: valuesOf(write) }
  }

  /** The report of the device; it may have overtaken the answer. */
  async #await(
    { sender: { path } }: Route,
    write: Write,
    answer: Sent | SendError | undefined,
    confirmation: Confirmation,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const sent = valuesOf(write)
    const reportable = this.#reportable(write).length > 0
    if (!reportable && answer && !(answer instanceof SendError)) {
      return { state: 'confirmed', by: answer.by === 'device' ? 'ack' : 'cloud', path, sent }
    }
    if (reportable) await Promise.race([confirmation.confirmed, aborted(signal)])
    if (!reportable || confirmation.missing.length > 0)
      return timedOut(
        write,
        confirmation.missing,
        path,
        sent,
        this.#grace.aborted,
        answer instanceof SendError ? answer.message : undefined,
      )
    return { state: 'confirmed', by: confirmation.isReported ? 'report' : 'ack', path, sent }
  }

  /**
   * Reads the device with growing pauses until the report has come, from the answer on or, when that is late, beside
   * it. Failures of reading are not the command's.
   */
  async #askAgain(
    { reader, pushes, pushLateMs }: Route,
    { deviceId }: Write,
    sending: Promise<unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, random } = this.#parts
    if (!reader) return
    const pauses = backoff({ baseMs: 120, capMs: 3_000, floor: 0.8 }, random)
    await settledWithin(clock, readBesideMs, sending, signal)
    for (let leftMs = pushLateMs; pushes?.() && leftMs > 0 && !signal.aborted; leftMs -= lookMs)
      await sleep(clock, Math.min(lookMs, leftMs), signal).catch(() => {})
    while (!signal.aborted) {
      try {
        await sleep(clock, pauses.next().value, signal)
        await orAborted(reader.read(deviceId, { signal }), signal)
      } catch {
        if (signal.aborted) return
      }
    }
  }

  /** The points that the device will report; write-only ones are confirmed by the acceptance alone. */
  #reportable(write: Write): Write['points'] {
    const points = this.#parts.specification(write.deviceId)?.points
    return write.points.filter((point) => {
      const described = points?.get(point.code)
      return described?.access !== 'wo' && !described?.momentary
    })
  }

  /** The points that have their value already: a device reports what changes. */
  #unchanged(deviceId: string, points: Write['points']): string[] {
    const { current } = this.#parts
    return points
      .filter(({ code, shown }) => {
        const value = current(deviceId, code)
        return value !== undefined && sameJson(value, shown)
      })
      .map(({ code }) => code)
  }

  #watch(deviceId: string, confirmation: Confirmation): void {
    const watching = this.#watching.get(deviceId) ?? new Set()
    this.#watching.set(deviceId, watching.add(confirmation))
  }

  #unwatch(deviceId: string, confirmation: Confirmation): void {
    const watching = this.#watching.get(deviceId)
    watching?.delete(confirmation)
    if (watching?.size === 0) this.#watching.delete(deviceId)
  }
}

/** The answer of a way, whatever it does: one that ignores the signal is not waited for. */
async function send(sender: Sender, write: Write, signal: AbortSignal): Promise<Sent | SendError> {
  try {
    return await orAborted(sender.send(write, { signal }), signal)
  } catch (thrown) {
    return asSendError(thrown)
  }
}

function asSendError(thrown: unknown): SendError {
  if (thrown instanceof SendError) return thrown
  // Given up by us while it was on its way.
  return new SendError(
    'unknown',
    'command/unconfirmed',
    'The command was given up while it was on its way.',
    {
      retry: 'later',
      cause: thrown,
    },
  )
}

function silence(path: string): SendError {
  return new SendError('unknown', `${path}/timeout`, 'The device did not answer.', { retry: 'later' })
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
