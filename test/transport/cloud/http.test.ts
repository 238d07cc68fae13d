import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type HttpRequest, UndiciExchange } from '../../../src/transport/cloud/http.ts'
import { CloudError } from '../../../src/transport/cloud/layer.ts'
import { BridgeError } from '../../../src/util/error.ts'
import { Loopback } from '../../support/loopback.ts'
import { collect } from '../../support/memory.ts'
import { until } from '../../support/until.ts'

function requestTo(url: string, changes: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'GET',
    url,
    headers: {},
    body: undefined,
    timeoutMs: 10_000,
    signal: new AbortController().signal,
    ...changes,
  }
}

async function failure(call: Promise<unknown>): Promise<CloudError> {
  const thrown = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(CloudError)
  return thrown as CloudError
}

it('an exchange carries method, path, headers and body, and gives status, Retry-After and bytes', async () => {
  let seen: object | undefined
  await using server = await Loopback.http((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      seen = {
        method: request.method,
        url: request.url,
        sign: request.headers['sign'],
        encoding: request.headers['accept-encoding'],
        body: Buffer.concat(chunks).toString(),
      }
      response.writeHead(429, { 'retry-after': '30' }).end('späte Antwort')
    })
  })
  await using http = new UndiciExchange()
  const reply = await http.exchange(
    requestTo(`${server.url}/v1.0/x?a=b%20c`, { method: 'POST', headers: { sign: 'S' }, body: '{"ü":1}' }),
  )
  expect(seen).toEqual({
    method: 'POST',
    url: '/v1.0/x?a=b%20c',
    sign: 'S',
    encoding: undefined,
    body: '{"ü":1}',
  })
  expect(reply).toMatchObject({ status: 429, retryAfter: '30' })
  expect(Buffer.from(reply.body).toString()).toBe('späte Antwort')
})

it('a connection is used again', async () => {
  await using server = await Loopback.http((_request, response) => response.end('{}'))
  await using http = new UndiciExchange()
  for (let i = 0; i < 5; i++) await http.exchange(requestTo(server.url))
  expect(server.requests).toBe(5)
  // A connection is free again a moment after its answer was read.
  expect(server.connections).toBeLessThanOrEqual(2)
})

describe('failures say whether the request may have been seen', () => {
  it('a closed port: it never left', async () => {
    const server = await Loopback.http(() => {})
    const { url } = server
    await server[Symbol.asyncDispose]()
    await using http = new UndiciExchange()
    expect(await failure(http.exchange(requestTo(url)))).toMatchObject({
      kind: 'transient',
      outcome: 'not-sent',
      code: 'cloud/unavailable',
      message: 'The cloud could not be reached (ECONNREFUSED).',
    })
  })

  it.each(['ENOTFOUND', 'EAI_AGAIN'])('a name that does not resolve (%s): it never left', async (code) => {
    await using http = new UndiciExchange({
      lookup: (_host, _options, done) => done(Object.assign(new Error('no such name'), { code }), '', 4),
    })
    expect(await failure(http.exchange(requestTo('http://localhost:9/')))).toMatchObject({
      outcome: 'not-sent',
      message: expect.stringContaining(code),
    })
  })

  it('a reset after the request: unknown', async () => {
    await using server = await Loopback.plain((socket) => socket.once('data', () => socket.resetAndDestroy()))
    await using http = new UndiciExchange()
    expect(await failure(http.exchange(requestTo(server.url)))).toMatchObject({
      kind: 'transient',
      outcome: 'unknown',
    })
  })

  it('an end in the middle of the answer: unknown', async () => {
    await using server = await Loopback.plain((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"succ')),
    )
    await using http = new UndiciExchange()
    expect(await failure(http.exchange(requestTo(server.url)))).toMatchObject({ outcome: 'unknown' })
  })

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['headers of a megabyte', `HTTP/1.1 200 OK\r\n${'x-header: '.padEnd(8_192, 'y')}\r\n`.repeat(128)],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'],
  ])('%s: unknown', async (_what, text) => {
    await using server = await Loopback.plain((socket) => socket.once('data', () => socket.write(text)))
    await using http = new UndiciExchange()
    const error = await failure(http.exchange(requestTo(server.url, { timeoutMs: 2_000 })))
    expect(error).toMatchObject({ kind: 'transient', outcome: 'unknown' })
  })

  it('a caller who gives up hears his own reason, and the socket is closed', async () => {
    await using server = await Loopback.http(() => {})
    await using http = new UndiciExchange()
    const given = new AbortController()
    const call = http
      .exchange(requestTo(server.url, { signal: given.signal }))
      .catch((thrown: unknown) => thrown)
    await until(() => server.requests, 20_000, 'the request')
    const reason = new BridgeError('command/unconfirmed', 'too late')
    given.abort(reason)
    expect(await call).toBe(reason)
    await until(() => server.sockets.size === 0, 20_000, 'the end of the socket')
  })

  it('the end of the exchange ends what is on its way', async () => {
    await using server = await Loopback.http(() => {})
    const http = new UndiciExchange()
    const call = failure(http.exchange(requestTo(server.url)))
    await until(() => server.requests, 20_000, 'the request')
    await http[Symbol.asyncDispose]()
    expect(await call).toMatchObject({ outcome: 'unknown' })
    await until(() => server.sockets.size === 0, 20_000, 'the end of the socket')
  })
})

it('R-C1: the end of a call comes, however often memory is collected meanwhile', async () => {
  // Drips, so that only the limit of the whole call can end it.
  await using server = await Loopback.http((_request, response) => {
    const drip = setInterval(() => {
      response.write(' ')
      collect()
    }, 20)
    response.on('close', () => clearInterval(drip))
  })
  await using http = new UndiciExchange()
  const error = await failure(http.exchange(requestTo(server.url, { timeoutMs: 400 })))
  expect(error).toMatchObject({ kind: 'transient', outcome: 'unknown' })
  await until(() => server.sockets.size === 0, 20_000, 'the end of the socket')
})

describe('R-C1: what is not taken', () => {
  it('a redirect is given as it is, never followed', async () => {
    await using other = await Loopback.http((_request, response) => response.end('{}'))
    await using server = await Loopback.http((_request, response) =>
      response.writeHead(302, { location: other.url }).end(),
    )
    await using http = new UndiciExchange()
    expect(await http.exchange(requestTo(server.url))).toMatchObject({ status: 302 })
    expect(other.connections).toBe(0)
  })

  it('a compressed answer is refused, not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024))
    await using server = await Loopback.http((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    )
    await using http = new UndiciExchange()
    expect(await failure(http.exchange(requestTo(server.url)))).toMatchObject({
      kind: 'transient',
      outcome: 'unknown',
      message: expect.stringContaining('compressed'),
    })
    expect(await failure(http.exchange(requestTo(server.url)))).toMatchObject({ outcome: 'unknown' })
  })

  it.each(['announced', 'not announced'])(
    'an answer over 4 MiB whose length is %s is cut off',
    async (how) => {
      const size = 64 * 1024 * 1024
      let written = 0
      await using server = await Loopback.http((_request, response) => {
        response.writeHead(200, how === 'announced' ? { 'content-length': size } : {})
        const chunk = Buffer.alloc(64 * 1024, 'x')
        const more = () => {
          while (written < size && !response.destroyed) {
            written += chunk.length
            if (!response.write(chunk)) {
              response.once('drain', more)
              return
            }
          }
        }
        more()
      })
      await using http = new UndiciExchange()
      const error = await failure(http.exchange(requestTo(server.url)))
      expect(error).toMatchObject({ kind: 'transient', outcome: 'unknown' })
      await until(() => server.sockets.size === 0, 20_000, 'the end of the socket')
      expect(written).toBeLessThanOrEqual(16 * 1024 * 1024)
    },
  )
})
