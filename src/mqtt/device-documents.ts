import type { Device } from '../domain/device.ts'
import type { Source } from '../domain/report.ts'
import type { DeviceState, PointFact } from '../domain/state.ts'
import type { Clock } from '../util/clock.ts'
import type { Settle } from '../util/settlement.ts'
import { Slots } from '../util/slots.ts'
import type { PublishedDevice } from './device-topics.ts'
import { stateDocument } from './payload-state.ts'
import type { Publisher } from './publisher.ts'
import type { TopicTree } from './topic.ts'

export interface DeviceDocumentsParts {
  readonly publisher: Publisher
  readonly tree: TopicTree
  readonly clock: Clock
  /** Read at each use: it may change. */
  readonly mirrorNames: boolean
  readonly isStale: (fact: PointFact, deviceId: string) => boolean
  readonly slug: (device: Device) => string
  readonly group: (deviceId: string) => string
  /** The sum of what a data point reports in portions. */
  readonly total: (deviceId: string, code: string) => number | undefined
  /** A document is out; these points have changed since the one before. */
  readonly onSaid: (published: PublishedDevice, changed: readonly string[]) => void
}

/** A report that was applied. */
export interface Applied {
  readonly source: Source
  readonly receivedMs: number
  readonly changed: readonly string[]
  /** Something in it was accepted, be it the same value with a newer time. */
  readonly isNews: boolean
}

/** At most ten documents a second and device; the newest always goes out. */
const documentEveryMs = 100
/** So many documents of a device may be waited for; those between them are known by the next. */
const awaitedAtMost = 8

interface Progress {
  readonly group: string
  readonly topic: string
  published: PublishedDevice
  seq: number
  lastAt: number
  /** One is due as soon as the last one is old enough. */
  isDue: boolean
  source: Source
  receivedMs: number
  changed: Set<string>
  /** Rises with everything that a document has to say. */
  version: number
  /** The newest version that the broker has; none yet. */
  delivered: number
  /** The version that the last document has. */
  said: number
  /** The newest version on its way of whose arrival we shall learn. */
  awaited: number
  /** The newest version that anybody has waited for. */
  wanted: number
  /** Documents on their way of whose arrival we shall learn. */
  onTheWay: number
  waiting: { readonly version: number; readonly settle: Settle }[]
}

/**
 * The state document of each device: when it is said, and who waits for it. The ack gate stands here (I-1): a report
 * is settled when a document that knows of it, or a later one, is with the broker.
 */
export class DeviceDocuments {
  readonly #parts: DeviceDocumentsParts
  readonly #progress = new Map<string, Progress>()
  readonly #slots: Slots<Progress>

  constructor(parts: DeviceDocumentsParts) {
    this.#parts = parts
    this.#slots = new Slots(parts.clock, (progress) => {
      if (progress.isDue && this.#waitOf(progress) <= 0) this.#flush(progress)
    })
  }

  /** The document has something else to say: it goes out at the next occasion. */
  soon(published: PublishedDevice): void {
    this.#progressOf(published).version++
    this.#soon(published)
  }

  /** The same, of one of its points. */
  changed(published: PublishedDevice, code: string): void {
    this.#progressOf(published).changed.add(code)
    this.soon(published)
  }

  /** The document that is due goes out first: other topics are about to say what it says. */
  hurry(deviceId: string): void {
    const progress = this.#progress.get(deviceId)
    if (progress?.isDue) this.#flush(progress)
  }

  /** Without anybody who waits, a report that changes nothing is not worth a document. */
  reported(published: PublishedDevice, applied: Applied, settle?: Settle): void {
    const progress = this.#progressOf(published)
    const { changed, isNews } = applied
    // A newer time alone is worth a document as soon as somebody waits for it, or for something older.
    if (isNews) progress.version++
    if (changed.length > 0 || (settle && isNews)) {
      progress.source = applied.source
      progress.receivedMs = applied.receivedMs
      for (const code of changed) progress.changed.add(code)
    }
    if (settle) this.#await(progress, progress.version, settle)
    if (changed.length > 0 || (settle && !this.#isComing(progress))) this.#soon(published)
  }

  /** Calls when the broker has what was said last, or something newer; false when it will not have it. */
  whenHeld(deviceId: string, settle: Settle): void {
    const progress = this.#progress.get(deviceId)
    if (!progress) {
      settle(false)
      return
    }
    this.#await(progress, progress.said, settle)
    if (!this.#isComing(progress)) this.#soon(progress.published)
  }

  /** The newest document of a device; one that is due goes out first. */
  text(deviceId: string): string | undefined {
    this.hurry(deviceId)
    const progress = this.#progress.get(deviceId)
    return progress && this.#parts.publisher.owned.get(progress.group, progress.topic)?.payload
  }

  /** Forgets the device, whose topics are taken back: who waits for its document waits for that. */
  remove(deviceId: string): void {
    const progress = this.#progress.get(deviceId)
    if (!progress) return
    progress.isDue = false
    this.#progress.delete(deviceId)
    if (progress.waiting.length > 0)
      this.#parts.publisher.clearTopic(progress.topic, (delivered) =>
        answer(progress, Number.POSITIVE_INFINITY, delivered),
      )
  }

  /** The newest values still go out. */
  stop(): void {
    for (const progress of this.#progress.values()) if (progress.isDue) this.#flush(progress)
    this.#slots.clear()
  }

  #await(progress: Progress, version: number, settle: Settle): void {
    progress.wanted = Math.max(progress.wanted, version)
    if (progress.delivered >= version) settle(true)
    else progress.waiting.push({ version, settle })
  }

  /** Whether all who wait will be answered by what is due or on its way. */
  #isComing({ isDue, waiting, wanted, delivered, awaited, onTheWay }: Progress): boolean {
    if (isDue || waiting.length === 0 || delivered >= wanted) return true
    return onTheWay > 0 && awaited >= wanted
  }

  #progressOf(published: PublishedDevice): Progress {
    const known = this.#progress.get(published.device.id)
    if (known) {
      known.published = published
      return known
    }
    const { tree, group } = this.#parts
    const { id } = published.device
    const fresh: Progress = {
      group: group(id),
      topic: tree.build('stateDevice', { device: id }),
      published,
      seq: 0,
      lastAt: Number.NEGATIVE_INFINITY,
      isDue: false,
      source: 'poll',
      receivedMs: 0,
      changed: new Set(),
      version: 0,
      delivered: -1,
      said: -1,
      awaited: -1,
      wanted: -1,
      onTheWay: 0,
      waiting: [],
    }
    this.#progress.set(id, fresh)
    return fresh
  }

  #soon(published: PublishedDevice): void {
    const progress = this.#progressOf(published)
    if (progress.isDue) return
    const wait = this.#waitOf(progress)
    if (wait <= 0) {
      this.#flush(progress)
      return
    }
    progress.isDue = true
    this.#slots.add(progress, this.#parts.clock.monotonic() + wait)
  }

  #waitOf({ lastAt }: Progress): number {
    return lastAt + documentEveryMs - this.#parts.clock.monotonic()
  }

  #flush(progress: Progress): void {
    progress.isDue = false
    progress.lastAt = this.#parts.clock.monotonic()
    const changed = [...progress.changed]
    progress.changed = new Set()
    this.#say(progress, changed)
    this.#parts.onSaid(progress.published, changed)
  }

  #say(progress: Progress, changed: readonly string[]): void {
    const { publisher, mirrorNames, slug, isStale, total } = this.#parts
    const { group, topic } = progress
    const { device, state, listedMs } = progress.published
    progress.said = progress.version
    const source = progress.receivedMs === 0 ? (newestSource(state) ?? progress.source) : progress.source
    const payload = stateDocument({
      id: device.id,
      state,
      seq: ++progress.seq,
      source,
      changed,
      receivedMs: progress.receivedMs || listedMs,
      listedMs,
      isStale: (fact) => isStale(fact, device.id),
      total: (code) => total(device.id, code),
    })
    const user = { source, timeMs: String(state.newestMs() ?? listedMs) }
    const extra = { user, ...this.#awaiting(progress) }
    publisher.retainAt(group, 'stateDevice', topic, payload, extra)
    if (mirrorNames)
      publisher.retain(group, 'stateNamedDevice', { name: slug(device) }, payload, { user, after: topic })
  }

  /** Learns when the document that is about to be said arrives; without a connection only if somebody waits. */
  #awaiting(progress: Progress): { readonly settle?: Settle } {
    const isOfUse = progress.waiting.length > 0 || !this.#parts.publisher.isPaused
    if (!isOfUse || progress.onTheWay >= awaitedAtMost) return {}
    const { version } = progress
    progress.awaited = version
    progress.onTheWay++
    return {
      settle: (delivered) => {
        progress.onTheWay--
        if (delivered) progress.delivered = Math.max(progress.delivered, version)
        answer(progress, version, delivered)
        // Those who came later wait for documents of whose arrival nobody tells us.
        if (this.#isCurrent(progress) && !this.#isComing(progress)) this.#soon(progress.published)
      },
    }
  }

  #isCurrent(progress: Progress): boolean {
    return this.#progress.get(progress.published.device.id) === progress
  }
}

function answer(progress: Progress, version: number, delivered: boolean): void {
  const { waiting } = progress
  progress.waiting = waiting.filter((one) => one.version > version)
  for (const one of waiting) if (one.version <= version) one.settle(delivered)
}

function newestSource(state: DeviceState): Source | undefined {
  let newest: PointFact | undefined
  for (const [, fact] of state.entries())
    if (newest === undefined || fact.timeMs > newest.timeMs) newest = fact
  return newest?.source
}
