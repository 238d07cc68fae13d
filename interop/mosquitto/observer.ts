import type { IPublishPacket, MqttClient } from 'mqtt'
import { until } from '../../test/support/until.ts'

/** A message with everything that came with it. */
export interface Seen {
  readonly topic: string
  readonly payload: string
  readonly retain: boolean
  readonly qos: number
  readonly properties: IPublishPacket['properties']
}

// biome-ignore lint/suspicious/noExplicitAny: a document of the contract, of whatever shape
export type Document = Record<string, any>

/** Keeps every message that a client receives, oldest first. */
export class Observer {
  readonly seen: Seen[] = []
  readonly client: MqttClient

  constructor(client: MqttClient) {
    this.client = client
    client.on('message', (topic, payload, { retain, qos, properties }) => {
      this.seen.push({ topic, payload: payload.toString(), retain, qos, properties })
    })
  }

  /** Messages on a topic below the base. */
  on(topic: string): Seen[] {
    return this.seen.filter((message) => message.topic === `tuya/${topic}`)
  }

  /** The last payload on a topic below the base. */
  text(topic: string): string | undefined {
    return this.on(topic).at(-1)?.payload
  }

  json(topic: string): Document | undefined {
    const text = this.text(topic)
    return text === undefined || text === '' ? undefined : (JSON.parse(text) as Document)
  }

  /** What the topics say now, by topic; cleared ones are absent. */
  get tree(): Map<string, string> {
    const tree = new Map<string, string>()
    for (const { topic, payload } of this.seen) {
      if (payload === '') tree.delete(topic)
      else tree.set(topic, payload)
    }
    return tree
  }

  /** Nothing new was seen for a while: what is retained has arrived. */
  async quiet(ms = 250): Promise<void> {
    for (let seen = -1; seen !== this.seen.length; ) {
      seen = this.seen.length
      await new Promise((resolve) => setTimeout(resolve, ms))
    }
  }

  /** The next message on a topic below the base after the first `n`. */
  async next(topic: string, n = 0, withinMs = 6_000): Promise<Seen> {
    await until(() => this.on(topic).length > n, withinMs, `message ${n + 1} on ${topic}`)
    return this.on(topic)[n] as Seen
  }
}
