import type { Command } from 'commander'
import { utf8 } from '../util/json.ts'
import { type GlobalOptions, interrupted, openContext, print } from './context.ts'
import { connect } from './listen.ts'

interface WatchOptions extends GlobalOptions {
  readonly all?: boolean
}

export function addWatch(program: Command): void {
  program
    .command('watch')
    .description('print what happens on MQTT')
    .argument('[device]', 'id of one device; all of them when left out')
    .option('--all', 'every topic below the base, also what exists and the bridge itself')
    .action((device: string | undefined, _options: WatchOptions, command: Command) =>
      watch(device, command.optsWithGlobals<WatchOptions>()),
    )
}

async function watch(device: string | undefined, options: WatchOptions): Promise<void> {
  const context = openContext(options, { quiet: true, demo: true })
  const { base } = context.config.mqtt
  const signal = interrupted()
  const link = await connect(context, signal, ({ topic, payload, retain }) => {
    const short = topic.slice(base.length + 1)
    print(
      `${new Date().toISOString().slice(11, 23)} ${retain ? 'kept ' : 'live '} ${short} ${utf8(payload) ?? `(${payload.byteLength} bytes)`}`,
    )
  })
  for (const filter of filtersOf(base, device ?? '+', options.all ?? false))
    await link.subscribe(filter, { qos: 0 })
  await Promise.race([
    link.ended,
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
  ])
  await link.close()
}

function filtersOf(base: string, device: string, all: boolean): string[] {
  if (all) return [`${base}/#`]
  return [
    `state/device/${device}/dp/+`,
    `state/device/${device}/availability`,
    `event/device/${device}/#`,
    `result/device/${device}`,
  ].map((filter) => `${base}/${filter}`)
}
