import { isLoopback } from '../../util/address.ts'
import { Secret } from '../../util/secret.ts'
import { QueueLinkError } from './link-error.ts'

/** What the cloud gives for one connection to the Open Hub. */
export interface HubConfig {
  /** `mqtts:`, or `mqtt:` on this machine. */
  readonly url: string
  readonly clientId: string
  readonly username: string
  /** Also the secret of the messages. */
  readonly password: Secret
  readonly topics: readonly string[]
  /** From the question on; afterwards everything that was connected with it is dropped. */
  readonly lifetimeMs: number
}

/** The answer of the cloud, as its operation reads it. */
export interface HubAccess {
  readonly url: string
  readonly clientId: string
  readonly username: string
  readonly password: string
  /** One topic, or topics by what they are about. */
  readonly sourceTopic: unknown
  /** Seconds. */
  readonly expireTime: unknown
}

const usualLifetimeS = 7_200
const lifetimeS = { least: 60, most: 86_400 }
const topicsAtMost = 16
const longestTopic = 512

const schemes: Readonly<Record<string, string>> = {
  'ssl:': 'mqtts:',
  'tls:': 'mqtts:',
  'mqtts:': 'mqtts:',
  'tcp:': 'mqtt:',
  'mqtt:': 'mqtt:',
}

/** Throws QueueLinkError `protocol` when there is nothing to connect with. */
export function hubConfig(access: HubAccess): HubConfig {
  const { clientId, username, password, expireTime } = access
  const told = typeof expireTime === 'string' ? Number(expireTime) : expireTime
  const seconds = typeof told === 'number' && told > 0 ? told : usualLifetimeS
  const topics = topicsOf(access.sourceTopic)
  if (topics.length === 0) throw new QueueLinkError('protocol', 'The cloud named no topic of the Open Hub.')
  return {
    url: addressOf(access.url),
    clientId,
    username,
    password: new Secret(password),
    topics,
    lifetimeMs: Math.min(lifetimeS.most, Math.max(lifetimeS.least, seconds)) * 1_000,
  }
}

function addressOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const protocol = parsed && Object.hasOwn(schemes, parsed.protocol) ? schemes[parsed.protocol] : undefined
  if (!parsed || !protocol || parsed.hostname === '')
    throw new QueueLinkError('protocol', 'The cloud named no address of the Open Hub.')
  if (protocol === 'mqtt:' && !isLoopback(parsed.hostname))
    throw new QueueLinkError('protocol', 'The cloud named an address of the Open Hub without encryption.')
  // Userinfo, path and query are nothing that the hub knows.
  return `${protocol}//${parsed.host}`
}

/** What a broker could take for more than one topic, or for none, is left out. */
function topicsOf(given: unknown): readonly string[] {
  const all = typeof given === 'string' ? [given] : Object.values(given ?? {})
  return all
    .filter((topic): topic is string => typeof topic === 'string' && isTopic(topic))
    .slice(0, topicsAtMost)
}

function isTopic(topic: string): boolean {
  if (topic.length === 0 || topic.length > longestTopic) return false
  return [...topic].every((char) => char > '\u001f' && char !== '\u007f' && char !== '+' && char !== '#')
}
