import { Emitter } from '../util/emitter.ts'
import { BridgeError } from '../util/error.ts'
import { nearest } from '../util/nearest.ts'
import type { Random } from '../util/random.ts'
import { type FaultPlace, type FaultScope, isWithin, parseScope } from './fault-scope.ts'
import { faultChoices, lanFaults, udpFaults } from './lan/fault-name.ts'

/** Faults of the cloud's API and of what comes of its commands: what each does and how its value is read. */
export const cloudFaults = {
  latency: 'Milliseconds before each cloud answer: 500-2000, or one number',
  'device-latency': 'Milliseconds from the accepted command to the device: 50-200, or one number',
  error: 'Answers an operation with a code: device-status:500, or *:500 for all',
  http: 'Answers everything with this HTTP status',
  'retry-after': 'Seconds in the Retry-After header of HTTP 429',
  stall: 'Stops answering: headers or body',
  reset: 'Resets the connection of every n-th request',
  redirect: 'Redirects every request to this URL',
  garbage: 'Answers with what is no JSON: truncated, html, gzip, huge or number',
  'clock-skew': 'Milliseconds that the cloud’s clock is ahead',
  'token-seconds': 'Life of a token',
  quota: 'Calls until 28841004; 0 = used up',
  'plan-expired': 'Answers 28841002',
  'not-authorised': 'Answers 28841105 for operations that begin with this',
  throttle: 'Calls a second until 1199; without it 20, and the published rates of single operations',
  'lost-commands': 'Share of accepted commands that never reach the device, 0 to 1',
  'commands-act-then-stall': 'Commands reach the device and their answer never comes',
  'upgrade-fails': 'Upgrades of firmware fail at their end',
  'empty-lists': 'Lists of devices come empty',
  'hide-device': 'Leaves this device out of every list',
} as const

/** Faults of the event queue. Those of a share are thrown anew for each message or frame. */
export const queueFaults = {
  'queue-no-rule': 'No messaging rule is released: the queue connects and stays silent',
  'queue-handshake': 'Answers handshakes with this HTTP status, or stall; 503:3 for the next three only',
  'queue-cut': 'Cuts each connection after n frames; n:b writes b bytes of the next frame first',
  'queue-half-open': 'Neither reads nor answers nor delivers after n frames, and leaves the connection open',
  'queue-ping': 'Milliseconds between two pings of the proxy’s own; it has none by itself',
  'queue-drip': 'Milliseconds between two frames',
  'queue-duplicate': 'Share of frames that are delivered twice at once, 0 to 1; without one all',
  'queue-swap': 'Share of frames that change places with the next one',
  'queue-old-times':
    'Share of messages whose times are an hour old; 0.1:60000 for another age in milliseconds',
  'queue-seconds': 'Share of messages with times in seconds, as text',
  'queue-zero-ts': 'Share of messages with ts 0',
  'queue-unknown': 'Share of messages of a protocol and bizCode that nobody knows',
  'queue-large': 'Share of messages with a body of 1 MiB; 0.1:300000 for another size in bytes',
  'queue-no-properties': 'Share of frames without properties',
  'queue-bad-tag': 'Share of messages whose tag does not fit',
  'queue-bad-base64': 'Share of messages with a foreign character in their base64',
  'queue-bad-sign': 'Share of messages with a wrong signature',
  'queue-wrong-key': 'Share of messages that are encrypted with another key',
  'queue-poison': 'Share of messages that nobody can read, for any of nine reasons',
  'queue-burst': 'Reports that come at once whenever a consumer has connected; 5000 without a number',
  'queue-backlog': 'Reports that wait from the start; 1000:90 for a thousand, the oldest of 90 minutes',
} as const

/** Faults of the Open Hub; what `queue-` faults do to bodies they do here too. */
export const hubFaults = {
  'hub-refuse': 'Refuses every login to the Open Hub with this code of MQTT',
  'hub-expire': 'Seconds that a configuration of the Open Hub is good for',
  'hub-bad-tag': 'Share of messages of the Open Hub whose tag does not fit',
} as const

/** Faults of the way to everything that is not at home. */
export const internetFaults = {
  internet: 'Cloud, queue and Open Hub are out of reach: refuses connections, or says nothing (blackhole)',
} as const

/** Every fault that can be switched on by name. */
export const faultNames = {
  ...cloudFaults,
  ...queueFaults,
  ...hubFaults,
  ...internetFaults,
  ...lanFaults,
  ...udpFaults,
} as const

export type FaultName = keyof typeof faultNames
/** Those that can be narrowed to devices, commands and times. */
export type NarrowableName = keyof typeof lanFaults | keyof typeof udpFaults

interface Narrowed {
  readonly scope: FaultScope
  reached: number
  struck: number
}

function isNarrowable(name: string): name is NarrowableName {
  return Object.hasOwn(lanFaults, name) || Object.hasOwn(udpFaults, name)
}

/** The faults that are on, by name; parsed once, read on every request. */
export class Faults {
  /** A fault was set or taken away. */
  readonly events = new Emitter<{ changed: { readonly name: FaultName } }>()
  readonly #on = new Map<FaultName, string>()
  readonly #scopes = new Map<FaultName, Narrowed>()

  /** `name` or `name=value`; throws BridgeError for a name that there is none of. */
  set(text: string): void {
    const [name = '', ...rest] = text.split('=')
    if (!Object.hasOwn(faultNames, name)) {
      const near = nearest(name, Object.keys(faultNames), 2)
      throw new BridgeError(
        'simulator/fault',
        `There is no fault "${name}".${near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''}`,
      )
    }
    const value = rest.join('=')
    if (isNarrowable(name)) this.#scopes.set(name, { scope: scopeOf(name, value), reached: 0, struck: 0 })
    this.#on.set(name as FaultName, value)
    this.events.emit('changed', { name: name as FaultName })
  }

  clear(...names: readonly FaultName[]): void {
    for (const name of names.length === 0 ? [...this.#on.keys()] : names) {
      this.#scopes.delete(name)
      if (this.#on.delete(name)) this.events.emit('changed', { name })
    }
  }

  /** The value of a fault of the LAN that concerns this place; undefined when none does. Counts nothing. */
  at(name: NarrowableName, place: FaultPlace): string | undefined {
    const scope = this.#scopes.get(name)?.scope
    return scope && isWithin(scope, place) ? scope.value : undefined
  }

  /** As `at`, for what happens: counts, and leaves out what is skipped, what is over and what chance spares. */
  strikes(name: NarrowableName, place: FaultPlace, random: Random): string | undefined {
    const narrowed = this.#scopes.get(name)
    if (!narrowed || !isWithin(narrowed.scope, place)) return undefined
    const { skip, times, share, value } = narrowed.scope
    if (++narrowed.reached <= skip || narrowed.struck >= times) return undefined
    if (share < 1 && random() >= share) return undefined
    narrowed.struck++
    return value
  }

  has(name: FaultName): boolean {
    return this.#on.has(name)
  }

  text(name: FaultName): string | undefined {
    return this.#on.get(name)
  }

  number(name: FaultName): number | undefined {
    return numberIn(this.#on.get(name))
  }

  /** Whether a fault of a share, which stands before a colon, hits this time; without a share it always does. */
  hits(name: FaultName, random: Random): boolean {
    const text = this.#on.get(name)
    if (text === undefined) return false
    const [share = ''] = text.split(':')
    return share === '' || random() < Number(share)
  }

  /** The number behind the colon. */
  detail(name: FaultName): number | undefined {
    return numberIn(this.#on.get(name)?.split(':')[1])
  }

  /** The number before the colon. */
  count(name: FaultName): number | undefined {
    return numberIn(this.#on.get(name)?.split(':')[0])
  }

  /** As `millisecondsIn`; 0 when the fault is off. */
  milliseconds(name: FaultName, random: Random): number {
    return millisecondsIn(this.#on.get(name) ?? '', random)
  }
}

function scopeOf(name: NarrowableName, text: string): FaultScope {
  const scope = parseScope(text)
  const choices = Object.hasOwn(faultChoices, name) ? faultChoices[name] : undefined
  if (!choices || choices.includes(scope.value.split(':')[0] ?? '')) return scope
  throw new BridgeError('simulator/fault', `${name} is one of ${choices.join(', ')}.`)
}

/** A number of a range `a-b`, or the one number; 0 for anything else. */
export function millisecondsIn(text: string, random: Random): number {
  const [least = 0, most = least] = text.split('-').map(Number).filter(Number.isFinite)
  return least + random() * (most - least)
}

function numberIn(text: string | undefined): number | undefined {
  const number = Number(text)
  return text === undefined || text === '' || !Number.isFinite(number) ? undefined : number
}
