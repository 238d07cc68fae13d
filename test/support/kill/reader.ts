import type { Fact } from '../ledger/history.ts'
import { numberIn } from './number.ts'

/**
 * What the topics tell, in facts of the ledger. Of a state only what differs from the last sighting on the same topic
 * is news: documents repeat all values of a device.
 */
export class TopicReader {
  readonly #last = new Map<string, number>()

  read(topic: string, payload: string): readonly Fact[] {
    const [, family, object, id = '', what, code] = topic.split('/')
    if (family === 'state' && object === 'device')
      return what === undefined
        ? this.#document(topic, id, payload)
        : this.#scalar(topic, id, what, code, payload)
    if (family === 'event') return eventFacts(payload)
    return []
  }

  #document(topic: string, id: string, payload: string): Fact[] {
    const { dp, meta } = JSON.parse(payload) as Document
    return Object.entries(dp).flatMap(([code, value]) =>
      this.#news(topic, {
        kind: 'state',
        key: `${id}/${code}`,
        number: numberIn(value),
        sourceMs: meta[code]?.timeMs ?? null,
      }),
    )
  }

  #scalar(topic: string, id: string, what: string, code: string | undefined, payload: string): Fact[] {
    if (what !== 'dp' || code === undefined) return []
    return this.#news(topic, { kind: 'state', key: `${id}/${code}`, number: Number(payload), sourceMs: null })
  }

  #news(topic: string, fact: Fact): Fact[] {
    const line = `${topic} ${fact.key}`
    if (Number.isNaN(fact.number) || this.#last.get(line) === fact.number) return []
    this.#last.set(line, fact.number)
    return [fact]
  }
}

interface Document {
  readonly dp: Readonly<Record<string, unknown>>
  readonly meta: Readonly<Record<string, { readonly timeMs: number; readonly stale?: boolean }>>
}

export interface Retained {
  readonly key: string
  readonly number: number
  readonly stale: boolean
}

/** The values of a retained document. */
export function retainedValues(id: string, payload: string): Retained[] {
  const { dp, meta } = JSON.parse(payload) as Document
  return Object.entries(dp).map(([code, value]) => ({
    key: `${id}/${code}`,
    number: numberIn(value),
    stale: meta[code]?.stale === true,
  }))
}

/** Reports by what is in them, presses and external actions by the number that they carry. */
function eventFacts(payload: string): Fact[] {
  const { kind, device, automation, data, timeMs } = JSON.parse(payload) as {
    readonly kind: string
    readonly device?: string
    readonly automation?: string
    readonly data: Readonly<Record<string, unknown>>
    readonly timeMs: number
  }
  const about = device ?? automation
  if (about === undefined) return []
  if (kind !== 'report') {
    const number = numberIn(data['value'] ?? data['number'])
    return Number.isNaN(number) ? [] : [{ kind: 'event', key: `${about} ${kind}`, number, sourceMs: timeMs }]
  }
  const values = Object.entries(data['dp'] as Readonly<Record<string, unknown>>)
  return values.map(([code, value]) => ({
    kind: 'event',
    key: `${about}/${code} report`,
    number: numberIn(value),
    sourceMs: timeMs,
  }))
}
