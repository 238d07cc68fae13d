import { operationById } from '../../src/codec/cloud/operation/index.ts'
import { type AnyOperation, buildCall } from '../../src/codec/cloud/operation.ts'
import { conform } from '../../src/codec/cloud/schema.ts'
import type { FeedEntry } from '../../src/simulator/feed.ts'
import { type CallerOptions, CloudCaller, type Reply } from './cloud-caller.ts'

/** The people and things of the demo's world. */
export const demo = {
  uid: 'eu1528964101460qLVPu',
  kim: 'eu1601122334455kTrZa',
  robin: 'robin@example.org',
  home: '3182004',
  cabin: '3182917',
  livingRoom: '1408001',
  kitchen: '1408002',
  lamp: 'bf3c9a7d41e0b2f6aaw1vn',
  ceiling: 'bf9e22b7c6d14f50a1xz3m',
  curtain: 'bf04ac8e91f37d62b5te8r',
  plug: 'bf5b8310dfe2a947c3jy2h',
  leak: 'bfa6f4790c1b8d25e9pv7s',
  dimmer: 'bfd17e3a8b0549c6f2um4c',
  thermostat: 'bf28c95d07e4b61fa3gn0w',
  climate: 'bfe0b47f15a2d3986ck5qz',
  bedside: 'bf63d8a9f2c70e41b5ri1x',
  door: 'bfc2f16b94d8e03a75ol9t',
  lock: 'bf8ad03e75c92f1b46ay6k',
  gateway: 'bf4e9d7a01b3c6f825zs8j',
  motion: 'bfb05c1f8e6d2a9743mt7p',
  button: 'bf96e3a4d0c7b8f152le5u',
  cabinPlug: 'bf70e6b1a9d4c2f853vf9y',
  goodNight: '53IYSXI3gEn2w3Oc',
  movieEvening: 'Mv4JdPz8QnKs1YtG',
  bedtime: 'p2aWOkEOe2RzATHL',
  nightLight: 'Nl8PwUc5RzJd1KoF',
} as const

export type Arguments = Readonly<Record<string, unknown>>

/** A client that knows the operations by their ids; every answer has to fit the schema that the bridge checks it with. */
export class SimulatorDesk extends CloudCaller {
  readonly world = this.simulator.world
  #access: string | undefined

  constructor(options: CallerOptions = {}) {
    super({ ...options, faults: ['throttle=1000000', ...(options.faults ?? [])] })
  }

  /** From now on an app user asks. */
  useToken(token: string | undefined): void {
    this.#access = token
  }

  ask(id: string, args: Arguments = {}): Promise<Reply> {
    const { method, path, query, body } = buildCall(operation(id), args)
    return this.call(method, path, {
      query,
      ...(body === undefined ? {} : { body }),
      ...(this.#access === undefined ? {} : { token: this.#access }),
    })
  }

  async get<T = unknown>(id: string, args: Arguments = {}): Promise<T> {
    const reply = await this.ask(id, args)
    if (!reply.success) throw new Error(`${id} was answered with ${reply.code} ${reply.msg}`)
    const fits = conform(operation(id).reply, reply.result)
    if (!fits.ok || fits.dropped > 0) throw new Error(`${id}: ${JSON.stringify(reply.result)} does not fit`)
    return reply.result as T
  }

  /** The code with which it is refused; undefined when it is not. */
  async refused(id: string, args: Arguments = {}): Promise<number | undefined> {
    return (await this.ask(id, args)).code
  }

  value(device: string, code: string): unknown {
    return this.world.device(device).status.get(code)
  }

  /** What the platform told since a number, by its name; status reports are `status`. */
  told(bizCode: string, since = 0): readonly FeedEntry['body'][] {
    return this.simulator.feed
      .since(since)
      .filter((entry) => (entry.bizCode ?? 'status') === bizCode)
      .map(({ body }) => body)
  }

  /** How often an automation ran. */
  runs(automation: string): number {
    return this.simulator.journal.entries('automation', automation).filter(({ detail }) => detail['ran'])
      .length
  }
}

export function operation(id: string): AnyOperation {
  const found = operationById(id)
  if (!found) throw new Error(`there is no operation ${id}`)
  return found
}

export function issue(device: string, values: Arguments): object {
  return { action_executor: 'dpIssue', entity_id: device, executor_property: values }
}

export function pause(seconds: number): object {
  return {
    action_executor: 'delay',
    executor_property: { hours: '0', minutes: '0', seconds: String(seconds) },
  }
}

export function watch(order: number, device: string, code: string, value: unknown, operator = '=='): object {
  return { entity_type: 1, entity_id: device, order_num: order, display: { code, operator, value } }
}

export function timer(order: number, display: Arguments): object {
  const usual = { date: '20261121', loops: '0000000', time: '12:00', timezone_id: 'UTC' }
  return { entity_type: 6, entity_id: 'timer', order_num: order, display: { ...usual, ...display } }
}

export function external(order: number, code: string, value: unknown, operator = '=='): object {
  return { entity_type: 15, order_num: order, display: { code, operator, value } }
}

export function weather(order: number, code: string, value: unknown, operator = '=='): object {
  return { entity_type: 3, entity_id: 'berlin', order_num: order, display: { code, operator, value } }
}

/** An automation with usual members, ready to be sent. */
export function automation(changes: Arguments): Arguments {
  return {
    home_id: demo.home,
    name: 'Test',
    background: 'https://example.org/picture.png',
    match_type: 1,
    actions: [{ action_executor: 'externalAction', executor_property: { action: 'fired' } }],
    ...changes,
  }
}
