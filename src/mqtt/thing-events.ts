import type { Clock } from '../util/clock.ts'
import { bridgeEvent, cloudEvent, type EventObject } from './payload-event.ts'
import type { Publisher } from './publisher.ts'
import type { TopicTree } from './topic.ts'

export interface Named {
  readonly id: string
  readonly name: string
}

export interface ThingEventsParts {
  readonly publisher: Publisher
  readonly tree: TopicTree
  readonly clock: Clock
}

/** Events about things that come, go and change their names, numbered for each thing. */
export class ThingEvents {
  readonly #parts: ThingEventsParts
  readonly #seq = new Map<string, number>()
  /** Before everything was read once, what appears is not news. */
  #announcing = false

  constructor(parts: ThingEventsParts) {
    this.#parts = parts
  }

  announce(): void {
    this.#announcing = true
  }

  /** `<kind>_added` for what is new, `<kind>_renamed` for a new name. */
  named(kind: string, object: EventObject, now: Named, before: Named | undefined): void {
    if (!before) this.#tell(`${kind}_added`, object, { id: now.id, name: now.name })
    else if (before.name !== now.name) {
      this.#tell(`${kind}_renamed`, object, { id: now.id, name: now.name, before: before.name })
    }
  }

  /** After everything that was said of it. */
  removed(kind: string, object: EventObject, { id, name }: Named): void {
    this.#tell(`${kind}_removed`, object, { id, name }, 'tellAfter')
    this.#seq.delete(objectPath(object))
  }

  /** Events of that time are lost. */
  gap(link: string, fromMs: number, toMs: number): void {
    this.#say('gap', {}, { link, fromMs, toMs }, 'tell')
  }

  #tell(kind: string, object: EventObject, data: object, how: 'tell' | 'tellAfter' = 'tell'): void {
    if (this.#announcing) this.#say(kind, object, data, how)
  }

  #say(kind: string, object: EventObject, data: object, how: 'tell' | 'tellAfter'): void {
    const { publisher, clock, tree } = this.#parts
    const path = objectPath(object)
    const seq = (this.#seq.get(path) ?? 0) + 1
    this.#seq.set(path, seq)
    const now = clock.now()
    const event = bridgeEvent({ kind, object, timeMs: now, receivedMs: now, seq, data })
    const user = cloudEvent(kind, `/${tree.base}/${path}`, event)
    publisher[how]('eventBridge', { kind }, event, { user })
  }
}

/** `device/<id>`; without an object the bridge itself. */
function objectPath(object: EventObject): string {
  return Object.entries(object).flat().join('/') || 'bridge'
}
