import type { Command } from 'commander'
import { brokerAddress } from '../app/broker-side.ts'
import { houseFlows } from '../integration/node-red/device-flow.ts'
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
  const { protocol, hostname, port } = new URL(brokerAddress(context.config).url)
  const tls = protocol === 'mqtts:' || protocol === 'wss:'
  const broker = {
    // A broker behind a path or a WebSocket is named by its whole address.
    host: protocol.startsWith('ws') ? brokerAddress(context.config).url : hostname,
    port: Number(port) || (tls ? 8883 : 1883),
    tls,
    protocolVersion,
  }
  print(JSON.stringify(houseFlows({ base, instance, broker, devices }), null, 2))
}
