import type { AedesPublishPacket } from 'aedes'
import { contains } from '../filter.ts'

type Published = Pick<AedesPublishPacket, 'topic' | 'payload' | 'dup' | 'qos' | 'retain'>
type Hear = (packet: Published) => void

/**
 * The short way of commands to the bridge itself: heard the moment the client is known to be allowed, before the library
 * acknowledges, stores and distributes, which takes longer than everything that the bridge does with a command.
 * What is stored or taken once only (retained, QoS 2) goes the long way alone.
 */
export class Shortcut {
  readonly #isCommand: (topic: string) => boolean
  readonly #listeners = new Map<Hear, string>()
  /** By their bytes, as the library copies what is around them. */
  readonly #heard = new WeakSet<Uint8Array>()

  constructor(isCommand: (topic: string) => boolean) {
    this.#isCommand = isCommand
  }

  listen(filter: string, hear: Hear): void {
    this.#listeners.set(hear, filter)
  }

  leave(hear: Hear): void {
    this.#listeners.delete(hear)
  }

  take(packet: Published): void {
    const { topic, payload, qos, retain } = packet
    if (qos > 1 || retain || typeof payload === 'string' || payload.length === 0) return
    if (this.#listeners.size === 0 || !this.#isCommand(topic)) return
    this.#heard.add(payload)
    for (const [hear, filter] of this.#listeners) if (contains(filter, topic)) hear(packet)
  }

  /** It was heard already. */
  hasTaken({ payload }: Pick<Published, 'payload'>): boolean {
    return typeof payload !== 'string' && this.#heard.has(payload)
  }
}
