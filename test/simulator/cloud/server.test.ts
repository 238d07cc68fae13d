import { describe, expect, it } from 'vitest'
import { wireUrl } from '../../../src/codec/cloud/sign.ts'
import { CloudServer } from '../../../src/simulator/cloud/server.ts'
import { type CallOptions, CloudCaller } from '../../support/cloud-caller.ts'
import { until } from '../../support/until.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'

/** The simulated cloud on a port of loopback, and a client that signs. */
async function open(faults: readonly string[] = []) {
  const caller = new CloudCaller({ faults })
  const server = new CloudServer(caller.simulator.cloud)
  const port = await server.listen(0, '127.0.0.1')
  const send = (method: string, path: string, options: CallOptions = {}, init: RequestInit = {}) => {
    const { headers, body } = caller.request(method, path, { token: caller.token(), ...options })
    return fetch(`http://127.0.0.1:${port}${wireUrl(path, options.query ?? {})}`, {
      method,
      headers: headers as Record<string, string>,
      redirect: 'manual',
      ...(body.byteLength === 0 ? {} : { body: Buffer.from(body) }),
      ...init,
    })
  }
  return { caller, server, port, send, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

describe('the simulated cloud on a port', () => {
  it('answers as the service does, with query and body as they were signed', async () => {
    await using cloud = await open()
    const reply = await cloud.send('GET', '/v1.0/devices/status', { query: { device_ids: lamp } })
    expect(reply.status).toBe(200)
    expect(reply.headers.get('content-type')).toMatch(/^application\/json/)
    expect(await reply.json()).toMatchObject({ success: true, result: [{ id: lamp }] })
    const body = { commands: [{ code: 'switch_led', value: false }] }
    expect(await (await cloud.send('POST', `/v1.0/devices/${lamp}/commands`, { body })).json()).toMatchObject(
      {
        result: true,
      },
    )
    expect(cloud.caller.simulator.world.device(lamp).status.get('switch_led')).toBe(false)
  })

  it('resets a connection', async () => {
    await using cloud = await open(['reset=1'])
    await expect(cloud.send('GET', `/v1.0/devices/${lamp}`)).rejects.toThrow()
  })

  it('redirects, and says when to come again', async () => {
    await using cloud = await open(['redirect=http://127.0.0.1:1/'])
    expect((await cloud.send('GET', `/v1.0/devices/${lamp}`)).headers.get('location')).toBe(
      'http://127.0.0.1:1/',
    )
    cloud.caller.simulator.faults.clear()
    cloud.caller.simulator.faults.set('http=429')
    cloud.caller.simulator.faults.set('retry-after=7')
    const reply = await cloud.send('GET', `/v1.0/devices/${lamp}`)
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([429, '7'])
  })

  it('leaves a caller waiting before the headers or in the middle of the body, until he gives up', async () => {
    await using cloud = await open(['stall=headers'])
    const waiting = new AbortController()
    const seen = { settled: false }
    const stalled = cloud
      .send('GET', `/v1.0/devices/${lamp}`, {}, { signal: waiting.signal })
      .finally(() => {
        seen.settled = true
      })
      .catch((thrown: unknown) => thrown)
    await until(() => cloud.caller.simulator.journal.entries('request', 'fault').length === 1)
    expect(seen.settled).toBe(false)
    waiting.abort(new Error('enough'))
    expect(await stalled).toMatchObject({ message: 'enough' })

    cloud.caller.simulator.faults.set('stall=body')
    const half = new AbortController()
    const reply = await cloud.send('GET', `/v1.0/devices/${lamp}`, {}, { signal: half.signal })
    const reader = (reply.body as ReadableStream<Uint8Array>).getReader()
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('{"success"')
    half.abort(new Error('enough'))
    await expect(reader.read()).rejects.toThrow('enough')
  })

  it('I-7: does not take in a body of any size', async () => {
    await using cloud = await open()
    const body = 'x'.repeat(2 * 1024 * 1024)
    await expect(cloud.send('POST', `/v1.0/devices/${lamp}/commands`, { body })).rejects.toThrow()
  })

  it('stops although callers are still waiting', async () => {
    const cloud = await open(['stall=headers'])
    const stalled = cloud.send('GET', `/v1.0/devices/${lamp}`).catch((thrown: unknown) => thrown)
    await until(() => cloud.caller.simulator.journal.entries('request', 'fault').length === 1)
    await cloud.server[Symbol.asyncDispose]()
    expect(await stalled).toBeInstanceOf(Error)
  })

  it('tells that its port is taken', async () => {
    await using cloud = await open()
    const second = new CloudServer(cloud.caller.simulator.cloud)
    await expect(second.listen(cloud.port, '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
