import { tellReports } from '../../src/app/follow-inventory.ts'
import { QueueEffects } from '../../src/app/queue-effects.ts'
import type { QueueMessage } from '../../src/domain/message.ts'
import { areasTold } from '../../src/inventory/after-message.ts'
import type { Area } from '../../src/inventory/area.ts'
import type { Inventory } from '../../src/inventory/inventory.ts'
import type { OutboxCaps } from '../../src/mqtt/outbox.ts'
import { words } from '../../src/mqtt/payload.ts'
import { type Settle, Settlement } from '../../src/util/settlement.ts'
import { EventBench } from './event-bench.ts'
import { newInventory } from './inventory.ts'

/** What becomes of messages of the queue, without a broker and without a cloud: the outbox is emptied by hand. */
export class EffectsBench {
  readonly out: EventBench
  readonly inventory: Inventory
  readonly effects: QueueEffects
  /** What is to be looked at. */
  readonly areas: Area[] = []
  /** What became of the messages, in the order in which they were done: `<name> delivered|refused|again`. */
  readonly fates: string[] = []

  constructor(caps: Partial<OutboxCaps> = {}) {
    this.out = new EventBench({ caps })
    const { clock, events, tree, publisher } = this.out
    this.inventory = newInventory(clock)
    const { inventory } = this
    tellReports(inventory, events)
    inventory.events.on('device', ({ record }) => {
      const { id, online } = record.device
      publisher.retain(
        `device/${id}`,
        'stateAvailability',
        { device: id },
        words(online ? 'online' : 'offline'),
      )
    })
    this.effects = new QueueEffects({
      inventory,
      events,
      mirror: {
        confirm: (deviceId, name, settle: Settle) =>
          publisher.confirm(`device/${deviceId}`, tree.build(name, { device: deviceId }), settle),
      },
      clock,
      told: (message) => this.areas.push(...areasTold(message, inventory)),
    })
  }

  get clock() {
    return this.out.clock
  }

  take(message: QueueMessage, name = 'message'): void {
    const settlement = new Settlement(
      (delivered) => this.fates.push(`${name} ${delivered ? 'delivered' : 'refused'}`),
      () => this.fates.push(`${name} again`),
    )
    this.effects.take({ message, receivedMs: this.clock.now() }, settlement)
    settlement.seal()
  }

  /** Everything waiting goes to the broker; gives the topics. */
  topics(): string[] {
    return this.out.topicsSaid()
  }
}
