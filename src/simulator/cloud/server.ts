import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Internet } from '../internet.ts'
import type { CloudAnswer, CloudService } from './service.ts'

const largestBody = 1024 * 1024

/** The simulated cloud on a port. */
export class CloudServer implements AsyncDisposable {
  readonly #service: CloudService
  readonly #server: Server

  constructor(service: CloudService, internet?: Internet) {
    this.#service = service
    this.#server = createServer((request, response) => {
      if (!internet?.isDown) this.#serve(request, response).catch(() => response.destroy())
    })
    internet?.carry(this.#server)
  }

  /** 0 = any free port; gives the one that it is. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await this.#service.answer({
      method: request.method ?? 'GET',
      target: request.url ?? '/',
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      ),
      body: await bytesOf(request),
    })
    send(response, answer)
  }
}

function send(response: ServerResponse, answer: CloudAnswer): void {
  if (answer.reset) response.socket?.resetAndDestroy()
  else if (answer.stall === 'body') {
    response.writeHead(answer.status, answer.headers)
    response.write('{"success"')
  } else if (answer.stall !== 'headers') response.writeHead(answer.status, answer.headers).end(answer.body)
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).byteLength
    if (size > largestBody) throw new Error('the body is too large')
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}
