import { isFilter } from '../filter.ts'
import { mayRead, mayWrite } from '../rights.ts'
import type { Denials } from './denials.ts'
import type { Identity, Users } from './users.ts'

/** A client as far as its rights go. */
export interface Visitor {
  readonly address: string
  readonly filters: Set<string>
  identity: Identity | undefined
}

export interface DoormanParts {
  readonly users: Users
  readonly denials: Denials
  readonly filtersPerClient: number
  readonly refused: Record<'login' | 'client-id' | 'publish' | 'subscribe', number>
}

interface Message {
  topic: string
  payload: unknown
  retain: boolean
}

/** Messages without rights go here: the client gets its acknowledgement, nobody gets the message. */
const deadTopic = '$dp2mqtt/dropped'

/** Who comes into the broker inside, and what each may say and hear (R-E4). */
export class Doorman {
  readonly #parts: DoormanParts

  constructor(parts: DoormanParts) {
    this.#parts = parts
  }

  /** Whether the client may come in; `holder` has the same client id at this moment. */
  async admit(
    visitor: Visitor,
    name: string | undefined,
    password: string | undefined,
    holder: () => Visitor | undefined,
  ): Promise<boolean> {
    const { users, denials, refused } = this.#parts
    const identity = await users.identify(name, password, visitor.address)
    if (!identity || denials.isBanned(banKey(identity, visitor.address))) {
      refused.login++
      return false
    }
    const held = holder()?.identity
    if (held && held.name !== identity.name) {
      refused['client-id']++
      return false
    }
    visitor.identity = identity
    return true
  }

  /** An error closes the connection; a denied message is rewritten instead, which makes no reconnect storm. */
  judgePublish(visitor: Visitor | undefined, message: Message): Error | null {
    const { denials, refused } = this.#parts
    if (visitor && mayPublish(visitor.identity, message.topic)) return null
    refused.publish++
    message.topic = deadTopic
    message.payload = Buffer.alloc(0)
    message.retain = false
    return visitor && denials.count(visitor, banKey(visitor.identity, visitor.address))
      ? new Error('too many publishes without rights')
      : null
  }

  maySubscribe(visitor: Visitor | undefined, filter: string): boolean {
    const { filtersPerClient, refused } = this.#parts
    const filters = visitor?.filters
    const hasRoom = filters !== undefined && (filters.has(filter) || filters.size < filtersPerClient)
    if (hasRoom && this.mayRead(visitor, filter)) {
      filters.add(filter)
      return true
    }
    refused.subscribe++
    return false
  }

  mayRead(visitor: Visitor | undefined, filter: string): boolean {
    const identity = visitor?.identity
    if (!identity || !isFilter(filter)) return false
    if (filter.startsWith('$'))
      return identity.administrator && !this.#parts.users.anonymous && filter.startsWith('$SYS/')
    return mayRead(identity.rights, filter)
  }
}

/** A topic that no filter could name is nobody's. */
function mayPublish(identity: Identity | undefined, topic: string): boolean {
  return (
    identity !== undefined && isFilter(topic) && !topic.startsWith('$') && mayWrite(identity.rights, topic)
  )
}

function banKey(identity: Identity | undefined, address: string): string {
  return `${identity?.name ?? ''} ${address}`
}
