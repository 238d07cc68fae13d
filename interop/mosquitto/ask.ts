import { randomBytes } from 'node:crypto'
import type { MqttClient } from 'mqtt'
import { type Document, Observer, type Seen } from './observer.ts'
import type { Rig } from './rig.ts'

export interface Answered {
  readonly answer: Document
  readonly message: Seen
}

/** A client of MQTT 5 that asks with Response Topic and Correlation Data, as section 7.4 lets it. */
export class Asker {
  readonly #client: MqttClient
  readonly #observer: Observer
  readonly #place: string

  private constructor(client: MqttClient, place: string) {
    this.#client = client
    this.#observer = new Observer(client)
    this.#place = place
  }

  static async open(rig: Rig, role: 'administrator' | 'controller' = 'administrator'): Promise<Asker> {
    const client = await rig.client(role, 5)
    const place = `reply/${role}/${randomBytes(4).toString('hex')}`
    await client.subscribeAsync(`tuya/${place}`, { qos: 1 })
    return new Asker(client, place)
  }

  async ask(topic: string, payload: string | Buffer, withinMs = 6_000): Promise<Answered> {
    const before = this.#observer.seen.length
    const correlationData = randomBytes(8)
    const properties = { responseTopic: `tuya/${this.#place}`, correlationData }
    await this.#client.publishAsync(`tuya/${topic}`, payload, { qos: 1, properties })
    const message = await this.#observer.next(this.#place, before, withinMs)
    if (!message.properties?.correlationData?.equals(correlationData))
      throw new Error('the answer does not carry our Correlation Data')
    return { answer: JSON.parse(message.payload) as Document, message }
  }
}

let asked = 0

/** Asks the way that every client can: `from` and `id` in the JSON, the answer on `reply/<from>`. */
export async function askFrom(
  client: MqttClient,
  from: string,
  topic: string,
  members: object,
  withinMs = 6_000,
): Promise<Document> {
  const observer = new Observer(client)
  await client.subscribeAsync(`tuya/reply/${from}`, { qos: 1 })
  const id = `q${asked++}`
  await client.publishAsync(`tuya/${topic}`, JSON.stringify({ ...members, id, from }), { qos: 1 })
  const { payload } = await observer.next(`reply/${from}`, 0, withinMs)
  const answer = JSON.parse(payload) as Document
  if (answer['id'] !== id) throw new Error(`the answer is for ${answer['id']}, not for ${id}`)
  return answer
}
