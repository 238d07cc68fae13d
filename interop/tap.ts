import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

/** A call that went through, and what was answered. */
export interface Heard {
  readonly host: string
  readonly method: string
  readonly path: string
  /** The platform's code; undefined = success. */
  readonly code: number | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface Certificate {
  readonly cert: string
  readonly key: string
}

/**
 * Stands between a client and the simulated cloud and writes down what is said, byte for byte as it came. It can be
 * addressed directly, or, given a certificate, as the HTTPS proxy of a client that insists on the vendor's host.
 */
export class Tap implements AsyncDisposable {
  readonly heard: Heard[] = []
  readonly #target: string
  readonly #server
  readonly #sockets = new Set<Socket>()

  private constructor(target: string, certificate: Certificate | undefined) {
    this.#target = target
    const forward = (from: IncomingMessage, to: ServerResponse) => void this.#forward(from, to)
    this.#server = createServer(forward)
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    if (!certificate) return
    const inner = createTlsServer(certificate, forward)
    this.#server.on('connect', (_request, socket) => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      inner.emit('connection', socket)
    })
  }

  static async start(target: string, certificate?: Certificate): Promise<Tap> {
    const tap = new Tap(target, certificate)
    await new Promise<void>((resolve) => tap.#server.listen(0, '127.0.0.1', () => resolve()))
    return tap
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Calls since the last time, as `GET /v1.0/token 1004`. */
  take(): string[] {
    return this.heard
      .splice(0)
      .map(
        ({ method, path, code }) => `${method} ${path.split('?')[0]}${code === undefined ? '' : ` ${code}`}`,
      )
  }

  async #forward(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const body = await bytesOf(from)
    const { method = 'GET', url = '/', rawHeaders } = from
    const headers = Object.fromEntries(
      rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [[name, rawHeaders[i + 1] ?? '']] : [])),
    )
    const call = request(this.#target + url, { method, headers }, (answer) => {
      void bytesOf(answer).then((bytes) => {
        const { code } = JSON.parse(bytes.toString()) as { code?: number }
        this.heard.push({ host: from.headers.host ?? '', method, path: url, code, headers, body })
        to.writeHead(answer.statusCode ?? 502, answer.headers).end(bytes)
      })
    })
    call.on('error', () => to.destroy())
    call.end(body)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
