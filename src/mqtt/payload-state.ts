import type { Json } from '../domain/data-point.ts'
import type { Source } from '../domain/report.ts'
import { type DeviceState, type PointFact, sameJson } from '../domain/state.ts'
import { jsonText, type Payload } from './payload.ts'

export interface StateView {
  readonly id: string
  readonly state: DeviceState
  readonly seq: number
  readonly source: Source
  readonly changed: readonly string[]
  readonly receivedMs: number
  /** When nothing is known: when the device was listed. */
  readonly listedMs: number
  readonly isStale: (fact: PointFact) => boolean
  /** What the portions of a data point add up to: with the last of them in one message, no kill parts the two. */
  readonly total: (code: string) => number | undefined
}

/**
 * The state document. The most frequent of all, so its text is put together from those of its values: building objects
 * only to print them takes four times as long.
 */
export function stateDocument(view: StateView): Payload {
  let [dp, raw, meta] = ['', '', '']
  let stale = false
  // The points of a report have one time and one source.
  let lastMs = Number.NaN
  let lastSource: Source | undefined
  let origin = ''
  for (const [code, fact] of view.state.entries()) {
    const key = `${jsonText(code)}:`
    dp += `,${key}${jsonText(fact.value)}`
    if (!sameJson(fact.value, fact.raw)) raw += `,${key}${jsonText(fact.raw as Json)}`
    const old = view.isStale(fact)
    stale ||= old
    const total = view.total(code)
    const sum = total === undefined ? '' : `,"total":${jsonText(total)}`
    const marks = `${old ? ',"stale":true' : ''}${fact.odd ? ',"odd":true' : ''}${sum}`
    if (fact.timeMs !== lastMs || fact.source !== lastSource) {
      lastMs = fact.timeMs
      lastSource = fact.source
      origin = `{"timeMs":${jsonText(lastMs)},"source":"${lastSource}"`
    }
    meta += `,${key}${origin}${marks}}`
  }
  const { id, seq, receivedMs, source, changed } = view
  const timeMs = view.state.newestMs() ?? view.listedMs
  const head = JSON.stringify({ id, seq, timeMs, receivedMs, source, stale, changed })
  const members = `"dp":{${dp.slice(1)}},"raw":{${raw.slice(1)}},"meta":{${meta.slice(1)}}`
  return { text: `${head.slice(0, -1)},${members}}`, contentType: 'application/json' }
}
