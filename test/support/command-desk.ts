import { valueCodec } from '../../src/codec/data-point/codec.ts'
import type { Automation } from '../../src/domain/automation.ts'
import type { Outcome, ProgressState, Write } from '../../src/domain/command.ts'
import type { DataPoint, Json } from '../../src/domain/data-point.ts'
import type { Device } from '../../src/domain/device.ts'
import type { Scene } from '../../src/domain/scene.ts'
import { slugOf } from '../../src/domain/slug.ts'
import { DeviceState } from '../../src/domain/state.ts'
import { CommandIntake } from '../../src/mqtt/command/intake.ts'
import type {
  BridgeVerb,
  CommandRouter,
  CommandSettings,
  FirmwarePort,
  OperationPort,
  ThingKind,
} from '../../src/mqtt/command/ports.ts'
import type { Target } from '../../src/mqtt/command/write.ts'
import type { Incoming } from '../../src/mqtt/message.ts'
import { Outbox } from '../../src/mqtt/outbox.ts'
import { Publisher } from '../../src/mqtt/publisher.ts'
import { TopicTree } from '../../src/mqtt/topic.ts'
import { deviceOf } from './device.ts'
import { point } from './point.ts'
import { settle, VirtualClock } from './virtual-clock.ts'

/** A message that the desk sent. */
export interface Said {
  /** Below the base. */
  readonly topic: string
  /** Undefined where the payload is no JSON. */
  readonly answer: Record<string, unknown> | undefined
  readonly retain: boolean
  readonly correlationData: Buffer | undefined
  readonly user: Readonly<Record<string, string>>
}

/** A device that understands these points, with the values that it reported. */
export function targetOf(
  id: string,
  points: readonly DataPoint[],
  values: Readonly<Record<string, Json>> = {},
  device: Partial<Device> = {},
): Target {
  const state = new DeviceState()
  for (const [code, value] of Object.entries(values)) {
    state.apply(code, { raw: value, value, odd: false, timeMs: 1, receivedMs: 1, source: 'poll' })
  }
  const specification = { source: 'cloud' as const, points: new Map(points.map((one) => [one.code, one])) }
  return { device: deviceOf(id, { name: id, homeId: '1', ...device }), specification, state }
}

/** One of each kind of point. */
export const somePoints: readonly DataPoint[] = [
  point('boolean', { code: 'switch_led' }),
  point('integer', { code: 'bright', min: 10, max: 1000, step: 1 }),
  point('integer', { code: 'temp_set', min: 50, max: 350, step: 5, scale: 1, unit: '°C' }),
  point('enum', { code: 'mode', range: ['white', 'colour', 'scene'] }),
  point('string', { code: 'text', maxlen: 8 }),
  point('raw', { code: 'bytes', maxlen: 4 }),
  point('json', { code: 'colour', colour: { h: 360, s: 1000, v: 1000 } }),
  point('json', { code: 'plan' }),
  point('bitmap', { code: 'flags', labels: ['a', 'b'] }),
  point('integer', { code: 'power', access: 'ro', min: 0, max: 5000 }),
  point('enum', { code: 'switch_mode1', access: 'rw', momentary: true, range: ['click'] }),
  point('string', { code: 'ir_send', access: 'wo', once: true, momentary: true }),
  point('unknown', { code: 'dp_101' }),
]

export interface DeskOptions {
  readonly clock?: VirtualClock
  readonly settings?: Partial<CommandSettings>
  readonly operations?: Partial<OperationPort>
  readonly firmware?: FirmwarePort
  readonly verbs?: Readonly<Record<string, BridgeVerb>>
}

const lampId = 'bf1'

/** The intake of commands between a made-up house and a router that does what the test says. */
export class CommandDesk {
  readonly clock: VirtualClock
  readonly tree = new TopicTree('tuya')
  readonly outbox = new Outbox()
  readonly publisher: Publisher
  readonly intake: CommandIntake
  readonly targets = new Map<string, Target>()
  readonly scenes = new Map<string, Scene>()
  readonly automations = new Map<string, Automation>()
  /** Whether what is known counts as stale. */
  stale = false
  /** What the router was given. */
  readonly writes: Write[] = []
  readonly reads: string[] = []
  readonly outcomes: Outcome[] = []
  /** What was told to the log alone. */
  readonly defects: unknown[] = []
  readonly troubles: { readonly reason: string; readonly topic: string }[] = []
  /** What becomes of a write. */
  route: CommandRouter['submit'] = async (write, progress) => {
    progress('accepted')
    progress('sent')
    const sent = Object.fromEntries(write.points.map(({ code, shown }) => [code, shown]))
    return { state: 'confirmed', by: 'report', path: 'cloud', sent }
  }
  read: CommandRouter['read'] = async () => 'cloud'

  constructor(options: DeskOptions = {}) {
    const { clock = new VirtualClock() } = options
    const { tree, outbox } = this
    this.clock = clock
    this.publisher = new Publisher({
      tree,
      outbox,
      clock,
      bridge: 'main',
      wake: () => {},
      republishPerSecond: 0,
    })
    this.publisher.republish()
    this.targets.set(lampId, targetOf(lampId, somePoints, { switch_led: false, bright: 500 }))
    this.intake = new CommandIntake({
      tree,
      publisher: this.publisher,
      clock,
      house: {
        device: (id) => this.targets.get(id),
        scene: (id) => this.scenes.get(id),
        automation: (id) => this.automations.get(id),
        ids: (kind) => [
          ...{ device: this.targets, scene: this.scenes, automation: this.automations }[kind].keys(),
        ],
        named: (kind, name) => this.#named(kind, name),
        names: (kind) => this.#things(kind).map((thing) => slugOf(thing.name)),
        isStale: () => this.stale,
        document: (id) => ({ id }),
      },
      router: {
        submit: (write: Write, progress: (state: ProgressState) => void) => {
          this.writes.push(write)
          return this.route(write, progress)
        },
        read: (deviceId, signal) => {
          this.reads.push(deviceId)
          return this.read(deviceId, signal)
        },
      },
      operations: {
        ids: [],
        describe: () => undefined,
        prepare: () => async () => done,
        ...options.operations,
      },
      firmware: options.firmware ?? { check: async () => [] },
      verbs: new Map(Object.entries(options.verbs ?? { ping: async () => ({ pong: true }) })),
      codec: valueCodec,
      settings: {
        replyTopics: ['tuya/reply/#'],
        requireTs: false,
        clearRetained: true,
        locksAllowed: false,
        names: true,
        ...options.settings,
      },
      onOutcome: (outcome) => this.outcomes.push(outcome),
      onDefect: (thrown) => this.defects.push(thrown),
      onTrouble: (reason, _message, topic) => this.troubles.push({ reason, topic }),
    })
  }

  /** Hands a message in; `topic` below `cmd/`. */
  hand(topic: string, payload: unknown, more: Partial<Incoming> = {}): void {
    const bytes = Buffer.isBuffer(payload)
      ? payload
      : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload))
    this.intake.handle({ topic: `tuya/cmd/${topic}`, payload: bytes, retain: false, dup: false, ...more })
  }

  /** Everything that was said since the last time. */
  async said(): Promise<Said[]> {
    await settle()
    const said: Said[] = []
    for (let entry = this.outbox.take(1_000); entry; entry = this.outbox.take(1_000)) {
      this.outbox.settled(entry)
      const { topic, payload, retain, properties } = entry.message
      said.push({
        topic: topic.replace(/^tuya\//, ''),
        answer: payload === '' ? undefined : (JSON.parse(payload) as Record<string, unknown>),
        retain,
        correlationData: properties?.correlationData,
        user: properties?.user ?? {},
      })
    }
    return said
  }

  /** Hands a message in and gives the first answer to it. */
  async ask(topic: string, payload: unknown, more: Partial<Incoming> = {}): Promise<Record<string, unknown>> {
    await this.said()
    this.hand(topic, payload, more)
    const answer = (await this.said()).find((one) => one.answer !== undefined)?.answer
    if (!answer) throw new Error(`no answer to ${topic}`)
    return answer
  }

  #things(kind: ThingKind): { readonly id: string; readonly name: string }[] {
    const devices = [...this.targets.values()].map(({ device }) => device)
    const { scenes, automations } = this
    return { device: devices, scene: [...scenes.values()], automation: [...automations.values()] }[kind]
  }

  #named(kind: ThingKind, name: string): { id: string } | { candidates: string[] } {
    const candidates = this.#things(kind)
      .filter((thing) => slugOf(thing.name) === slugOf(name))
      .map(({ id }) => id)
    return candidates.length === 1 ? { id: candidates[0] as string } : { candidates }
  }
}

const done: Outcome = { state: 'confirmed', by: 'cloud', path: 'cloud', result: {} }
