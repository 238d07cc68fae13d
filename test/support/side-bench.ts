import { Writable } from 'node:stream'
import type { Config } from '../../src/app/config-types.ts'
import { Log } from '../../src/app/log.ts'
import { QueueSide } from '../../src/app/queue-side.ts'
import { encodePulsar, pulsarKeys } from '../../src/codec/queue/decode.ts'
import { encodeFrame } from '../../src/codec/queue/frame.ts'
import type { Received } from '../../src/domain/message.ts'
import type { DeadLetter } from '../../src/transport/queue/dead-letters.ts'
import type { Gap } from '../../src/transport/queue/gap.ts'
import { seededRandom } from '../../src/util/random.ts'
import { Redactor } from '../../src/util/redact.ts'
import { Secret } from '../../src/util/secret.ts'
import type { Settle } from '../../src/util/settlement.ts'
import { canaries } from './canary.ts'
import { changed, testConfig } from './config.ts'
import { deviceOf, homeOf } from './device.ts'
import { newInventory } from './inventory.ts'
import { specification } from './mirrored.ts'
import { ScriptedQueue } from './scripted-queue.ts'
import { VirtualClock } from './virtual-clock.ts'

const accessId = 'side5q7w9e1r3t5y7u9i'

/** The queue's side of a bridge between a scripted proxy and somebody who settles by hand, in virtual time. */
export class SideBench implements AsyncDisposable {
  readonly clock = new VirtualClock()
  readonly queue = new ScriptedQueue()
  readonly inventory = newInventory(this.clock)
  readonly redactor = new Redactor()
  readonly lines: string[] = []
  readonly side: QueueSide
  readonly taken: { readonly received: Received; readonly settle: Settle }[] = []
  readonly gaps: Gap[] = []
  readonly dead: DeadLetter[] = []
  readonly troubles: string[] = []
  /** What was told of the link's state, as `<state> <reason>`. */
  readonly healths: string[] = []
  /** Whether it was trusted, each time that this changed. */
  readonly trust: boolean[] = []
  reconciles = 0
  notes = 0
  stops = 0
  prompt = true
  prepared = true
  brokerUp = true
  config: Config
  #sent = 0

  constructor({ heardMs = null as number | null } = {}) {
    const { clock, inventory, redactor } = this
    inventory.setHome(homeOf('h1'))
    inventory.setDevices([deviceOf('lamp')])
    inventory.setSpecification('lamp', specification(['level']))
    this.config = testConfig({
      queue: { channel: 'pulsar', url: 'wss://queue.example:8285/' },
      tuya: {
        region: 'eu',
        endpoint: null,
        accessId,
        accessSecret: new Secret(canaries.accessSecret),
        accessSecretFile: null,
        uid: null,
        homes: [],
        schema: null,
      },
    } as never)
    redactor.learn(canaries.accessSecret)
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        this.lines.push(String(chunk))
        done()
      },
    })
    const bench = this
    this.side = new QueueSide({
      get config() {
        return bench.config
      },
      inventory,
      redactor,
      clock,
      random: seededRandom(3),
      log: new Log({ level: 'trace', format: 'json', redactor, stream }).part('queue'),
      client: {
        call: () => Promise.reject(new Error('nobody asks the cloud')),
        now: () => clock.now(),
      } as never,
      sockets: { pulsar: this.queue.open },
      heardMs,
      gate: { brokerUp: () => this.brokerUp, outboxEmpty: () => true },
      isPrepared: () => this.prepared,
      effects: {
        take: (received, settlement) => {
          const settle = settlement.part()
          this.taken.push({ received, settle })
          if (this.prompt) settle(true)
        },
        stop: () => this.stops++,
      },
      onStop: () => {},
      reconcile: () => this.reconciles++,
      onHealth: () => this.healths.push(this.health),
      onTrust: () => this.trust.push(this.side.isTrusted),
      onHeard: () => this.notes++,
      onGap: (gap) => this.gaps.push(gap),
      onDead: (letter) => this.dead.push(letter),
      onTrouble: (reason) => this.troubles.push(reason),
    })
  }

  get health(): string {
    const { state, reason } = this.side.health
    return reason === null ? state : `${state} ${reason}`
  }

  /** Started and connected. */
  async up(): Promise<this> {
    this.side.start()
    await this.clock.advance(500)
    return this
  }

  change(changes: Parameters<typeof changed>[1]): void {
    this.config = changed(this.config, changes)
  }

  /** The device has reported `agoMs` ago, over the last connection; gives the id of the message. */
  say(level: number, accessSecret: string = canaries.accessSecret, agoMs = 0): string {
    const messageId = `m${++this.#sent}`
    const timeMs = this.clock.now() - agoMs
    const frame = encodePulsar(
      {
        messageId,
        protocol: 4,
        body: { devId: 'lamp', dataId: messageId, status: [{ code: 'level', value: level, t: timeMs }] },
        t: timeMs,
        publishTimeMs: timeMs,
        key: 'lamp',
      } as never,
      pulsarKeys(accessSecret),
    )
    this.queue.last.hear(encodeFrame(frame))
    return messageId
  }

  /** Somebody asks the cloud and finds this. */
  read(level: number): void {
    const timeMs = this.clock.now()
    const points = [{ code: 'level', raw: level, timeMs }]
    this.inventory.apply({ deviceId: 'lamp', source: 'poll', receivedMs: timeMs, points })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clock.during(this.side[Symbol.asyncDispose]())
  }
}
