import { createSocket, type Socket } from 'node:dgram'
import { describe, expect, it } from 'vitest'
import { decodeAnnouncement } from '../../../src/codec/lan/discovery.ts'
import { lanVersions } from '../../../src/codec/lan/version.ts'
import { LanHouse } from '../../support/lan-house.ts'
import { until } from '../../support/until.ts'

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

  async next(): Promise<Heard> {
    await until(() => this.heard.length > 0, 5_000, 'a datagram')
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
})
