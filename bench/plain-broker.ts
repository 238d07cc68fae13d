import { createServer } from 'node:net'
import { Aedes } from 'aedes'

/** A broker without any rules, in a process of its own: the same for both sides of a comparison. */
const aedes = await Aedes.createBroker({ concurrency: 0 })
const server = createServer({ noDelay: true }, aedes.handle)
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('ready'))
