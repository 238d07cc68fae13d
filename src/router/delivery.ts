import type { Outcome, Write } from '../domain/command.ts'
import type { Specification } from '../domain/data-point.ts'
import { type LinkHealth, type Reader, SendError, type Sender, type Sent } from '../domain/link.ts'
import { backoff } from '../util/backoff.ts'
import { type Clock, deadline, sleep } from '../util/clock.ts'
import type { Random } from '../util/random.ts'
import { orAborted } from '../util/signal.ts'
import { Confirmation, type ObservedValue } from './confirmation.ts'
import { timedOut, unconfirmed } from './outcome.ts'

/** One way to devices, with what the router needs to judge it. */
export interface Route {
  readonly sender: Sender
  /** Asks for the value when no report comes by itself; absent where pushes are sure to come. */
  readonly reader?: Reader
  /** Whether reports come by themselves at present: then the device is asked only when one is late. */
  readonly pushes?: () => boolean
  /** Milliseconds between two commands to one device. */
  readonly paceMs: number
  /** From the send to the report. */
  readonly confirmMs: number
  health(deviceId: string): LinkHealth
}

export interface DeliveryParts {
  readonly specification: (deviceId: string) => Specification | undefined
  readonly clock: Clock
  readonly random: Random
  /** The clock that dates reports. */
  readonly now: () => number
}

/** An answer that takes longer is not waited for before the device is read (R-C5: the state first). */
const readBesideMs = 2_500
/** A pushed report that has not come after so long may not come at all. */
const pushLateMs = 2_500

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

  /** One way: sent and confirmed, sent with unknown end, or the error after which another way may be tried. */
  async attempt(
    route: Route,
    write: Write,
    signal: AbortSignal,
    onSent: () => void,
  ): Promise<Outcome | SendError> {
    const { clock, now } = this.#parts
    const confirmation = new Confirmation(this.#reportable(write), now())
    this.#watch(write.deviceId, confirmation)
    const until = deadline(clock, route.confirmMs, () => unconfirmed())
    const done = new AbortController()
    try {
      const waiting = AbortSignal.any([signal, until.signal, done.signal])
      const sending = send(route.sender, write, waiting)
      onSent()
      const reading = confirmation.missing.length > 0 && this.#askAgain(route, write, sending, waiting)
      const outcome = await this.#await(route, write, sending, confirmation, waiting)
      done.abort()
      await reading
      return outcome
    } finally {
      until.cancel()
      this.#unwatch(write.deviceId, confirmation)
    }
  }

  /** The answer of the way, or the report of the device; the report may overtake the answer. */
  async #await(
    route: Route,
    write: Write,
    sending: Promise<Sent | SendError>,
    confirmation: Confirmation,
    signal: AbortSignal,
  ): Promise<Outcome | SendError> {
    const { path } = route.sender
    const values = Object.fromEntries(write.points.map((point) => [point.code, point.shown]))
    const reportable = confirmation.missing.length > 0
    const answer = await (reportable ? Promise.race([sending, confirmation.confirmed]) : sending)
    // An unknown end may have happened: only the device can tell, and a resend could do it twice.
    if (answer instanceof SendError && answer.outcome !== 'unknown') return answer
    if (!reportable && answer && !(answer instanceof SendError)) {
      return { state: 'confirmed', by: answer.by === 'device' ? 'ack' : 'cloud', path, sent: values }
    }
    if (reportable) await Promise.race([confirmation.confirmed, aborted(signal)])
    return reportable && confirmation.missing.length === 0
      ? { state: 'confirmed', by: 'report', path, sent: values }
      : timedOut(write, confirmation.missing, path, values, this.#grace.aborted)
  }

  /**
   * Reads the device with growing pauses until the report has come, from the answer on or, when that is late, beside
   * it. Failures of reading are not the command's.
   */
  async #askAgain(
    { reader, pushes }: Route,
    { deviceId }: Write,
    sending: Promise<unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, random } = this.#parts
    if (!reader) return
    const pauses = backoff({ baseMs: 120, capMs: 3_000, floor: 0.8 }, random)
    const late = deadline(clock, readBesideMs, () => unconfirmed())
    await orAborted(sending, AbortSignal.any([signal, late.signal])).catch(() => {})
    late.cancel()
    if (pushes?.()) await sleep(clock, pushLateMs, signal).catch(() => {})
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

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
