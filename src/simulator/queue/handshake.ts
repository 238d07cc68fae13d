import { parseConsumerPath } from '../../codec/queue/address.ts'
import { queuePassword } from '../../codec/queue/credential.ts'
import { type SubscriptionType, subscriptionTypes } from './assignment.ts'
import type { ConsumerWishes } from './consumer.ts'

export interface Upgrade {
  /** Path and query, encoded. */
  readonly target: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** Why a client is not let in, in the words of HTTP. */
export class HandshakeRefusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export interface Entrance {
  readonly environment: string
  readonly subscription: string
  readonly wishes: Omit<ConsumerWishes, 'name'> & { readonly name: string | undefined }
}

const largestWindow = 1_000
const shortestAckTimeoutMs = 1_000
const nackDelayMs = 60_000

/** What a client wants; throws HandshakeRefusal for one who is somebody else or wants what there is not. */
export function readUpgrade(
  upgrade: Upgrade,
  project: { readonly accessId: string; readonly accessSecret: string },
): Entrance {
  const path = parseConsumerPath(upgrade.target)
  if (!path) throw new HandshakeRefusal(404, 'Not Found')
  const { accessId, environment, subscription, query } = path
  const { username, password } = upgrade.headers
  if (
    username !== project.accessId ||
    accessId !== project.accessId ||
    password !== queuePassword(project.accessId, project.accessSecret)
  )
    throw new HandshakeRefusal(401, 'Authentication required')
  const type = query['subscriptionType'] ?? 'Exclusive'
  if (!isType(type)) throw new HandshakeRefusal(400, `Invalid subscriptionType ${type}`)
  const ackTimeoutMs = numberOf(query, 'ackTimeoutMillis', 0)
  if (ackTimeoutMs > 0 && ackTimeoutMs < shortestAckTimeoutMs)
    throw new HandshakeRefusal(400, 'Ack timeout should be greater than 1000 ms')
  return {
    environment,
    subscription,
    wishes: {
      type,
      name: query['consumerName'] || undefined,
      priority: numberOf(query, 'priorityLevel', 0),
      ackTimeoutMs,
      window: Math.min(largestWindow, Math.max(1, numberOf(query, 'receiverQueueSize', largestWindow))),
      nackDelayMs: numberOf(query, 'negativeAckRedeliveryDelay', nackDelayMs),
      pull: query['pullMode'] === 'true',
    },
  }
}

/** What stands on the wire instead of a connection. The page for 401 is the one that people report. */
export function refusalAnswer(
  { status, message }: HandshakeRefusal,
  headers: Readonly<Record<string, string>> = {},
): string {
  const body =
    `<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>\n` +
    `<title>Error ${status} ${message}</title>\n</head>\n<body><h2>HTTP ERROR ${status} ${message}</h2>\n</body>\n</html>\n`
  const head = {
    'Cache-Control': 'must-revalidate,no-cache,no-store',
    'Content-Type': 'text/html;charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
    ...headers,
  }
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${message.replaceAll(/[^ -~]/g, ' ')}\r\n${lines.join('')}\r\n${body}`
}

function isType(text: string): text is SubscriptionType {
  return (subscriptionTypes as readonly string[]).includes(text)
}

function numberOf(query: Readonly<Record<string, string>>, name: string, otherwise: number): number {
  const text = query[name]
  if (text === undefined) return otherwise
  if (!/^\d{1,10}$/.test(text)) throw new HandshakeRefusal(400, `Invalid ${name}`)
  return Number(text)
}
