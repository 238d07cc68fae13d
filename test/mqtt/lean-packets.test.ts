import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { ClientConnector } from '../../src/mqtt/client-link.ts'
import { FakeBroker } from '../support/fake-broker.ts'

/** Where the library keeps the numbers that it has made. */
const { cache } = createRequire(import.meta.url)('mqtt-packet/numbers.js') as { cache: object }

it('a connection that has said something keeps no bytes of all numbers', async () => {
  await using broker = await FakeBroker.open()
  const connector = new ClientConnector({
    url: broker.url,
    clientId: 'dp2mqtt-main',
    username: null,
    password: null,
    protocolVersion: 4,
    tls: { insecure: false },
  })
  const { signal } = new AbortController()
  const link = await connector.connect({ suffix: '', onMessage: () => {}, signal })
  await link.subscribe('tuya/cmd/#', { qos: 1 })
  await link.close()
  expect(Object.keys(cache)).toEqual([])
})
