import { expect, it } from 'vitest'
import { cookieOf, isLocal, isOwnPage } from '../../../src/app/page/door.ts'

it('a request is local when the server listens on loopback, is called so, and nobody handed the request on', () => {
  for (const host of ['127.0.0.1:8080', 'localhost:8080', '[::1]:8080', 'localhost'])
    expect(isLocal('127.0.0.1', { host }), host).toBe(true)
  expect(isLocal('0.0.0.0', { host: 'localhost:8080' })).toBe(false)
  for (const host of ['dp2mqtt', '192.168.1.5:8080', undefined, ''])
    expect(isLocal('127.0.0.1', { ...(host === undefined ? {} : { host }) }), host).toBe(false)
  for (const name of ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'])
    expect(isLocal('127.0.0.1', { host: 'localhost', [name]: 'x' }), name).toBe(false)
})

it('only a page of the same origin is our own', () => {
  const host = '127.0.0.1:8080'
  expect(isOwnPage({ host, origin: 'http://127.0.0.1:8080' })).toBe(true)
  expect(isOwnPage({ host, origin: 'http://127.0.0.1:8080', 'sec-fetch-site': 'same-origin' })).toBe(true)
  expect(isOwnPage({ host: 'house.example', origin: 'https://house.example' })).toBe(true)
  for (const origin of [
    undefined,
    'null',
    'http://evil.example',
    'http://127.0.0.1:8081',
    'http://127.0.0.1:8080.evil.example',
    'http://localhost:8080',
    'file://127.0.0.1:8080',
  ])
    expect(isOwnPage({ host, ...(origin === undefined ? {} : { origin }) }), origin).toBe(false)
  for (const site of ['cross-site', 'same-site', 'none'])
    expect(isOwnPage({ host, origin: `http://${host}`, 'sec-fetch-site': site }), site).toBe(false)
})

it('a cookie is found among others, and nothing is taken for one that is not', () => {
  expect(cookieOf({ cookie: 'a=1; dp2mqtt-main=Ab_-9; b=2' }, 'dp2mqtt-main')).toBe('Ab_-9')
  expect(cookieOf({ cookie: 'xdp2mqtt-main=1' }, 'dp2mqtt-main')).toBeUndefined()
  expect(cookieOf({ cookie: `dp2mqtt-main=${'x'.repeat(500)}` }, 'dp2mqtt-main')).toBeUndefined()
  expect(cookieOf({}, 'dp2mqtt-main')).toBeUndefined()
})
