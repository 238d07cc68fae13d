import { lanCommand } from '../../codec/lan/command.ts'
import { hasSession } from '../../codec/lan/version.ts'
import type { Message } from '../../codec/lan/wire.ts'
import { isRecord, limits, own, parseJson } from '../../util/json.ts'
import type { SimDevice } from '../world/device.ts'
import { type Dps, pushBody, queryBody } from './body.ts'
import { cidOf, type Firmware, numberOr } from './firmware.ts'
import type { Saying } from './speech.ts'

/** The firmware's own sentences. */
const errorText = {
  /** It cannot answer this query, or has nothing to say yet. */
  none: 'json obj data unvalid',
  format: 'data format error',
  parse: 'parse data error',
  device: 'devid not found',
  gateway: 'gw id invalid',
} as const

type Asked = Pick<Message, 'seq' | 'command'>

interface Addressee {
  readonly device: SimDevice
  readonly cid: string | null
}

const nothing = Buffer.alloc(0)
const usualCrash = 3

/** What a device answers to one client's messages, once they are understood. */
export class Answers {
  readonly #firmware: Firmware
  readonly #say: (saying: Saying) => void

  constructor(firmware: Firmware, say: (saying: Saying) => void) {
    this.#firmware = firmware
    this.#say = say
  }

  give(message: Message): void {
    switch (message.command) {
      case lanCommand.heartbeat:
        this.#pong()
        break
      case lanCommand.query:
      case lanCommand.queryNew:
        this.#say(this.#answerTo(message))
        break
      case lanCommand.control:
      case lanCommand.controlNew:
        this.#control(message)
        break
      case lanCommand.refresh:
        this.#refresh(message)
        break
      case lanCommand.subDevices:
        this.#children(message)
        break
      default:
      // Firmware says nothing to what it does not know.
    }
  }

  /** A sentence instead of values. */
  fail(asked: Asked, text: string): void {
    this.#say(failure(asked, text))
  }

  #pong(): void {
    if (this.#firmware.struck('lan-no-pong') === undefined)
      this.#say({ command: lanCommand.heartbeat, seq: 0, code: 'ok', payload: nothing })
  }

  #answerTo(message: Message): Saying {
    const { command, seq, payload } = message
    const { strict, nullDpsOnly } = this.#firmware.behaviour
    const body = bodyOf(payload)
    if (payload.length > 0 && !body) return failure(message, errorText.parse)
    const isBare = command === lanCommand.query && body && Object.keys(body).length === 0
    if (strict && (!body || isBare)) return failure(message, errorText.format)
    const error = this.#errorTo(command)
    if (error !== undefined) return failure(message, error)
    const to = this.#addressee(body ?? {})
    if (typeof to === 'string') return failure(message, to)
    const dps = this.#part(this.#firmware.values(to.device))
    const hasNone = Object.keys(dps).length === 0
    if (hasNone || (nullDpsOnly && to.cid === null)) return failure(message, errorText.none)
    return { command, seq, code: 'ok', payload: this.#firmware.encode(queryBody(this.#speaker(to.cid), dps)) }
  }

  /** Sets values, or asks for those that are null. */
  #control(message: Message): void {
    const to = this.#setBy(message)
    if ('payload' in to) this.#say(to)
    else if (to.dps === undefined) this.#acknowledge(message)
    else this.#inOrder(message, () => this.#apply(to, to.dps ?? {}))
  }

  /** Whom a message sets, and what; without values it is acknowledged and nothing else. */
  #setBy(message: Message): Saying | (Addressee & { readonly dps: Dps | undefined }) {
    const body = bodyOf(message.payload)
    if (!body) return failure(message, errorText.parse)
    const error = this.#errorTo(message.command)
    if (error !== undefined) return failure(message, error)
    const { version, strict } = this.#firmware.behaviour
    const inner = own(body, 'data')
    const data = isRecord(inner) ? inner : hasSession(version) && strict ? {} : body
    const dps = own(data, 'dps')
    if (!isRecord(dps))
      return hasSession(version)
        ? { device: this.#firmware.device, cid: null, dps: undefined }
        : failure(message, errorText.format)
    const to = this.#addressee({ ...body, ...data })
    if (typeof to === 'string') return failure(message, to)
    return { ...to, dps }
  }

  #apply(to: Addressee, dps: Dps): void {
    const asked = Object.keys(dps).filter((id) => dps[id] === null)
    const told = Object.entries(dps).filter(([, value]) => value !== null)
    if (told.length > 0) this.#firmware.set(to.device, Object.fromEntries(told))
    if (asked.length > 0) this.#push(this.#part(this.#firmware.values(to.device, asked)), to.cid)
  }

  #inOrder(asked: Asked, act: () => void): void {
    const { pushFirst } = this.#firmware.behaviour
    const actsFirst = pushFirst !== (this.#firmware.struck('lan-reorder') !== undefined)
    if (actsFirst) act()
    this.#acknowledge(asked)
    if (!actsFirst) act()
  }

  #acknowledge({ command, seq }: Asked): void {
    if (this.#firmware.struck('lan-no-ack') === undefined)
      this.#say({ command, seq, code: 'set', payload: nothing })
  }

  #refresh({ command, seq, payload }: Message): void {
    const { strict, metering } = this.#firmware.behaviour
    const listed = own(bodyOf(payload) ?? {}, 'dpId')
    const ids = Array.isArray(listed) ? listed.filter((id): id is number => typeof id === 'number') : []
    const most = this.#firmware.fault('lan-refresh-crash')
    if (most !== undefined && ids.length > numberOr(most, usualCrash)) {
      this.#firmware.crash()
      return
    }
    const changed = this.#firmware.refresh(ids)
    if (strict || metering.size === 0) return
    this.#say({ command, seq, code: 'ok', payload: nothing })
    if (Object.keys(changed).length > 0) this.#firmware.tell(changed, null)
  }

  #children(message: Message): void {
    const { children, behaviour } = this.#firmware
    if (children.size === 0 || !hasSession(behaviour.version)) return
    for (const body of this.#firmware.childrenBodies())
      this.#say({
        command: message.command,
        seq: message.seq,
        code: 'ok',
        payload: this.#firmware.encode(body),
      })
  }

  #push(dps: Dps, cid: string | null): void {
    if (Object.keys(dps).length === 0) return
    const payload = this.#firmware.encode(pushBody(this.#speaker(cid), dps, this.#firmware.timeS))
    this.#say({ command: lanCommand.status, seq: 0, code: 'ok', payload })
  }

  #addressee(body: object): Addressee | string {
    const { device, children } = this.#firmware
    const cid = own(body, 'cid')
    if (typeof cid === 'string' && cid !== '') {
      const child = children.get(cid)
      return child ? { device: child, cid: cidOf(child) } : errorText.device
    }
    const gwId = own(body, 'gwId')
    if (typeof gwId === 'string' && gwId !== device.id) return errorText.gateway
    const devId = own(body, 'devId')
    return typeof devId === 'string' && devId !== device.id ? errorText.device : { device, cid: null }
  }

  #speaker(cid: string | null) {
    const { device, behaviour } = this.#firmware
    return { version: behaviour.version, deviceId: device.id, cid }
  }

  #part(dps: Dps): Dps {
    const most = this.#firmware.struck('lan-partial')
    return most === undefined ? dps : Object.fromEntries(Object.entries(dps).slice(0, numberOr(most, 1)))
  }

  #errorTo(command: number): string | undefined {
    const text = this.#firmware.struck('lan-error', command)
    return text === '' ? errorText.none : text
  }
}

function failure({ seq, command }: Asked, text: string): Saying {
  return { command, seq, code: 'error', payload: Buffer.from(text) }
}

function bodyOf(payload: Buffer): Record<string, unknown> | undefined {
  try {
    const value = parseJson(payload, limits.lan)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
