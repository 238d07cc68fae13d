import type { FeedMessage } from '../feed.ts'
import type { Topic } from './topic.ts'

interface Waiting {
  readonly topic: string
  readonly subscription: string
  readonly messages: number
}

const noticeProtocol = 10_000

/** The subscriptions of a topic in which more waits than this. */
export function backlogOf<T>(topic: Topic<T>, above: number): Waiting[] {
  return [...topic.subscriptions.values()]
    .map(({ name, backlog }) => ({ topic: topic.name, subscription: name, messages: backlog }))
    .filter(({ messages }) => messages > above)
}

/** The alarm about a subscription that nobody keeps up with. */
export function backlogNotice(
  accessId: string,
  waiting: Waiting,
  nowMs: number,
): Omit<FeedMessage, 'family'> {
  const bizCode = 'HighPriorityNotice'
  const eventData = JSON.stringify({
    dataCenter: 'EU',
    topic: `${accessId}/out/${waiting.topic}`,
    subscription: waiting.subscription,
    backLogNum: waiting.messages,
  })
  const bizData = { eventType: 'pulsar_backlog_notice', eventData }
  return { protocol: noticeProtocol, bizCode, key: accessId, body: { bizCode, bizData, ts: nowMs } }
}
