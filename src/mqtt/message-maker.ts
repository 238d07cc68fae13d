import type { Settle } from '../util/settlement.ts'
import type { Outgoing, Properties } from './message.ts'
import type { ContentType, Payload } from './payload.ts'
import type { Topic } from './topic-entry.ts'

export interface Extra {
  readonly user?: Readonly<Record<string, string>>
  readonly settle?: Settle
  /** Another life on the broker than the table's; null = for ever. */
  readonly expirySeconds?: number | null
  /** The document that goes first; see Outgoing. */
  readonly after?: string
}

/** Makes messages as the table of topics wants them: quality, life on the broker, and what is told beside them. */
export class MessageMaker {
  readonly #bridge: string
  #lastProperties: { readonly user: NonNullable<Extra['user']>; readonly properties: Properties } | undefined

  /** `bridge`: the instance, told on every message of MQTT 5. */
  constructor(bridge: string) {
    this.#bridge = bridge
  }

  make(entry: Topic, topic: string, payload: Payload, extra: Extra): Outgoing {
    const expirySeconds = extra.expirySeconds === undefined ? entry.expirySeconds : extra.expirySeconds
    return {
      topic,
      payload: payload.text,
      qos: entry.qos === 0 ? 0 : 1,
      retain: entry.retained,
      properties: this.#properties(payload.contentType, extra.user, expirySeconds ?? undefined),
      after: extra.after,
    }
  }

  /** All scalars of a report have the same. */
  #properties(contentType: ContentType, user: Extra['user'], expirySeconds: number | undefined): Properties {
    const last = this.#lastProperties
    const isSame =
      user !== undefined &&
      user === last?.user &&
      contentType === last.properties.contentType &&
      expirySeconds === last.properties.expirySeconds
    if (isSame) return last.properties
    const properties = {
      contentType,
      user: { bridge: this.#bridge, ...user },
      ...(expirySeconds === undefined ? {} : { expirySeconds }),
    }
    if (user !== undefined) this.#lastProperties = { user, properties }
    return properties
  }
}
