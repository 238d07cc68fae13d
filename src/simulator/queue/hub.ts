import { Cipher } from '../../codec/queue/cipher.ts'
import { openHubKey } from '../../codec/queue/credential.ts'
import { encodeOpenHub, type OpenHubAad } from '../../codec/queue/open-hub.ts'
import type { Clock, Timer } from '../../util/clock.ts'
import { own } from '../../util/json.ts'
import { type Random, randomText } from '../../util/random.ts'
import type { PushAccess, PushGrant } from '../cloud/push-access.ts'
import type { Faults } from '../fault.ts'
import type { Feed, FeedMessage } from '../feed.ts'
import type { Journal } from '../journal.ts'
import type { World } from '../world.ts'
import type { OpenHubEntry } from '../world-file.ts'
import { distort } from './distort.ts'

export interface HubParts {
  readonly world: World
  readonly access: PushAccess
  readonly entry: OpenHubEntry
  readonly faults: Faults
  readonly journal: Journal
  readonly clock: Clock
  readonly random: Random
}

/** What the hub needs of a client's line. */
export interface HubLine {
  /** To whoever subscribed to it; not kept for anybody. */
  publish(topic: string, payload: string): void
  end(): void
}

const ivBytes = 12
/** What an app user is told; homes, scenes and external actions go another way. */
const protocols = new Set([4, 20])

/** One client that logged in with what it was granted; that stays its own, even when another grant was made since. */
export class HubSession {
  readonly grant: PushGrant
  readonly line: HubLine
  readonly cipher: Cipher
  /** The devices that it hears of. */
  readonly devices: Set<string>
  readonly expiry: Timer

  constructor(grant: PushGrant, line: HubLine, devices: Iterable<string>, expiry: Timer) {
    this.grant = grant
    this.line = line
    this.cipher = new Cipher(openHubKey(grant.password))
    this.devices = new Set(devices)
    this.expiry = expiry
  }
}

/** The platform's Open Hub without its sockets: who may listen, for how long, and what each is told. */
export class OpenHub {
  readonly #parts: HubParts
  readonly #sessions = new Set<HubSession>()
  #stopFollowing = () => {}

  constructor(parts: HubParts) {
    this.#parts = parts
  }

  get sessions(): number {
    return this.#sessions.size
  }

  /** Everything that the feed tells from now on is told to those who listen then. */
  follow(feed: Feed): void {
    this.#stopFollowing = feed.subscribe((message) => this.tell(message))
  }

  /** The code of MQTT's CONNACK for a login; 0 = come in. */
  judge(clientId: string, username: string | undefined, password: string | undefined): number {
    const { access, faults, journal } = this.#parts
    const grant = access.of(clientId)
    const known = grant !== undefined && grant.username === username && grant.password === password
    const code = faults.number('hub-refuse') ?? (known ? 0 : 5)
    if (code !== 0) journal.note('queue', 'hub-refuse', { clientId, code })
    return code
  }

  /** A client came in; its line ends when its grant does. */
  open(clientId: string, line: HubLine): HubSession | undefined {
    const { access, clock, journal } = this.#parts
    const grant = access.of(clientId)
    if (!grant) return undefined
    const expiry = clock.after(grant.expiresAt - clock.monotonic(), () => {
      journal.note('queue', 'hub-expire', { clientId })
      line.end()
    })
    const session = new HubSession(grant, line, this.#devicesOf(grant.uid), expiry)
    this.#sessions.add(session)
    journal.note('queue', 'hub-open', { clientId, uid: grant.uid, version: grant.version })
    return session
  }

  close(session: HubSession): void {
    if (!this.#sessions.delete(session)) return
    session.expiry.cancel()
    this.#parts.journal.note('queue', 'hub-close', { clientId: session.grant.clientId })
  }

  /** One message to everybody whom it concerns. */
  tell(message: FeedMessage): void {
    const { faults, random } = this.#parts
    if (message.family !== 'legacy' || !protocols.has(message.protocol)) return
    const devId = own(message.body, 'devId')
    if (typeof devId !== 'string') return
    for (const session of this.#sessions) {
      if (this.#concerns(session, message, devId))
        this.#send(session, distort(message, faults, random).message)
    }
  }

  stop(): void {
    this.#stopFollowing()
    for (const session of this.#sessions) session.expiry.cancel()
    this.#sessions.clear()
  }

  /** A device that came after the client is told of once, and stays silent until the client comes again. */
  #concerns(session: HubSession, { bizCode }: FeedMessage, devId: string): boolean {
    if (session.devices.has(devId)) return true
    const mine = [...this.#devicesOf(session.grant.uid)].includes(devId)
    if (mine && this.#parts.entry.newDevicesSilent === false) session.devices.add(devId)
    return mine && (bizCode === 'bindUser' || session.devices.has(devId))
  }

  #send({ grant, line, cipher }: HubSession, { protocol, bizCode, body }: FeedMessage): void {
    const { entry, clock, random, journal, faults } = this.#parts
    const t = entry.time === 'seconds' ? Math.floor(clock.now() / 1000) : clock.now()
    const aad: OpenHubAad = entry.aad ?? 'text'
    const letter = {
      body,
      protocol,
      version: grant.version,
      iv: Buffer.from(Array.from({ length: ivBytes }, () => Math.floor(random() * 256))),
      aad,
      // Nobody knows with what it is signed.
      sign: randomText(random, 32),
    }
    const payload = encodeOpenHub({ ...letter, t }, cipher)
    // A tag that was made with another time fits with nothing that is sent along.
    const wrong = faults.hits('hub-bad-tag', random)
    const { data } = JSON.parse(wrong ? encodeOpenHub({ ...letter, t: t + 1 }, cipher) : payload) as {
      data: string
    }
    line.publish(grant.topic, JSON.stringify({ ...(JSON.parse(payload) as object), data }))
    journal.note('queue', 'hub-deliver', { clientId: grant.clientId, protocol, bizCode })
  }

  #devicesOf(uid: string): Set<string> {
    const { world } = this.#parts
    const homes = [...world.homes.values()].filter(
      ({ owner, members }) => owner === uid || members.some((member) => member.uid === uid),
    )
    return new Set(homes.flatMap(({ id }) => world.devicesOf(id).map((device) => device.id)))
  }
}
