import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import WebSocket from 'ws'
import { closeCodes, Watchers } from '../../../src/app/page/watchers.ts'
import { until } from '../../support/until.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

let clock: VirtualClock
let server: Server
let watchers: Watchers
let watched: boolean[]
let asked: string[]
let mayStay: boolean
let whole: () => string
const guests: WebSocket[] = []

beforeEach(async () => {
  clock = new VirtualClock()
  watched = []
  asked = []
  mayStay = true
  whole = () => 'all'
  watchers = new Watchers({
    clock,
    all: () => whole(),
    onRequest: (bytes) => {
      asked.push(Buffer.from(bytes).toString())
      return asked.at(-1) === 'nonsense' ? 'refused' : undefined
    },
    mayStay: () => mayStay,
    onWatched: (is) => watched.push(is),
  })
  server = createServer()
  server.on('upgrade', (request, socket, head) =>
    watchers.admit(request, socket, head, String(request.headers['x-session'])),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterEach(async () => {
  for (const guest of guests.splice(0)) guest.terminate()
  watchers.stop()
  await new Promise((resolve) => server.close(resolve))
})

function come(session = 'one'): { socket: WebSocket; texts: string[]; code: () => number | undefined } {
  const { port } = server.address() as AddressInfo
  const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, { headers: { 'x-session': session } })
  const texts: string[] = []
  let closed: number | undefined
  socket.on('message', (data) => texts.push(String(data)))
  socket.on('close', (code) => {
    closed = code
  })
  socket.on('error', () => {})
  guests.push(socket)
  return { socket, texts, code: () => closed }
}

it('shows all to who comes, tells everyone what is new, and says when nobody is left', async () => {
  const one = come()
  const two = come()
  await until(() => one.texts.length === 1 && two.texts.length === 1)
  watchers.tell('news')
  await until(() => one.texts.length === 2 && two.texts.length === 2)
  expect(one.texts).toEqual(['all', 'news'])
  one.socket.close()
  await until(() => watchers.size === 1)
  expect(watched.at(-1)).toBe(true)
  two.socket.terminate()
  await until(() => watchers.size === 0)
  expect(watched.at(-1)).toBe(false)
  // Nothing ticks for nobody.
  expect(clock.waiting).toBe(0)
})

it('I-7: who does not read is told nothing more until it reads, and then everything anew', async () => {
  const slow = come()
  const quick = come()
  await until(() => slow.texts.length === 1 && quick.texts.length === 1)
  slow.socket.pause()
  const news = 'n'.repeat(64 * 1024)
  for (let i = 0; i < 400; i++) {
    watchers.tell(`${i} ${news}`)
    await until(() => quick.texts.length === i + 2)
  }
  whole = () => 'all anew'
  slow.socket.resume()
  for (let tries = 0; slow.texts.at(-1) !== 'all anew' && tries < 1_000; tries++) {
    await clock.advance(250)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const heard = slow.texts.filter((text) => text.endsWith(news)).length
  expect(heard).toBeGreaterThan(0)
  expect(heard).toBeLessThan(400)
  watchers.tell('afterwards')
  await until(() => slow.texts.at(-1) === 'afterwards')
})

it('I-7: who reads nothing for half a minute is let go', async () => {
  const stuck = come()
  await until(() => stuck.texts.length === 1)
  stuck.socket.pause()
  for (let i = 0; i < 200; i++) watchers.tell('n'.repeat(256 * 1024))
  await clock.advance(31_000)
  await until(() => watchers.size === 0)
})

it('I-8: a line that is dead is found by pings, and one that answers stays', async () => {
  const dead = come()
  const alive = come()
  await until(() => dead.texts.length === 1 && alive.texts.length === 1)
  // It reads, but never answers a ping.
  dead.socket.pong = () => {}
  for (let s = 0; s < 45; s++) {
    await clock.advance(1_000)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await until(() => watchers.size === 1)
  expect(alive.code()).toBeUndefined()
})

it('I-7: thirty-two pages are open at most', async () => {
  const all = Array.from({ length: 32 }, () => come())
  await until(() => all.every(({ texts }) => texts.length === 1))
  const more = come()
  await until(() => more.code() === closeCodes.tooMany)
  expect(more.texts).toEqual([])
  expect(watchers.size).toBe(32)
})

it('a request is handed on and may be answered; too many and too large ones end the connection', async () => {
  const one = come()
  await until(() => one.texts.length === 1)
  one.socket.send('please')
  one.socket.send('nonsense')
  await until(() => one.texts.includes('refused'))
  expect(asked).toEqual(['please', 'nonsense'])
  for (let i = 0; i < 100; i++) one.socket.send(`${i}`)
  await until(() => one.code() === closeCodes.tooOften)
  expect(asked.length).toBe(60)

  const two = come()
  await until(() => two.texts.length === 1)
  two.socket.send('x'.repeat(17 * 1024))
  await until(() => two.code() === 1009)
})

it('the end of a session ends what was opened in it', async () => {
  const one = come('one')
  const two = come('two')
  await until(() => one.texts.length === 1 && two.texts.length === 1)
  watchers.dismiss((session) => session === 'one')
  await until(() => one.code() === closeCodes.signedOut)
  expect(two.code()).toBeUndefined()
  mayStay = false
  await clock.advance(31_000)
  await until(() => two.code() !== undefined)
})
