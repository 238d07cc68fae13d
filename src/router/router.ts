import type { Attempt, Outcome, Path, ProgressState, Write } from '../domain/command.ts'
import { SendError } from '../domain/link.ts'
import { deadline } from '../util/clock.ts'
import { BridgeError, toBridgeError } from '../util/error.ts'
import { lifeController, orAborted } from '../util/signal.ts'
import { choose, type RouteFact } from './choose.ts'
import type { ObservedValue } from './confirmation.ts'
import { Delivery, type DeliveryParts, type Route } from './delivery.ts'
import { Lane } from './lane.ts'
import {
  allFull,
  cutShort,
  dropped,
  failed,
  laneFull,
  noPath,
  shutdown,
  shutdownError,
  timedOut,
  unconfirmed,
  valuesOf,
} from './outcome.ts'
import { RouteTrouble } from './trouble.ts'

export interface RouterParts extends DeliveryParts {
  readonly routes: readonly Route[]
  readonly prefer: (deviceId: string) => Path
}

/** In all lanes together. */
const waitingAtMost = 1_000
const wholeMs = 15_000
const sentGraceMs = 3_000
/** R-K2: from the acceptance to the sending. */
export const laneWaitMs = 10_000

type Progress = (state: ProgressState) => void

/** Brings writes to devices: one lane each, the best way first, one outcome for every write (I-4). */
export class Router {
  readonly #parts: RouterParts
  readonly #lanes = new Map<string, Lane>()
  readonly #delivery: Delivery
  readonly #trouble: RouteTrouble
  readonly #life = new AbortController()
  readonly #grace = lifeController()
  #running = 0
  #onQuiet: (() => void) | undefined

  constructor(parts: RouterParts) {
    this.#parts = parts
    this.#trouble = new RouteTrouble(parts.clock)
    this.#delivery = new Delivery(parts, this.#grace.signal)
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
    this.#delivery.observe(deviceId, observed, read)
  }

  /** Reads a device again by the first way that can; rejects with BridgeError. */
  async read(deviceId: string, signal: AbortSignal): Promise<Path> {
    const { prefer } = this.#parts
    const readable = this.#parts.routes.filter((route) => route.reader !== undefined)
    const facts = readable.map((route) => this.#factOf(route, deviceId))
    const { routes, refused } = choose({ path: 'auto', prefer: prefer(deviceId) }, facts)
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
    const facts = routes.map((route) => this.#factOf(route, write.deviceId))
    const choice = choose({ path: write.path, prefer: prefer(write.deviceId) }, facts)
    const leftMs = Math.max(0, acceptedAt + wholeMs - clock.monotonic())
    const whole = deadline(clock, leftMs, unconfirmed, this.#grace.signal)
    const attempts: Attempt[] = []
    let mayHaveActed = false
    try {
      const ways = choice.routes.map((path) => routes.find(({ sender }) => sender.path === path) as Route)
      for (const [i, route] of ways.entries()) {
        const { path } = route.sender
        const next = write.once ? undefined : ways[i + 1]
        const startedAt = clock.monotonic()
        lane.pause(route.paceMs)
        const outcome = await this.#delivery.attempt(route, write, whole.signal, () => progress('sent'), next)
        this.#remember(write.deviceId, path, outcome)
        if (!(outcome instanceof SendError)) return attempts.length > 0 ? { ...outcome, attempts } : outcome
        attempts.push({ path, reason: outcome.code, ms: Math.round(clock.monotonic() - startedAt) })
        const mayMove = outcome.outcome === 'not-sent' || !write.once
        if (!mayMove || i === ways.length - 1) {
          const tried = attempts.length > 1 ? { attempts } : {}
          if (!mayHaveActed) return failed(outcome, { path, ...tried })
          // What an earlier way took from us may have been done, whatever this one says.
          const isStopping = this.#grace.signal.aborted
          return { ...timedOut(write, [], path, valuesOf(write), isStopping, outcome.message), ...tried }
        }
        mayHaveActed ||= outcome.outcome === 'unknown'
      }
      return failed(noPath(choice.refused))
    } finally {
      whole.cancel()
    }
  }

  #factOf(route: Route, deviceId: string): RouteFact {
    const { state, reason } = route.health(deviceId)
    const { path } = route.sender
    const usable = state === 'up' || state === 'degraded'
    const troubled = this.#trouble.isTroubled(deviceId, path)
    return { path, usable, troubled, reason: usable ? null : (reason ?? state) }
  }

  #remember(deviceId: string, path: Path, outcome: Outcome | SendError): void {
    // A device that says no has answered.
    const failed = outcome instanceof SendError ? outcome.outcome !== 'refused' : outcome.state === 'timeout'
    if (failed) this.#trouble.failed(deviceId, path)
    else this.#trouble.worked(deviceId, path)
  }
}
