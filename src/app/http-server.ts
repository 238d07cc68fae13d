import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import type { Duplex } from 'node:stream'

export interface Page {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

export type PageMaker = () => Page | Promise<Page>

/** Somebody else who answers at the same port. */
export interface HttpGuest {
  /** Answers, or gives false for what is not its own. */
  serve(request: IncomingMessage, response: ServerResponse): Promise<boolean>
  /** Takes the connection over, or gives the status with which it is refused. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): number | undefined
}

export interface HttpServerOptions {
  readonly host: string
  /** 0 = any free one. */
  readonly port: number
  readonly allowedHosts: readonly string[]
  readonly pages: Readonly<Record<string, PageMaker>>
  readonly guest?: HttpGuest | undefined
}

const connectionsAtMost = 256

/** S-8: GET alone, but for what its guest takes; small headers, short patience, and the Host header must be one of ours. */
export class HttpServer implements AsyncDisposable {
  readonly #server: Server
  readonly #options: HttpServerOptions

  constructor(options: HttpServerOptions) {
    this.#options = options
    this.#server = createServer(
      { maxHeaderSize: 16 * 1024, headersTimeout: 5_000, requestTimeout: 5_000, keepAliveTimeout: 5_000 },
      (request, response) => {
        this.#serve(request, response).catch(() => fail(response))
      },
    )
    this.#server.maxConnections = connectionsAtMost
    if (options.guest) this.#server.on('upgrade', (...args) => this.#upgrade(...args))
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
    const { pages, guest } = this.#options
    const page = pages[(request.url ?? '/').split('?')[0] ?? '/']
    if (!this.#knowsHost(request.headers.host)) answer(response, text(421, 'unknown host'))
    else if (!page && (await guest?.serve(request, response))) return
    else if (request.method !== 'GET') answer(response, text(405, 'GET only'))
    else if (!page) answer(response, text(404, 'nothing here'))
    else answer(response, await page())
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {})
    const refused = this.#knowsHost(request.headers.host)
      ? this.#options.guest?.upgrade(request, socket, head)
      : 421
    if (refused !== undefined)
      socket.end(`HTTP/1.1 ${refused} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () =>
        // Who is refused does not keep the connection.
        socket.destroy(),
      )
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

function fail(response: ServerResponse): void {
  if (response.headersSent) response.destroy()
  else answer(response, text(500, 'internal error'))
}

function answer(response: ServerResponse, page: Page): void {
  response.writeHead(page.status, {
    'content-type': page.contentType,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(page.body)
}
