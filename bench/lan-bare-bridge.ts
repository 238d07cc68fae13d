import { createServer } from 'node:net'
import { Aedes } from 'aedes'
import type { LanDeviceAddress } from '../src/simulator/lan/lan.ts'
import { BareLanClient } from './lan-bare.ts'

/** What a script would do with a broker inside: a message comes, a frame goes out. */
const [port, devices = '[]'] = process.argv.slice(2)
const clients = new Map<string, BareLanClient>()
for (const device of JSON.parse(devices) as LanDeviceAddress[])
  clients.set(device.id, await new BareLanClient(device).open())
// Devices forget who says nothing for half a minute.
setInterval(() => {
  for (const client of clients.values()) void client.query()
}, 10_000)
const aedes = await Aedes.createBroker({ concurrency: 0 })
aedes.on('publish', ({ topic, payload }) => {
  const [, , , deviceId = ''] = topic.split('/')
  void clients.get(deviceId)?.set({ '1': JSON.parse(payload.toString()) })
})
createServer({ noDelay: true }, aedes.handle).listen(Number(port), '127.0.0.1', () => process.send?.('ready'))
