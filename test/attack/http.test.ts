import { request } from 'node:http'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { House } from '../support/house.ts'
import { until } from '../support/until.ts'

it('attack 19: the pages answer nobody who comes by another name, another method or with too much', async () => {
  await using house = await (await House.open()).ready()
  const { port } = new URL(house.httpUrl)
  const ask = (options: { method?: string; host?: string; path?: string }) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const { method = 'GET', host = `127.0.0.1:${port}`, path = '/readyz' } = options
      const sent = request({ port, host: '127.0.0.1', method, path, headers: { host } }, (reply) => {
        let body = ''
        reply.on('data', (chunk) => {
          body += chunk
        })
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body }))
      })
      sent.on('error', reject)
      sent.end()
    })

  expect((await ask({})).status).toBe(200)
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    'localhost.evil.example',
    '127.0.0.1.evil.example',
  ]) {
    const { status, body } = await ask({ host })
    expect(status, host).toBeGreaterThanOrEqual(400)
    expect(body).not.toContain('links')
  }
  const nameless = await new Promise<string>((resolve) => {
    const socket = connect(Number(port), '127.0.0.1')
    let reply = ''
    socket.on('data', (chunk) => {
      reply += chunk
    })
    socket.on('close', () => resolve(reply))
    socket.write('GET /readyz HTTP/1.0\r\n\r\n')
  })
  expect(nameless).toContain(' 421 ')
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH'])
    expect((await ask({ method })).status, method).toBe(405)
  for (const path of ['/', '/main.js', '/session', '/live'])
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH'])
      expect((await ask({ method, path })).status, `${method} ${path}`).toBe(405)
  for (const method of ['PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH'])
    expect((await ask({ method, path: '/login' })).status, method).toBe(405)
  // Without an origin, or with a foreign one, nothing is posted.
  expect((await ask({ method: 'POST', path: '/login' })).status).toBe(403)
  for (const path of [
    '/../readyz',
    '/%2e%2e/etc/passwd',
    '//readyz',
    '/readyz/',
    '/__proto__',
    '/constructor',
    '/config',
  ])
    expect((await ask({ path })).status, path).toBe(404)

  let heard = ''
  let isClosed = false
  const large = connect(Number(port), '127.0.0.1')
  large.on('data', (chunk) => {
    heard += chunk
  })
  large.on('error', () => {})
  large.on('close', () => {
    isClosed = true
  })
  large.write(`GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Large: ${'x'.repeat(1024 * 1024)}\r\n\r\n`)
  await until(() => isClosed, 20_000, 'the end of the large request')
  expect(heard).not.toContain('200 OK')
  expect((await ask({})).status).toBe(200)
})
