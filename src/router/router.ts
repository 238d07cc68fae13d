import type { Attempt, Outcome, Path, ProgressState, Write } from '../domain/command.ts'
import type { Specification } from '../domain/data-point.ts'
import { type LinkHealth, type Reader, SendError, type Sender, type Sent } from '../domain/link.ts'
import { backoff } from '../util/backoff.ts'
import { type Clock, deadline, sleep } from '../util/clock.ts'
import { BridgeError, toBridgeError } from '../util/error.ts'
import type { Random } from '../util/random.ts'
import { orAborted } from '../util/signal.ts'
import { choose, type RouteFact } from './choose.ts'
import { Confirmation, type ObservedValue } from './confirmation.ts'
import { type DropReason, Lane, laneCapacity } from './lane.ts'

/** One way to devices, with what the router needs to judge it. */
export interface Route {
  readonly sender: Sender
  /** Asks for the value when no report comes by itself; absent where pushes are sure to come. */
  readonly reader?: Reader
  /** Milliseconds between two commands to one device. */
  readonly paceMs: number
  /** From the send to the report. */
  readonly confirmMs: number
  health(deviceId: string): LinkHealth
}

export interface RouterParts {
  readonly routes: readonly Route[]
  readonly prefer: (deviceId: string) => Path
  readonly specification: (deviceId: string) => Specification | undefined
  readonly clock: Clock
  readonly random: Random
  /** The clock that dates reports. */
  readonly now: () => number
}

/** In all lanes together. */
const waitingAtMost = 1_000
const wholeMs = 15_000
const sentGraceMs = 3_000
/** An answer that takes longer is not waited for before the device is read (R-C5: the state first). */
const readBesideMs = 2_500
/** R-K2: from the acceptance to the sending. */
export const laneWaitMs = 10_000

type Progress = (state: ProgressState) => void

/** Brings writes to devices: one lane each, the best way first, one outcome for every write (I-4). */
export class Router {
  readonly #parts: RouterParts
  readonly #lanes = new Map<string, Lane>()
  readonly #watching = new Map<string, Set<Confirmation>>()
  readonly #life = new AbortController()
  readonly #grace = new AbortController()
  #running = 0
  #onQuiet: (() => void) | undefined

  constructor(parts: RouterParts) {
    this.#parts = parts
  }

  get waiting(): number {
    let waiting = 0
    for (const lane of this.#lanes.values()) waiting += lane.length
    return waiting
  }

  /** Resolves with what became of the write; never rejects. */
  submit(write: Write, progress: Progress = () => {}): Promise<Outcome> {
    if (this.#life.signal.aborted) return Promise.resolve(shutdown())
    if (this.waiting >= waitingAtMost) return Promise.resolve(allFull())
    return new Promise((resolve) => {
      const acceptedAt = this.#parts.clock.monotonic()
      const lane = this.#lane(write.deviceId)
      const offered = lane.offer({
        write,
        accept: () => progress('accepted'),
        run: async () => {
          this.#running++
          try {
            resolve(await this.#execute(write, acceptedAt, lane, progress))
          } catch (thrown) {
            resolve(failed(toBridgeError(thrown)))
          } finally {
            this.#ended()
          }
        },
        drop: (why) => resolve(dropped(why)),
      })
      if (!offered) resolve(laneFull())
    })
  }

  /** Runs work of another kind in the device's lane, alone and in order; rejects with BridgeError when it may not. */
  occupy<T>(deviceId: string, work: () => Promise<T>, accept: () => void = () => {}): Promise<T> {
    const write: Write = { deviceId, points: [], once: true, path: 'auto', ttlMs: laneWaitMs }
    const lane = this.#lane(deviceId)
    return new Promise((resolve, reject) => {
      const refuse = (outcome: Outcome) =>
        reject(
          new BridgeError(outcome.reason ?? 'command/busy', outcome.message ?? '', {
            retry: outcome.retry ?? 'later',
          }),
        )
      const run = async () => {
        this.#running++
        try {
          resolve(await orAborted(work(), this.#grace.signal))
        } catch (thrown) {
          reject(thrown)
        } finally {
          this.#ended()
        }
      }
      if (this.#life.signal.aborted) refuse(shutdown())
      else if (this.waiting >= waitingAtMost) refuse(allFull())
      else if (!lane.offer({ write, accept, run, drop: (why) => refuse(dropped(why)) })) refuse(laneFull())
    })
  }

  #ended(): void {
    this.#running--
    if (this.#running === 0) this.#onQuiet?.()
  }

  /** Reports that the inventory accepted; the router waits for some of them. */
  observe(deviceId: string, observed: readonly ObservedValue[], read: boolean): void {
    for (const confirmation of this.#watching.get(deviceId) ?? []) confirmation.observe(observed, read)
  }

  /** Reads a device again by the first way that can; rejects with BridgeError. */
  async read(deviceId: string, signal: AbortSignal): Promise<Path> {
    const { prefer } = this.#parts
    const readable = this.#parts.routes.filter((route) => route.reader !== undefined)
    const facts = readable.map((route) => factOf(route, deviceId))
    const { routes, refused } = choose({ path: 'auto', prefer: prefer(deviceId), once: false }, facts)
    const route = readable.find(({ sender }) => sender.path === routes[0])
    if (!route?.reader) throw noPath(refused)
    await route.reader.read(deviceId, { signal })
    return route.sender.path
  }

  /** R-S5: waiting commands end as failed, sent ones get three seconds. */
  async stop(): Promise<void> {
    this.#life.abort(shutdownError())
    for (const lane of this.#lanes.values()) lane.close()
    if (this.#running > 0) {
      const grace = this.#parts.clock.after(sentGraceMs, () => this.#grace.abort(cutShort()))
      await new Promise<void>((resolve) => {
        this.#onQuiet = resolve
      })
      grace.cancel()
    }
  }

  #lane(deviceId: string): Lane {
    const known = this.#lanes.get(deviceId)
    if (known) return known
    const lane = new Lane(this.#parts.clock, () => this.#lanes.delete(deviceId))
    this.#lanes.set(deviceId, lane)
    return lane
  }

  async #execute(write: Write, acceptedAt: number, lane: Lane, progress: Progress): Promise<Outcome> {
    const { clock, prefer, routes } = this.#parts
    const facts = routes.map((route) => factOf(route, write.deviceId))
    const choice = choose({ path: write.path, prefer: prefer(write.deviceId), once: write.once }, facts)
    const whole = deadline(clock, Math.max(0, acceptedAt + wholeMs - clock.monotonic()), () => unconfirmed())
    const signal = AbortSignal.any([whole.signal, this.#grace.signal])
    const attempts: Attempt[] = []
    try {
      for (const path of choice.routes) {
        const route = routes.find(({ sender }) => sender.path === path) as Route
        const startedAt = clock.monotonic()
        const outcome = await this.#attempt(route, write, signal, lane, progress)
        if (!(outcome instanceof SendError)) return attempts.length > 0 ? { ...outcome, attempts } : outcome
        attempts.push({ path, reason: outcome.code, ms: Math.round(clock.monotonic() - startedAt) })
        const mayMove = outcome.outcome === 'not-sent' || !write.once
        if (!mayMove || path === choice.routes.at(-1)) {
          return failed(outcome, { path, ...(attempts.length > 1 ? { attempts } : {}) })
        }
      }
      return failed(noPath(choice.refused))
    } finally {
      whole.cancel()
    }
  }

  /** One way: sent and confirmed, sent with unknown end, or the error after which another way may be tried. */
  async #attempt(
    route: Route,
    write: Write,
    signal: AbortSignal,
    lane: Lane,
    progress: Progress,
  ): Promise<Outcome | SendError> {
    const { clock, now } = this.#parts
    const confirmation = new Confirmation(this.#reportable(write), now())
    this.#watch(write.deviceId, confirmation)
    const until = deadline(clock, route.confirmMs, () => unconfirmed())
    const done = new AbortController()
    try {
      lane.pause(route.paceMs)
      const waiting = AbortSignal.any([signal, until.signal, done.signal])
      const sending = send(route.sender, write, waiting)
      progress('sent')
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
      : timedOut(write, confirmation.missing, path, values, this.#grace.signal.aborted)
  }

  /**
   * Reads the device with growing pauses until the report has come, from the answer on or, when that is late, beside
   * it. Failures of reading are not the command's.
   */
  async #askAgain(
    { reader }: Route,
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

function factOf(route: Route, deviceId: string): RouteFact {
  const { state, reason } = route.health(deviceId)
  const usable = state === 'up' || state === 'degraded'
  return { path: route.sender.path, usable, reason: usable ? null : (reason ?? state) }
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

function failed(error: BridgeError, more: Partial<Outcome> = {}): Outcome {
  return {
    state: 'failed',
    reason: error.code,
    message: error.message,
    retry: error.retry,
    ...(error.details ? { details: error.details } : {}),
    ...(error.tuya ? { tuya: error.tuya } : {}),
    ...more,
  }
}

function timedOut(
  write: Write,
  missing: readonly string[],
  path: Path,
  sent: Outcome['sent'] & object,
  stopping: boolean,
): Outcome {
  // Write-only points are never reported: then nothing is known of any.
  const open = missing.length > 0 ? missing : write.points.map(({ code }) => code)
  const partly = open.length < write.points.length
  const names = open.join(', ')
  return {
    state: 'timeout',
    path,
    sent,
    reason: partly ? 'command/partly-unconfirmed' : 'command/unconfirmed',
    message: stopping
      ? `The bridge stopped before ${names} was reported; it may have happened.`
      : `${names} was sent but not reported in time; it may have happened.`,
    retry: 'later',
    ...(partly
      ? { details: write.points.map(({ code }) => ({ dp: code, confirmed: !open.includes(code) })) }
      : {}),
  }
}

function dropped(why: DropReason): Outcome {
  switch (why) {
    case 'superseded':
      return {
        state: 'superseded',
        reason: 'command/superseded',
        message: 'A newer command for the same data points came before this one was sent.',
        retry: 'later',
      }
    case 'expired':
      return {
        state: 'expired',
        reason: 'command/expired',
        message: 'The command could not start within its time to live.',
        retry: 'never',
      }
    case 'shutdown':
      return shutdown()
  }
}

function allFull(): Outcome {
  return busy('More than a thousand commands are waiting.')
}

function laneFull(): Outcome {
  return busy(`${laneCapacity} commands are waiting for this device.`)
}

function busy(message: string): Outcome {
  return { state: 'rejected', reason: 'command/busy', message, retry: 'later' }
}

function shutdown(): Outcome {
  return failed(shutdownError())
}

function shutdownError(): BridgeError {
  return new BridgeError('bridge/shutdown', 'The bridge is stopping; the command was not sent.', {
    retry: 'later',
  })
}

/** For what was on its way when the bridge stopped. */
function cutShort(): BridgeError {
  return new BridgeError(
    'bridge/shutdown',
    'The bridge stopped before the answer came; it may have happened.',
    { retry: 'later' },
  )
}

function unconfirmed(): BridgeError {
  return new BridgeError('command/unconfirmed', 'The report did not come in time.', { retry: 'later' })
}

function noPath(refused: readonly { readonly path: Path; readonly reason: string }[]): BridgeError {
  const why = refused.map(({ path, reason }) => `${path}: ${reason}`).join(', ')
  return new BridgeError(
    'command/no-path',
    `No way to the device is usable${why === '' ? '' : ` (${why})`}.`,
    {
      retry: 'later',
      details: refused,
    },
  )
}
