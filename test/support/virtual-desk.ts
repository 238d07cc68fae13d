import mqtt, { type MqttClient } from 'mqtt'
import { VirtualHouse, type VirtualHouseOptions } from './virtual-house.ts'

export interface Answer {
  readonly id: string | null
  readonly target: string
  readonly state: string
  readonly ok: boolean
  readonly reason?: string
  readonly message?: string
  readonly result?: unknown
  readonly tuya?: { readonly code: number }
}

/** Somebody who knows a house by MQTT alone: he asks, is answered, and sees what is retained. Time is compressed. */
export class VirtualDesk implements AsyncDisposable {
  readonly house: VirtualHouse
  readonly #client: MqttClient
  readonly #answers: Answer[] = []
  /** So many of what was seen are read. */
  #read = 0
  #asked = 0

  private constructor(house: VirtualHouse, client: MqttClient) {
    this.house = house
    this.#client = client
  }

  static async open(options: VirtualHouseOptions = {}, also: readonly string[] = []): Promise<VirtualDesk> {
    const house = await VirtualHouse.open(options)
    return new VirtualDesk(house, await house.client(['tuya/reply/desk', 'tuya/result/#', ...also]))
  }

  /** Asks for an operation without waiting; the id of the question. */
  say(operation: string, params: object): string {
    const id = `q${++this.#asked}`
    this.publish(`cmd/op/${operation}`, { id, from: 'desk', params })
    return id
  }

  publish(topic: string, payload: unknown): void {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
    this.#client.publish(`tuya/${topic}`, text, { qos: 1 })
  }

  /** Every answer so far. */
  get answers(): readonly Answer[] {
    const { seen } = this.house
    for (; this.#read < seen.length; this.#read++) {
      const { topic = '', payload = '' } = seen[this.#read] ?? {}
      if (/^tuya\/(reply|result)\//.test(topic)) this.#answers.push(JSON.parse(payload) as Answer)
    }
    return this.#answers
  }

  /** Asks for an operation and gives the answer. */
  async ask(operation: string, params: object): Promise<Answer> {
    const before = this.answers.length
    const id = this.say(operation, params)
    await this.heard(before + 1)
    const answer = this.answers.slice(before).find((one) => one.id === id)
    if (!answer) throw new Error(`another answer than that of ${operation}`)
    return answer
  }

  /** The result of an operation that has to succeed. */
  async result<T>(operation: string, params: object): Promise<T> {
    const answer = await this.ask(operation, params)
    if (!answer.ok) throw new Error(`${operation}: ${answer.reason} ${answer.message}`)
    return answer.result as T
  }

  /** Publishes below `cmd/` and gives the answer on the result's topic. */
  async command(topic: string, payload: unknown): Promise<Answer> {
    const before = this.answers.length
    this.publish(`cmd/${topic}`, payload)
    await this.heard(before + 1)
    return this.answers[before] as Answer
  }

  /** So many answers have come. */
  async heard(count: number): Promise<void> {
    await this.until(() => this.answers.length >= count, 50_000, `answer ${count}`)
  }

  /** Waits; the clock goes on slowly enough for what is on its way over a socket. Gives how long it took. */
  async until(condition: () => unknown, withinMs: number, what: string): Promise<number> {
    const { time } = this.house
    const startedAt = time.clock.monotonic()
    const passedMs = () => time.clock.monotonic() - startedAt
    while (!condition()) {
      if (passedMs() >= withinMs) throw new Error(`${what} did not come true within ${withinMs} ms`)
      await time.pass(Math.max(5, Math.min(100, passedMs() / 20)))
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    return passedMs()
  }

  /** What stands on the retained topics that the broker holds, without the base. */
  async retained(): Promise<Map<string, string>> {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${this.house.bridge.ports.mqtt}`, {
      reconnectPeriod: 0,
      protocolVersion: 4,
    })
    const found = new Map<string, string>()
    client.on('message', (topic, payload, { retain }) => {
      if (retain) found.set(topic.slice('tuya/'.length), payload.toString())
    })
    try {
      await client.subscribeAsync('tuya/#', { qos: 1 })
      // The bridge always speaks of itself: nothing at all means that nothing has arrived yet.
      for (let size = -1; size !== found.size || size === 0; ) {
        size = found.size
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      return found
    } finally {
      client.end(true)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.house[Symbol.asyncDispose]()
  }
}
