import { expect, it } from 'vitest'
import { lanVersions } from '../../../src/codec/lan/version.ts'
import { type Closing, type SocketHandlers, tcpDial } from '../../../src/transport/lan/dial.ts'
import { LanFleet } from '../../../src/transport/lan/fleet.ts'
import { systemClock } from '../../../src/util/clock.ts'
import { deferred } from '../../../src/util/deferred.ts'
import { systemRandom } from '../../../src/util/random.ts'
import { failure, known } from '../../support/lan-bench.ts'
import { FakeLanDevice } from '../../support/lan-device.ts'
import { LanNet } from '../../support/lan-net.ts'
import { LanTcp } from '../../support/lan-tcp.ts'
import { Loopback } from '../../support/loopback.ts'
import { until } from '../../support/until.ts'

function ears() {
  const closed = deferred<Closing>()
  const heard: Buffer[] = []
  const handlers: SocketHandlers = {
    onData: (bytes) => heard.push(bytes),
    onClosed: (how) => closed.resolve(how),
  }
  return { handlers, heard, closed: closed.promise }
}

const never = new AbortController().signal

it('R-L2: tells a goodbye from a reset, and knows one that comes before we could look', async () => {
  for (const how of ['closed', 'reset'] as const) {
    await using peer = await Loopback.plain((socket) => {
      socket.once('data', () => (how === 'closed' ? socket.end() : socket.resetAndDestroy()))
    })
    const { handlers, closed } = ears()
    const socket = await tcpDial({ host: '127.0.0.1', port: peer.port }, handlers, never)
    socket.write(Buffer.from('hello'))
    expect(await closed).toBe(how)
  }
  await using rude = await Loopback.plain((socket) => socket.resetAndDestroy())
  for (let i = 0; i < 20; i++) {
    const { handlers, closed } = ears()
    const dialing = tcpDial({ host: '127.0.0.1', port: rude.port }, handlers, never)
    const end = await failure(dialing)
    expect(end === 'none' ? await closed : end).toMatch(/^(reset|lan.refused)$/)
  }
})

it('a port that nobody listens on is unreachable, and so is one that is given up', async () => {
  await using peer = await Loopback.plain(() => {})
  const { port } = peer
  await peer[Symbol.asyncDispose]()
  expect(await failure(tcpDial({ host: '127.0.0.1', port }, ears().handlers, never))).toBe('lan/unreachable')
  await expect(
    tcpDial({ host: '127.0.0.1', port }, ears().handlers, AbortSignal.abort(new Error('no'))),
  ).rejects.toThrow('no')
  const giveUp = new AbortController()
  const dialing = tcpDial({ host: '127.0.0.1', port: peer.port }, ears().handlers, giveUp.signal)
  giveUp.abort(new Error('enough'))
  await expect(dialing).rejects.toThrow('enough')
})

it('what it wrote arrives before its goodbye, and nothing is heard after it', async () => {
  const all = deferred<Buffer>()
  await using peer = await Loopback.plain((socket) => {
    const heard: Buffer[] = []
    socket.on('data', (bytes) => heard.push(bytes))
    socket.on('end', () => all.resolve(Buffer.concat(heard)))
    socket.write('late')
  })
  const { handlers, heard } = ears()
  const socket = await tcpDial({ host: '127.0.0.1', port: peer.port }, handlers, never)
  socket.write(Buffer.from('one'))
  socket.write(Buffer.from('two'))
  socket.end()
  socket.write(Buffer.from('three'))
  expect((await all.promise).toString()).toBe('onetwo')
  expect(heard).toEqual([])
})

it('a paused one reads nothing until it is resumed', async () => {
  await using peer = await Loopback.plain((socket) => socket.write('hello'))
  const { handlers, heard } = ears()
  const socket = await tcpDial({ host: '127.0.0.1', port: peer.port }, handlers, never)
  socket.pause()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(heard).toEqual([])
  socket.resume()
  await until(() => heard.length)
  socket.destroy()
})

it('over TCP and in real time a fleet speaks with a device of each version', async () => {
  const net = new LanNet(() => 0)
  const devices = lanVersions.map(
    (version) => new FakeLanDevice(net, { version, id: `device${version.replace('.', '')}` }),
  )
  await using fleet = new LanFleet({ clock: systemClock, random: systemRandom })
  const ports = await Promise.all(devices.map((device) => LanTcp.listen(device)))
  try {
    fleet.replace(devices.map((device) => known(device)))
    fleet.start()
    await until(() => devices.every(({ id }) => fleet.health(id).state === 'up'))
    for (const device of devices) {
      await fleet.set(device.id, { 1: false }, { signal: never })
      await fleet.query(device.id, { signal: never })
      expect(device.sets).toEqual([{ 1: false }])
      // Each frame in a segment of its own.
      const begins = device.version === '3.5' ? 0x0000_6699 : 0x0000_55aa
      expect(device.visit.end.writes.every((bytes) => bytes.readUInt32BE(0) === begins)).toBe(true)
    }
    devices[0]?.visit.end.close('reset')
    await until(() => fleet.health('device31').state === 'down')
    await until(() => fleet.health('device31').state === 'up')
    expect(fleet.counts.openSockets).toBe(5)
  } finally {
    for (const port of ports) await port[Symbol.asyncDispose]()
  }
})
