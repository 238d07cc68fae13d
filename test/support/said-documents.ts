import type { Inventory } from '../../src/inventory/inventory.ts'
import type { Documents, SaidDocument } from '../../src/mqtt/device-topics.ts'
import { Emitter } from '../../src/util/emitter.ts'
import type { Settle } from '../../src/util/settlement.ts'

/** Documents of an inventory without anybody who publishes them: said at once, and held at once unless told to wait. */
export class SaidDocuments implements Documents {
  readonly events = new Emitter<{ said: SaidDocument }>()
  readonly hurried: string[] = []
  /** Who waits for the broker, while it is away. */
  waiting: { readonly deviceId: string; readonly settle: Settle }[] = []
  isAway = false

  constructor({ events }: Inventory) {
    events.on('device', ({ record }) => this.events.emit('said', { published: record, changed: [] }))
    events.on('specification', ({ record }) => this.events.emit('said', { published: record, changed: [] }))
    events.on('report', ({ record, changed }) => {
      if (changed.length > 0) this.events.emit('said', { published: record, changed })
    })
    events.on('total', ({ record, code }) => this.events.emit('said', { published: record, changed: [code] }))
  }

  hurry(deviceId: string): void {
    this.hurried.push(deviceId)
  }

  whenHeld(deviceId: string, settle: Settle): void {
    if (this.isAway) this.waiting.push({ deviceId, settle })
    else settle(true)
  }

  /** The oldest that somebody waits for is held. */
  arrive(delivered = true): void {
    this.waiting.shift()?.settle(delivered)
  }
}
