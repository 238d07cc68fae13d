import { contains } from '../../src/mqtt/filter.ts'
import {
  type BrokerConnector,
  type BrokerLink,
  type ConnectOptions,
  type LinkEnd,
  LinkError,
  type LinkLimits,
  type PublishRefused,
  type SubscribeOptions,
} from '../../src/mqtt/link.ts'
import type { Incoming, Outgoing } from '../../src/mqtt/message.ts'
import { deferred } from '../../src/util/deferred.ts'

export const ampleLimits: LinkLimits = {
  protocol: 'MQTT 5',
  receiveMaximum: 65_535,
  maximumPacketSize: 268_435_455,
  retainAvailable: true,
  maximumQos: 2,
}

interface Sent {
  readonly message: Outgoing
  answer(refused?: PublishRefused): void
}

/** A connection without a socket: the test gives every answer, or lets it answer by itself. */
export class ScriptedLink implements BrokerLink {
  limits: LinkLimits = ampleLimits
  unsentBytes = 0
  /** What was published and has no answer yet, oldest first. */
  readonly unanswered: Sent[] = []
  readonly published: Outgoing[] = []
  readonly subscribed: (readonly [filter: string, options: SubscribeOptions])[] = []
  /** Acknowledges at once, and returns what was subscribed to. */
  obliging = false
  /** Keeps the probe to itself, as a broker does that lets nobody read. */
  deaf = false
  subscribes: () => Promise<void> = () => Promise.resolve()
  closed = false
  /** It has ended, in whatever way. */
  isOver = false
  readonly ended: Promise<LinkError>
  readonly #end = deferred<LinkError>()
  readonly #onMessage: (message: Incoming) => void

  constructor(onMessage: (message: Incoming) => void = () => {}) {
    this.#onMessage = onMessage
    this.ended = this.#end.promise
  }

  publish(message: Outgoing, done: (refused?: PublishRefused) => void): void {
    this.published.push(message)
    const sent: Sent = {
      message,
      answer: (refused) => {
        this.unanswered.splice(this.unanswered.indexOf(sent), 1)
        done(refused)
      },
    }
    this.unanswered.push(sent)
    if (!this.obliging) return
    const isOurs = this.subscribed.some(([filter]) => contains(filter, message.topic))
    queueMicrotask(() => {
      sent.answer()
      if (isOurs && !this.deaf) this.hear(message.topic, message.payload)
    })
  }

  /** A message from the broker. */
  hear(topic: string, payload: string, retain = false): void {
    this.#onMessage({ topic, payload: Buffer.from(payload), retain, dup: false })
  }

  subscribe(filter: string, options: SubscribeOptions): Promise<void> {
    this.subscribed.push([filter, options])
    return this.subscribes()
  }

  destroy(end: LinkEnd): void {
    this.drop(end)
  }

  /** The connection is gone, for this reason. */
  drop(end: LinkEnd = 'closed'): void {
    this.isOver = true
    this.#end.resolve(new LinkError(end, `scripted: ${end}`))
  }

  close(): Promise<void> {
    this.closed = true
    this.drop('stopped')
    return Promise.resolve()
  }

  /** The texts on a topic, oldest first. */
  on(topic: string): string[] {
    return this.published.filter((message) => message.topic === topic).map(({ payload }) => payload)
  }
}

/** Gives obliging links, unless the test prepares the next one or refuses it. */
export class ScriptedConnector implements BrokerConnector {
  readonly address = 'scripted'
  readonly links: ScriptedLink[] = []
  readonly options: ConnectOptions[] = []
  readonly #optionsOf = new Map<ScriptedLink, ConnectOptions>()
  /** Called with every new link; throwing refuses the connection. */
  prepare: (link: ScriptedLink, n: number) => void | Promise<void> = () => {}

  async connect(options: ConnectOptions): Promise<BrokerLink> {
    options.signal.throwIfAborted()
    this.options.push(options)
    const link = new ScriptedLink(options.onMessage)
    link.obliging = true
    await this.prepare(link, this.options.length)
    this.links.push(link)
    this.#optionsOf.set(link, options)
    return link
  }

  /** The connections whose client id has this at its end, oldest first, with what they were made for. */
  made(suffix: RegExp): readonly (readonly [link: ScriptedLink, options: ConnectOptions])[] {
    return [...this.#optionsOf].filter(([, options]) => suffix.test(options.suffix))
  }

  get last(): ScriptedLink {
    const link = this.links.at(-1)
    if (!link) throw new Error('nobody has connected')
    return link
  }
}
