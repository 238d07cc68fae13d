import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { placeOf } from '../../src/cli/export-node-red.ts'
import { mosquittoAcl } from '../../src/mqtt/rights.ts'
import { BrokerBench } from '../support/broker.ts'
import { House } from '../support/house.ts'
import { freePort, Program } from '../support/process.ts'

/** What `dp2mqtt export` writes and how it ends. */
async function exported(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  await using program = new Program({ args: ['export', ...args], env })
  const { code } = await program.exited
  return { code, out: program.out, err: program.err }
}

describe('dp2mqtt export', () => {
  it('writes the access list for the base of this installation', async () => {
    const { code, out } = await exported(['acl'], { DP2MQTT_MQTT_BASE: 'house/tuya' })
    expect(code).toBe(0)
    expect(out).toBe(mosquittoAcl({ base: 'house/tuya' }))
  })

  it('writes the same AsyncAPI document as YAML and as JSON', async () => {
    const [yaml, json] = await Promise.all([
      exported(['asyncapi']),
      exported(['asyncapi', '--format', 'json']),
    ])
    expect(yaml.out.startsWith('asyncapi: 3.0.0\n')).toBe(true)
    expect(parse(yaml.out)).toEqual(JSON.parse(json.out))
  })

  it('writes flows of every device that the running bridge shows', async () => {
    await using house = await (await House.open()).ready()
    const { code, out } = await exported(['node-red'], {
      DP2MQTT_BROKER_PORT: String(house.bridge.ports.mqtt),
    })
    expect(code).toBe(0)
    const nodes = JSON.parse(out) as {
      readonly type: string
      readonly topic?: string
      readonly port?: string
    }[]
    const topics = new Set(nodes.map(({ topic }) => topic))
    for (const { id, model } of house.simulator.world.devices.values()) {
      expect(topics, id).toContain(`tuya/state/device/${id}/availability`)
      for (const { code, access, type } of model.dps)
        if (access === 'rw' && type === 'Boolean')
          expect(topics).toContain(`tuya/cmd/device/${id}/dp/${code}`)
    }
    expect(nodes.filter(({ type }) => type === 'mqtt-broker')).toMatchObject([
      { broker: '127.0.0.1', port: String(house.bridge.ports.mqtt), protocolVersion: '4' },
    ])
  })

  it('says so when no bridge runs there, and when it runs on another base', async () => {
    const nobody = await exported(['node-red'], { DP2MQTT_BROKER_PORT: String(await freePort()) })
    expect([nobody.code, nobody.out]).toEqual([70, ''])
    expect(nobody.err).toContain('Does the bridge run?')
    await using bench = await BrokerBench.open()
    const empty = await exported(['node-red'], { DP2MQTT_BROKER_PORT: String(bench.broker.port) })
    expect([empty.code, empty.out]).toEqual([70, ''])
    expect(empty.err).toContain('The broker holds no devices below tuya/.')
  })

  it('flows connect where the configuration does', () => {
    const place = (url: string) => placeOf(url, 5)
    expect(place('mqtts://me:secret@broker.example')).toEqual({
      host: 'broker.example',
      port: 8883,
      tls: true,
      protocolVersion: 5,
    })
    expect(place('ws://me:secret@broker.example:9001/mqtt')).toMatchObject({
      host: 'ws://broker.example:9001/mqtt',
      tls: false,
    })
  })

  it('says what it can write when it is asked for something else', async () => {
    const { code, err } = await exported(['everything'])
    expect(code).toBe(64)
    expect(err).toContain("unknown command 'everything'")
  })
})
