import { createSocket, type Socket } from 'node:dgram'
import { describe, expect, it } from 'vitest'
import { Aes } from '../../../src/codec/aes.ts'
import { lanCommand } from '../../../src/codec/lan/command.ts'
import { decodeAnnouncement } from '../../../src/codec/lan/discovery.ts'
import { lanVersions } from '../../../src/codec/lan/version.ts'
import { sealGcm } from '../../../src/codec/lan/wire-gcm.ts'
import type { udpFaults } from '../../../src/simulator/lan/fault-name.ts'
import { LanClient } from '../../support/lan-client.ts'
import { LanHouse } from '../../support/lan-house.ts'
import { demo } from '../../support/simulator-desk.ts'
import { until } from '../../support/until.ts'

/** As everybody knows it. */
const discoveryKey = Buffer.from('6c1ec8e2bb9bb59ab50b0daf649b410a', 'hex')

interface Heard {
  readonly datagram: Buffer
  readonly from: string
}

/** Whoever listens for devices. */
class Ear implements AsyncDisposable {
  readonly heard: Heard[] = []
  readonly socket: Socket

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('message', (datagram, { address }) => this.heard.push({ datagram, from: address }))
  }

  static async open(): Promise<Ear> {
    const socket = createSocket({ type: 'udp4', reuseAddr: true })
    await new Promise<void>((resolve) => socket.bind(0, resolve))
    return new Ear(socket)
  }

  get port(): number {
    return this.socket.address().port
  }

  async isLeftAlone(ms = 80): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, ms))
    return this.heard.length === 0
  }

  async next(): Promise<Heard> {
    await until(() => this.heard.length > 0, 20_000, 'a datagram')
    return this.heard.shift() as Heard
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.socket.close(resolve))
  }
}

describe('devices on the LAN', () => {
  it.each(lanVersions)('of %s call every five seconds, from their own address', async (version) => {
    await using clear = await Ear.open()
    await using sealed = await Ear.open()
    const udp = { ports: [clear.port, sealed.port, 0] as const }
    await using house = await LanHouse.start({ version }, { udp })
    const [ear, other] = version === '3.1' ? [clear, sealed] : [sealed, clear]
    const { datagram, from } = await ear.next()
    expect(from).toBe(house.lamp.ip)
    expect(decodeAnnouncement(datagram)).toMatchObject({ id: house.lamp.id, ip: house.lamp.ip, version })
    await house.clock.advance(5_000)
    await ear.next()
    expect(other.heard).toEqual([])
  })

  it('keep silent when they are full, unplugged, or only there for those who ask', async () => {
    await using ear = await Ear.open()
    const udp = { ports: [0, ear.port, 0] as const }
    await using house = await LanHouse.start({ version: '3.4', clients: 1 }, { udp })
    await ear.next()
    {
      await using client = await LanClient.open(house.lamp)
      await client.isHeard()
      await house.clock.advance(20_000)
      expect(await ear.isLeftAlone()).toBe(true)
    }
    await until(() => !house.unit().isFull)
    await house.clock.advance(5_000)
    await ear.next()
    house.simulator.world.setOnline(house.lamp.id, false)
    await house.clock.advance(20_000)
    expect(await ear.isLeftAlone()).toBe(true)
    house.simulator.world.setOnline(house.lamp.id, true)
    await ear.next()
    house.simulator.world.changeLan(house.lamp.id, { silent: true })
    await house.clock.advance(20_000)
    expect(await ear.isLeftAlone()).toBe(true)
  })

  it('call from where they are after they have moved', async () => {
    await using ear = await Ear.open()
    await using house = await LanHouse.start({ version: '3.3' }, { udp: { ports: [0, ear.port, 0] } })
    await ear.next()
    house.simulator.world.changeLan(house.lamp.id, { ip: '127.67.3.4' })
    const { datagram, from } = await ear.next()
    expect(from).toBe('127.67.3.4')
    expect(decodeAnnouncement(datagram).ip).toBe('127.67.3.4')
  })

  it.each(['clear', 'ecb', 'ecb34', 'gcm', 'bare'] as const)(
    'may wrap it as %s, whatever they speak',
    async (form) => {
      await using ear = await Ear.open()
      const udp = { ports: [ear.port, ear.port, 0] as const, destinations: ['127.0.0.1'] }
      await using house = await LanHouse.start({ version: '3.5', form }, { udp })
      const { datagram } = await ear.next()
      expect(decodeAnnouncement(datagram)).toMatchObject({ id: house.lamp.id, version: '3.5' })
    },
  )
})

describe('devices of 3.5 that are asked', () => {
  const ask = (ear: Ear, to: string, port: number, body: object = { from: 'app', ip: '127.0.0.1' }) => {
    const probe = sealGcm(new Aes(discoveryKey), {
      seq: 0,
      command: lanCommand.udpRequest,
      payload: Buffer.from(JSON.stringify(body)),
      nonce: Buffer.alloc(12, 1),
    })
    ear.socket.setBroadcast(true)
    ear.socket.send(probe, port, to)
  }

  it.each([
    ['everybody', '127.255.255.255'],
    ['one alone', ''],
  ])('answer to where they are told: %s', async (_name, to) => {
    await using ear = await Ear.open()
    const udp = { ports: [0, 0, 0] as const, answers: ear.port }
    await using house = await LanHouse.start(
      { version: '3.5', silent: true },
      { udp, more: { [demo.plug]: { version: '3.4' }, [demo.thermostat]: { version: '3.5' } } },
    )
    const port = house.simulator.address.udp?.[2] ?? 0
    // Sockets for questions to one alone open with the first call.
    await house.clock.advance(5_000)
    ask(ear, to || house.lamp.ip, port)
    const answers = [await ear.next(), ...(to === '' ? [] : [await ear.next()])]
    const ids = answers.map(({ datagram }) => decodeAnnouncement(datagram).id)
    expect(ids.sort()).toEqual(to === '' ? [demo.lamp] : [demo.thermostat, demo.lamp].sort())
    expect(await ear.isLeftAlone()).toBe(true)
  })

  it('keep silent when the question lacks a member or is none', async () => {
    await using ear = await Ear.open()
    const udp = { ports: [0, 0, 0] as const, answers: ear.port }
    await using house = await LanHouse.start({ version: '3.5' }, { udp })
    const port = house.simulator.address.udp?.[2] ?? 0
    ask(ear, '127.255.255.255', port, { ip: '127.0.0.1' })
    ask(ear, '127.255.255.255', port, { from: 'app' })
    ear.socket.send('hello', port, '127.255.255.255')
    expect(await ear.isLeftAlone()).toBe(true)
    ask(ear, '127.255.255.255', port)
    await ear.next()
  })
})

/** What each fault does to what is announced; one entry for every name there is. */
const effects: Readonly<Record<keyof typeof udpFaults, (ear: Ear, house: LanHouse) => Promise<void>>> = {
  'udp-silent': async (ear, house) => {
    await house.clock.advance(20_000)
    expect(await ear.isLeftAlone()).toBe(true)
  },
  'udp-wrong-ip': async (ear, house) => {
    const { datagram, from } = await ear.next()
    expect(decodeAnnouncement(datagram).ip).toBe('192.0.2.1')
    expect(from).toBe(house.lamp.ip)
  },
  'udp-no-id': async (ear) => {
    const { datagram } = await ear.next()
    expect(() => decodeAnnouncement(datagram)).toThrow(/no id/)
  },
  'udp-twice': async (ear, house) => {
    const heard = [await ear.next(), await ear.next()]
    expect(new Set(heard.map(({ from }) => from)).size).toBe(2)
    for (const { datagram, from } of heard)
      expect(decodeAnnouncement(datagram)).toMatchObject({ id: house.lamp.id, ip: from })
  },
  'udp-flood': async (ear, house) => {
    await house.clock.advance(200)
    await until(() => ear.heard.length > 150)
    expect(new Set(ear.heard.map(({ datagram }) => decodeAnnouncement(datagram).id)).size).toBe(
      ear.heard.length,
    )
  },
}

describe('what is announced, with a fault', () => {
  it.each(Object.entries(effects))('%s', async (name, see) => {
    await using ear = await Ear.open()
    const udp = { ports: [ear.port, ear.port, 0] as const }
    await using house = await LanHouse.start({ version: '3.3' }, { udp, faults: [name] })
    await see(ear, house)
  })
})
