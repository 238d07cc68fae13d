import type { Clock, Timer } from '../util/clock.ts'
import type { Settle } from '../util/settlement.ts'
import { BarredTopics } from './barred-topics.ts'
import { Debts } from './debts.ts'
import type { Outgoing } from './message.ts'
import { type Extra, MessageMaker } from './message-maker.ts'
import type { Outbox } from './outbox.ts'
import { OwnedTopics } from './owned.ts'
import type { Payload } from './payload.ts'
import { Repetition } from './repetition.ts'
import { type TopicName, type TopicParams, type TopicTree, topics } from './topic.ts'
import type { Topic } from './topic-entry.ts'

export interface PublisherParts {
  readonly tree: TopicTree
  readonly outbox: Outbox
  readonly clock: Clock
  /** The instance, told on every message of MQTT 5. */
  readonly bridge: string
  /** Something waits in the outbox. */
  readonly wake: () => void
  /** Messages a second when everything is said again; 0 = as fast as the broker takes them. */
  readonly republishPerSecond: number
  /** A message got no place: the outbox is full, or its topic is barred. */
  readonly onRefused?: (reason: 'full' | 'barred', topic: string) => void
  /** Something happens, or a way to a device changes, whether or not there is a connection; never an answer to one requester alone. */
  readonly onSaid?: ((name: TopicName, topic: string, text: string) => void) | undefined
}

type ParamsOf<N extends TopicName> = TopicParams<(typeof topics)[N]['pattern']>

/** Retained values of which listeners hear; all others are too many to be compared once more. */
const heard: ReadonlySet<TopicName> = new Set(['statePaths'])

/** The retained messages that wait in line while everything is said again. */
const aheadAtMost = 1_000
/** How soon what found no place is tried again. */
const debtMs = 1_000

/**
 * The one way to the outbox. Retained messages are remembered by group, so that equal ones are said once, a group can
 * be taken back, and all of them can be said again after a reconnect.
 */
export class Publisher {
  readonly owned = new OwnedTopics()
  readonly #parts: PublisherParts
  readonly #barred: BarredTopics
  readonly #repetition: Repetition
  readonly #debts = new Debts()
  readonly #maker: MessageMaker
  #paying: Timer | undefined
  #paused = true

  constructor(parts: PublisherParts) {
    this.#parts = parts
    const { clock, bridge } = parts
    this.#maker = new MessageMaker(bridge)
    this.#barred = new BarredTopics(clock)
    this.#repetition = new Repetition({
      clock,
      perSecond: () => parts.republishPerSecond,
      hasRoom: () => this.#hasRoom,
      offer: (message) => this.#offerState(message),
    })
  }

  /** Without a connection what is retained is remembered, and said when the connection comes. */
  get isPaused(): boolean {
    return this.#paused
  }

  /**
   * Says a retained value; nothing happens when the topic says it already and nobody waits. False when it has to wait
   * for room in the outbox; then it is said later, and who waits for it waits on: a state is never lost, only late.
   */
  retain<N extends TopicName>(
    group: string,
    name: N,
    params: ParamsOf<N>,
    payload: Payload,
    extra: Extra = {},
  ): boolean {
    return this.retainAt(group, name, this.#parts.tree.build(name, params), payload, extra)
  }

  /** The same for a topic that the caller has built, for messages that are sent thousands of times. */
  retainAt(group: string, name: TopicName, topic: string, payload: Payload, extra: Extra = {}): boolean {
    if (!heard.has(name)) return this.retainOther(group, topics[name], topic, payload, extra)
    const isNews = this.owned.get(group, topic)?.payload !== payload.text
    const isPlaced = this.retainOther(group, topics[name], topic, payload, extra)
    if (isNews) this.#parts.onSaid?.(name, topic, payload.text)
    return isPlaced
  }

  /** The same for a topic of another tree than the bridge's own. */
  retainOther(group: string, entry: Topic, topic: string, payload: Payload, extra: Extra = {}): boolean {
    const { settle } = extra
    const message = this.#maker.make(entry, topic, payload, extra)
    const isNews = this.owned.put(group, message)
    // Without a connection nothing is queued, everything is said when it comes; but whoever waits is remembered.
    return settle || (isNews && !this.#paused) ? this.#offerState(message, settle) : true
  }

  /** Calls when the broker has what is said on the topic now; it is said once more, unless it waits still. */
  confirm(group: string, topic: string, settle: Settle): void {
    const message = this.owned.get(group, topic)
    if (message) this.#offerState(message, settle)
    else settle(true)
  }

  /** Says on another topic what a retained message says. */
  copy(group: string, name: TopicName, topic: string, original: Outgoing): void {
    const { payload, properties } = original
    const contentType = properties?.contentType ?? 'application/json'
    const extra = { user: properties?.user ?? {}, after: original.after ?? original.topic }
    this.retainAt(group, name, topic, { text: payload, contentType }, extra)
  }

  /** A retained value that does not wait in line, for a topic that is cleared next: the last word on it. */
  sayLast<N extends TopicName>(name: N, params: ParamsOf<N>, payload: Payload): void {
    if (!this.#paused)
      this.#offerEvent(this.#maker.make(topics[name], this.#parts.tree.build(name, params), payload, {}))
  }

  /** Says something once. False when there is no room for it; then `settle` is not called, and it may be tried again. */
  tell<N extends TopicName>(name: N, params: ParamsOf<N>, payload: Payload, extra: Extra = {}): boolean {
    return this.tellAt(name, this.#parts.tree.build(name, params), payload, extra)
  }

  /** The same for a topic that the caller has built. */
  tellAt(name: TopicName, topic: string, payload: Payload, extra: Extra = {}): boolean {
    this.#parts.onSaid?.(name, topic, payload.text)
    const entry: Topic = topics[name]
    return this.#offerEvent(this.#maker.make(entry, topic, payload, extra), extra.settle, entry.isAnswer)
  }

  /** Says something once on a topic of another tree, whether or not the table keeps what is said there. */
  tellOther(entry: Topic, topic: string, payload: Payload): boolean {
    return this.#offerEvent(this.#maker.make({ ...entry, retained: false }, topic, payload, {}))
  }

  /** The same, after all retained values that were said before. */
  tellAfter<N extends TopicName>(name: N, params: ParamsOf<N>, payload: Payload, extra: Extra = {}): boolean {
    const { outbox, tree } = this.#parts
    const message = this.#maker.make(topics[name], tree.build(name, params), payload, extra)
    this.#parts.onSaid?.(name, message.topic, payload.text)
    return (
      this.#bars(message.topic, extra.settle) ||
      this.#took(message, outbox.offerFollower(message, extra.settle))
    )
  }

  /** The same as tell() to a topic that a requester named. */
  tellTo(topic: string, payload: Payload, correlationData: Buffer | undefined, extra: Extra = {}): boolean {
    const message = this.#maker.make(topics.reply, topic, payload, extra)
    const properties = { ...message.properties, ...(correlationData ? { correlationData } : {}) }
    return this.#offerEvent({ ...message, properties }, undefined, true)
  }

  /** Takes one retained topic back. */
  clear(group: string, topic: string): void {
    this.owned.remove(group, topic)
    this.clearTopic(topic)
  }

  /** The same, if anything is said there. */
  clearOwned(group: string, topic: string): void {
    if (this.owned.has(group, topic)) this.clear(group, topic)
  }

  /** Takes back everything of a group. */
  clearGroup(group: string): void {
    for (const topic of this.owned.removeGroup(group)) this.clearTopic(topic)
  }

  /**
   * Removes a retained message that is not in the books (any more). Waits for a connection if there is none: nothing
   * would say it again. False when it has to wait for room in the outbox.
   */
  clearTopic(topic: string, settle?: Settle): boolean {
    return this.#offerState({ topic, payload: '', qos: 1, retain: true }, settle)
  }

  /** While there is no connection nothing is queued: everything is said when it comes. */
  pause(): void {
    this.#paused = true
    this.#repetition.stop()
    this.#paying?.cancel()
    this.#paying = undefined
  }

  /** The connection is there: everything is said, the first in the books ahead of whatever waits. */
  resume(): void {
    this.#paused = false
    const messages = this.#sayable()
    const first = messages.next()
    if (!first.done) this.#parts.outbox.offerFirst(first.value)
    this.#sayAll(messages)
    if (this.#debts.areTopics) this.#payLater()
  }

  /** R-M10: says everything, at a pace that leaves room for what happens meanwhile. */
  republish(): void {
    if (!this.#paused) this.#sayAll(this.#sayable())
  }

  get republishes(): boolean {
    return this.#repetition.isRunning
  }

  /** The broker hangs up at this topic: for an hour nothing is said on it, so that all others can be heard. */
  bar(topic: string): void {
    this.#barred.bar(topic)
  }

  /** Copies of last events are not news: only who knows that the broker lost one says it again. */
  *#sayable(): Generator<Outgoing, void> {
    for (const message of this.owned.messages()) if (!this.#parts.tree.isLast(message.topic)) yield message
  }

  #sayAll(messages: Iterator<Outgoing, void>): void {
    this.#debts.values = false
    this.#repetition.start(messages)
  }

  get #hasRoom(): boolean {
    const { outbox } = this.#parts
    return outbox.hasRoom && outbox.size < aheadAtMost
  }

  #offerState(message: Outgoing, settle?: Settle): boolean {
    // Its document may be among what found no place, and is said before it when all values are said again.
    if (message.after !== undefined && this.#debts.values) return false
    const all = this.#debts.together(message.topic, settle)
    if (this.#bars(message.topic, all) || this.#took(message, this.#parts.outbox.offerState(message, all))) {
      this.#debts.paid(message.topic)
      return true
    }
    this.#debts.owe(message, settle)
    this.#payLater()
    return false
  }

  #offerEvent(message: Outgoing, settle?: Settle, isAnswer = false): boolean {
    const { outbox } = this.#parts
    if (this.#bars(message.topic, settle)) return true
    return this.#took(
      message,
      isAnswer ? outbox.offerAnswer(message, settle) : outbox.offerEvent(message, settle),
    )
  }

  /** Nothing is said on a barred topic, and nobody waits for it. */
  #bars(topic: string, settle: Settle | undefined): boolean {
    if (!this.#barred.has(topic)) return false
    this.#parts.onRefused?.('barred', topic)
    settle?.(false)
    return true
  }

  #took({ topic }: Outgoing, isTaken: boolean): boolean {
    if (!isTaken) this.#parts.onRefused?.('full', topic)
    else if (!this.#paused) this.#parts.wake()
    return isTaken
  }

  #payLater(): void {
    if (!this.#paused) this.#paying ??= this.#parts.clock.after(debtMs, () => this.#pay())
  }

  #pay(): void {
    this.#paying = undefined
    const { clears, awaited } = this.#debts
    for (const [topic] of clears.entries()) {
      clears.delete(topic)
      if (!this.#hasRoom || !(this.owned.says(topic) || this.clearTopic(topic))) {
        clears.set(topic, true)
        break
      }
    }
    for (const topic of awaited) {
      if (!this.#hasRoom) break
      const message = this.owned.find(topic)
      if (message) this.#offerState(message)
      else this.clearTopic(topic)
    }
    if (this.#debts.values && this.#hasRoom) this.#sayAll(this.#sayable())
    if (this.#debts.areAny) this.#payLater()
  }
}
