import { lanCommand } from '../../codec/lan/command.ts'
import { versionHeader } from '../../codec/lan/header.ts'
import { hasSession } from '../../codec/lan/version.ts'
import type { Outgoing } from '../../codec/lan/wire.ts'
import type { Random } from '../../util/random.ts'
import type { Firmware } from './firmware.ts'

/** What a device wants to say, before it is a frame. */
export interface Saying {
  readonly command: number
  /** Of the request; 3.4 and 3.5 count for themselves. */
  readonly seq: number
  /** 3.5 says 1 to every set, too. */
  readonly code: 'ok' | 'error' | 'set'
  readonly payload: Buffer
}

const firstCounter = 0x1_0000
const nonceBytes = 12
/** The number of the device among those that report. */
const ownSource = 1

/** How a device words its frames on one connection: numbers, return codes, headers. */
export class Speech {
  readonly #firmware: Firmware
  #counter: number

  constructor(firmware: Firmware) {
    this.#firmware = firmware
    this.#counter = Math.floor(firmware.parts.random() * firstCounter)
  }

  word({ command, seq, code, payload }: Saying): Outgoing {
    const { version } = this.#firmware.behaviour
    return {
      seq: hasSession(version) ? this.#counter++ : seq,
      command,
      returnCode: this.#returnCode(code),
      header: this.#header(command, payload),
      payload,
      nonce: version === '3.5' ? randomBytes(this.#firmware.parts.random, nonceBytes) : undefined,
    }
  }

  #returnCode(code: Saying['code']): Buffer {
    const { version, retcode } = this.#firmware.behaviour
    const bytes = Buffer.alloc(4)
    const vendor = version === '3.5' && retcode === 'vendor'
    if (vendor) bytes.writeUInt32LE(code === 'ok' ? 0 : 1)
    else bytes.writeUInt32BE(code === 'error' ? 1 : 0)
    return bytes
  }

  #header(command: number, payload: Buffer): Buffer | undefined {
    const { version } = this.#firmware.behaviour
    const isPush = command === lanCommand.status
    const fault = this.#firmware.fault('lan-header', command)
    if (version === '3.1' || payload.length === 0 || fault === 'none') return undefined
    if (isPush && fault === 'zero') return versionHeader(version)
    const isReply = command > lanCommand.sessionFinish && payload[0] === 0x7b
    if (isPush || (fault === 'replies' && isReply))
      return versionHeader(version, this.#firmware.nextReport(), ownSource)
    return undefined
  }
}

export function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)))
}
