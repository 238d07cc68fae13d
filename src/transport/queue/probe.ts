import { consumerUrl } from '../../codec/queue/address.ts'
import { queuePassword } from '../../codec/queue/credential.ts'
import { Secret } from '../../util/secret.ts'
import type { ConsumerAddress } from './dial.ts'
import { QueueLinkError } from './link-error.ts'
import type { OpenSocket } from './socket.ts'

/**
 * A wish that the proxy refuses: it looks first at who asks, and takes nobody as a consumer whose wishes are not in
 * order. A consumer, however short-lived, would take partitions from a running bridge, and everything that is not
 * acknowledged would be sent again. Should somebody be let in all the same, then as the last in line, for one message.
 */
const refused = {
  subscriptionType: 'Failover',
  ackTimeoutMillis: '1',
  receiverQueueSize: '1',
  priorityLevel: '1000',
} as const
const refusedStatus = 400

export interface ProbeParts {
  readonly address: Pick<ConsumerAddress, 'base' | 'accessId' | 'accessKey' | 'environment' | 'subscription'>
  readonly open: OpenSocket
  readonly signal: AbortSignal
}

/**
 * Knocks at the queue: whether it can be reached, is who it says, and knows the access id and its secret. Reads nothing,
 * acknowledges nothing, and cannot tell whether the subscription exists. Rejects with QueueLinkError.
 */
export async function probeQueue({ address, open, signal }: ProbeParts): Promise<void> {
  const { base, accessId, accessKey, environment, subscription } = address
  try {
    const socket = await open({
      url: consumerUrl({ base, accessId, environment, subscription, query: refused }),
      username: accessId,
      password: new Secret(queuePassword(accessId, accessKey.reveal())),
      largestMessage: 1024 * 1024,
      signal,
      onText: () => {},
      onSign: () => {},
      onPong: () => {},
    })
    socket.destroy(new QueueLinkError('stopped', 'Only looking.'))
  } catch (thrown) {
    if (!(thrown instanceof QueueLinkError) || thrown.status !== refusedStatus) throw thrown
  }
}
