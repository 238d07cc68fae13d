import { readFileSync } from 'node:fs'
import { EmbeddedBroker } from '../mqtt/broker/broker.ts'
import { EmbeddedConnector } from '../mqtt/broker/embedded-link.ts'
import { type BrokerUser, Users } from '../mqtt/broker/users.ts'
import { ClientConnector } from '../mqtt/client-link.ts'
import type { BrokerConnector } from '../mqtt/link.ts'
import type { Clock } from '../util/clock.ts'
import { hashPassword } from '../util/password.ts'
import { Secret } from '../util/secret.ts'
import { sameValue } from './config-diff.ts'
import type { Config } from './config-types.ts'
import { foundRights, furtherRights } from './further-tree.ts'

/** The configured broker: a connector to it, and the broker itself when it is the one inside. */
export interface BrokerSide {
  readonly connector: BrokerConnector
  readonly embedded: EmbeddedBroker | undefined
  /** Looks at the settings of the connection: the next one may be made otherwise, or to another broker. */
  turn(): 'same' | 'otherwise' | 'elsewhere'
  /** Lets in whom the settings name by now. Those who changed are dismissed, nobody else is. */
  admit(): Promise<void>
}

export async function openBroker(
  config: Config,
  clock: Clock,
  onTrouble: (what: string, thrown: unknown) => void,
  /** Filters of commands below other bases than the bridge's own. */
  alsoObeyed: readonly string[] = [],
): Promise<BrokerSide> {
  if (config.mqtt.url !== null) return elsewhere(config, clock)
  const { broker, mqtt } = config
  const guests = new Guests(config)
  // Those trees are switched on and off while the broker runs.
  const trees = [...furtherRights(config), foundRights(config)]
  const users = new Users(await guests.known(), mqtt.base, clock, trees)
  const embedded = await EmbeddedBroker.start({
    host: broker.host,
    port: broker.port,
    webSocketPort: broker.webSocketPort,
    tls: broker.tls
      ? { cert: readFileSync(broker.tls.cert, 'utf8'), key: readFileSync(broker.tls.key, 'utf8') }
      : null,
    users,
    base: mqtt.base,
    alsoObeyed,
    clock,
    publishesPerSecond: broker.publishesPerClientPerSecond,
    onTrouble,
  })
  return {
    connector: new EmbeddedConnector(embedded),
    embedded,
    turn: () => 'same',
    admit: async () => {
      const isConcerned = guests.changed()
      users.replace(await guests.known())
      embedded.dismiss(isConcerned)
    },
  }
}

function elsewhere(config: Config, clock: Clock): BrokerSide {
  let address = brokerAddress(config)
  const connector = new ClientConnector(address, clock)
  return {
    connector,
    embedded: undefined,
    turn: () => {
      const before = address
      address = brokerAddress(config)
      if (sameValue(before, address)) return 'same'
      connector.turnTo(address)
      return before.url === address.url ? 'otherwise' : 'elsewhere'
    },
    admit: () => Promise.resolve(),
  }
}

/** Where and as whom the bridge, or one of the commands, connects; `clientId` without suffix is the bridge's own. */
export function brokerAddress(config: Config, clientId = `dp2mqtt-${config.mqtt.instance}`) {
  const { mqtt, broker } = config
  const { tls } = mqtt
  return {
    url:
      mqtt.url ??
      `${broker.tls ? 'mqtts' : 'mqtt'}://${broker.host === '0.0.0.0' ? '127.0.0.1' : broker.host}:${broker.port}`,
    clientId,
    username: mqtt.username,
    password: mqtt.password,
    protocolVersion: mqtt.url === null ? 4 : mqtt.protocolVersion,
    tls: {
      insecure: tls.insecure,
      ...(tls.ca === null ? {} : { ca: readFileSync(tls.ca, 'utf8') }),
      ...(tls.cert === null ? {} : { cert: readFileSync(tls.cert, 'utf8') }),
      ...(tls.key === null ? {} : { key: new Secret(readFileSync(tls.key, 'utf8')) }),
    },
  } as const
}

type User = NonNullable<Config['broker']['users']>[number]

/** The users of the broker inside as the settings have them. Passwords are kept as hashes only. */
class Guests {
  readonly #config: Config
  #users: readonly User[] | null = null
  #known = new Map<User, BrokerUser>()

  constructor(config: Config) {
    this.#config = config
  }

  /** By name, whether somebody is another one than at the last reading, or is not there any more. */
  changed(): (name: string) => boolean {
    const [before, now] = [this.#users, this.#config.broker.users]
    // Nobody had to say a name, so any name is only a claim.
    if (before === null) return () => now !== null
    const same = new Set(before.filter((user) => now?.some((other) => sameValue(user, other))).map(nameOf))
    return (name) => now !== null && !same.has(name)
  }

  /** Who may connect; a user that has not changed is the same object as before. */
  async known(): Promise<readonly BrokerUser[] | null> {
    const { users } = this.#config.broker
    const before = [...this.#known]
    const entries = await Promise.all(
      (users ?? []).map(async (user): Promise<[User, BrokerUser]> => {
        const same = before.find(([other]) => sameValue(user, other))
        return [user, same?.[1] ?? (await brokerUser(user))]
      }),
    )
    this.#users = users
    this.#known = new Map(entries)
    return users === null ? null : entries.map(([, user]) => user)
  }
}

function nameOf({ name }: User): string {
  return name
}

async function brokerUser(user: User): Promise<BrokerUser> {
  return {
    name: user.name,
    passwordHash: user.passwordHash ?? (await hashPassword(user.password?.reveal() ?? '')),
    role: user.role,
    read: user.read,
    write: user.write,
  }
}
