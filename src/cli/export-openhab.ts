import { type Command, Option } from 'commander'
import { brokerAddress } from '../app/broker-side.ts'
import { abilitiesOf } from '../domain/ability.ts'
import { isLock } from '../domain/device.ts'
import { readOnly } from '../domain/specification.ts'
import { itemsFile, type OpenHabDevice, thingsFile } from '../integration/openhab/files.ts'
import { TopicTree } from '../mqtt/topic.ts'
import { type GlobalOptions, interrupted, openContext } from './context.ts'
import { type LivingDocuments, readLiving } from './living-inventory.ts'
import { readSpecificationTopic } from './living-specification.ts'

interface OpenHabOptions extends GlobalOptions {
  readonly format: 'things' | 'items'
}

export function addExportOpenHab(parent: Command): void {
  parent
    .command('openhab')
    .description('things or items for openHAB’s MQTT binding: every device of the running bridge')
    .addOption(
      new Option('--format <name>', 'which of the two files').choices(['things', 'items']).default('things'),
    )
    .action((_options: object, command: Command) => exportOpenHab(command.optsWithGlobals<OpenHabOptions>()))
}

async function exportOpenHab(options: OpenHabOptions): Promise<void> {
  const context = openContext(options, { quiet: true, demo: true })
  const { mqtt, operations } = context.config
  const { documents } = await readLiving(context, interrupted())
  const { protocol, hostname, port } = new URL(brokerAddress(context.config).url)
  const secure = protocol === 'mqtts:' || protocol === 'wss:'
  const parts = {
    tree: new TopicTree(mqtt.base),
    instance: mqtt.instance,
    broker: { host: hostname, port: Number(port) || (secure ? 8883 : 1883), secure },
    devices: documents
      .map((one) => deviceOf(one, operations.allow.includes('lock')))
      .sort((a, b) => a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1)),
  }
  process.stdout.write(options.format === 'items' ? itemsFile(parts) : thingsFile(parts))
}

/** What a running bridge would say of it, were openHAB to ask. */
function deviceOf({ id, meta, specification }: LivingDocuments, mayTurnLocks: boolean): OpenHabDevice {
  const text = (key: string) => (typeof meta[key] === 'string' ? meta[key] : '')
  const category = text('category')
  const whole = readSpecificationTopic(specification ?? {})
  const mayWrite = mayTurnLocks || !isLock({ category })
  return {
    id,
    name: text('name') || id,
    room: text('roomName'),
    abilities: abilitiesOf(category, mayWrite ? whole : readOnly(whole)),
  }
}
