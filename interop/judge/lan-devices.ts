import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { connectAsync, type MqttClient } from 'mqtt'
import { Folder } from '../../test/support/folder.ts'
import { freePort } from '../../test/support/process.ts'
import { freeUdpPorts } from '../../test/support/udp-port.ts'
import { until } from '../../test/support/until.ts'
import { Child } from '../child.ts'
import type { Court, Judge } from '../court.ts'
import { installPythonPackages, python, pythonLacks } from '../install.ts'
import { program } from '../simulator.ts'
import { script } from './lines.ts'

interface Told {
  readonly id: string
  readonly name: string
  readonly key: string
  readonly ip: string
  readonly port: number
}

interface Answer {
  readonly dps: Readonly<Record<string, unknown>>
  readonly connections: number
}

/** What both kinds of devices have, as tinytuya's wizard would note it. */
const mapping = {
  1: { code: 'switch_1', type: 'Boolean', values: {} },
  2: { code: 'level', type: 'Integer', values: { min: 0, max: 100, scale: 0, step: 1 } },
  3: { code: 'mode', type: 'Enum', values: { range: ['white', 'colour'] } },
}
const withinMs = 60_000

export const tuyamock: Judge = {
  name: 'tuyamock',
  about:
    'devices of tuyamock 0.0.6 in every version that it has; our bridge finds and controls them, without a cloud',
  lacks: pythonLacks,
  prepare: installPythonPackages,
  hear: (court) => hear(court, 'tuyamock'),
}

export const lanCodec: Judge = {
  name: 'lan-codec',
  about:
    'strict devices on the frames and ciphers of tinytuya 1.20.0; our bridge finds and controls them, without a cloud',
  lacks: pythonLacks,
  prepare: installPythonPackages,
  hear: (court) => hear(court, 'codec'),
}

/** Devices in a process of their own, the bridge in another, and an MQTT client that looks on. */
async function hear(court: Court, kind: 'tuyamock' | 'codec'): Promise<void> {
  using folder = new Folder()
  const udp = await freeUdpPorts(3)
  await using devices = new Child(python, ['-B', script('lan_devices.py'), JSON.stringify({ kind, udp })], {
    listens: true,
  })
  const told = JSON.parse(await devices.firstLine()) as readonly Told[]
  const [mqttPort, httpPort] = [await freePort(), await freePort()]
  configure(folder, told, udp, mqttPort, httpPort)
  await using bridge = new Child(process.execPath, [program, 'serve'], { cwd: folder.path })
  const client = await onceUp(bridge, mqttPort)
  try {
    const house = new House(client, devices)
    await house.follow()
    for (const device of told) await hearDevice(court, house, device)
    await court.check('each device saw one connection', async () => {
      for (const { id, name } of told) assert.equal((await house.ask({ id })).connections, 1, name)
    })
    await court.check('no key in what the bridge printed or published', async () => {
      const printed = bridge.out + bridge.err + [...house.last.values()].join('\n')
      for (const { key } of told) assert.ok(!printed.includes(key))
    })
  } finally {
    await client.endAsync()
  }
}

/** Keys and codes come from a file of tinytuya's shape; addresses and versions from the air. */
function configure(
  folder: Folder,
  told: readonly Told[],
  udp: readonly number[],
  mqtt: number,
  http: number,
) {
  const noted = told.map(({ id, name, key }) => ({ id, name, key, category: 'kg', mapping }))
  writeFileSync(folder.file('devices.json'), JSON.stringify(noted), { mode: 0o600 })
  const config = {
    lan: {
      subnets: ['127.0.0.0/8'],
      udpPorts: udp,
      deviceFiles: ['devices.json'],
      // What is said in 3.1 is said in the clear: such a device is believed only where somebody knows that it is one.
      devices: told.map(({ id, name, port }) => ({ id, port, ...(name === '3.1' ? { version: name } : {}) })),
    },
    broker: { port: mqtt },
    http: { port: http },
    queue: { channel: 'off' },
  }
  writeFileSync(folder.file('dp2mqtt.yaml'), JSON.stringify(config), { mode: 0o600 })
}

async function onceUp(bridge: Child, port: number): Promise<MqttClient> {
  for (let tries = 0; bridge.running && tries < 200; tries++) {
    try {
      return await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4, reconnectPeriod: 0 })
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  throw new Error(`the bridge does not run:\n${bridge.err.slice(-2_000)}`)
}

async function hearDevice(court: Court, house: House, { id, name }: Told): Promise<void> {
  const dp = (code: string) => house.last.get(`tuya/state/device/${id}/dp/${code}`)
  const is = (code: string, value: string) => () => dp(code) === value
  await court.check(`${name}: found by what it announces, and read`, async () => {
    await until(is('switch_1', 'true'), withinMs, 'the value of switch_1')
    await until(is('mode', 'white'), withinMs, 'the value of mode')
    await until(() => house.last.get(`tuya/state/device/${id}/availability`) === 'online', withinMs, 'online')
  })
  await court.check(`${name}: set, with a receipt, and the device has it`, async () => {
    const startedAt = performance.now()
    const receipt = await house.command(id, { dp: { switch_1: false, mode: 'colour' } })
    assert.equal(receipt['state'], 'confirmed', JSON.stringify(receipt))
    const tookMs = performance.now() - startedAt
    const { dps } = await house.ask({ id })
    assert.deepEqual([dps['1'], dps['3']], [false, 'colour'])
    await until(is('switch_1', 'false'), withinMs, 'the new value of switch_1')
    return `${tookMs.toFixed(0)} ms`
  })
  await court.check(`${name}: a change at the device is pushed`, async () => {
    await house.ask({ id, press: { 2: 77 } })
    await until(is('level', '77'), withinMs, 'the pushed value')
  })
  await court.check(`${name}: read again on request`, async () => {
    const receipt = await house.command(id, '1', '/get')
    assert.equal(receipt['state'], 'confirmed', JSON.stringify(receipt))
  })
}

/** What the client has seen last by topic, and the two who can be asked. */
class House {
  readonly last = new Map<string, string>()
  readonly #client: MqttClient
  readonly #devices: Child
  #answers = 1

  constructor(client: MqttClient, devices: Child) {
    this.#client = client
    this.#devices = devices
    client.on('message', (topic, payload) => this.last.set(topic, payload.toString()))
  }

  async follow(): Promise<void> {
    await this.#client.subscribeAsync('tuya/#', { qos: 1 })
  }

  /** Asks the devices' own process. */
  async ask(question: { readonly id: string; readonly press?: object }): Promise<Answer> {
    const at = this.#answers++
    this.#devices.say(JSON.stringify(question))
    const line = await until(() => this.#devices.out.split('\n').slice(0, -1)[at], withinMs, 'an answer')
    return JSON.parse(line) as Answer
  }

  /** The final receipt of a command. */
  async command(id: string, payload: object | string, suffix = ''): Promise<Record<string, unknown>> {
    const topic = `tuya/result/device/${id}`
    this.last.delete(topic)
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
    await this.#client.publishAsync(`tuya/cmd/device/${id}${suffix}`, text, { qos: 1 })
    return JSON.parse(await until(() => this.last.get(topic), withinMs, 'a receipt')) as Record<
      string,
      unknown
    >
  }
}
