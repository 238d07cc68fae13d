import { createHash } from 'node:crypto'
import type { LookupFunction } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { deviceCommands } from '../../src/codec/cloud/operation/device-commands.ts'
import { deviceStatus } from '../../src/codec/cloud/operation/device-status.ts'
import { CallBudget } from '../../src/transport/cloud/budget.ts'
import { CloudClient } from '../../src/transport/cloud/client.ts'
import { type HttpRequest, UndiciExchange } from '../../src/transport/cloud/http.ts'
import type { CloudError } from '../../src/transport/cloud/layer.ts'
import { Secret } from '../../src/util/secret.ts'
import { type CertificateWishes, makeCertificate } from '../support/certificate.ts'
import { CloudHouse } from '../support/cloud-house.ts'
import { hastyClock } from '../support/hasty-clock.ts'
import { House } from '../support/house.ts'
import { Loopback } from '../support/loopback.ts'
import { until } from '../support/until.ts'

const minuteMs = 60_000
const dayMs = 86_400_000
const plug = 'bf5b8310dfe2a947c3jy2h'

function requestTo(url: string, timeoutMs: number): HttpRequest {
  const { signal } = new AbortController()
  return { method: 'POST', url, headers: {}, body: '{}', timeoutMs, signal }
}

/** A client for whom pauses take no time. */
function clientTo(endpoint: string, ca?: string): CloudClient {
  return new CloudClient({
    credentials: { endpoint, accessId: 'id', accessSecret: new Secret('secret') },
    http: new UndiciExchange(ca === undefined ? {} : { ca }),
    budget: new CallBudget(1_000, hastyClock, undefined),
    clock: hastyClock,
    random: () => 0,
    learn: () => {},
  })
}

/** Faults of the cloud that need real sockets. */
describe('faults of the cloud’s connections', () => {
  describe('C4: connections that fall silent', () => {
    const silent: readonly (readonly [what: string, server: () => Promise<Loopback>])[] = [
      ['headers never', () => Loopback.http(() => {})],
      [
        'body stalls',
        () => Loopback.http((_request, response) => response.writeHead(200).write('{"success"')),
      ],
      [
        'body drips',
        () =>
          Loopback.http((_request, response) => {
            const drip = setInterval(() => response.write(' '), 20)
            response.on('close', () => clearInterval(drip))
          }),
      ],
      ['half-open: accepted and never read', () => Loopback.plain((socket) => socket.pause())],
      [
        'half-open: the other side has sent its end',
        () => Loopback.plain((socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n'))),
      ],
    ]

    it.each(silent)('C4: %s: every call ends in its time, and no socket stays', async (_what, open) => {
      await using server = await open()
      await using http = new UndiciExchange()
      const startedAt = performance.now()
      const calls = Array.from({ length: 8 }, () =>
        http.exchange(requestTo(server.url, 300)).catch((thrown: CloudError) => thrown),
      )
      for (const thrown of await Promise.all(calls)) {
        expect(thrown).toMatchObject({ kind: 'transient', outcome: 'unknown', code: 'cloud/unavailable' })
      }
      expect(performance.now() - startedAt).toBeLessThan(8_000)
      // A side that does not read does not see the other one's end.
      for (const socket of server.sockets) socket.resume()
      // One that connected too late for its call carries nothing yet and may serve the next.
      const used = () => [...server.sockets].filter(({ bytesRead }) => bytesRead > 0)
      await until(() => used().length === 0, 20_000, 'the end of all sockets with a call on them')
    })

    it('C4: a handshake that never ends: the call ends, and no socket stays', async () => {
      await using server = await Loopback.plain((socket) => socket.resume())
      await using http = new UndiciExchange()
      const thrown = await http.exchange(requestTo(server.secureUrl, 300)).catch((error: CloudError) => error)
      expect(thrown).toMatchObject({ kind: 'transient' })
      await until(() => server.sockets.size === 0, 20_000, 'the end of the socket')
    })
  })

  describe('C5: the name does not resolve, or to the wrong address', () => {
    type Answer = 'right' | 'EAI_AGAIN' | 'ENOTFOUND' | 'wrong'

    /** Ten minutes of such answers; gives the house and how often a name was looked up. */
    async function without(answer: Answer) {
      const names = { answer: 'right' as Answer, lookups: 0 }
      const lookup: LookupFunction = (_host, options, done) => {
        names.lookups++
        // Where nobody listens: the simulator has only the other loopback address.
        const [address, family] = names.answer === 'wrong' ? ['::1', 6] : ['127.0.0.1', 4]
        const failed = names.answer === 'EAI_AGAIN' || names.answer === 'ENOTFOUND'
        const error = failed ? Object.assign(new Error('no answer'), { code: names.answer }) : null
        if (options.all) done(error, failed ? [] : [{ address, family }])
        else done(error, failed ? '' : address, family)
      }
      const house = await CloudHouse.open({
        http: () => new UndiciExchange({ lookup }),
        endpoint: (listening) => listening.replace('127.0.0.1', 'localhost'),
      })
      names.answer = answer
      await house.passStepwise(10 * minuteMs, 1_000)
      const lookups = names.lookups
      expect(house.cloud.sync.ready).toBe(false)
      names.answer = 'right'
      return { house, lookups }
    }

    it.each<Answer>(['EAI_AGAIN', 'ENOTFOUND', 'wrong'])(
      'C5: %s for 10 min: at most 60 look-ups, and the house is there within 5 min after',
      async (answer) => {
        const { house, lookups } = await without(answer)
        await using _ = house
        expect(lookups).toBeLessThanOrEqual(60)
        expect(house.errors).toEqual(['reading the inventory: cloud/unavailable'])
        for (let waited = 0; !house.cloud.sync.ready; waited += 1_000) {
          expect(waited).toBeLessThanOrEqual(5 * minuteMs)
          await house.passStepwise(1_000, 1_000)
        }
      },
    )

    it('C5: within 30 s when a command waits', async () => {
      const { house } = await without('EAI_AGAIN')
      await using _ = house
      const commands: ReturnType<CloudHouse['submit']>[] = []
      for (let waited = 0; waited < 33_000; waited += 1_000) {
        commands.push(house.submit(plug, { countdown_1: waited / 1_000 }))
        await house.passStepwise(1_000, 100)
      }
      expect(commands.some(({ outcome }) => outcome?.state === 'confirmed')).toBe(true)
    })
  })

  describe('C6: certificates', () => {
    const authority = makeCertificate({ name: 'Test authority', authority: true })
    const stranger = makeCertificate({ name: 'Another authority', authority: true })
    const bad: readonly (readonly [what: string, wishes: CertificateWishes, code: string])[] = [
      ['self-signed', {}, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
      ['of an unknown authority', { issuer: stranger }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
      [
        'expired',
        { issuer: authority, from: new Date(Date.now() - 9 * dayMs), until: new Date(Date.now() - dayMs) },
        'CERT_HAS_EXPIRED',
      ],
      [
        'not yet valid',
        { issuer: authority, from: new Date(Date.now() + dayMs), until: new Date(Date.now() + 9 * dayMs) },
        'CERT_NOT_YET_VALID',
      ],
      ['of another host', { issuer: authority, hosts: ['other.test'] }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ]

    const call = (client: CloudClient) =>
      client.call(
        deviceStatus,
        { device_id: 'bf1' },
        { priority: 'reconcile', signal: new AbortController().signal },
      )
    const command = (client: CloudClient) =>
      client.call(
        deviceCommands,
        { device_id: 'bf1', commands: [{ code: 'switch_1', value: true }] },
        { priority: 'command', signal: new AbortController().signal },
      )

    it.each(bad)(
      'C6: one that is %s: no request is sent, the reason is told, and a command knows that it never left',
      async (_what, wishes, code) => {
        const { keyPem, certPem } = makeCertificate(wishes)
        await using server = await Loopback.https({ key: keyPem, cert: certPem }, (_request, response) =>
          response.end('{}'),
        )
        await using client = clientTo(server.secureUrl, authority.certPem)
        await expect(call(client)).rejects.toMatchObject({
          kind: 'transient',
          message: expect.stringContaining(code),
        })
        await using another = clientTo(server.secureUrl, authority.certPem)
        await expect(command(another)).rejects.toMatchObject({ outcome: 'not-sent' })
        expect(server.connections).toBeGreaterThan(1)
        expect(server.requests).toBe(0)
      },
    )

    it('C6: a good one is taken, and TLS 1.1 is not', async () => {
      const { keyPem, certPem } = makeCertificate({ issuer: authority })
      await using server = await Loopback.https({ key: keyPem, cert: certPem }, (_request, response) =>
        response.end('{}'),
      )
      await using old = await Loopback.https(
        { key: keyPem, cert: certPem, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' },
        (_request, response) => response.end('{}'),
      )
      await using http = new UndiciExchange({ ca: authority.certPem })
      await expect(http.exchange(requestTo(server.secureUrl, 5_000))).resolves.toMatchObject({ status: 200 })
      await expect(http.exchange(requestTo(old.secureUrl, 5_000))).rejects.toMatchObject({
        kind: 'transient',
      })
      expect([server.requests, old.requests]).toEqual([1, 0])
    })
  })

  describe('C11: answers that are too much', () => {
    it.each(['truncated', 'html', 'gzip', 'huge', 'number'])(
      'C11: %s over a socket: a typed error, and the house recovers',
      async (garbage) => {
        await using house = await CloudHouse.open({ http: () => new UndiciExchange() })
        await house.passStepwise(30_000, 1_000)
        expect(house.cloud.sync.ready).toBe(true)
        house.simulator.faults.set(`garbage=${garbage}`)
        const { signal } = new AbortController()
        const call = house.cloud.client
          .call(deviceStatus, { device_id: plug }, { priority: 'command', signal })
          .catch((thrown: unknown) => thrown)
        await house.passStepwise(10_000, 500)
        expect(await call).toMatchObject({ kind: 'transient', outcome: 'unknown', code: 'cloud/unavailable' })
        house.simulator.faults.clear('garbage')
        await house.passStepwise(2 * minuteMs, 1_000)
        expect(house.cloud.client.health.state).toBe('up')
      },
    )
  })

  it.each([301, 302, 303, 307, 308])(
    'C12: a redirect (%i) to another host: an error, and nothing reaches that host',
    async (status) => {
      await using other = await Loopback.http((_request, response) => response.end('{}'))
      await using server = await Loopback.http((_request, response) =>
        response.writeHead(status, { location: `http://localhost:${other.port}/v1.0/token` }).end(),
      )
      await using client = clientTo(server.url)
      const { signal } = new AbortController()
      const read = client.call(deviceStatus, { device_id: 'bf1' }, { priority: 'reconcile', signal })
      await expect(read).rejects.toMatchObject({
        kind: 'transient',
        message: expect.stringContaining('redirect'),
      })
      expect(server.requests).toBeGreaterThan(0)
      expect([other.requests, other.connections]).toEqual([0, 0])
    },
  )

  it('C14: lists that come empty clear no retained topic', async () => {
    await using house = await (await House.open({ polled: true })).ready()
    await house.observe()
    await house.quiet()
    const digest = () => {
      const newest = new Map(house.seen.map(({ topic, payload }) => [topic, payload]))
      const empty = [...newest].filter(([, payload]) => payload === '').map(([topic]) => topic)
      return { topics: newest.size, empty: createHash('sha256').update(empty.join()).digest('hex') }
    }
    const before = digest()
    house.simulator.faults.set('empty-lists')
    const lists = () => house.simulator.journal.entries('request', 'home-devices').length
    const from = lists()
    await until(() => lists() >= from + 4, 20_000, 'two empty lists of both homes')
    await pause(100)
    expect(digest()).toEqual(before)
    expect(house.bridge.inventory.devices.size).toBe(20)
  })
})
