import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { QueueLinkError } from '../../../src/transport/queue/link-error.ts'
import type { QueueSocket, SocketOptions } from '../../../src/transport/queue/socket.ts'
import { type TlsOptions, wsOpener } from '../../../src/transport/queue/ws-socket.ts'
import { systemClock } from '../../../src/util/clock.ts'
import { Secret } from '../../../src/util/secret.ts'
import { makeCertificate } from '../../support/certificate.ts'
import { Loopback } from '../../support/loopback.ts'
import { until } from '../../support/until.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const trusting: TlsOptions = { insecure: false }

interface Heard {
  readonly texts: string[]
  readonly bytes: number[]
  signs: number
  readonly marks: string[]
}

function wishes(url: string, wanted: Partial<SocketOptions> = {}): SocketOptions & { readonly heard: Heard } {
  const heard: Heard = { texts: [], bytes: [], signs: 0, marks: [] }
  return {
    heard,
    url,
    username: 'demoaccessid00000001',
    password: new Secret('abf1edb653addd70'),
    largestMessage: 1024 * 1024,
    signal: new AbortController().signal,
    onText: (text, bytes) => {
      heard.texts.push(text)
      heard.bytes.push(bytes)
    },
    onSign: () => heard.signs++,
    onPong: (mark) => heard.marks.push(mark),
    ...wanted,
  }
}

/** A server of the library on this machine, and a client of ours that is connected with it. */
async function connected(
  accept: (socket: WebSocket, raw: Socket) => void = () => {},
  wanted: Partial<SocketOptions> = {},
) {
  const http = createServer()
  const sockets = new Set<Socket>()
  http.on('connection', (socket) => sockets.add(socket))
  const server = new WebSocketServer({ server: http, perMessageDeflate: true })
  const peers: WebSocket[] = []
  const headers: Record<string, unknown>[] = []
  server.on('connection', (socket, request) => {
    socket.on('error', () => {})
    peers.push(socket)
    headers.push({ ...request.headers })
    accept(socket, request.socket)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/ws/v2`
  const options = wishes(url, wanted)
  const socket = await wsOpener(trusting)(options)
  const peer = await until(() => peers[0])
  return {
    socket,
    peer,
    heard: options.heard,
    headers: headers[0] ?? {},
    raw: [...sockets][0] as Socket,
    async [Symbol.asyncDispose]() {
      socket.destroy(gone)
      for (const one of sockets) one.destroy()
      server.close()
      await new Promise<void>((resolve) => http.close(() => resolve()))
    },
  }
}

const gone = new QueueLinkError('stopped', 'the test is over')
const endOf = async (socket: QueueSocket) => (await socket.ended).end

it('says who we are in plain headers and offers no compression', async () => {
  await using bench = await connected()
  expect(bench.headers).toMatchObject({ username: 'demoaccessid00000001', password: 'abf1edb653addd70' })
  expect(bench.headers['sec-websocket-extensions']).toBeUndefined()
  expect(bench.headers['authorization']).toBeUndefined()
})

it('hears texts with their weight, sends, and notices frames of any kind', async () => {
  await using bench = await connected()
  const received: string[] = []
  bench.peer.on('message', (data) => received.push(String(data)))
  let pings = 0
  bench.peer.on('ping', () => pings++)
  bench.peer.send('Küche ☕')
  bench.peer.ping()
  bench.socket.send('{"messageId":"a"}')
  bench.socket.ping('7')
  await until(() => bench.heard.signs >= 3)
  expect([bench.heard.texts, bench.heard.bytes]).toEqual([['Küche ☕'], [10]])
  expect([received, pings]).toEqual([['{"messageId":"a"}'], 1])
  expect(bench.heard.marks, 'the answer says to which').toEqual(['7'])
})

it('a frame that is not text is no message, and still one to be counted', async () => {
  await using bench = await connected()
  bench.peer.send(Buffer.from('{"messageId":"a"}'), { binary: true })
  await until(() => bench.heard.texts.length)
  expect([bench.heard.texts, bench.heard.bytes]).toEqual([[''], [17]])
})

it('what comes with the answer to the handshake is heard', async () => {
  await using bench = await connected((socket) => {
    for (let i = 0; i < 50; i++) socket.send(`early ${i}`)
  })
  await until(() => bench.heard.texts.length === 50)
  expect(bench.heard.texts[0]).toBe('early 0')
})

it('a paused connection reads no more than a piece, and goes on where it stopped', async () => {
  await using bench = await connected()
  bench.socket.pause()
  const text = 'x'.repeat(10_000)
  for (let i = 0; i < 1_000; i++) bench.peer.send(text)
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(bench.heard.texts.length).toBeLessThan(50)
  expect(bench.peer.bufferedAmount, 'the other side has to wait').toBeGreaterThan(0)
  bench.socket.resume()
  await until(() => bench.heard.texts.length === 1_000)
})

it('nothing is heard after the end, also not what was read before', async () => {
  await using bench = await connected()
  bench.socket.pause()
  for (let i = 0; i < 100; i++) bench.peer.send('late')
  await new Promise((resolve) => setTimeout(resolve, 50))
  const before = bench.heard.texts.length
  bench.socket.destroy(gone)
  bench.socket.send('after the end')
  bench.socket.resume()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(bench.heard.texts.length).toBe(before)
  expect(await endOf(bench.socket)).toBe('stopped')
})

it.each([
  ['closes', (peer: WebSocket) => peer.close(1000)],
  ['closes with a code that nobody may send', (peer: WebSocket) => peer.close(4001, 'reason 7')],
  ['is cut off', (peer: WebSocket) => peer.terminate()],
])('a queue that %s is gone', async (_how, end) => {
  await using bench = await connected()
  end(bench.peer)
  expect(await endOf(bench.socket)).toBe('closed')
})

it('a frame that was cut short is none', async () => {
  await using bench = await connected()
  // Text, 100 bytes, of which 40 come.
  bench.raw.write(Buffer.concat([Buffer.from([0x81, 100]), Buffer.alloc(40, 0x61)]))
  await new Promise((resolve) => setTimeout(resolve, 20))
  bench.raw.destroy()
  expect(await endOf(bench.socket)).toBe('closed')
  expect(bench.heard.texts).toEqual([])
})

it.each([
  ['a reserved bit', Buffer.from([0xc1, 0x01, 0x61]), 'protocol'],
  ['an unknown kind', Buffer.from([0x83, 0x00]), 'protocol'],
  ['a masked frame', Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x61]), 'protocol'],
  ['text that is no UTF-8', Buffer.from([0x81, 0x02, 0xc3, 0x28]), 'protocol'],
  ['noise', Buffer.from('HTTP/1.1 500 Oops\r\n\r\n'), 'protocol'],
  [
    'a length of 16 EiB',
    Buffer.from([0x81, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    'protocol',
  ],
  ['a length of 100 MB', Buffer.from([0x81, 0x7f, 0, 0, 0, 0, 0x06, 0, 0, 0]), 'too-large'],
])('%s ends the connection at once', async (_what, bytes, end) => {
  await using bench = await connected()
  bench.raw.write(bytes)
  const started = performance.now()
  expect(await endOf(bench.socket)).toBe(end)
  expect(performance.now() - started).toBeLessThan(1_000)
})

it('takes 1 MiB, and refuses more before it has come', async () => {
  await using bench = await connected()
  bench.peer.send('x'.repeat(1024 * 1024))
  await until(() => bench.heard.bytes[0] === 1024 * 1024)
  const before = process.memoryUsage().rss
  bench.peer.send('y'.repeat(1024 * 1024 + 1))
  expect(await endOf(bench.socket)).toBe('too-large')
  expect(bench.heard.texts).toHaveLength(1)
  expect(process.memoryUsage().rss - before).toBeLessThan(32 * 1024 * 1024)
})

it('a message in ever more pieces is refused', async () => {
  await using bench = await connected()
  bench.raw.write(Buffer.from([0x01, 0x01, 0x61]))
  for (let i = 0; i < 2_000; i++) bench.raw.write(Buffer.from([0x00, 0x01, 0x61]))
  expect(await endOf(bench.socket)).toBe('protocol')
})

it('says goodbye, and waits for the answer but not for long', async () => {
  await using bench = await connected()
  const codes: number[] = []
  bench.peer.on('close', (code) => codes.push(code))
  await bench.socket.close(new QueueLinkError('busy', 'enough'))
  expect(await endOf(bench.socket)).toBe('busy')
  await until(() => codes.length)
  expect(codes).toEqual([1000])
})

it('a goodbye is answered also where nobody reads', async () => {
  await using bench = await connected()
  bench.socket.pause()
  for (let i = 0; i < 100; i++) bench.peer.send('x'.repeat(1_000))
  await new Promise((resolve) => setTimeout(resolve, 50))
  const started = performance.now()
  await bench.socket.close(new QueueLinkError('busy', 'enough'))
  expect(performance.now() - started).toBeLessThan(900)
})

it('a goodbye that is not answered is over after a second', async () => {
  await using bench = await connected()
  bench.socket.pause()
  for (let i = 0; i < 100; i++) bench.peer.send('x'.repeat(1_000))
  bench.peer.pause()
  const started = performance.now()
  const closing = bench.socket.close(new QueueLinkError('busy', 'enough'))
  await bench.socket.close(new QueueLinkError('closed', 'twice'))
  await closing
  expect(await endOf(bench.socket)).toBe('busy')
  expect(performance.now() - started).toBeGreaterThan(900)
  expect(performance.now() - started).toBeLessThan(5_000)
})

it.each([
  [401, 'credentials'],
  [404, 'refused'],
  [409, 'refused'],
  [503, 'unavailable'],
] as const)('the page of a refusal (%i) is not read, however long it is', async (status, end) => {
  await using refusing = await Loopback.plain((socket) => {
    socket.on('data', () => {
      socket.write(`HTTP/1.1 ${status} No\r\nContent-Type: text/html\r\n\r\n<html>Authentication required`)
      const drip = setInterval(() => socket.write('x'.repeat(1_000)), 1)
      socket.on('close', () => clearInterval(drip))
    })
  })
  const opening = wsOpener(trusting)(wishes(`ws://127.0.0.1:${refusing.port}/`))
  await expect(opening).rejects.toMatchObject({ end, status })
  await until(() => refusing.sockets.size === 0)
})

it('a queue that is asked too often says for how long', async () => {
  await using server = await Loopback.http((_request, response) => {
    response.writeHead(429, { 'retry-after': '17' }).end()
  })
  const opening = wsOpener(trusting)(wishes(server.url.replace('http', 'ws')))
  await expect(opening).rejects.toMatchObject({ end: 'throttled', retryAfterMs: 17_000 })
})

it('a redirect is no queue, and is not followed', async () => {
  await using other = await Loopback.http((_request, response) => response.end())
  await using server = await Loopback.http((_request, response) => {
    response.writeHead(302, { location: `${other.url}/elsewhere` }).end()
  })
  const opening = wsOpener(trusting)(wishes(server.url.replace('http', 'ws')))
  await expect(opening).rejects.toMatchObject({ end: 'protocol', status: 302 })
  expect(other.requests).toBe(0)
})

it('a server that speaks something else is no queue', async () => {
  await using server = await Loopback.plain((socket) => socket.end('220 mail.example ESMTP\r\n'))
  const opening = wsOpener(trusting)(wishes(`ws://127.0.0.1:${server.port}/`))
  await expect(opening).rejects.toMatchObject({ end: 'protocol' })
})

it('a queue that does not answer, or byte by byte, is given up after 15 s', async () => {
  for (const drips of [false, true]) {
    await using server = await Loopback.plain((socket) => {
      socket.resume()
      if (!drips) return
      const drip = setInterval(() => socket.write('H'), 2)
      socket.write('HTTP/1.1 101 Switching\r\nX-')
      socket.on('close', () => clearInterval(drip))
    })
    const clock = new VirtualClock()
    const opening = wsOpener(trusting, clock)(wishes(`ws://127.0.0.1:${server.port}/`))
    const refused = expect(opening).rejects.toMatchObject({ end: 'timeout' })
    await until(() => server.sockets.size === 1)
    await new Promise((resolve) => setTimeout(resolve, 30))
    await clock.advance(14_999)
    expect(server.sockets.size).toBe(1)
    await clock.advance(1)
    await refused
    await until(() => server.sockets.size === 0)
    expect(clock.waiting).toBe(0)
  }
})

it('nobody there is told as such', async () => {
  const server = await Loopback.plain(() => {})
  await server[Symbol.asyncDispose]()
  const opening = wsOpener(trusting)(wishes(`ws://127.0.0.1:${server.port}/`))
  await expect(opening).rejects.toMatchObject({ end: 'unreachable' })
})

it('gives up connecting when asked to, and does not begin when it was before', async () => {
  await using server = await Loopback.plain((socket) => socket.resume())
  const life = new AbortController()
  const options = wishes(`ws://127.0.0.1:${server.port}/`, { signal: life.signal })
  const opening = wsOpener(trusting)(options)
  const refused = expect(opening).rejects.toMatchObject({ end: 'stopped' })
  await until(() => server.sockets.size === 1)
  life.abort()
  await refused
  await until(() => server.sockets.size === 0)
  await expect(wsOpener(trusting)(options)).rejects.toThrow()
  expect(server.connections).toBe(1)
})

it.each(['ws://queue.example:8285/', 'http://127.0.0.1/', 'nonsense'])(
  'does not send the password to %s',
  async (url) => {
    await expect(wsOpener(trusting)(wishes(url))).rejects.toMatchObject({ end: 'refused', retry: 'never' })
  },
)

it('looks at certificates, takes an authority of one’s own, and looks away when told', async () => {
  const authority = makeCertificate({ name: 'Test Authority', authority: true })
  const certificate = makeCertificate({ issuer: authority })
  const https = createSecureServer({ key: certificate.keyPem, cert: certificate.certPem })
  https.on('tlsClientError', () => {})
  const server = new WebSocketServer({ server: https })
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve))
  const url = `wss://localhost:${(https.address() as AddressInfo).port}/`
  await expect(wsOpener(trusting)(wishes(url))).rejects.toMatchObject({ end: 'certificate' })
  for (const tls of [{ insecure: false, ca: authority.certPem }, { insecure: true }]) {
    const socket = await wsOpener(tls, systemClock)(wishes(url))
    await socket.close(gone)
  }
  server.close()
  await new Promise<void>((resolve) => https.close(() => resolve()))
})
