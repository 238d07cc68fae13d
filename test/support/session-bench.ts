import { type LinkEnd, LinkError } from '../../src/mqtt/link.ts'
import type { Incoming } from '../../src/mqtt/message.ts'
import { Outbox } from '../../src/mqtt/outbox.ts'
import { Session } from '../../src/mqtt/session.ts'
import { TopicTree } from '../../src/mqtt/topic.ts'
import { seededRandom } from '../../src/util/random.ts'
import { ScriptedConnector } from './scripted-link.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A session over scripted links in virtual time, and what it told. */
export class SessionBench {
  readonly clock = new VirtualClock()
  readonly connector = new ScriptedConnector()
  readonly outbox = new Outbox()
  readonly tree = new TopicTree('tuya')
  readonly probe = this.tree.build('bridgeProbe', {})
  readonly commands: Incoming[] = []
  readonly ups: number[] = []
  readonly downs: { readonly end: LinkEnd; readonly at: number }[] = []
  readonly dead: string[] = []
  /** What looking around gives; throwing keeps the session silent. */
  prepare: () => void = () => {}
  readonly session: Session
  #tokens = 0

  constructor(options: { readonly alsoObeyed?: readonly string[] } = {}) {
    const { clock } = this
    this.session = new Session({
      connector: this.connector,
      tree: this.tree,
      outbox: this.outbox,
      clock,
      random: seededRandom(7),
      token: () => `token ${++this.#tokens}`,
      will: { topic: this.tree.build('bridgeState', {}), payload: 'offline' },
      onCommand: (message) => this.commands.push(message),
      ...options,
      prepare: async () => this.prepare(),
      onUp: () => this.ups.push(clock.monotonic()),
      onDown: (end) => this.downs.push({ end, at: clock.monotonic() }),
      onDead: ({ message }, reason) => this.dead.push(`${message.topic}: ${reason}`),
      onSettled: () => {},
    })
  }

  /** Started, connected and proved. */
  async up(): Promise<this> {
    this.session.start()
    await this.clock.advance(0)
    return this
  }

  /** Ends; time passes meanwhile. */
  async stop(flushMs = 3_000): Promise<void> {
    const topic = this.tree.build('bridgeState', {})
    let stopped = false
    const stopping = this.session
      .stop({ topic, payload: 'offline', qos: 1, retain: true }, flushMs)
      .then(() => {
        stopped = true
      })
    while (!stopped) await this.clock.advance(10)
    await stopping
  }

  refuse(end: LinkEnd): void {
    this.connector.prepare = () => {
      throw new LinkError(end, end)
    }
  }

  allow(): void {
    this.connector.prepare = () => {}
  }
}
