import type { Clock, Timer } from '../../util/clock.ts'
import type { Emitter } from '../../util/emitter.ts'
import { type Random, randomText } from '../../util/random.ts'
import type { DeviceEntry } from '../world-file.ts'
import type { SimDevice } from './device.ts'
import type { WorldEvents } from './event.ts'

/** What pairing needs of the world. */
interface Joining {
  readonly events: Emitter<WorldEvents>
  addDevice(entry: DeviceEntry, token?: string): SimDevice
}

export interface PairingToken {
  readonly token: string
  readonly secret: string
  readonly uid: string
  readonly homeId: string
  readonly lifeSeconds: number
  readonly expiresAt: number
  readonly joined: SimDevice[]
  readonly failed: { readonly id: string; readonly code: string; readonly name: string }[]
}

const tokenMs = 10 * 60_000
const tokensKept = 50
const fastestMs = 3_000
const slowestMs = 15_000

/** Devices on their way into a home: by pairing token, or through a gateway that looks around. */
export class Pairing {
  readonly #world: Joining
  readonly #clock: Clock
  readonly #random: Random
  readonly #waiting: DeviceEntry[]
  readonly #tokens = new Map<string, PairingToken>()
  /** Gateways that look around, with what ends that. */
  readonly #searches = new Map<string, readonly Timer[]>()
  readonly #timers = new Set<Timer>()

  constructor(world: Joining, clock: Clock, random: Random, waiting: readonly DeviceEntry[]) {
    this.#world = world
    this.#clock = clock
    this.#random = random
    this.#waiting = [...waiting]
    world.events.on('removed', ({ device }) => this.endSearch(device.id))
  }

  /** Every waiting device without a gateway hears the token and joins a little later, each once. */
  open(uid: string, homeId: string): PairingToken {
    const token: PairingToken = {
      token: randomText(this.#random, 8),
      secret: randomText(this.#random, 4),
      uid,
      homeId,
      lifeSeconds: tokenMs / 1000,
      expiresAt: this.#clock.monotonic() + tokenMs,
      joined: [],
      failed: [],
    }
    this.#tokens.set(token.token, token)
    if (this.#tokens.size > tokensKept) this.#tokens.delete(this.#tokens.keys().next().value as string)
    for (const entry of this.#waiting.filter(({ gateway }) => gateway === undefined))
      this.#after(this.#soon(), () => this.#join(entry, token))
    return token
  }

  token(text: string): PairingToken | undefined {
    return this.#tokens.get(text)
  }

  /** Whether a token can still be used. */
  lives(token: PairingToken): boolean {
    return this.#clock.monotonic() < token.expiresAt
  }

  isSearching(gatewayId: string): boolean {
    return this.#searches.has(gatewayId)
  }

  /** What waits for this gateway joins it, while it looks around; without any, a new motion sensor comes along. */
  search(gateway: SimDevice, durationMs: number): void {
    this.endSearch(gateway.id)
    const waiting = this.#waiting.filter((entry) => entry.gateway === gateway.id)
    const coming = waiting.length > 0 ? waiting : [this.#newcomer(gateway)]
    const timers = coming.map((entry) =>
      this.#after(Math.min(this.#soon(), durationMs / 2), () =>
        this.#enter({ ...entry, home: gateway.homeId, gateway: gateway.id }),
      ),
    )
    const end = this.#after(durationMs, () => this.endSearch(gateway.id))
    this.#searches.set(gateway.id, [...timers, end])
  }

  endSearch(gatewayId: string): void {
    for (const timer of this.#searches.get(gatewayId) ?? []) this.#cancel(timer)
    this.#searches.delete(gatewayId)
  }

  stop(): void {
    for (const timer of [...this.#timers]) this.#cancel(timer)
    this.#searches.clear()
  }

  #newcomer(gateway: SimDevice): DeviceEntry {
    const id = `bf${randomText(this.#random, 20)}`
    return { id, name: 'Motion Sensor', model: 'motion_zigbee', home: gateway.homeId, gateway: gateway.id }
  }

  #join(entry: DeviceEntry, token: PairingToken): void {
    if (!this.#waiting.includes(entry) || !this.lives(token)) return
    const device = this.#enter({ ...entry, home: token.homeId }, token.token)
    if (device) token.joined.push(device)
    else token.failed.push({ id: entry.id, code: 'LIMIT', name: entry.name })
  }

  /** Undefined when the home is gone or full. */
  #enter(entry: DeviceEntry, token = ''): SimDevice | undefined {
    const at = this.#waiting.findIndex(({ id }) => id === entry.id)
    if (at >= 0) this.#waiting.splice(at, 1)
    try {
      return this.#world.addDevice(entry, token)
    } catch {
      return undefined
    }
  }

  #soon(): number {
    return fastestMs + this.#random() * (slowestMs - fastestMs)
  }

  #after(ms: number, run: () => void): Timer {
    const timer = this.#clock.after(ms, () => {
      this.#timers.delete(timer)
      run()
    })
    this.#timers.add(timer)
    return timer
  }

  #cancel(timer: Timer): void {
    timer.cancel()
    this.#timers.delete(timer)
  }
}
