import type { Command } from 'commander'
import { furtherRights } from '../app/further-tree.ts'
import { mosquittoAcl } from '../mqtt/rights.ts'
import { type GlobalOptions, openContext } from './context.ts'

export function addExportAcl(parent: Command): void {
  parent
    .command('acl')
    .description('an access list for mosquitto: what each role may read and write below your base')
    .action((_options: object, command: Command) => exportAcl(command.optsWithGlobals<GlobalOptions>()))
}

function exportAcl(options: GlobalOptions): void {
  const { config } = openContext(options, { quiet: true, demo: true })
  const { base, username } = config.mqtt
  const who = username === null ? {} : { bridge: username }
  process.stdout.write(mosquittoAcl({ base, ...who, trees: furtherRights(config) }))
}
