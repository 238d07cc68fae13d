import { describe, expect, it } from 'vitest'
import { lanCommand } from '../../src/codec/lan/command.ts'
import type { LanVersion } from '../../src/codec/lan/version.ts'
import { wireOf } from '../../src/codec/lan/wire.ts'
import type { LanAddress } from '../../src/transport/lan/device.ts'
import { LanFleet } from '../../src/transport/lan/fleet.ts'
import { seededRandom } from '../../src/util/random.ts'
import { Secret } from '../../src/util/secret.ts'
import { announcement, DiscoveryBench } from '../support/discovery-bench.ts'
import { FakeLanDevice } from '../support/lan-device.ts'
import { type DeviceEnd, LanNet, type Listener } from '../support/lan-net.ts'

const key = '0123456789abcdef'
const home: LanAddress = { host: '192.168.1.20', port: 6668 }
const evil: LanAddress = { host: '192.168.1.66', port: 6668 }

/** Takes every connection and keeps what comes. */
class Attacker implements Listener {
  readonly frames: Buffer[] = []
  readonly answer: (bytes: Buffer, end: DeviceEnd) => void

  constructor(answer: (bytes: Buffer, end: DeviceEnd) => void = () => {}) {
    this.answer = answer
  }

  accept(end: DeviceEnd): void {
    end.onData = (bytes) => {
      this.frames.push(bytes)
      this.answer(bytes, end)
    }
  }

  /** Numbers of the commands that it was given. */
  get commands(): number[] {
    return this.frames.map((frame) => frame.readUInt32BE(frame.readUInt32BE(0) === 0x6699 ? 10 : 8))
  }
}

/** A device, the fleet that knows it, discovery before the fleet, and somebody who lies. */
async function scene(version: LanVersion, attacker: Attacker, known: LanVersion | null = version) {
  const bench = await new DiscoveryBench({
    wanted: (id) => id === device.id,
    propose: (proposal) => fleet.propose(proposal),
  }).start()
  const net = new LanNet(() => bench.clock.monotonic())
  const device = new FakeLanDevice(net, { key, version, host: home.host })
  net.listen(evil, attacker)
  const fleet = new LanFleet({ clock: bench.clock, random: seededRandom(4), dial: net.dial })
  fleet.replace([
    {
      id: device.id,
      localKey: new Secret(key),
      address: known === null ? null : home,
      version: known,
      children: new Map(),
      pointIds: [1, 2],
      refreshIds: [],
      sleeps: false,
    },
  ])
  fleet.start()
  const lie = (sender: string, said: string = version) =>
    bench.air.say(6667, sender, announcement(device.id, sender, said))
  const set = () =>
    fleet.set(device.id, { '1': false }, { signal: new AbortController().signal }).then(
      () => 'done',
      (thrown: { code: string }) => thrown.code,
    )
  const stop = async () => {
    await fleet[Symbol.asyncDispose]()
    await bench[Symbol.asyncDispose]()
  }
  return { bench, net, device, fleet, lie, set, stop }
}

/** Nobody is at its address any more. */
function away(net: LanNet, device: FakeLanDevice): void {
  net.leave(home)
  for (const { end } of device.standing) end.close('reset')
}

describe('attack 15: somebody announces himself in the name of a device', () => {
  it.each(['3.1', '3.3', '3.4', '3.5'] as const)(
    '%s: nothing is set at him, and the device is found again',
    async (version) => {
      const attacker = new Attacker()
      const { bench, net, device, fleet, lie, set, stop } = await scene(version, attacker)
      await bench.clock.advance(3_000)
      expect(fleet.health(device.id).state).toBe('up')
      away(net, device)
      await bench.clock.advance(60_000)
      for (let second = 0; second < 120; second++) {
        lie(evil.host, second % 3 === 0 ? '3.1' : version)
        if (second % 10 === 0) await bench.clock.during(set())
        await bench.clock.advance(1_000)
      }
      expect(attacker.frames.length).toBeGreaterThan(0)
      expect(attacker.commands).not.toContain(lanCommand.control)
      expect(attacker.commands).not.toContain(lanCommand.controlNew)
      net.listen(home, device)
      await bench.clock.advance(90_000)
      expect(fleet.health(device.id).state).toBe('up')
      expect(await bench.clock.during(set())).toBe('done')
      expect(device.points['1']).toBe(false)
      await stop()
    },
  )

  it.each(['127.0.0.1', '169.254.169.254', '8.8.8.8', '255.255.255.255', '224.0.0.1'])(
    'from %s: nobody is connected to there',
    async (sender) => {
      const { bench, net, device, lie, stop } = await scene('3.3', new Attacker())
      device.cutPower()
      for (let second = 0; second < 120; second++) {
        lie(sender)
        await bench.clock.advance(1_000)
      }
      expect(new Set(net.dialed.map(({ address }) => address))).toEqual(new Set([`${home.host}:6668`]))
      await stop()
    },
  )

  it('3.1, which proves nothing: nothing is set at him who says so of a device that nobody has seen', async () => {
    const wire = wireOf('3.1', Buffer.from('not-the-key-0000'))
    const attacker = new Attacker((bytes, end) => {
      const [seq, command] = [bytes.readUInt32BE(4), bytes.readUInt32BE(8)]
      const payload = Buffer.from('{"dps":{"1":true,"2":50}}')
      end.write(wire.seal({ seq, command, returnCode: Buffer.alloc(4), payload }))
    })
    const { bench, fleet, device, lie, set, stop } = await scene('3.3', attacker, null)
    device.cutPower()
    for (let second = 0; second < 60; second++) {
      lie(evil.host, '3.1')
      if (second % 10 === 5) await bench.clock.during(set())
      await bench.clock.advance(1_000)
    }
    expect(attacker.commands).toContain(lanCommand.query)
    expect(fleet.health(device.id).state).toBe('down')
    expect(attacker.commands).not.toContain(lanCommand.control)
    await stop()
  })
})
