import { request } from 'node:http'
import WebSocket from 'ws'
import type { PageNews, PageRequest } from '../../src/app/page/protocol.ts'
import { until } from './until.ts'

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** Asks as a browser would that has our page open, unless told otherwise; `''` leaves a header out. */
export function askPage(
  url: string,
  path: string,
  { method = 'GET', headers = {}, body }: Asked = {},
): Promise<Answered> {
  const { host, hostname, port } = new URL(url)
  const all = {
    host,
    ...(method === 'GET' ? {} : { origin: url, 'content-type': 'application/json' }),
    ...headers,
  }
  const sentHeaders = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers: sentHeaders }, (reply) => {
      let text = ''
      reply.setEncoding('utf8')
      reply.on('data', (chunk) => {
        text += chunk
      })
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** The live connection of a page, and everything that it was told. */
export class PageGuest implements AsyncDisposable {
  readonly told: PageNews[] = []
  readonly texts: string[] = []
  readonly socket: WebSocket
  /** The status that refused the connection. */
  refused: number | undefined
  closed: number | undefined

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    const all = { origin: url, ...headers }
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/live`, {
      headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')),
    })
    this.socket.on('message', (data) => {
      this.texts.push(String(data))
      this.told.push(JSON.parse(String(data)) as PageNews)
    })
    this.socket.on('error', () => {})
    this.socket.on('unexpected-response', (_request, reply) => {
      this.refused = reply.statusCode
      reply.resume()
    })
    this.socket.on('close', (code) => {
      this.closed = code
    })
  }

  /** The first message, which holds everything. */
  async all(): Promise<PageNews> {
    return until(() => this.told[0], 20_000, 'the first message')
  }

  ask(asked: PageRequest): void {
    this.socket.send(JSON.stringify(asked))
  }

  /** Waits for something in what was told, oldest first. */
  find<T>(look: (news: PageNews) => T | undefined, what = 'the news', withinMs = 20_000): Promise<T> {
    return until(
      () => {
        for (const news of this.told) {
          const found = look(news)
          if (found !== undefined) return found
        }
        return undefined
      },
      withinMs,
      what,
    )
  }

  /** The receipt of a request. */
  receipt(id: string) {
    return this.find(({ receipts }) => receipts?.find((receipt) => receipt.id === id), `the receipt of ${id}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate()
  }
}
