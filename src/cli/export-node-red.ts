import type { Command } from 'commander'
import { brokerAddress } from '../app/broker-side.ts'
import { houseFlows } from '../integration/node-red/device-flow.ts'
import type { BrokerPlace } from '../integration/node-red/node.ts'
import { type GlobalOptions, interrupted, openContext, print } from './context.ts'
import { readLiving } from './living-inventory.ts'

export function addExportNodeRed(parent: Command): void {
  parent
    .command('node-red')
    .description('flows for Node-RED: every device of the running bridge, with its values and its commands')
    .action((_options: object, command: Command) => exportNodeRed(command.optsWithGlobals<GlobalOptions>()))
}

async function exportNodeRed(options: GlobalOptions): Promise<void> {
  const context = openContext(options, { quiet: true, demo: true })
  const { base, instance } = context.config.mqtt
  const { devices, protocolVersion } = await readLiving(context, interrupted())
  const broker = placeOf(brokerAddress(context.config).url, protocolVersion)
  print(JSON.stringify(houseFlows({ base, instance, broker, devices }), null, 2))
}

/** Where the flows connect; a broker behind a WebSocket is named by its whole address. */
export function placeOf(url: string, protocolVersion: 4 | 5): BrokerPlace {
  const { protocol, hostname, port, pathname } = new URL(url)
  const tls = protocol === 'mqtts:' || protocol === 'wss:'
  const isSocket = protocol.startsWith('ws')
  return {
    host: isSocket ? `${protocol}//${hostname}${port && `:${port}`}${pathname}` : hostname,
    port: Number(port) || (isSocket ? (tls ? 443 : 80) : tls ? 8883 : 1883),
    tls,
    protocolVersion,
  }
}
