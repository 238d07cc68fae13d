import { consumerUrl, type QueueEnvironment } from '../../codec/queue/address.ts'
import { queuePassword } from '../../codec/queue/credential.ts'
import { Secret } from '../../util/secret.ts'
import { QueueLinkError } from './link-error.ts'
import type { OpenSocket, QueueSocket, SocketHandlers } from './socket.ts'

export interface ConsumerAddress {
  /** The region's, or one set by hand. */
  readonly base: string
  readonly accessId: string
  readonly accessKey: Secret
  readonly environment: QueueEnvironment
  readonly subscription: string
  /** Shown in the platform's console; decides who reads which partitions. */
  readonly consumerName: string | null
  /** 0 for the main instance, 1 for a standby, which then gets nothing until the main one leaves. */
  readonly priorityLevel: 0 | 1 | null
}

export interface DialOptions extends SocketHandlers {
  readonly largestMessage: number
  readonly signal: AbortSignal
}

const manners = { subscriptionType: 'Failover', ackTimeoutMillis: '30000' } as const

/** Connects to one subscription. A queue that does not like our name is asked again without it, and then for good. */
export class Dial {
  readonly #address: ConsumerAddress
  readonly #password: Secret
  readonly #open: OpenSocket
  #name: string | null

  constructor(address: ConsumerAddress, open: OpenSocket) {
    this.#address = address
    this.#password = new Secret(queuePassword(address.accessId, address.accessKey.reveal()))
    this.#open = open
    this.#name = address.consumerName
  }

  /** What goes into a header; to be masked wherever it might show. */
  get password(): Secret {
    return this.#password
  }

  /** Rejects with QueueLinkError. */
  async open(options: DialOptions): Promise<QueueSocket> {
    if (this.#name === null) return this.#openAs(null, options)
    try {
      return await this.#openAs(this.#name, options)
    } catch (thrown) {
      if (!mayBeName(thrown)) throw thrown
      const socket = await this.#openAs(null, options)
      this.#name = null
      return socket
    }
  }

  #openAs(name: string | null, options: DialOptions): Promise<QueueSocket> {
    const { base, accessId, environment, subscription, priorityLevel } = this.#address
    const query = {
      ...manners,
      ...(name === null ? {} : { consumerName: name }),
      ...(priorityLevel === null ? {} : { priorityLevel: String(priorityLevel) }),
    }
    const url = consumerUrl({ base, accessId, environment, subscription, query })
    return this.#open({ ...options, url, username: accessId, password: this.#password })
  }
}

/** Any refusal but that of the credentials may be meant for the name; one that asks for patience is not. */
function mayBeName(thrown: unknown): boolean {
  const status = thrown instanceof QueueLinkError ? (thrown.status ?? 0) : 0
  return status >= 400 && status < 500 && status !== 401 && status !== 429
}
