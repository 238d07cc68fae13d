import { request } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { HttpServer, text } from '../../src/app/http-server.ts'

let port = 0
const server = new HttpServer({
  host: '127.0.0.1',
  port: 0,
  allowedHosts: ['dp2mqtt'],
  pages: {
    '/livez': () => text(200, 'alive'),
    '/broken': () => {
      throw new Error('inside')
    },
  },
})

beforeAll(async () => {
  port = await server.listen()
})
afterAll(() => server[Symbol.asyncDispose]())

function ask(
  path: string,
  options: { method?: string; host?: string; headers?: Record<string, string> } = {},
) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const { method = 'GET', host = `127.0.0.1:${port}`, headers = {} } = options
    const sent = request({ port, path, method, headers: { host, ...headers } }, (reply) => {
      let body = ''
      reply.on('data', (chunk) => {
        body += chunk
      })
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

it('shows its pages by address and by localhost', async () => {
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, '[::1]:8080', 'dp2mqtt:8080']) {
    expect(await ask('/livez', { host })).toEqual({ status: 200, body: 'alive\n' })
  }
})

it('attack 19: a foreign host name is refused, whatever it resolves to', async () => {
  for (const host of ['evil.example', 'evil.example:8080', 'localhost.evil.example', 'dp2mqtt.evil']) {
    expect((await ask('/livez', { host })).status).toBe(421)
  }
})

it('attack 19: only GET is served', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
    expect((await ask('/livez', { method })).status).toBe(405)
})

it('attack 19: a megabyte of headers ends the connection and nothing else', async () => {
  const end = await new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET /livez HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(1024 * 1024)}\r\n\r\n`)
    })
    let seen = ''
    socket.on('data', (chunk) => {
      seen += chunk
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(seen))
  })
  expect(end === '' || end.startsWith('HTTP/1.1 431')).toBe(true)
  expect((await ask('/livez')).status).toBe(200)
})

it('a page that fails tells nothing of its inside', async () => {
  const { status, body } = await ask('/broken')
  expect(status).toBe(500)
  expect(body).not.toContain('inside')
})

it('has nothing else', async () => {
  expect((await ask('/')).status).toBe(404)
  expect((await ask('/constructor')).status).toBe(404)
  expect((await ask('/__proto__')).status).toBe(404)
})
