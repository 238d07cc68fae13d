import { WebSocket } from 'ws'
import { consumerUrl, type QueueEnvironment } from '../../src/codec/queue/address.ts'
import { queuePassword } from '../../src/codec/queue/credential.ts'
import { decodeFrame, type Frame } from '../../src/codec/queue/frame.ts'
import type { SimulatorAddress } from '../../src/simulator/simulator.ts'
import { until } from './until.ts'

export interface QueueClientOptions {
  readonly query?: Readonly<Record<string, string>>
  readonly suffix?: string
  readonly environment?: QueueEnvironment
  readonly accessId?: string
  readonly password?: string
  readonly url?: string
  /** False: nothing is acknowledged by itself. */
  readonly acks?: boolean
}

/** What came back instead of a connection. */
export interface Refused {
  readonly status: number
  readonly type: string | undefined
  readonly retryAfter: string | undefined
  readonly body: string
}

/** A bare client of the queue: what came is kept as it came. */
export class QueueClient implements AsyncDisposable {
  readonly frames: Frame[] = []
  readonly texts: string[] = []
  readonly pongs: string[] = []
  readonly socket: WebSocket
  readonly refused: Promise<Refused>
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  failure: Error | undefined

  constructor({ cloud, queue }: SimulatorAddress, options: QueueClientOptions = {}) {
    const { query = {}, suffix = 'sub', environment = 'event', acks = true } = options
    const accessId = options.accessId ?? cloud.accessId
    const subscription = `${cloud.accessId}-${suffix}`
    const url = options.url ?? consumerUrl({ base: queue.url, accessId, environment, subscription, query })
    const password = options.password ?? queuePassword(cloud.accessId, cloud.accessSecret)
    this.socket = new WebSocket(url, {
      headers: { username: accessId, password },
      perMessageDeflate: false,
      ...(queue.ca === undefined ? {} : { ca: queue.ca }),
    })
    this.socket.on('message', (data) => {
      this.texts.push(data.toString())
      if (!data.toString().includes('"messageId"')) return
      const frame = decodeFrame(data.toString())
      this.frames.push(frame)
      if (acks) this.ack(frame.messageId)
    })
    this.socket.on('pong', (payload) => this.pongs.push(payload.toString()))
    this.socket.on('error', (error) => {
      this.failure = error
    })
    this.closed = new Promise((resolve) =>
      this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    )
    this.refused = new Promise((resolve) =>
      this.socket.on('unexpected-response', (_request, response) => {
        let body = ''
        response.on('data', (chunk) => {
          body += chunk
        })
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'],
            retryAfter: response.headers['retry-after'],
            body,
          }),
        )
      }),
    )
  }

  static async open(address: SimulatorAddress, options?: QueueClientOptions): Promise<QueueClient> {
    const client = new QueueClient(address, options)
    await until(() => client.socket.readyState === WebSocket.OPEN || client.failure, 5_000, 'a connection')
    if (client.failure) throw client.failure
    return client
  }

  ack(messageId: string): void {
    this.say({ messageId })
  }

  say(value: object): void {
    this.socket.send(JSON.stringify(value))
  }

  async received(frames: number): Promise<readonly Frame[]> {
    await until(() => this.frames.length >= frames, 10_000, `${frames} frames`)
    return this.frames
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.on('error', () => {})
    this.socket.terminate()
    await this.closed
  }
}
