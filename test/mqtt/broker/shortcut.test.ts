import type { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Incoming } from '../../../src/mqtt/message.ts'
import { BrokerBench } from '../../support/broker.ts'
import { until } from '../../support/until.ts'

const topic = 'tuya/cmd/device/lamp'
const publish = { cmd: 'publish', topic, retain: false, dup: false } as const

/** The bridge's link, and what it and a client heard, in the order of all. */
async function listening(bench: BrokerBench) {
  const heard: Incoming[] = []
  const link = await bench.link((message) => heard.push(message))
  await link.subscribe('tuya/cmd/#', { qos: 2, withoutStored: true })
  const reader = await bench.reader('tuya/cmd/#')
  return { heard, link, ...reader }
}

const texts = (heard: readonly Incoming[]) => heard.map(({ payload }) => Buffer.from(payload).toString())

describe('commands to the broker inside', () => {
  it('have reached the bridge before they are acknowledged, once, and other listeners too', async () => {
    await using bench = await BrokerBench.open()
    const { heard, seen } = await listening(bench)
    const client = await bench.rawConnected({ clientId: 'hand' })
    const heardAtWrites = watchWrites(bench, 'hand', () => heard.length)
    client.send({ ...publish, qos: 1, messageId: 7, payload: 'true' })
    await until(() => client.of('puback').length === 1)
    expect(heardAtWrites[0]).toBe(1)
    await until(() => seen.length === 1)
    expect(texts(heard)).toEqual(['true'])
    expect(seen).toEqual([{ topic, payload: 'true', retain: false }])
    client.send({ ...publish, qos: 0, payload: 'false' })
    await until(() => seen.length === 2)
    expect(texts(heard)).toEqual(['true', 'false'])
    expect(heard.every(({ retain, dup }) => !retain && !dup)).toBe(true)
  })

  it('two with the same bytes are two', async () => {
    await using bench = await BrokerBench.open()
    const { heard, seen } = await listening(bench)
    const client = await bench.rawConnected()
    for (const messageId of [1, 2]) client.send({ ...publish, qos: 1, messageId, payload: 'toggle' })
    await until(() => seen.length === 2)
    expect(texts(heard)).toEqual(['toggle', 'toggle'])
  })

  it('of QoS 2 come once, when their sender has let them go', async () => {
    await using bench = await BrokerBench.open()
    const { heard } = await listening(bench)
    const client = await bench.rawConnected()
    client.send({ ...publish, qos: 2, messageId: 9, payload: 'true' })
    client.send({ ...publish, qos: 2, messageId: 9, payload: 'true', dup: true })
    await until(() => client.of('pubrec').length === 2)
    client.send({ cmd: 'pubrel', messageId: 9 })
    await until(() => client.of('pubcomp').length === 1)
    await until(() => heard.length > 0)
    expect(texts(heard)).toEqual(['true'])
  })

  it('that are retained come once, and are known for it', async () => {
    await using bench = await BrokerBench.open()
    const { heard, seen } = await listening(bench)
    const client = await bench.rawConnected()
    client.send({ ...publish, qos: 1, messageId: 3, retain: true, payload: 'true' })
    await until(() => seen.length === 1)
    expect(heard.map(({ retain }) => retain)).toEqual([true])
  })

  it('do not come without the right to send them', async () => {
    await using bench = await BrokerBench.open({ users: [['eve', 'secret-of-eve', 'dashboard']] })
    const heard: Incoming[] = []
    const link = await bench.link((message) => heard.push(message))
    await link.subscribe('tuya/cmd/#', { qos: 2, withoutStored: true })
    const client = await bench.client({ username: 'eve', password: 'secret-of-eve' })
    await client.publishAsync(topic, 'true', { qos: 1 })
    expect(bench.broker.refused.publish).toBe(1)
    expect(heard).toEqual([])
  })

  it('do not come to a link that has ended', async () => {
    await using bench = await BrokerBench.open()
    const { heard, link, seen } = await listening(bench)
    await link.close()
    const client = await bench.client()
    await client.publishAsync(topic, 'true', { qos: 1 })
    await until(() => seen.length === 1)
    expect(heard).toEqual([])
  })

  it('take the usual way where nobody subscribed to them', async () => {
    await using bench = await BrokerBench.open()
    const heard: Incoming[] = []
    const link = await bench.link((message) => heard.push(message))
    await link.subscribe('tuya/state/#', { qos: 1 })
    const { client, seen } = await bench.reader('tuya/cmd/#')
    await client.publishAsync(topic, 'true', { qos: 1 })
    await until(() => seen.length === 1)
    expect(heard).toEqual([])
  })
})

/** What `look` gave whenever something was written to this client. */
function watchWrites({ broker }: BrokerBench, clientId: string, look: () => number): number[] {
  const { clients } = broker.aedes as unknown as { clients: Record<string, { conn: Duplex } | undefined> }
  const conn = clients[clientId]?.conn
  if (!conn) throw new Error('nobody of that name is connected')
  const looks: number[] = []
  const write = conn.write.bind(conn)
  conn.write = ((...args: Parameters<typeof write>) => {
    looks.push(look())
    return write(...args)
  }) as typeof conn.write
  return looks
}
