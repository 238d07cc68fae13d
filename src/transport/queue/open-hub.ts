import { OpenHubDecoder, type OpenHubVersion } from '../../codec/queue/open-hub.ts'
import type { LinkHealth } from '../../domain/link.ts'
import type { Sink } from '../../domain/message.ts'
import { type Clock, sleep, type Timer } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import { anySignal } from '../../util/signal.ts'
import type { BookCounts } from './ack-book.ts'
import type { DeadLetter } from './dead-letters.ts'
import { type Gap, GapWatch } from './gap.ts'
import type { HubConfig } from './hub-config.ts'
import { HubIntake } from './hub-intake.ts'
import type { HubSocket, OpenHubSocket } from './hub-socket.ts'
import { type Held, HubSupply } from './hub-supply.ts'
import { type LinkEnd, QueueLinkError, toLinkError } from './link-error.ts'
import { HealthKeeper } from './link-health.ts'
import { Patience } from './patience.ts'

export interface OpenHubParts {
  /** Asks the cloud for a configuration; rejects with BridgeError. A token error is healed in there. */
  readonly fetchConfig: (signal: AbortSignal) => Promise<HubConfig>
  readonly openSocket: OpenHubSocket
  readonly version: OpenHubVersion
  /** What to do with a message whose tag fits with nothing. */
  readonly unverified: 'accept' | 'reject'
  readonly sink: Sink
  readonly clock: Clock
  readonly random: Random
  readonly onHealth: (health: LinkHealth) => void
  /** It is connected again, and whatever happened since `fromMs` was not heard; null at the first time. */
  readonly onResync: (gap: Gap | null) => void
  readonly onDead: (letter: DeadLetter) => void
  /** Hears what should never have been thrown. */
  readonly onDefect: (thrown: unknown) => void
  /** A connection ended or did not come about. */
  readonly onEnd?: (end: QueueLinkError) => void
}

/** With one configuration: the first try and three more. */
const triesAtMost = 4
/** A device is ready for a connection only some time after it came into the home; each further one waits as long. */
const newDeviceMs = { wait: 10_000, atMost: 60_000 }

/** The platform's MQTT for one user (event-queue.md 4): connects, renews, and again, without end, until stopped. */
export class OpenHub implements AsyncDisposable {
  readonly reconnects = new Map<LinkEnd, number>()
  readonly #parts: OpenHubParts
  readonly #intake: HubIntake
  readonly #health: HealthKeeper
  readonly #patience: Patience
  readonly #supply: HubSupply
  readonly #life = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #socket: HubSocket | undefined
  #newDevice: { readonly timer: Timer; readonly firstAt: number } | undefined
  readonly #gaps: GapWatch

  constructor(parts: OpenHubParts) {
    this.#parts = parts
    const { clock, random, sink, onDead, onDefect } = parts
    this.#health = new HealthKeeper(clock, parts.onHealth)
    this.#patience = new Patience(random)
    this.#gaps = new GapWatch(clock, null)
    this.#supply = new HubSupply({
      fetch: parts.fetchConfig,
      clock,
      random,
      onFailure: (word) => {
        if (!this.#socket) this.#health.turn('down', word)
      },
    })
    this.#intake = new HubIntake({
      clock,
      sink,
      tagged: parts.version === '2.0',
      onMessage: (receivedMs, verified) => {
        this.#health.heard(receivedMs)
        this.#health.turn(verified ? 'up' : 'degraded', verified ? null : 'tag-unverified')
      },
      onDead,
      onDefect,
    })
  }

  start(): void {
    this.#running = this.#loop()
  }

  get health(): LinkHealth {
    return this.#health.health
  }

  get counts(): BookCounts {
    return this.#intake.counts
  }

  get deadByReason(): ReadonlyMap<string, number> {
    return this.#intake.deadByReason
  }

  /** Messages whose tag fits with nothing, taken or not. */
  get tagUnverified(): number {
    return this.#intake.unverified
  }

  /** Somebody else learned of a change that happened at `timeMs`, of which the hub should have told. */
  changedElsewhere(timeMs: number): void {
    this.#health.changedElsewhere(timeMs)
  }

  /**
   * A device came into a home: its messages arrive only on a connection that is younger than it, and not on one that
   * is made at once. Several that come soon after each other are waited for together.
   */
  reconnectForNewDevice(): void {
    if (this.#life.signal.aborted) return
    const { clock } = this.#parts
    const now = clock.monotonic()
    const firstAt = this.#newDevice?.firstAt ?? now
    this.#newDevice?.timer.cancel()
    const wait = Math.min(newDeviceMs.wait, firstAt + newDeviceMs.atMost - now)
    const timer = clock.after(wait, () => {
      this.#newDevice = undefined
      void this.#socket?.close(newDevice)
    })
    this.#newDevice = { timer, firstAt }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#life.abort()
    this.#newDevice?.timer.cancel()
    await this.#running
    this.#health.turn('down', 'shutdown')
  }

  /** Ends when the life ends; whatever else goes wrong is one more reason to try again. */
  async #loop(): Promise<void> {
    const { signal } = this.#life
    try {
      this.#health.turn('down', 'connecting')
      let held = await this.#supply.next(signal)
      for (;;) held = await this.#use(held)
    } catch (thrown) {
      if (!signal.aborted) throw thrown
    }
  }

  /** Connects with one configuration for as long as that is good, and gives the next one. */
  async #use(held: Held): Promise<Held> {
    const { clock } = this.#parts
    const over = new AbortController()
    const signal = anySignal(this.#life.signal, over.signal)
    // It is fetched while the old connection still brings messages.
    const renewal = this.#renew(held, signal)
    renewal.catch(() => {})
    let worked = false
    try {
      for (let tries = 0; tries < triesAtMost && clock.monotonic() < held.expiresAt; tries++) {
        const { end, upMs } = await this.#once(held, renewal, signal)
        if (end.end === 'renewed') return await renewal
        worked ||= upMs !== undefined
        if (end.end === 'new-device') tries = -1
        else if (end.end === 'expired') break
        else if (hopeless.has(end.end)) {
          // A configuration that was good until now is old; one that never was may not be the trouble.
          const isOld = worked && end.end === 'credentials'
          if (!isOld) await sleep(clock, this.#patience.after(end, upMs, true), signal)
          return await this.#supply.next(signal)
        } else await sleep(clock, this.#patience.after(end, upMs, false), signal)
      }
      return await (clock.monotonic() < held.expiresAt ? this.#supply.next(signal) : renewal)
    } finally {
      over.abort()
    }
  }

  async #renew(held: Held, signal: AbortSignal): Promise<Held> {
    const { clock } = this.#parts
    await sleep(clock, held.renewAt - clock.monotonic(), signal)
    return this.#supply.next(signal)
  }

  /** One connection, from the first byte until its socket is gone. */
  async #once(held: Held, renewal: Promise<Held>, signal: AbortSignal): Promise<Ended> {
    const { clock } = this.#parts
    let socket: HubSocket
    try {
      socket = await this.#open(held.config, signal)
    } catch (thrown) {
      signal.throwIfAborted()
      return this.#ended(toLinkError(thrown), undefined)
    }
    const upAt = clock.monotonic()
    this.#socket = socket
    this.#connected()
    const watchdog = clock.after(held.expiresAt - upAt, () => void socket.close(expired))
    // The old one is gone before there is a new one.
    renewal
      .then(
        () => socket.close(renewed),
        () => socket.close(stopped),
      )
      .catch(() => {})
    const end = await socket.ended
    watchdog.cancel()
    this.#socket = undefined
    this.#gaps.lost(socket.lastAt)
    signal.throwIfAborted()
    return this.#ended(end, socket.lastAt - upAt)
  }

  #open(config: HubConfig, signal: AbortSignal): Promise<HubSocket> {
    const { version, unverified, openSocket } = this.#parts
    const decoder = new OpenHubDecoder({ password: config.password.reveal(), version, unverified })
    this.#intake.connected()
    return openSocket({
      config,
      signal,
      onMessage: (payload) => {
        const fine = this.#intake.heard(payload, (bytes, receivedMs) => decoder.decode(bytes, receivedMs))
        if (!fine) void this.#socket?.close(undecodable)
      },
    })
  }

  #connected(): void {
    this.#health.connected()
    this.#health.turn('up', null)
    this.#parts.onResync(this.#gaps.found(-1) ?? null)
  }

  #ended(end: QueueLinkError, upMs: number | undefined): Ended {
    this.reconnects.set(end.end, (this.reconnects.get(end.end) ?? 0) + 1)
    if (!planned.has(end.end)) this.#health.turn('down', end.end)
    this.#parts.onEnd?.(end)
    return { end, upMs }
  }
}

interface Ended {
  readonly end: QueueLinkError
  /** For how long it stood; undefined when it did not come about. */
  readonly upMs: number | undefined
}

/** Ends after which the same configuration is of no use. */
const hopeless: ReadonlySet<LinkEnd> = new Set<LinkEnd>(['credentials', 'undecodable'])
/** Ends after which a new connection follows at once. */
const planned: ReadonlySet<LinkEnd> = new Set<LinkEnd>(['renewed', 'new-device'])

const renewed = new QueueLinkError('renewed', 'The configuration of the Open Hub was renewed.')
const expired = new QueueLinkError('expired', 'The configuration of the Open Hub is too old.')
const newDevice = new QueueLinkError('new-device', 'A device came into a home.')
const undecodable = new QueueLinkError('undecodable', 'Messages of the Open Hub cannot be decrypted.')
const stopped = new QueueLinkError('stopped', 'The bridge is stopping.')
