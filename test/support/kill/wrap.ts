import { mkdir, open, readFile, rename, unlink } from 'node:fs/promises'
import type { SnapshotDisk } from '../../../src/app/snapshot-file.ts'
import type { Sink } from '../../../src/domain/message.ts'
import type { BrokerConnector, BrokerLink } from '../../../src/mqtt/link.ts'
import type { OpenSocket, QueueSocket } from '../../../src/transport/queue/socket.ts'
import type { CrashPlan } from './crash-point.ts'

/** Frames that come in, and acknowledgements that go out. */
export function wrapSocket(open: OpenSocket, plan: CrashPlan): OpenSocket {
  return async (options) => {
    const socket = await open({
      ...options,
      onText: (text, bytes) => plan.around('receive', () => options.onText(text, bytes)),
    })
    return new AckingSocket(socket, plan)
  }
}

class AckingSocket implements QueueSocket {
  readonly ended: QueueSocket['ended']
  readonly #socket: QueueSocket
  readonly #plan: CrashPlan

  constructor(socket: QueueSocket, plan: CrashPlan) {
    this.#socket = socket
    this.#plan = plan
    this.ended = socket.ended
  }

  get unsentBytes(): number {
    return this.#socket.unsentBytes
  }

  /** A client of the queue sends nothing but acknowledgements. */
  send(text: string): void {
    this.#plan.around('ack', () => this.#socket.send(text))
  }

  ping(mark: string): void {
    this.#socket.ping(mark)
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  destroy(end: Parameters<QueueSocket['destroy']>[0]): void {
    this.#socket.destroy(end)
  }

  close(end: Parameters<QueueSocket['close']>[0]): Promise<void> {
    return this.#socket.close(end)
  }
}

export function wrapDecode<A extends readonly unknown[], R>(decode: (...args: A) => R, plan: CrashPlan) {
  return (...args: A): R => plan.around('decode', () => decode(...args))
}

export function wrapSink(sink: Sink, plan: CrashPlan): Sink {
  return (received, settlement) => plan.around('enqueue', () => sink(received, settlement))
}

/** Only what is published of devices, scenes and automations: the canary has its own way. */
const counts = /\/(state|event|last)\//

export function wrapConnector(connector: BrokerConnector, plan: CrashPlan): BrokerConnector {
  return {
    get address() {
      return connector.address
    },
    connect: async (options) => {
      const link = await connector.connect(options)
      return options.suffix === '' ? wrapLink(link, plan) : link
    },
  }
}

function wrapLink(link: BrokerLink, plan: CrashPlan): BrokerLink {
  return {
    get limits() {
      return link.limits
    },
    get unsentBytes() {
      return link.unsentBytes
    },
    ended: link.ended,
    publish(message, done) {
      if (message.qos === 0 || !counts.test(message.topic)) {
        link.publish(message, done)
        return
      }
      plan.around('publish', () =>
        link.publish(message, (refused) => plan.around('puback', () => done(refused))),
      )
    },
    subscribe: (filter, options) => link.subscribe(filter, options),
    destroy: (end) => link.destroy(end),
    close: () => link.close(),
  }
}

/** The steps of an atomic write one by one, in the order of the library that otherwise does them. */
export function crashingDisk(plan: CrashPlan): SnapshotDisk {
  return {
    read: (path) => readFile(path),
    async write(path, data) {
      const temporary = `${path}.tmp`
      const file = await open(temporary, 'w', 0o600)
      try {
        // Half of it is on the disk.
        await file.write(data.slice(0, data.length >> 1))
        plan.pass('snapshot-tmp')
        await file.write(data.slice(data.length >> 1))
        await file.sync()
        plan.pass('snapshot-fsync')
      } finally {
        await file.close()
      }
      await rename(temporary, path)
      plan.pass('snapshot-rename')
    },
    rename,
    remove: unlink,
    makeFolder: async (path) => {
      await mkdir(path, { recursive: true, mode: 0o700 })
    },
  }
}
