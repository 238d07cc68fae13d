import { createServer } from 'node:net'
import { Aedes } from 'aedes'

// A broker of 3.1.1 in a process of its own, so that it can be killed and frozen. Argument: the port.
const aedes = await Aedes.createBroker({ concurrency: 0, drainTimeout: 5_000 })
aedes.on('clientError', () => {})
aedes.on('connectionError', () => {})
const server = createServer((socket) => aedes.handle(socket))
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('listening'))
// Whoever started it is gone: so is it.
process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', () => process.exit(0))
