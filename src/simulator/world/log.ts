import type { Clock } from '../../util/clock.ts'
import type { Emitter } from '../../util/emitter.ts'
import type { SimDevice } from './device.ts'
import type { Origin, WorldEvents } from './event.ts'

/** The platform's numbers for what a log entry tells. */
export const logEvent = {
  online: 1,
  offline: 2,
  activated: 3,
  reset: 4,
  command: 5,
  firmware: 6,
  report: 7,
} as const

export interface LogEntry {
  /** Grows by one with every entry of the world. */
  readonly number: number
  readonly event: number
  readonly from: number
  readonly code: string
  readonly value: string
  readonly timeMs: number
}

const kept = 1_000
const origins: Readonly<Record<Origin, number>> = { app: 2, api: 3, cloud: 4 }
const device = 1
const cloud = 4

/** What happened to every device, newest last, a thousand entries each. */
export class DeviceLogs {
  readonly #clock: Clock
  readonly #entries = new Map<string, LogEntry[]>()
  #number = 0

  constructor(events: Emitter<WorldEvents>, clock: Clock) {
    this.#clock = clock
    events.on('status', ({ device: { id }, points }) => {
      for (const { dp, value } of points) this.#note(id, logEvent.report, device, dp.code, value)
    })
    events.on('commanded', ({ device: { id }, values, by }) => {
      for (const [code, value] of Object.entries(values))
        this.#note(id, logEvent.command, origins[by], code, value)
    })
    events.on('presence', ({ device: { id }, online }) =>
      this.#note(id, online ? logEvent.online : logEvent.offline, cloud),
    )
    events.on('added', ({ device: { id } }) => this.#note(id, logEvent.activated, device))
    events.on('upgrade', ({ device: { id }, module }) =>
      this.#note(id, logEvent.firmware, cloud, '', module.status),
    )
    events.on('removed', ({ device: { id } }) => this.#entries.delete(id))
  }

  of(found: SimDevice): readonly LogEntry[] {
    return this.#entries.get(found.id) ?? []
  }

  #note(id: string, event: number, from: number, code = '', value: unknown = ''): void {
    const entries = this.#entries.get(id) ?? []
    this.#entries.set(id, entries)
    const timeMs = this.#clock.now()
    entries.push({ number: ++this.#number, event, from, code, value: String(value), timeMs })
    if (entries.length > 2 * kept) entries.splice(0, kept)
  }
}
