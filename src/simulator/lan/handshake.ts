import { lanCommand } from '../../codec/lan/command.ts'
import { answerSession, isFinish, sessionKey, sessionNonceBytes } from '../../codec/lan/session.ts'
import type { Message } from '../../codec/lan/wire.ts'
import type { Firmware } from './firmware.ts'

interface Nonces {
  readonly client: Buffer
  readonly device: Buffer
}

/** What the device does after a message of the handshake. */
export type Step =
  | { readonly kind: 'answer'; readonly payload: Buffer }
  | { readonly kind: 'done'; readonly key: Buffer }
  | { readonly kind: 'close' }

const close: Step = { kind: 'close' }
/** One in 256 gives a zero, so this is far more than enough. */
const triesAtMost = 0x1_0000

/** The device's side of the session key, for one connection. */
export class Handshake {
  readonly #firmware: Firmware
  readonly #version: '3.4' | '3.5'
  readonly #localKey: Buffer
  #nonces: Nonces | null = null
  #done = false

  constructor(firmware: Firmware, version: '3.4' | '3.5', localKey: Buffer) {
    this.#firmware = firmware
    this.#version = version
    this.#localKey = localKey
  }

  hear({ command, payload }: Message): Step {
    if (command === lanCommand.sessionStart) return this.#start(Buffer.from(payload))
    if (command === lanCommand.sessionFinish) return this.#finish(payload)
    return close
  }

  #start(client: Buffer): Step {
    if (client.length !== sessionNonceBytes) return close
    if (this.#done && this.#firmware.behaviour.strict) return close
    this.#done = false
    const device = this.#nonceFor(client)
    this.#nonces = { client, device }
    const payload = answerSession(this.#localKey, client, device)
    if (this.#firmware.struck('lan-bad-proof') !== undefined)
      payload.writeUInt8(payload.readUInt8(20) ^ 0xff, 20)
    return { kind: 'answer', payload }
  }

  #finish(proof: Buffer): Step {
    const nonces = this.#nonces
    if (!nonces || this.#done || !isFinish(this.#localKey, nonces.device, proof)) return close
    this.#done = true
    return { kind: 'done', key: sessionKey(this.#version, this.#localKey, nonces.client, nonces.device) }
  }

  #nonceFor(client: Buffer): Buffer {
    const device = this.#chance()
    if (this.#firmware.struck('lan-zero-key') === undefined) return device
    const isZero = () => sessionKey(this.#version, this.#localKey, client, device)[0] === 0
    // The first byte decides it in 3.5, where it may have to be other than a digit; all of them do in 3.4.
    for (let i = 0; i < triesAtMost && !isZero(); i++) device.writeUInt16LE(i, 0)
    return device
  }

  /** Hexadecimal digits, as the vendor's devices choose them. */
  #chance(): Buffer {
    const { random } = this.#firmware.parts
    const digit = () => Math.floor(random() * 16).toString(16)
    return Buffer.from(Array.from({ length: sessionNonceBytes }, digit).join(''), 'latin1')
  }
}
