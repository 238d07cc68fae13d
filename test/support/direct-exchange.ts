import type { CloudAnswer, CloudService } from '../../src/simulator/cloud/service.ts'
import type { HttpExchange, HttpReply, HttpRequest } from '../../src/transport/cloud/http.ts'
import { CloudError } from '../../src/transport/cloud/layer.ts'
import { type Clock, sleep } from '../../src/util/clock.ts'
import { orAborted } from '../../src/util/signal.ts'

/** The simulated cloud without a socket between, so that a whole day fits on a clock that is told how far to go. */
export class DirectExchange implements HttpExchange {
  readonly #service: CloudService
  readonly #clock: Clock | undefined
  /** Exchanges that were made. */
  calls = 0
  /** Method and path of each of them. */
  readonly made: string[] = []

  /** With a clock an answer that stalls takes its time; without, it fails at once. */
  constructor(service: CloudService, clock?: Clock) {
    this.#service = service
    this.#clock = clock
  }

  async exchange(request: HttpRequest): Promise<HttpReply> {
    this.calls++
    if (request.signal.aborted) throw request.signal.reason
    const url = new URL(request.url)
    this.made.push(`${request.method} ${url.pathname}`)
    const answer = await orAborted(
      this.#service.answer({
        method: request.method,
        target: url.pathname + url.search,
        headers: request.headers,
        body: Buffer.from(request.body ?? ''),
      }),
      request.signal,
    )
    return this.#carry(answer, request)
  }

  async #carry(answer: CloudAnswer, { timeoutMs, signal }: HttpRequest): Promise<HttpReply> {
    if (answer.stall && this.#clock) await sleep(this.#clock, timeoutMs, signal)
    if (answer.reset || answer.stall) throw new CloudError('transient', 'unknown', 'The connection was lost.')
    return {
      status: answer.status,
      retryAfter: answer.headers['retry-after'],
      body: Buffer.from(answer.body),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
