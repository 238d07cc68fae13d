import { readFileSync } from 'node:fs'
import { EmbeddedBroker } from '../mqtt/broker/broker.ts'
import { EmbeddedConnector } from '../mqtt/broker/embedded-link.ts'
import { type BrokerUser, Users } from '../mqtt/broker/users.ts'
import { ClientConnector } from '../mqtt/client-link.ts'
import type { BrokerConnector } from '../mqtt/link.ts'
import type { Clock } from '../util/clock.ts'
import { hashPassword } from '../util/password.ts'
import { Secret } from '../util/secret.ts'
import type { Config } from './config-types.ts'

/** The configured broker: a connector to it, and the broker itself when it is the one inside. */
export interface BrokerSide {
  readonly connector: BrokerConnector
  readonly embedded: EmbeddedBroker | undefined
}

export async function openBroker(
  config: Config,
  clock: Clock,
  onTrouble: (what: string, thrown: unknown) => void,
): Promise<BrokerSide> {
  if (config.mqtt.url !== null)
    return { connector: new ClientConnector(brokerAddress(config)), embedded: undefined }
  const { broker, mqtt } = config
  const embedded = await EmbeddedBroker.start({
    host: broker.host,
    port: broker.port,
    webSocketPort: broker.webSocketPort,
    tls: broker.tls
      ? { cert: readFileSync(broker.tls.cert, 'utf8'), key: readFileSync(broker.tls.key, 'utf8') }
      : null,
    users: new Users(await brokerUsers(broker.users), mqtt.base, clock),
    base: mqtt.base,
    clock,
    publishesPerSecond: broker.publishesPerClientPerSecond,
    onTrouble,
  })
  return { connector: new EmbeddedConnector(embedded), embedded }
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

/** Passwords are kept as hashes only. */
async function brokerUsers(users: Config['broker']['users']): Promise<readonly BrokerUser[] | null> {
  if (users === null) return null
  return Promise.all(
    users.map(async (user) => ({
      name: user.name,
      passwordHash: user.passwordHash ?? (await hashPassword(user.password?.reveal() ?? '')),
      role: user.role,
      read: user.read,
      write: user.write,
    })),
  )
}
