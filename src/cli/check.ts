import type { Command } from 'commander'
import { endpointOf, regions } from '../app/region.ts'
import { associatedDevices } from '../codec/cloud/operation/associated-devices.ts'
import { deviceSpecificationsV11 } from '../codec/cloud/operation/device-specifications-v1-1.ts'
import { homeDevices } from '../codec/cloud/operation/home-devices.ts'
import { thingModel } from '../codec/cloud/operation/thing-model.ts'
import { userHomes } from '../codec/cloud/operation/user-homes.ts'
import type { CloudClient } from '../transport/cloud/client.ts'
import { CloudError } from '../transport/cloud/layer.ts'
import { BridgeError } from '../util/error.ts'
import { type CheckLanOptions, checkLan, secondsOf } from './check-lan.ts'
import { checkQueue } from './check-queue.ts'
import { type Context, type GlobalOptions, interrupted, openContext, print } from './context.ts'
import { noProject, openClient } from './direct.ts'
import { CommandFailed, exit } from './exit.ts'
import { connect } from './listen.ts'

export function addCheck(program: Command): void {
  program
    .command('check')
    .description(
      'walk through configuration, region, signature, account, permissions and event queue, and say what is wrong',
    )
    .option('--lan', 'look for every device on the local network instead, and say why one cannot be reached')
    .option('--json', 'with --lan: print JSON instead of a table')
    .option('--seconds <number>', 'with --lan: how long to listen for devices; 15 when left out', secondsOf)
    .action((_options: object, command: Command) => check(command.optsWithGlobals<CheckOptions>()))
}

/** One line of the walk; a failed one says what to do and ends the walk. */
export class Walk {
  ok(what: string, result: string): void {
    print(`  ok    ${what}: ${result}`)
  }

  note(what: string, result: string): void {
    print(`  note  ${what}: ${result}`)
  }

  fail(what: string, advice: string): never {
    print(`  FAIL  ${what}`)
    throw new CommandFailed(exit.configuration, `\n${advice}`)
  }
}

interface CheckOptions extends GlobalOptions, CheckLanOptions {
  readonly lan?: boolean
}

async function check(options: CheckOptions): Promise<void> {
  const walk = new Walk()
  const signal = interrupted()
  const context = openContext(options, { quiet: true, demo: true })
  if (options.lan) return checkLan(context, options, signal)
  if (!context.config.tuya) walk.fail('configuration', noProject)
  walk.ok('configuration', 'every key is known and in range')
  const { client, tuya } = openClient(context)
  try {
    await checkToken(walk, client, tuya.region, tuya.endpoint, signal)
    const uids = await checkAccount(walk, client, tuya.uid, signal)
    await checkHomes(walk, client, uids, signal)
    await checkQueue(walk, context, client, signal)
  } finally {
    await client[Symbol.asyncDispose]()
  }
  await checkBroker(walk, context, signal)
  print('\nEverything that the bridge needs is there.')
}

/** Any business call shows whether the signature is right; its token is asked for on the way. */
async function checkToken(
  walk: Walk,
  client: CloudClient,
  region: string,
  endpoint: string | null,
  signal: AbortSignal,
): Promise<void> {
  const where = endpoint ?? endpointOf(region)
  const fault = await faultOfCall(() =>
    client.call(associatedDevices, { size: 1 }, { priority: 'command', signal }),
  )
  const code = fault?.tuya?.code
  if (fault && code === undefined && !(fault instanceof CloudError && fault.kind === 'permission')) {
    walk.fail(
      `reaching ${where}`,
      `${fault.message}\nCheck the network of this machine, and tuya.endpoint if you set it.`,
    )
  }
  walk.ok('network', `${where} answers`)
  if (code === 1004)
    walk.fail(
      'signature',
      'The access secret is wrong. Copy "Access Secret/Client Secret" of the project’s overview page again; no blank before or after it.',
    )
  if (code === 1005 || code === 1001 || code === 1008) {
    const others = regions.filter((other) => other !== region).join(', ')
    walk.fail(
      'access id',
      `The region "${region}" does not know this access id. Copy "Access ID/Client ID" again; if it is right, the project is in another data centre: try tuya.region = ${others}.`,
    )
  }
  if (code === 1013)
    walk.fail(
      'clock',
      'The clock of this machine is more than five minutes off and could not be corrected. Set it (NTP).',
    )
  if (code === 1114)
    walk.fail(
      'access',
      'The cloud refuses this address. In the console: your project, Overview, IP allow-list; or the region is wrong.',
    )
  if (code === 28841002)
    walk.fail(
      'cloud plan',
      'The plan has expired. In the console: Cloud, Cloud Services, IoT Core, View Details, Extend Trial Period.',
    )
  if (code === 28841004)
    walk.fail('quota', 'The quota of the plan is used up until the month ends; LAN control is not concerned.')
  walk.ok('signature', 'access id, secret and clock are right')
  const skew = client.clockSkewMs
  if (Math.abs(skew) > 60_000)
    walk.note(
      'clock',
      `this machine is ${Math.round(skew / 1000)} s behind the cloud; the bridge corrects it, but set NTP`,
    )
}

async function checkAccount(
  walk: Walk,
  client: CloudClient,
  uid: string | null,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (uid !== null) {
    walk.ok('account', 'tuya.uid is given')
    return [uid]
  }
  const linked: string[] = []
  const fault = await faultOfCall(async () => {
    const page = await client.call(associatedDevices, { size: 50 }, { priority: 'command', signal })
    for (const { device } of page.devices) if (device.ownerUid !== null) linked.push(device.ownerUid)
  })
  if (fault)
    walk.fail(
      'account linkage',
      `${fault.message}\nIn the console: Cloud, your project, Service API, Go to Authorize: IoT Core and Smart Home Device Management. Or set tuya.uid.`,
    )
  if (linked.length === 0) {
    walk.fail(
      'account linkage',
      'No app account with devices is linked to this project. In the console: Cloud, your project, Devices, Link App Account, Add App Account; scan the code with your app (Me, the scan sign at the top right).',
    )
  }
  const uids = [...new Set(linked)]
  walk.ok('account linkage', `${uids.length} app account${uids.length === 1 ? '' : 's'}`)
  return uids
}

async function checkHomes(
  walk: Walk,
  client: CloudClient,
  uids: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const options = { priority: 'command', signal } as const
  let device: string | undefined
  const fault = await faultOfCall(async () => {
    for (const uid of uids) {
      for (const home of await client.call(userHomes, { uid }, options)) {
        const devices = await client.call(homeDevices, { home_id: home.id }, options)
        device ??= devices[0]?.device.id
        walk.ok(`home ${home.id}`, `"${home.name}", ${devices.length} devices`)
      }
    }
  })
  if (fault) {
    const what =
      fault.tuya?.code === 1106
        ? 'Is tuya.uid the id of a linked app account, and is the project in the account’s data centre?'
        : ''
    walk.fail(
      'homes',
      `${fault.message}\n${what}\nIn the console: your project, Service API: "Smart Home Basic Service" must be authorised.`,
    )
  }
  if (device === undefined) return
  const models = [deviceSpecificationsV11, thingModel] as const
  for (const operation of models) {
    const id = device
    const refused = await faultOfCall(() => client.call(operation, { device_id: id }, options))
    if (refused)
      walk.note(operation.id, `${refused.message} The bridge goes on with what the other calls tell.`)
    else walk.ok(operation.id, 'permitted')
  }
}

async function checkBroker(walk: Walk, context: Context, signal: AbortSignal): Promise<void> {
  const { mqtt, broker } = context.config
  if (mqtt.url === null) {
    walk.ok('broker', `the broker inside, on ${broker.host}:${broker.port}`)
    return
  }
  try {
    const link = await connect(context, signal, () => {})
    const { protocol } = link.limits
    await link.close()
    walk.ok('broker', `${mqtt.url} speaks ${protocol}`)
  } catch (thrown) {
    walk.fail(
      'broker',
      `${thrown instanceof Error ? thrown.message : ''}\nCheck mqtt.url, mqtt.username and mqtt.password.`,
    )
  }
}

async function faultOfCall(call: () => Promise<unknown>): Promise<BridgeError | undefined> {
  try {
    await call()
    return undefined
  } catch (thrown) {
    if (thrown instanceof BridgeError) return thrown
    throw thrown
  }
}
