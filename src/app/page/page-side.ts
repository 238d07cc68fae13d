import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ValueCodec } from '../../domain/data-point.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import type { CommandIntake } from '../../mqtt/command/intake.ts'
import { DeviceTopics } from '../../mqtt/device-topics.ts'
import type { TopicName } from '../../mqtt/topic.ts'
import type { Clock } from '../../util/clock.ts'
import { toBridgeError } from '../../util/error.ts'
import type { Redactor } from '../../util/redact.ts'
import type { Config } from '../config-types.ts'
import type { HttpGuest } from '../http-server.ts'
import type { Log } from '../log.ts'
import type { SelfReport } from '../self-report.ts'
import type { Voice } from '../voice.ts'
import { readAssets } from './assets.ts'
import { cookieOf, isOwnPage } from './door.ts'
import { Feed } from './feed.ts'
import { Login } from './login.ts'
import { commandOf } from './requests.ts'
import { Routes } from './routes.ts'
import { Watchers } from './watchers.ts'

export interface PageSideParts {
  readonly config: Config
  readonly inventory: Inventory
  readonly voice: Voice
  readonly intake: Pick<CommandIntake, 'handle'>
  readonly self: SelfReport
  readonly codec: Pick<ValueCodec, 'views'>
  readonly log: Log
  readonly redactor: Redactor
  readonly clock: Clock
}

/** The page on the HTTP port: its files, the way in, and a live connection for each browser that has it open. */
export class PageSide implements HttpGuest {
  readonly #feed: Feed
  readonly #login: Login
  readonly #routes: Routes
  readonly #watchers: Watchers
  readonly #parts: PageSideParts
  readonly #cookie: string

  constructor(parts: PageSideParts) {
    this.#parts = parts
    const { config, clock } = parts
    this.#feed = createFeed(parts)
    this.#login = new Login(config.http, clock)
    // Cookies know no ports: another bridge on this machine has its own.
    this.#cookie = `dp2mqtt-${config.mqtt.instance}`
    this.#watchers = new Watchers({
      clock,
      all: () => this.#feed.all(),
      onRequest: (bytes) => this.#request(bytes),
      mayStay: (session) => !this.#login.needed || this.#login.isSignedIn(session),
      onWatched: (isWatched) => {
        this.#feed.watch(isWatched ? (text) => this.#watchers.tell(text) : undefined)
      },
    })
    this.#routes = new Routes({
      assets: readAssets(),
      login: this.#login,
      host: config.http.host,
      cookie: this.#cookie,
      onSignOut: (session) => this.#watchers.dismiss((other) => other === session),
    })
  }

  serve: HttpGuest['serve'] = (request, response) => this.#routes.serve(request, response)

  /** Takes over the connection, or says with which status it is refused. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): number | undefined {
    if (request.url !== '/live') return 404
    if (!isOwnPage(request.headers)) return 403
    if (!this.#routes.sessionOf(request).signedIn) return 401
    this.#watchers.admit(request, socket, head, cookieOf(request.headers, this.#cookie))
    return undefined
  }

  /** Something was said on MQTT. */
  said(name: TopicName, topic: string, text: string): void {
    this.#feed.said(name, this.#parts.voice.tree.relative(topic) ?? topic, text)
  }

  /** The password is another one: who came in with the old one is shown out. */
  renewPassword(): void {
    this.#login.renew()
    this.#watchers.dismiss(() => this.#login.needed)
  }

  settingsChanged(): void {
    this.#feed.settingsChanged()
  }

  stop(): void {
    this.#watchers.stop()
    this.#feed.stop()
  }

  /** The one road of commands; the receipt comes with what is told to everybody. */
  #request(bytes: Uint8Array): string | undefined {
    try {
      this.#parts.intake.handle(commandOf(bytes, this.#parts.voice.tree))
      return undefined
    } catch (thrown) {
      return JSON.stringify({ refused: toBridgeError(thrown).message })
    }
  }
}

function createFeed({ config, inventory, voice, self, codec, log, redactor, clock }: PageSideParts): Feed {
  const { publisher, tree } = voice
  return new Feed({
    inventory,
    codec,
    clock,
    base: config.mqtt.base,
    redact: (text) => redactor.redact(text),
    tail: log.tail,
    info: () => self.info,
    health: () => self.health,
    locksAllowed: () => config.operations.allow.includes('lock'),
    ways: (device) =>
      publisher.owned.get(DeviceTopics.group(device), tree.build('statePaths', { device }))?.payload,
    deviceOf: (topic) => tree.parse(`${tree.base}/${topic}`)?.params['device'],
  })
}
