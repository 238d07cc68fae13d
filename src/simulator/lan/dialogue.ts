import { lanCommand } from '../../codec/lan/command.ts'
import type { RawFrame } from '../../codec/lan/frame.ts'
import { LanError } from '../../codec/lan/lan-error.ts'
import { hasSession } from '../../codec/lan/version.ts'
import { type Message, type Outgoing, wireOf } from '../../codec/lan/wire.ts'
import { Answers } from './answers.ts'
import type { Seal } from './damage.ts'
import type { Firmware } from './firmware.ts'
import { Handshake } from './handshake.ts'
import { type Saying, Speech } from './speech.ts'

/** What a conversation does to its connection. */
export interface Mouth {
  write(outgoing: Outgoing, seal: Seal): void
  /** `reset` without a farewell. */
  close(why: string, reset?: boolean): void
}

const handshakeSteps: Readonly<Record<number, string>> = {
  [lanCommand.sessionStart]: 'start',
  [lanCommand.sessionFinish]: 'finish',
}

/** One client's conversation with a device, from the handshake on. */
export class Dialogue {
  readonly #firmware: Firmware
  readonly #mouth: Mouth
  readonly #speech: Speech
  readonly #answers: Answers
  readonly #local: Seal
  readonly #handshake: Handshake | null
  #session: Seal | null = null
  #lastSeq = 0

  constructor(firmware: Firmware, mouth: Mouth) {
    this.#firmware = firmware
    this.#mouth = mouth
    this.#speech = new Speech(firmware)
    this.#answers = new Answers(firmware, (saying) => this.say(saying))
    const { version } = firmware.behaviour
    const key = firmware.localKey
    this.#local = { key, wire: wireOf(version, key) }
    this.#handshake = version === '3.4' || version === '3.5' ? new Handshake(firmware, version, key) : null
  }

  /** Whether values may be pushed to this client. */
  get isOpen(): boolean {
    return this.#handshake === null || this.#session !== null
  }

  /** True for a frame that counts as a sign of life. */
  hear(frame: RawFrame): boolean {
    const isOfHandshake = frame.command >= 3 && frame.command <= 5
    const seal = isOfHandshake ? this.#local : this.#seal
    if (!seal) {
      this.#mouth.close('nothing before the handshake')
      return false
    }
    try {
      const message = seal.wire.open(frame, 'toDevice')
      if (!this.#isNext(message.seq)) this.#mouth.close('a number twice or backwards')
      else if (isOfHandshake) this.#shakeHands(message)
      else this.#take(message)
      return true
    } catch (thrown) {
      if (!(thrown instanceof LanError)) throw thrown
      this.#misunderstand(frame, thrown)
      return false
    }
  }

  say(saying: Saying): void {
    const isOfHandshake = saying.command === lanCommand.sessionResponse
    const seal = isOfHandshake ? this.#local : this.#seal
    if (seal) this.#mouth.write(this.#speech.word(saying), seal)
  }

  get #seal(): Seal | null {
    return this.#handshake === null ? this.#local : this.#session
  }

  #isNext(seq: number): boolean {
    const { strict, version } = this.#firmware.behaviour
    if (!strict || version !== '3.5') return true
    const isNext = seq > this.#lastSeq
    this.#lastSeq = seq
    return isNext
  }

  #take(message: Message): void {
    // The vendor's own firmware looks at this byte to know whether it has a key.
    if (this.#session?.key[0] === 0 && this.#firmware.behaviour.strict)
      this.#mouth.close('a key that begins with zero')
    else this.#answers.give(message)
  }

  #shakeHands(message: Message): void {
    const step = this.#handshake?.hear(message)
    if (!step || step.kind === 'close') {
      this.#mouth.close('a wrong handshake')
      return
    }
    const name = handshakeSteps[message.command]
    if (step.kind === 'answer') {
      this.#session = null
      if (this.#resetsAfter(name)) return
      const { seq } = message
      this.say({ command: lanCommand.sessionResponse, seq, code: 'ok', payload: step.payload })
      this.#resetsAfter('resp')
    } else {
      const { version } = this.#firmware.behaviour
      this.#session = { wire: wireOf(version, step.key), key: step.key }
      this.#firmware.note('session')
      this.#resetsAfter(name)
    }
  }

  #resetsAfter(step: string | undefined): boolean {
    if (this.#firmware.fault('lan-reset-after') !== step) return false
    if (this.#firmware.struck('lan-reset-after') === undefined) return false
    this.#mouth.close(`reset after ${step}`, true)
    return true
  }

  #misunderstand({ seq, command }: RawFrame, fault: LanError): void {
    this.#firmware.note('bad frame', { fault: fault.code })
    if (hasSession(this.#firmware.behaviour.version)) this.#mouth.close(fault.code)
    else if (fault.code !== 'bad_crc') this.#answers.fail({ seq, command }, 'parse data error')
  }
}
