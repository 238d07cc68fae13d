import type { Socket } from 'node:net'
import type { Outgoing, Wire } from '../../codec/lan/wire.ts'
import type { Firmware } from './firmware.ts'

/** The way of a device's frames to one socket. */
export class Outbox {
  readonly #socket: Socket
  readonly #firmware: Firmware

  constructor(socket: Socket, firmware: Firmware) {
    this.#socket = socket
    this.#firmware = firmware
  }

  write(outgoing: Outgoing, wire: Wire): void {
    if (this.#firmware.fault('lan-silent') !== undefined) return
    this.#socket.write(wire.seal(outgoing))
  }

  end(): void {
    this.#socket.end()
  }

  stop(): void {}
}
