import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { aclExample } from './generate/acl.ts'
import { configTypes, configurationPage } from './generate/configuration.ts'
import { automationSchemaFile, sceneSchemaFile } from './generate/definitions.ts'
import { devicesPage } from './generate/devices.ts'
import { commandWithReceipt, commandWithResponseTopic } from './generate/node-red/command-with-receipt.ts'
import { energyChart } from './generate/node-red/energy-chart.ts'
import { everythingIsFine } from './generate/node-red/everything-is-fine.ts'
import { lightByButton } from './generate/node-red/light-by-button.ts'
import { sceneOnSchedule } from './generate/node-red/scene-on-schedule.ts'
import { operationsPage } from './generate/operations.ts'
import { topicsPage } from './generate/topics.ts'

/** Every file that is made from something else, and how. `--check` fails when one is stale. */
const files: readonly { readonly path: string; readonly make: () => string | Promise<string> }[] = [
  { path: 'src/app/config-types.ts', make: configTypes },
  { path: 'schemas/scene.schema.json', make: sceneSchemaFile },
  { path: 'schemas/automation.schema.json', make: automationSchemaFile },
  { path: 'docs/configuration.md', make: configurationPage },
  { path: 'docs/operations.md', make: operationsPage },
  { path: 'docs/topics.md', make: topicsPage },
  { path: 'docs/devices.md', make: devicesPage },
  { path: 'mosquitto.acl', make: aclExample },
  { path: 'examples/node-red/light-by-button.json', make: lightByButton },
  { path: 'examples/node-red/energy-chart.json', make: energyChart },
  { path: 'examples/node-red/scene-on-schedule.json', make: sceneOnSchedule },
  { path: 'examples/node-red/command-with-receipt.json', make: commandWithReceipt },
  { path: 'examples/node-red/command-with-response-topic.json', make: commandWithResponseTopic },
  { path: 'examples/node-red/everything-is-fine.json', make: everythingIsFine },
]

const root = fileURLToPath(new URL('..', import.meta.url))
const check = process.argv.includes('--check')
const stale: string[] = []

for (const { path, make } of files) {
  const text = await make()
  const full = root + path
  if (textOf(full) === text) continue
  stale.push(path)
  if (!check) writeFileSync(full, text)
}

if (check && stale.length > 0) {
  process.stderr.write(`Stale, run "npm run generate": ${stale.join(', ')}\n`)
  process.exitCode = 1
} else if (!check) process.stdout.write(`written: ${stale.join(', ') || 'nothing, all is fresh'}\n`)

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
