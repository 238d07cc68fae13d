import type { Journal } from '../../../src/simulator/journal.ts'
import { parseMessageId } from '../../../src/simulator/queue/message-id.ts'
import type { Simulator } from '../../../src/simulator/simulator.ts'
import type { Fact, Ledger } from '../ledger/history.ts'
import { numberIn } from './number.ts'

/** Points whose reports are events rather than state. */
const momentaryCode = 'feed_report'

/** Writes what the simulated queue delivers and what is acknowledged to it into the ledger, as it happens. */
export function tapQueue(simulator: Simulator, ledger: Ledger): void {
  const { journal, queue } = simulator
  const facts = new Map<string, readonly Fact[]>()
  onNote(journal, (kind, subject, { messageId, first }) => {
    if (kind !== 'queue' || typeof messageId !== 'string') return
    if (subject === 'deliver') {
      const known = facts.get(messageId) ?? factsOf(bodyOf(queue, messageId))
      facts.set(messageId, known)
      ledger.note({ did: 'delivered', message: messageId, facts: known })
    } else if (subject === 'ack' && first === true) ledger.note({ did: 'acknowledged', message: messageId })
  })
}

/** Hears everything that the journal is told. */
export function onNote(
  journal: Journal,
  hear: (...args: Required<Parameters<Journal['note']>>) => void,
): void {
  const note = journal.note.bind(journal)
  journal.note = (kind, subject, detail = {}) => {
    note(kind, subject, detail)
    hear(kind, subject, detail)
  }
}

interface Body {
  readonly devId?: string
  readonly status?: readonly { readonly code: string; readonly t: number; readonly value: unknown }[]
  readonly automationId?: string
  readonly bizData?: { readonly number?: number }
  readonly ts?: number
}

/** What was published lies there, unencrypted, until it is acknowledged. */
function bodyOf(queue: Simulator['queue'], messageId: string): Body {
  const position = parseMessageId(messageId)
  const entry = position && queue.topics.event.log.partitions[position.partition]?.at(position.offset)
  if (!entry) throw new Error(`the queue delivered ${messageId}, which it does not hold`)
  return JSON.parse(entry.content.body) as Body
}

function factsOf(body: Body): Fact[] {
  const { devId, status = [], automationId, bizData, ts = null } = body
  if (automationId !== undefined)
    return [
      {
        kind: 'event',
        key: `${automationId} external_action`,
        number: bizData?.number ?? Number.NaN,
        sourceMs: ts,
      },
    ]
  return status.flatMap(({ code, t, value }): Fact[] => {
    const number = numberIn(value)
    const report: Fact = { kind: 'event', key: `${devId}/${code} report`, number, sourceMs: t }
    return code === momentaryCode
      ? [report, { kind: 'event', key: `${devId} momentary`, number, sourceMs: t }]
      : [report, { kind: 'state', key: `${devId}/${code}`, number, sourceMs: t }]
  })
}
