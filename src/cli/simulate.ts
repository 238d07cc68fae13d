import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { makeCertificate } from '../simulator/certificate.ts'
import { faultNames } from '../simulator/fault.ts'
import type { FeedFamily } from '../simulator/feed.ts'
import type { LanOptions } from '../simulator/lan/lan.ts'
import { Simulator } from '../simulator/simulator.ts'
import { demoWorld, parseWorld, type QueueEntry } from '../simulator/world-file.ts'
import { BridgeError } from '../util/error.ts'
import { interrupted, print } from './context.ts'
import { CommandFailed, exit } from './exit.ts'

interface SimulateOptions {
  readonly world?: string
  readonly cloudPort?: number
  readonly queuePort?: number
  readonly hubPort?: number
  readonly queueTls?: boolean
  readonly queueCipher?: string
  readonly queueFamily: readonly string[]
  readonly queueSubscription: readonly string[]
  readonly lanAddress?: string
  readonly lanPort?: number
  readonly udpPorts?: readonly [number, number, number, number | undefined]
  readonly udpTo?: string
  readonly lan: boolean
  readonly seed?: number
  readonly fault: readonly string[]
  readonly still?: boolean
}

const ciphers = ['ecb', 'plain-ecb', 'gcm', 'mixed']
const families = ['legacy', 'iotcore']

export function addSimulate(program: Command): void {
  const faults = Object.entries(faultNames).map(([name, what]) => `  ${name.padEnd(24)} ${what}`)
  program
    .command('simulate')
    .description('serve a simulated cloud, event queue and LAN to anyone’s tests')
    .option('--world <file>', 'the world to serve (schemas/world.schema.json); the demo’s when left out')
    .option('--cloud-port <port>', 'port of the API; 0 = any free one', wholeNumber)
    .option('--queue-port <port>', 'port of the event queue; 0 = any free one', wholeNumber)
    .option('--hub-port <port>', 'port of the Open Hub (MQTT); 0 = any free one', wholeNumber)
    .option('--queue-tls', 'queue and Open Hub speak TLS; their certificate stands in the first line')
    .addOption(new Option('--queue-cipher <cipher>', 'how messages are encrypted').choices(ciphers))
    .addOption(
      new Option('--queue-family <family>', 'how messages are worded; may be given twice')
        .choices(families)
        .argParser(oneOf(families))
        .default([]),
    )
    .option(
      '--queue-subscription <suffix>',
      'a subscription besides sub; may be given several times',
      collect,
      [],
    )
    .option('--lan-address <address>', 'address of the first device on the LAN; 127.0.0.1 = ports instead')
    .option(
      '--lan-port <port>',
      'port of the devices on the LAN; 6668 when left out, 0 = any free one',
      wholeNumber,
    )
    .option(
      '--udp-ports <a,b,c>',
      'ports of LAN discovery: clear, encrypted, questions, and answers if elsewhere; 0 = any free one',
      ports,
    )
    .option(
      '--udp-to <addresses>',
      'whom devices call, behind commas; the broadcast of loopback when left out',
    )
    .option('--no-lan', 'no device listens on the LAN')
    .option('--seed <number>', 'the same seed, the same chance', wholeNumber)
    .option('--fault <name[=value]>', 'switch a fault on; may be given several times', collect, [])
    .option('--still', 'nothing moves by itself')
    .addHelpText(
      'after',
      `\nFaults:\n${faults.join('\n')}\n\nThe first line on standard output is one JSON object with the addresses.`,
    )
    .action((options: SimulateOptions) => simulate(options))
}

async function simulate(options: SimulateOptions): Promise<void> {
  const stopped = interrupted()
  const simulator = create(options)
  const address = await simulator.start()
  print(JSON.stringify(address))
  process.stderr.write(
    `The simulated cloud listens on ${address.cloud.endpoint}, its event queue on ${address.queue.url}, ${address.lan?.length ?? 0} devices on the LAN; Ctrl-C ends it.\n`,
  )
  await new Promise<void>((resolve) => stopped.addEventListener('abort', () => resolve(), { once: true }))
  await simulator[Symbol.asyncDispose]()
}

function create(options: SimulateOptions): Simulator {
  try {
    return new Simulator({
      world:
        options.world === undefined
          ? demoWorld()
          : parseWorld(readFileSync(options.world, 'utf8'), options.world),
      faults: options.fault,
      alive: !options.still,
      ...(options.cloudPort === undefined ? {} : { cloudPort: options.cloudPort }),
      ...(options.queuePort === undefined ? {} : { queuePort: options.queuePort }),
      ...(options.hubPort === undefined ? {} : { hubPort: options.hubPort }),
      ...(options.queueTls ? { queueTls: ownCertificate() } : {}),
      queue: queueOf(options),
      ...(options.lan ? { lan: lanOf(options) } : {}),
      ...(options.seed === undefined ? {} : { seed: options.seed }),
    })
  } catch (thrown) {
    if (thrown instanceof BridgeError) throw new CommandFailed(exit.usage, thrown.message)
    if ((thrown as NodeJS.ErrnoException).code)
      throw new CommandFailed(exit.usage, `${options.world} cannot be read.`)
    throw thrown
  }
}

/** What was given on the command line; the world's own word counts for the rest. */
function queueOf({ queueCipher, queueFamily, queueSubscription }: SimulateOptions): QueueEntry {
  return {
    ...(queueCipher === undefined ? {} : { cipher: queueCipher as NonNullable<QueueEntry['cipher']> }),
    ...(queueFamily.length === 0 ? {} : { families: queueFamily as readonly FeedFamily[] }),
    ...(queueSubscription.length === 0
      ? {}
      : { subscriptions: { event: queueSubscription, 'event-test': queueSubscription } }),
  }
}

/** Devices are on the LAN unless told otherwise; they call on free ports when none are given. */
function lanOf({ lanAddress, lanPort, udpPorts, udpTo }: SimulateOptions): LanOptions {
  const [clear, encrypted, probe, answers] = udpPorts ?? [0, 0, 0, undefined]
  return {
    ...(lanAddress === undefined ? {} : { address: lanAddress }),
    ...(lanPort === undefined ? {} : { port: lanPort }),
    udp: {
      ports: [clear, encrypted, probe],
      ...(answers === undefined ? {} : { answers }),
      ...(udpTo === undefined ? {} : { destinations: udpTo.split(',') }),
    },
  }
}

/** Signed by itself and good for this machine, for a day. */
function ownCertificate(): { cert: string; key: string } {
  const { certPem, keyPem } = makeCertificate()
  return { cert: certPem, key: keyPem }
}

function oneOf(choices: readonly string[]) {
  return (text: string, all: readonly string[]): readonly string[] => {
    if (!choices.includes(text)) throw new InvalidArgumentError(`Allowed are ${choices.join(' and ')}.`)
    return [...all, text]
  }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('A whole number is expected.')
  return Number(text)
}

function ports(text: string): readonly [number, number, number, number | undefined] {
  const [clear, encrypted, probe, answers, ...more] = text.split(',').map(wholeNumber)
  if (clear === undefined || encrypted === undefined || probe === undefined || more.length > 0)
    throw new InvalidArgumentError('Three ports are expected, such as 6666,6667,7000.')
  return [clear, encrypted, probe, answers]
}

function collect(text: string, all: readonly string[]): readonly string[] {
  return [...all, text]
}
