import type { DataPoint, Json } from '../../domain/data-point.ts'
import type { PointFact } from '../../domain/state.ts'
import { json, type Payload, words } from '../../mqtt/payload.ts'
import type { Branch, tuyaMqttTopics } from '../../mqtt/topic.ts'
import type { Names } from './names.ts'
import { powerOf, type Thing } from './thing.ts'

export type TuyaMqttTopic = keyof typeof tuyaMqttTopics

/** What is needed of the one who publishes. */
export interface Speaker {
  retain(group: string, name: TuyaMqttTopic, topic: string, payload: Payload, deviceId: string): void
  tell(name: TuyaMqttTopic, topic: string, payload: Payload): void
  clear(group: string, topic: string): void
  clearGroup(group: string): void
}

export interface StatesParts {
  readonly branch: Branch<typeof tuyaMqttTopics>
  readonly devices: ReadonlyMap<string, Thing>
  readonly names: Names
  readonly speaker: Speaker
  /** A value as the device itself has it: colours as digits, objects as text. May throw for what has no such form. */
  readonly toLan: (point: DataPoint, value: Json) => Json
}

/** What that bridge would say of the devices, in its words: raw values by number. */
export class TuyaMqttStates {
  readonly #parts: StatesParts

  constructor(parts: StatesParts) {
    this.#parts = parts
  }

  static group(deviceId: string): string {
    return `tuya-mqtt/${deviceId}`
  }

  /** New, renamed, online or offline; others may be called otherwise by it. */
  changed(thing: Thing): void {
    if (!this.#review().has(thing.device.id)) this.#publish(thing)
  }

  /** Described otherwise: points may have come and gone. */
  described(thing: Thing): void {
    this.#parts.speaker.clearGroup(TuyaMqttStates.group(thing.device.id))
    this.changed(thing)
  }

  removed(deviceId: string): void {
    this.#parts.speaker.clearGroup(TuyaMqttStates.group(deviceId))
    this.#review()
  }

  /** Devices that are called otherwise from now on move; gives which. */
  #review(): ReadonlySet<string> {
    const { devices, names, speaker } = this.#parts
    const moved = new Set(names.review())
    // All leave before the first arrives: one may move to where another was.
    for (const id of moved) speaker.clearGroup(TuyaMqttStates.group(id))
    for (const id of moved) {
      const thing = devices.get(id)
      if (thing) this.#publish(thing)
    }
    return moved
  }

  reported(thing: Thing, codes: readonly string[]): void {
    if (codes.length === 0) return
    for (const code of codes) this.#value(thing, code)
    this.#document(thing)
  }

  /** A press is told and never kept. */
  pressed({ device }: Thing, point: DataPoint, raw: unknown): void {
    const { branch, names, speaker } = this.#parts
    if (point.dpId === null) return
    const params = { thing: names.level(device.id), point: String(point.dpId) }
    const text = textOf(raw as Json)
    if (text !== '') speaker.tell('tuyaMqttDp', branch.build('tuyaMqttDp', params), words(text))
  }

  #publish(thing: Thing): void {
    const { branch, names, speaker } = this.#parts
    const { id } = thing.device
    const online = thing.device.online || thing.lanUp === true
    const topic = branch.build('tuyaMqttStatus', { thing: names.level(id) })
    speaker.retain(
      TuyaMqttStates.group(id),
      'tuyaMqttStatus',
      topic,
      words(online ? 'online' : 'offline'),
      id,
    )
    this.reported(
      thing,
      [...thing.state.entries()].map(([code]) => code),
    )
  }

  #value(thing: Thing, code: string): void {
    const { specification, state, device } = thing
    const [point, fact] = [specification?.points.get(code), state.get(code)]
    if (!point || point.dpId === null || !fact) return
    const level = this.#parts.names.level(device.id)
    const topic = this.#parts.branch.build('tuyaMqttDp', { thing: level, point: String(point.dpId) })
    this.#say(device.id, 'tuyaMqttDp', topic, textOf(this.#raw(point, fact)))
    if (powerOf(specification)?.code !== code) return
    const power = this.#parts.branch.build('tuyaMqttPower', { thing: level })
    this.#say(device.id, 'tuyaMqttPower', power, fact.value === true ? 'ON' : 'OFF')
  }

  /** All values together: that bridge leaves out those that did not change, which nothing can build on. */
  #document({ device, specification, state }: Thing): void {
    const { branch, names, speaker } = this.#parts
    const values = [...state.entries()].flatMap(([code, fact]): [number, Json][] => {
      const point = specification?.points.get(code)
      return point && point.dpId !== null ? [[point.dpId, this.#raw(point, fact)]] : []
    })
    if (values.length === 0) return
    const topic = branch.build('tuyaMqttDps', { thing: names.level(device.id) })
    speaker.retain(
      TuyaMqttStates.group(device.id),
      'tuyaMqttDps',
      topic,
      json(Object.fromEntries(values)),
      device.id,
    )
  }

  #say(deviceId: string, name: TuyaMqttTopic, topic: string, text: string): void {
    const { speaker } = this.#parts
    const group = TuyaMqttStates.group(deviceId)
    // An empty message would take back what is retained; nothing can be said of what has no value.
    if (text === '') speaker.clear(group, topic)
    else speaker.retain(group, name, topic, words(text), deviceId)
  }

  #raw(point: DataPoint, { raw, value, odd }: PointFact): Json {
    const wire = raw as Json
    if (odd) return wire
    switch (point.type) {
      case 'integer':
      case 'bitmap':
        return typeof wire === 'string' && wire !== '' ? Number(wire) : wire
      case 'json':
        try {
          return this.#parts.toLan(point, value)
        } catch {
          return wire
        }
      default:
        return value
    }
  }
}

function textOf(value: Json): string {
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
