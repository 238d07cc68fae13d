import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'

export interface Page {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

export type PageMaker = () => Page | Promise<Page>

export interface HttpServerOptions {
  readonly host: string
  /** 0 = any free one. */
  readonly port: number
  readonly allowedHosts: readonly string[]
  readonly pages: Readonly<Record<string, PageMaker>>
}

/** S-8: GET alone, small headers, short patience, and the Host header must be one of ours. */
export class HttpServer implements AsyncDisposable {
  readonly #server: Server
  readonly #options: HttpServerOptions

  constructor(options: HttpServerOptions) {
    this.#options = options
    this.#server = createServer(
      { maxHeaderSize: 16 * 1024, headersTimeout: 5_000, requestTimeout: 5_000, keepAliveTimeout: 5_000 },
      (request, response) => {
        this.#serve(request, response).catch(() => answer(response, text(500, 'internal error')))
      },
    )
  }

  /** Gives the port; rejects with the system's error. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#options.port, this.#options.host, () => {
        this.#server.off('error', reject)
        this.#server.on('error', () => {})
        resolve((this.#server.address() as AddressInfo).port)
      })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = this.#options.pages[(request.url ?? '/').split('?')[0] ?? '/']
    if (!this.#knowsHost(request.headers.host)) answer(response, text(421, 'unknown host'))
    else if (request.method !== 'GET') answer(response, text(405, 'GET only'))
    else if (!page) answer(response, text(404, 'nothing here'))
    else answer(response, await page())
  }

  /** A foreign name that resolves to us is somebody else's page calling (DNS rebinding). */
  #knowsHost(header: string | undefined): boolean {
    const name = (header ?? '')
      .replace(/:\d+$/, '')
      .replace(/^\[|\]$/g, '')
      .toLowerCase()
    return name === 'localhost' || isIP(name) !== 0 || this.#options.allowedHosts.includes(name)
  }
}

export function text(status: number, body: string): Page {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${body}\n` }
}

export function jsonPage(status: number, value: unknown): Page {
  return { status, contentType: 'application/json', body: `${JSON.stringify(value)}\n` }
}

function answer(response: ServerResponse, page: Page): void {
  response.writeHead(page.status, {
    'content-type': page.contentType,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(page.body)
}
