import type { FeedMessage } from '../feed.ts'

type Report = Omit<FeedMessage, 'family'>

const minuteMs = 60_000
const devices = 50
const backlogMessages = 1_000
const backlogMinutes = 60

/** Reports of devices that no home has, to fill a queue with; each has a `dataId` of its own. */
export function burstReports(messages: number, nowMs: number): Report[] {
  return Array.from({ length: messages }, (_, i) => report('burst', i, nowMs))
}

/** Reports that have waited, the oldest first and so many minutes old. */
export function backlogReports(
  messages = backlogMessages,
  minutes = backlogMinutes,
  nowMs: number,
): (Report & { readonly publishedMs: number })[] {
  const spanMs = minutes * minuteMs
  return Array.from({ length: messages }, (_, i) => {
    const publishedMs = Math.round(nowMs - spanMs + (spanMs * i) / messages)
    return { ...report('backlog', i, publishedMs), publishedMs }
  })
}

function report(name: string, number: number, timeMs: number): Report {
  const devId = `bfsimulated${name}${String(number % devices).padStart(4, '0')}`
  const status = [{ code: 'counter', t: timeMs, '101': String(number), value: number }]
  const body = { dataId: `${name}-${number}-${timeMs}`, devId, productKey: 'simulated', status }
  return { protocol: 4, bizCode: null, key: devId, body }
}
