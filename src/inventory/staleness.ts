import type { Source } from '../domain/report.ts'
import type { PointFact } from '../domain/state.ts'
import type { Emitter } from '../util/emitter.ts'
import type { DeviceRecord, InventoryEvents } from './events.ts'

/** Which facts nobody vouches for any more: those of a source, or of one device on the LAN (R-S1). */
export class Staleness {
  readonly #events: Emitter<InventoryEvents>
  /** What came from disk is always stale. */
  readonly #sources = new Set<Source>(['snapshot'])
  /** Devices of which nobody tells what has become of what they said on the LAN. */
  readonly #onLan = new Set<string>()

  constructor(events: Emitter<InventoryEvents>) {
    this.#events = events
  }

  mark(source: Exclude<Source, 'snapshot'>, isStale: boolean): void {
    if (this.#sources.has(source) === isStale) return
    if (isStale) this.#sources.add(source)
    else this.#sources.delete(source)
    this.#events.emit('staleness', new Set([source]))
  }

  /** The same for what one device said on the LAN. */
  markOnLan(record: DeviceRecord, isStale: boolean): void {
    const { id } = record.device
    if (this.#onLan.has(id) === isStale) return
    if (isStale) this.#onLan.add(id)
    else this.#onLan.delete(id)
    this.#events.emit('lanStaleness', record)
  }

  holds({ source }: Pick<PointFact, 'source'>, deviceId: string): boolean {
    return this.#sources.has(source) || (source === 'lan' && this.#onLan.has(deviceId))
  }

  forget(deviceId: string): void {
    this.#onLan.delete(deviceId)
  }
}
