import type { AedesPublishPacket } from 'aedes'
import { deferred } from '../../util/deferred.ts'
import {
  type BrokerConnector,
  type BrokerLink,
  type ConnectOptions,
  type LinkEnd,
  LinkError,
  type LinkLimits,
  PublishRefused,
  type SubscribeOptions,
} from '../link.ts'
import type { Incoming, Outgoing } from '../message.ts'
import type { EmbeddedBroker } from './broker.ts'
import { dispatch } from './privates.ts'

type Listener = (packet: AedesPublishPacket, done: () => void) => void
type Heard = Pick<AedesPublishPacket, 'topic' | 'payload' | 'dup' | 'retain'>

/** Connections to the broker inside, without a socket between. */
export class EmbeddedConnector implements BrokerConnector {
  readonly address = 'embedded'
  readonly #broker: EmbeddedBroker

  constructor(broker: EmbeddedBroker) {
    this.#broker = broker
  }

  connect(options: ConnectOptions): Promise<BrokerLink> {
    return Promise.resolve(new EmbeddedLink(this.#broker, options.onMessage))
  }
}

class EmbeddedLink implements BrokerLink {
  readonly limits: LinkLimits = {
    protocol: 'MQTT 3.1.1',
    receiveMaximum: 65_535,
    maximumPacketSize: 256 * 1024,
    retainAvailable: true,
    maximumQos: 2,
  }
  readonly ended: Promise<LinkError>
  readonly unsentBytes = 0
  readonly #broker: EmbeddedBroker
  readonly #onMessage: (message: Incoming) => void
  readonly #end = deferred<LinkError>()
  readonly #listeners = new Map<string, { readonly live: Listener; readonly hear: (packet: Heard) => void }>()
  #over = false

  constructor(broker: EmbeddedBroker, onMessage: (message: Incoming) => void) {
    this.#broker = broker
    this.#onMessage = onMessage
    this.ended = this.#end.promise
  }

  /**
   * R-E1: a state counts as delivered when the store has it, an event when it was handed to dispatch. A slow
   * subscriber delays neither, and a failing store never says yes: then our own deadline ends the link.
   */
  publish(message: Outgoing, done: (refused?: PublishRefused) => void): void {
    if (this.#over) return
    const { aedes, retained } = this.#broker
    const answer = (refused?: PublishRefused) => {
      if (!this.#over) done(refused)
    }
    const packet = {
      cmd: 'publish' as const,
      topic: message.topic,
      payload: Buffer.from(message.payload),
      qos: message.qos,
      retain: message.retain,
      dup: false,
    }
    if (!message.retain) {
      dispatch(aedes, packet)
      queueMicrotask(answer)
      return
    }
    if (!retained.accepts(packet)) {
      queueMicrotask(() => answer(new PublishRefused('quota')))
      return
    }
    retained.store.storeRetained(packet).then(
      () => {
        dispatch(aedes, packet)
        answer()
      },
      // The broker has told it already.
      () => {},
    )
  }

  subscribe(filter: string, options: SubscribeOptions): Promise<void> {
    const { aedes, retained, shortcut } = this.#broker
    const hear = (packet: Heard) => this.#take(packet, packet.retain)
    const live: Listener = (packet, done) => {
      if (!shortcut.hasTaken(packet)) hear(packet)
      done()
    }
    this.#forget(filter)
    this.#listeners.set(filter, { live, hear })
    shortcut.listen(filter, hear)
    return new Promise((resolve) => {
      aedes.subscribe(filter, live, () => {
        resolve()
        if (options.withoutStored) return
        for (const packet of retained.matching(filter)) this.#take({ ...packet, dup: false }, true)
      })
    })
  }

  destroy(end: LinkEnd): void {
    if (this.#over) return
    this.#over = true
    for (const filter of [...this.#listeners.keys()]) this.#forget(filter)
    this.#end.resolve(new LinkError(end, `we ended the connection (${end})`))
  }

  close(): Promise<void> {
    this.destroy('stopped')
    return Promise.resolve()
  }

  #forget(filter: string): void {
    const { aedes, shortcut } = this.#broker
    const known = this.#listeners.get(filter)
    if (!known) return
    this.#listeners.delete(filter)
    shortcut.leave(known.hear)
    aedes.unsubscribe(filter, known.live, () => {})
  }

  #take(packet: Omit<Heard, 'retain'>, retain: boolean): void {
    if (this.#over) return
    const { topic, payload, dup } = packet
    this.#onMessage({
      topic,
      payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
      retain,
      dup,
    })
  }
}
