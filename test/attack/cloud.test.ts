import { createServer, type Server } from 'node:http'
import { describe, expect, it } from 'vitest'
import { canaryWorld, House } from '../support/house.ts'
import { until } from '../support/until.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'

/** Another host, which nobody may ask. */
class Trap implements AsyncDisposable {
  asked = 0
  readonly #server: Server = createServer((_request, response) => {
    this.asked++
    response.end('{"success":true,"result":{}}')
  })

  static async open(): Promise<Trap> {
    const trap = new Trap()
    await new Promise<void>((resolve) => trap.#server.listen(0, '127.0.0.1', () => resolve()))
    return trap
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

describe('attack 18: a cloud with bad intentions', () => {
  it('that redirects is not followed, and the other host learns neither token nor signature', async () => {
    await using trap = await Trap.open()
    await using house = await (await House.open()).ready()
    const client = await house.observe()
    house.simulator.faults.set(`redirect=${trap.url}/v1.0/token`)
    const commands = [{ code: 'switch_led', value: true }]
    for (const [operation, params] of [
      ['device-get', { device_id: lamp }],
      ['device-commands', { device_id: lamp, commands }],
    ] as const) {
      await house.publish(client, `cmd/op/${operation}`, JSON.stringify({ params }))
      expect(await house.answer(`op/${operation}`, 1, 20_000)).toMatchObject({ ok: false })
    }
    expect(house.simulator.journal.entries('request', 'fault').length).toBeGreaterThan(1)
    expect(trap.asked).toBe(0)
  }, 60_000)

  it('that names addresses of another host has none of them asked', async () => {
    await using trap = await Trap.open()
    const { devices, ...rest } = canaryWorld()
    const [first, ...others] = devices
    const point = { type: 'String', access: 'rw', values: { maxlen: 255 } } as const
    const model = {
      category: 'kg',
      productId: 'links0000000001',
      productName: 'Links',
      icon: `${trap.url}/icon.png`,
      dps: [{ ...point, id: 1, code: 'link', initial: `${trap.url}/value` }],
    }
    const linked = { ...(first as NonNullable<typeof first>), name: `${trap.url}/name`, model: 'links' }
    await using house = await (
      await House.open({ world: { ...rest, models: { links: model }, devices: [linked, ...others] } })
    ).ready()
    const client = await house.observe()
    await house.quiet()
    await house.publish(client, `cmd/device/${lamp}/dp/link`, `${trap.url}/command`)
    expect(await house.answer(`device/${lamp}`)).toMatchObject({ ok: true })
    expect(house.last(`state/device/${lamp}`)?.['dp']).toEqual({ link: `${trap.url}/command` })
    expect(trap.asked).toBe(0)
  })

  it('whose names hold topics and line breaks writes no topic of its own and no line of the log', async () => {
    const evil = [
      'a/+/#\n{"level":60,"msg":"injected"}',
      'tuya/bridge/state',
      '../../cmd/device/x',
      '$SYS/x\r\ninjected',
      '\u001b[2Jinjected\u2028',
      '\ud800\0injected',
    ]
    const { devices, ...rest } = canaryWorld()
    const named = devices.map((device, i) => ({ ...device, name: evil[i % evil.length] as string }))
    const [home, ...homes] = rest.homes
    const rooms = home?.rooms.map((room, i) => ({ ...room, name: evil[i % evil.length] as string })) ?? []
    const worldOf = {
      ...rest,
      homes: [{ ...(home as NonNullable<typeof home>), name: evil[0] as string, rooms }, ...homes],
    }
    await using house = await (
      await House.open({ world: { ...worldOf, devices: named }, config: { names: 'mirror' } })
    ).ready()
    const client = await house.observe()
    await house.quiet()
    house.simulator.faults.set('error=device-commands:2008')
    for (const name of evil.slice(1))
      await house.publish(
        client,
        `cmd/named/device/${encodeURIComponent(Buffer.from(name).toString())}/get`,
        '1',
      )
    await until(() => house.seen.some(({ topic }) => topic.includes('/result/')))
    await house.quiet()
    // Only what the bridge itself says stands on the topics of the bridge.
    expect(house.on('bridge/state').map(({ payload }) => payload)).toEqual(['online'])
    for (const { topic } of house.seen) {
      if (topic.startsWith('tuya/cmd/')) continue
      expect(topic).toMatch(/^tuya\/(state|meta|event|last|result|reply|bridge)\/[^+#\p{Cc}\p{Cs}]+$/u)
      expect(topic.split('/').length).toBeLessThanOrEqual(16)
    }
    for (const line of house.logLines) {
      expect(line.indexOf('\n')).toBe(line.length - 1)
      expect(JSON.parse(line)).not.toHaveProperty('msg', 'injected')
    }
  })
})
