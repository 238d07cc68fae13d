import { KeyedLine } from '../util/keyed-line.ts'
import type { Entry } from './outbox.ts'

interface Caps {
  readonly states: number
  readonly stateBytes: number
}

/**
 * States in line, one of each topic. A newer one takes the place of the older: a busy topic cannot push itself behind
 * the others for ever. Only one that would overtake the document it goes after starts anew behind it.
 */
export class WaitingStates {
  readonly #caps: Caps
  /** By topic; an event that follows the states has a key that no topic has. */
  readonly #states = new KeyedLine<string, Entry>()
  #bytes = 0
  #joined = 0

  constructor(caps: Caps) {
    this.#caps = caps
  }

  get size(): number {
    return this.#states.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Whether one of so many bytes gets in. */
  hasRoomFor(bytes: number): boolean {
    const { states, stateBytes } = this.#caps
    return this.#states.size < states && this.#bytes + bytes <= stateBytes
  }

  get(topic: string): Entry | undefined {
    return this.#states.get(topic)
  }

  /** Joins the line; false at the cap. Nothing of the topic waits. */
  join(entry: Entry): boolean {
    return this.#join(entry.message.topic, entry)
  }

  /** Joins the line as an event that no other takes the place of; false at the cap. */
  follow(entry: Entry): boolean {
    return this.#join(`\0${this.#joined}`, entry)
  }

  /** Takes the place of the older one of its topic, whatever the cap. */
  replace(older: Entry, entry: Entry): void {
    const { topic, after } = entry.message
    const document = after === undefined ? undefined : this.#states.get(after)
    const overtakes = document !== undefined && document.place > older.place
    if (overtakes) this.#states.delete(topic)
    entry.place = overtakes ? this.#joined++ : older.place
    this.#bytes += entry.bytes - older.bytes
    this.#states.set(topic, entry)
  }

  remove(key: string): Entry | undefined {
    const entry = this.#states.get(key)
    if (!entry) return undefined
    this.#states.delete(key)
    this.#bytes -= entry.bytes
    return entry
  }

  /** The first in line. */
  take(): Entry | undefined {
    const entry = this.#states.shift()?.[1]
    if (!entry) return undefined
    this.#bytes -= entry.bytes
    return entry
  }

  /** All that fit, out of the line. */
  removeAll(fits: (entry: Entry) => boolean): Entry[] {
    const removed: Entry[] = []
    for (const [key, entry] of this.#states.entries()) {
      if (!fits(entry)) continue
      this.remove(key)
      removed.push(entry)
    }
    return removed
  }

  #join(key: string, entry: Entry): boolean {
    if (!this.hasRoomFor(entry.bytes)) return false
    entry.place = this.#joined++
    this.#bytes += entry.bytes
    this.#states.set(key, entry)
    return true
  }
}
