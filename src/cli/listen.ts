import { randomBytes } from 'node:crypto'
import { brokerAddress } from '../app/broker-side.ts'
import { ClientConnector } from '../mqtt/client-link.ts'
import { type BrokerLink, LinkError } from '../mqtt/link.ts'
import type { Incoming } from '../mqtt/message.ts'
import type { Context } from './context.ts'
import { CommandFailed, exit } from './exit.ts'

/** A connection of a command's own to the configured broker. */
export async function connect(
  context: Context,
  signal: AbortSignal,
  onMessage: (message: Incoming) => void,
): Promise<BrokerLink> {
  const address = brokerAddress(context.config, `dp2mqtt-cli-${randomBytes(4).toString('hex')}`)
  try {
    return await new ClientConnector(address).connect({ suffix: '', onMessage, signal })
  } catch (thrown) {
    if (!(thrown instanceof LinkError)) throw thrown
    throw new CommandFailed(
      exit.internal,
      `${thrown.message}: ${address.url}. Does the bridge run? (npm start)`,
    )
  }
}
