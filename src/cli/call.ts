import type { Command } from 'commander'
import { redacted } from '../app/operations.ts'
import { completed } from '../codec/cloud/arguments.ts'
import { operationById, operations } from '../codec/cloud/operation/index.ts'
import { shownBy } from '../codec/cloud/operation.ts'
import { nearest } from '../util/nearest.ts'
import { type GlobalOptions, interrupted, openContext, print } from './context.ts'
import { asFailure, openClient } from './direct.ts'
import { CommandFailed, exit } from './exit.ts'

export function addCall(program: Command): void {
  const list = operations.map(
    ({ id, class: kind, summary }) => `  ${id.padEnd(30)} ${kind.padEnd(12)} ${summary}`,
  )
  program
    .command('call')
    .description('call one operation of the cloud and print its result')
    .argument('<operation>', 'id of the operation')
    .argument('[params...]', 'name=value; a value that begins with [ or { is read as JSON')
    .addHelpText('after', `\nOperations:\n${list.join('\n')}`)
    .action((id: string, params: readonly string[], _options: object, command: Command) =>
      call(id, params, command.optsWithGlobals<GlobalOptions>()),
    )
}

async function call(id: string, params: readonly string[], options: GlobalOptions): Promise<void> {
  const operation = operationById(id)
  if (!operation) throw unknownOperation(id)
  const context = openContext(options, { quiet: true })
  const { client, tuya } = openClient(context)
  const [home = null, ...others] = tuya.homes
  const args = completed(operation, readParams(params), {
    uid: tuya.uid,
    schema: tuya.schema,
    home_id: others.length === 0 ? home : null,
  })
  try {
    const result = await client.raw(operation, args, { priority: 'command', signal: interrupted() })
    print(JSON.stringify(redacted(result, shownBy(operation), context.redactor), null, 2))
  } catch (thrown) {
    throw asFailure(thrown)
  } finally {
    await client[Symbol.asyncDispose]()
  }
}

function unknownOperation(id: string): CommandFailed {
  const near = nearest(
    id,
    operations.map((operation) => operation.id),
    3,
  )
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ' See dp2mqtt call --help.'
  return new CommandFailed(exit.usage, `There is no operation "${id}".${hint}`)
}

function readParams(params: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    params.map((param) => {
      const at = param.indexOf('=')
      if (at < 1) throw new CommandFailed(exit.usage, `"${param}" is not of the form name=value.`)
      return [param.slice(0, at), readValue(param.slice(at + 1))]
    }),
  )
}

function readValue(text: string): unknown {
  if (!/^[[{]|^(true|false)$/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
