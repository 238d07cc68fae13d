import { BridgeError } from '../util/error.ts'
import { nearest } from '../util/nearest.ts'

/** Every fault that can be switched on by name: what it does and how its value is read. */
export const faultNames = {
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

export type FaultName = keyof typeof faultNames

/** The faults that are on, by name; parsed once, read on every request. */
export class Faults {
  readonly #on = new Map<FaultName, string>()

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
    this.#on.set(name as FaultName, rest.join('='))
  }

  clear(...names: readonly FaultName[]): void {
    if (names.length === 0) this.#on.clear()
    for (const name of names) this.#on.delete(name)
  }

  has(name: FaultName): boolean {
    return this.#on.has(name)
  }

  text(name: FaultName): string | undefined {
    return this.#on.get(name)
  }

  number(name: FaultName): number | undefined {
    const text = this.#on.get(name)
    const number = Number(text)
    return text === undefined || text === '' || !Number.isFinite(number) ? undefined : number
  }

  /** A number of a range `a-b`, or the one number; 0 when the fault is off. */
  milliseconds(name: FaultName, random: () => number): number {
    const [least = 0, most = least] = (this.#on.get(name) ?? '')
      .split('-')
      .map(Number)
      .filter(Number.isFinite)
    return least + random() * (most - least)
  }
}
