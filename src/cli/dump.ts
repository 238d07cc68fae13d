import { createHash } from 'node:crypto'
import type { Command } from 'commander'
import { deviceGet } from '../codec/cloud/operation/device-get.ts'
import { deviceSpecificationsV11 } from '../codec/cloud/operation/device-specifications-v1-1.ts'
import { thingModel } from '../codec/cloud/operation/thing-model.ts'
import { thingProperties } from '../codec/cloud/operation/thing-properties.ts'
import type { AnyOperation } from '../codec/cloud/operation.ts'
import type { CloudClient } from '../transport/cloud/client.ts'
import { isRecord } from '../util/json.ts'
import { type GlobalOptions, interrupted, openContext, print, progress } from './context.ts'
import { asFailure, openClient } from './direct.ts'

export function addDump(program: Command): void {
  program
    .command('dump')
    .description('print a device as a redacted file, for a report or for test/device')
    .argument('<device>', 'id of the device')
    .action((device: string, _options: object, command: Command) =>
      dump(device, command.optsWithGlobals<GlobalOptions>()),
    )
}

const sources: readonly (readonly [name: string, operation: AnyOperation])[] = [
  ['device', deviceGet as unknown as AnyOperation],
  ['specifications', deviceSpecificationsV11 as unknown as AnyOperation],
  ['thingModel', thingModel as unknown as AnyOperation],
  ['properties', thingProperties as unknown as AnyOperation],
]

async function dump(device: string, options: GlobalOptions): Promise<void> {
  const context = openContext(options, { quiet: true })
  const { client } = openClient(context)
  try {
    const recorded: Record<string, unknown> = {}
    for (const [name, operation] of sources) {
      progress(`reading ${name} …`)
      recorded[name] = await answerOf(client, operation, device)
    }
    progress('')
    if (isRecord(recorded['device']) && 'error' in recorded['device']) throw recorded['device']['thrown']
    print(JSON.stringify(anonymous(recorded, device), null, 2))
  } catch (thrown) {
    throw asFailure(thrown)
  } finally {
    await client[Symbol.asyncDispose]()
  }
}

/** What the project may not read is part of the record. */
async function answerOf(client: CloudClient, operation: AnyOperation, device_id: string): Promise<unknown> {
  try {
    return await client.raw(operation, { device_id }, { priority: 'command', signal: interrupted() })
  } catch (thrown) {
    return { error: thrown instanceof Error ? thrown.message : String(thrown), thrown }
  }
}

/** Members that tell whose device it is, or open it. */
const dropped = new Set(['local_key', 'ip', 'lat', 'lon', 'uid', 'thrown', 'mac'])
const pseudonyms = new Set(['id', 'uuid', 'owner_id', 'node_id', 'gateway_id'])
const personalValues = new Set(['ir_send', 'ir_study_code', 'unlock_password'])

/** Ids become pseudonyms that stay equal where they were equal; keys, names and places go. */
export function anonymous(value: unknown, device: string): unknown {
  if (Array.isArray(value)) return value.map((item) => anonymous(item, device))
  if (!isRecord(value)) return typeof value === 'string' ? value.replaceAll(device, pseudonym(device)) : value
  const code = value['code']
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !dropped.has(name))
      .map(([name, member]) => {
        if (pseudonyms.has(name) && (typeof member === 'string' || typeof member === 'number'))
          return [name, pseudonym(String(member))]
        if (name === 'name' && 'category' in value) return [name, 'Device']
        if (name === 'custom_name') return [name, '']
        if (name === 'value' && typeof code === 'string' && personalValues.has(code)) return [name, '']
        return [name, anonymous(member, device)]
      }),
  )
}

function pseudonym(id: string): string {
  return `bf${createHash('sha256').update(id).digest('hex').slice(0, 18)}`
}
