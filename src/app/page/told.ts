import type { TopicName } from '../../mqtt/topic.ts'
import { isRecord, own } from '../../util/json.ts'
import type { PageEvent, PageReceipt } from './protocol.ts'

/** Something that was said on MQTT, as the page shows it. */
export type Told =
  | { readonly kind: 'event'; readonly isReport: boolean; readonly event: PageEvent }
  | { readonly kind: 'receipt'; readonly receipt: PageReceipt }
  | { readonly kind: 'ways' }

const longestText = 600

/** What of that which is said belongs on the page; undefined for the rest. `topic` is the one below the base. */
export function readTold(name: TopicName, topic: string, text: string): Told | undefined {
  if (name === 'statePaths') return { kind: 'ways' }
  const isEvent = name.startsWith('event') || name === 'bridgeError' || name === 'bridgeDeadletter'
  if (!isEvent && !name.startsWith('result')) return undefined
  const document: unknown = JSON.parse(text)
  if (!isRecord(document)) return undefined
  return isEvent ? eventOf(name, topic, document) : receiptOf(document)
}

function eventOf(name: TopicName, topic: string, document: Record<string, unknown>): Told {
  const trouble = name === 'bridgeError' || name === 'bridgeDeadletter'
  const shown = trouble ? document : own(document, 'data')
  const event = {
    timeMs: Number(document['timeMs']),
    topic,
    kind: String(own(document, trouble ? 'reason' : 'kind') ?? ''),
    text: cut(JSON.stringify(shown ?? null)),
  }
  return { kind: 'event', isReport: name === 'eventReport', event }
}

/** The result of an operation may be long, or nobody's business: it goes to who asked for it. */
function receiptOf(document: Record<string, unknown>): Told {
  const text = (key: string) => {
    const value = own(document, key)
    return typeof value === 'string' ? cut(value) : null
  }
  const sent = own(document, 'sent')
  const warnings = own(document, 'warnings')
  return {
    kind: 'receipt',
    receipt: {
      id: text('id'),
      target: text('target') ?? '',
      state: document['state'] as PageReceipt['state'],
      ok: document['ok'] === true,
      ms: Number(document['ms']),
      timeMs: Number(document['timeMs']),
      path: text('path') as PageReceipt['path'],
      by: text('by'),
      reason: text('reason'),
      message: text('message'),
      sent:
        isRecord(sent) && JSON.stringify(sent).length <= longestText ? (sent as PageReceipt['sent']) : null,
      warnings: Array.isArray(warnings) ? warnings.map(String) : [],
    },
  }
}

function cut(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`
}
