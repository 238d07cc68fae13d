import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import mqtt from 'mqtt'
import { describe, expect, it } from 'vitest'
import { BrokerBench } from '../../support/broker.ts'
import { freePort } from '../../support/process.ts'
import { until } from '../../support/until.ts'

const pem = (name: string) =>
  readFileSync(new URL(`../../vector/tls/loopback.${name}.pem`, import.meta.url), 'utf8')
const tls = { cert: pem('cert'), key: pem('key') }

/** Sockets that stand in the door and say nothing; `gone` are those that were sent away. */
function silentSockets(port: number, count: number): { sockets: Socket[]; gone: Set<Socket> } {
  const gone = new Set<Socket>()
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.on('close', () => gone.add(socket))
    socket.resume()
    return socket
  })
  return { sockets, gone }
}

async function webSocketBench(options: Parameters<typeof BrokerBench.open>[0] = {}) {
  const webSocketPort = await freePort()
  return { webSocketPort, bench: await BrokerBench.open({ ...options, webSocketPort }) }
}

describe('R-E2: connections', () => {
  it('one address has at most its share; when one leaves, another may come', async () => {
    await using bench = await BrokerBench.open({ limits: { connectionsPerAddress: 3 } })
    const { sockets, gone } = silentSockets(bench.broker.port, 5)
    await until(() => gone.size === 2)
    expect(bench.broker.connections).toBe(3)
    expect(bench.broker.refused.connections).toBe(2)
    sockets.find((socket) => !gone.has(socket))?.destroy()
    await until(() => bench.broker.connections === 2)
    await bench.client()
    for (const socket of sockets) socket.destroy()
  })

  it('all together have at most theirs', async () => {
    await using bench = await BrokerBench.open({ limits: { connections: 2 } })
    const { sockets, gone } = silentSockets(bench.broker.port, 3)
    await until(() => gone.size === 1)
    expect(bench.broker.connections).toBe(2)
    for (const socket of sockets) socket.destroy()
  })

  it('those in the door of the WebSocket listener count too, and are sent away when they say nothing', async () => {
    const { bench, webSocketPort } = await webSocketBench({
      limits: { connectionsPerAddress: 3, connectTimeoutMs: 300 },
    })
    await using _ = bench
    const { gone } = silentSockets(webSocketPort, 5)
    await until(() => gone.size === 2)
    await until(() => gone.size === 5, 20_000, 'the patience of the WebSocket listener')
    expect(bench.broker.connections).toBe(0)
  })

  it('so do those who never finish their TLS handshake', async () => {
    await using bench = await BrokerBench.open({
      tls,
      limits: { connectionsPerAddress: 3, connectTimeoutMs: 300 },
    })
    const { gone } = silentSockets(bench.broker.port, 5)
    await until(() => gone.size === 2)
    await until(() => gone.size === 5, 20_000, 'the patience of the TLS listener')
    const client = await bench.client({ rejectUnauthorized: false }, `mqtts://127.0.0.1:${bench.broker.port}`)
    expect(client.connected).toBe(true)
  })
})

describe('MQTT over WebSocket', () => {
  it('has the same broker behind it', async () => {
    const { bench, webSocketPort } = await webSocketBench()
    await using _ = bench
    const { seen } = await bench.reader('ws/#')
    const client = await bench.client({}, `ws://127.0.0.1:${webSocketPort}`)
    await client.publishAsync('ws/x', 'hello', { qos: 1 })
    await until(() => seen.length === 1)
  })

  it('a page of a browser is told to upgrade', async () => {
    const { bench, webSocketPort } = await webSocketBench()
    await using _ = bench
    const reply = await fetch(`http://127.0.0.1:${webSocketPort}/`)
    expect(reply.status).toBe(426)
  })

  it('the cap on packets holds there too', async () => {
    const { bench, webSocketPort } = await webSocketBench()
    await using _ = bench
    const { seen } = await bench.reader('ws/#')
    const client = await bench.client({}, `ws://127.0.0.1:${webSocketPort}`)
    client.publish('ws/x', Buffer.alloc(256 * 1024))
    await until(() => !client.connected)
    expect(seen).toEqual([])
  })

  it('R-E6: where TLS is set, it is TLS too', async () => {
    const { bench, webSocketPort } = await webSocketBench({ tls })
    await using _ = bench
    const secure = await bench.client({ rejectUnauthorized: false }, `wss://127.0.0.1:${webSocketPort}`)
    expect(secure.connected).toBe(true)
    await expect(bench.client({}, `ws://127.0.0.1:${webSocketPort}`)).rejects.toThrow()
  })
})

describe('TLS', () => {
  it('is version 1.2 at least', async () => {
    await using bench = await BrokerBench.open({ tls })
    const socket = connectTls({
      port: bench.broker.port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    await expect(
      new Promise((resolve, reject) => {
        socket.on('secureConnect', resolve)
        socket.on('error', reject)
      }),
    ).rejects.toThrow()
    socket.destroy()
  })
})

describe('start and stop', () => {
  it('a port that is taken is told with the system’s code, and nothing stays open', async () => {
    await using first = await BrokerBench.open()
    const { webSocketPort, bench } = await webSocketBench()
    await bench[Symbol.asyncDispose]()
    await expect(BrokerBench.open({ webSocketPort: first.broker.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
    await using again = await BrokerBench.open({ webSocketPort })
    expect(again.broker.port).toBeGreaterThan(0)
  })

  it('a stop ends every client, also the silent ones, and takes nobody in any more; twice is fine', async () => {
    const { bench, webSocketPort } = await webSocketBench()
    const client = await bench.client()
    const { sockets, gone } = silentSockets(bench.broker.port, 2)
    const inTheDoor = silentSockets(webSocketPort, 1)
    await until(() => bench.broker.connections === 4)
    const { url } = bench
    await bench.broker[Symbol.asyncDispose]()
    await until(() => !client.connected && gone.size === 2 && inTheDoor.gone.size === 1)
    await expect(mqtt.connectAsync(url, { reconnectPeriod: 0 })).rejects.toThrow()
    await bench[Symbol.asyncDispose]()
    for (const socket of sockets) socket.destroy()
  })
})
