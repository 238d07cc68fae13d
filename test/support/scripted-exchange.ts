import type { HttpExchange, HttpReply, HttpRequest } from '../../src/transport/cloud/http.ts'
import { CloudError } from '../../src/transport/cloud/layer.ts'
import type { Clock } from '../../src/util/clock.ts'

/** One exchange as the test looks at it. */
export interface Exchanged {
  /** Monotonic. */
  readonly at: number
  readonly path: string
  readonly request: HttpRequest
}

/** An answer of the test's own, an error, or undefined: the other side answers. */
export type Script = (call: Exchanged) => HttpReply | Promise<HttpReply> | Error | undefined

/** Notes every exchange and lets the test answer some of them itself. */
export class ScriptedExchange implements HttpExchange {
  readonly made: Exchanged[] = []
  script: Script | undefined
  /** Exchanges that have not ended. */
  pending = 0
  readonly #inner: HttpExchange
  readonly #clock: Clock

  constructor(inner: HttpExchange, clock: Clock) {
    this.#inner = inner
    this.#clock = clock
  }

  async exchange(request: HttpRequest): Promise<HttpReply> {
    const call = { at: this.#clock.monotonic(), path: new URL(request.url).pathname, request }
    this.made.push(call)
    this.pending++
    try {
      const answer = await this.script?.(call)
      if (answer instanceof Error) throw answer
      return answer ?? (await this.#inner.exchange(request))
    } finally {
      this.pending--
    }
  }

  /** Exchanges whose path begins so, from a moment on. */
  since(at: number, path = ''): Exchanged[] {
    return this.made.filter((call) => call.at >= at && call.path.startsWith(path))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]()
  }
}

export function reply(content: object | string, status = 200, retryAfter?: string): HttpReply {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  return { status, retryAfter, body: Buffer.from(text) }
}

/** The platform's answer to a call that it took. */
export function success(result: unknown, t?: number): HttpReply {
  return reply({ result, success: true, ...(t === undefined ? {} : { t }) })
}

/** The platform's refusal. */
export function refusal(code: number, t?: number): HttpReply {
  return reply({ code, msg: 'refused by the test', success: false, ...(t === undefined ? {} : { t }) })
}

/** No connection came about. */
export function unreachable(): CloudError {
  return new CloudError('transient', 'not-sent', 'The cloud could not be reached (ECONNREFUSED).')
}

/** The connection broke after the request had left. */
export function broken(): CloudError {
  return new CloudError('transient', 'unknown', 'The connection was lost.')
}
