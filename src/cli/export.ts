import type { Command } from 'commander'
import { addExportAcl } from './export-acl.ts'
import { addExportAsyncApi } from './export-asyncapi.ts'
import { addExportNodeRed } from './export-node-red.ts'
import { addExportOpenHab } from './export-openhab.ts'

/** What can be written for other programs: one file, `export-<name>.ts`, for each of them. */
const exporters: readonly ((parent: Command) => void)[] = [
  addExportNodeRed,
  addExportAsyncApi,
  addExportAcl,
  addExportOpenHab,
]

export function addExport(program: Command): void {
  const parent = program
    .command('export')
    .description('write files that other programs read, made for this installation, to standard output')
  for (const add of exporters) add(parent)
}
