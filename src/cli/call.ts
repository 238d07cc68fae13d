import type { Command } from 'commander'
import { rawPrefixes } from '../app/config-rules.ts'
import type { Config } from '../app/config-types.ts'
import { redacted } from '../app/operations.ts'
import { completed } from '../codec/cloud/arguments.ts'
import { operationById, operations } from '../codec/cloud/operation/index.ts'
import { type AnyArguments, type AnyOperation, shownBy } from '../codec/cloud/operation.ts'
import {
  rawRequestClass,
  rawRequestId,
  rawRequestSummary,
  readRawRequest,
} from '../codec/cloud/raw-request.ts'
import { forbidden } from '../mqtt/command/refusal.ts'
import { nearest } from '../util/nearest.ts'
import { type GlobalOptions, interrupted, openContext, print } from './context.ts'
import { asFailure, openClient } from './direct.ts'
import { CommandFailed, exit } from './exit.ts'

export function addCall(program: Command): void {
  const list = operations.map(
    ({ id, class: kind, summary }) => `  ${id.padEnd(30)} ${kind.padEnd(12)} ${summary}`,
  )
  list.push(`  ${rawRequestId.padEnd(30)} ${rawRequestClass.padEnd(12)} ${rawRequestSummary}`)
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
  if (!operationById(id) && id !== rawRequestId) throw unknownOperation(id)
  const given = readParams(params)
  const context = openContext(options, { quiet: true })
  const { client } = openClient(context)
  try {
    const { operation, args } = asked(id, given, context.config)
    const result = await client.raw(operation, args, { priority: 'command', signal: interrupted() })
    print(JSON.stringify(redacted(result, shownBy(operation), context.redactor), null, 2))
  } catch (thrown) {
    throw asFailure(thrown)
  } finally {
    await client[Symbol.asyncDispose]()
  }
}

/** What goes out. A request of one's own keeps to the paths of the configuration, here as over MQTT. */
function asked(
  id: string,
  given: AnyArguments,
  { tuya, operations: { raw } }: Config,
): { readonly operation: AnyOperation; readonly args: AnyArguments } {
  const operation = operationById(id)
  if (!operation) {
    if (rawPrefixes(raw).length === 0) throw forbidden(rawRequestId, rawRequestClass)
    return readRawRequest(given, rawPrefixes(raw))
  }
  const [home = null, ...others] = tuya?.homes ?? []
  const known = {
    uid: tuya?.uid ?? null,
    schema: tuya?.schema ?? null,
    home_id: others.length === 0 ? home : null,
  }
  return { operation, args: completed(operation, given, known) }
}

function unknownOperation(id: string): CommandFailed {
  const near = nearest(id, [...operations.map((operation) => operation.id), rawRequestId], 3)
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
