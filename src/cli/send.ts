import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import { TopicTree } from '../mqtt/topic.ts'
import { isRecord, utf8 } from '../util/json.ts'
import { type GlobalOptions, interrupted, openContext, print } from './context.ts'
import { CommandFailed, exit } from './exit.ts'
import { connect } from './listen.ts'

interface SendOptions extends GlobalOptions {
  readonly raw?: boolean
  readonly clamp?: boolean
}

const answerWithinMs = 20_000

export function addSend(program: Command): void {
  program
    .command('send')
    .description('send a command to a device through the running bridge and print its receipt')
    .argument('<device>', 'id of the device, or its name')
    .argument('<values...>', 'code=value, several go out together')
    .option('--raw', 'the values are raw ones, in device units')
    .option('--clamp', 'limit numbers to their range')
    .action((device: string, values: readonly string[], _options: SendOptions, command: Command) =>
      send(device, values, command.optsWithGlobals<SendOptions>()),
    )
}

async function send(device: string, values: readonly string[], options: SendOptions): Promise<void> {
  const context = openContext(options, { quiet: true, demo: true })
  const signal = interrupted()
  const tree = new TopicTree(context.config.mqtt.base)
  // The user's own place for answers, where rights are given by name.
  const from = context.config.mqtt.username ?? `cli-${randomBytes(4).toString('hex')}`
  const id = randomBytes(6).toString('hex')
  const receipt = await new Promise<string | undefined>((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), answerWithinMs)
    const publish = async () => {
      const link = await connect(context, signal, ({ payload }) => {
        const text = utf8(payload) ?? ''
        if (!text.includes(`"${id}"`)) return
        clearTimeout(timer)
        void link.close().then(() => resolve(text))
      })
      await link.subscribe(tree.build('reply', { from }), { qos: 1 })
      const isId = /^[A-Za-z0-9]{16,}$/.test(device)
      const topic = isId
        ? tree.build('commandDevice', { device })
        : tree.build('commandNamed', { name: device })
      const payload = JSON.stringify({
        [options.raw ? 'raw' : 'dp']: valuesOf(values),
        id,
        from,
        ...(options.clamp ? { clamp: true } : {}),
      })
      link.publish({ topic, payload, qos: 1, retain: false }, () => {})
    }
    publish().catch(reject)
  })
  if (receipt === undefined)
    throw new CommandFailed(exit.internal, 'No answer within 20 s. Does the bridge run on this base?')
  print(receipt)
  const parsed: unknown = JSON.parse(receipt)
  if (isRecord(parsed) && parsed['ok'] !== true) process.exitCode = 1
}

function valuesOf(values: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    values.map((text) => {
      const at = text.indexOf('=')
      if (at < 1) throw new CommandFailed(exit.usage, `"${text}" is not of the form code=value.`)
      const value = text.slice(at + 1)
      return [text.slice(0, at), /^[[{]/.test(value) ? parsed(value) : value]
    }),
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new CommandFailed(exit.usage, `${text} is not valid JSON.`)
  }
}
