import { type Command, Option } from 'commander'
import { stringify } from 'yaml'
import { installationOf } from '../app/installation.ts'
import { asyncApi } from '../mqtt/asyncapi.ts'
import { type GlobalOptions, openContext } from './context.ts'

interface AsyncApiOptions extends GlobalOptions {
  readonly format: 'yaml' | 'json'
}

export function addExportAsyncApi(parent: Command): void {
  parent
    .command('asyncapi')
    .description('an AsyncAPI 3 document of your topics: addresses, payloads, answers, broker')
    .addOption(new Option('--format <format>', 'yaml or json').choices(['yaml', 'json']).default('yaml'))
    .action((_options: object, command: Command) =>
      exportAsyncApi(command.optsWithGlobals<AsyncApiOptions>()),
    )
}

function exportAsyncApi(options: AsyncApiOptions): void {
  const { config } = openContext(options, { quiet: true, demo: true })
  const document = asyncApi(installationOf(config))
  process.stdout.write(
    options.format === 'json'
      ? `${JSON.stringify(document, null, 2)}\n`
      : stringify(document, { aliasDuplicateObjects: false, lineWidth: 120 }),
  )
}
