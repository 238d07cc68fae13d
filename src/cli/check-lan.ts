import { InvalidArgumentError } from 'commander'
import { lanDiscoverySettings } from '../app/lan-import.ts'
import { lanVersion } from '../codec/lan/version.ts'
import { tcpDial } from '../transport/lan/dial.ts'
import { Discovery } from '../transport/lan/discovery.ts'
import { examine, type Patient } from '../transport/lan/examination.ts'
import { type Clock, sleep, systemClock } from '../util/clock.ts'
import { systemRandom } from '../util/random.ts'
import { type Context, print, progress } from './context.ts'
import { CommandFailed, exit } from './exit.ts'
import { type Wanted, wantedDevices } from './lan-patients.ts'
import { asJson, asText, isWell, type LanReport, type Visit } from './lan-report.ts'

export interface CheckLanOptions {
  readonly json?: boolean
  readonly seconds?: number
}

/** A word of the command line as a time that somebody can wait for. */
export function secondsOf(text: string): number {
  if (/^[0-9]{1,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Give whole seconds, at most 999.')
}

/** Devices call every five seconds, and those that have to be asked are asked three times within twelve. */
const usualSeconds = 15
const betweenMs = 1_000

const warning = `A device takes one to three connections. If a bridge, another integration or the app on a phone is connected, end it first:
what is said below of "refused" may be its doing, and this cannot be seen from here.`

/** Looks for every device on the LAN as the bridge would, and says why one cannot be reached. Throws CommandFailed when one cannot. */
export async function checkLan(
  context: Context,
  options: CheckLanOptions,
  signal: AbortSignal,
): Promise<void> {
  const wanted = await wantedDevices(context, signal)
  if (wanted.length === 0)
    throw new CommandFailed(
      exit.configuration,
      'No device is known: give tuya.accessId and tuya.accessSecret, lan.devices or lan.deviceFiles.',
    )
  if (!options.json) print(`${warning}\n`)
  const report = await lookAt(context, wanted, options.seconds ?? usualSeconds, signal)
  print(options.json ? JSON.stringify(asJson(report), null, 2) : asText(report))
  if (!options.json) print(`\n${summary(report)}`)
  if (!isWell(report)) throw new CommandFailed(exit.configuration, 'Not every device can be used on the LAN.')
}

/** Listens, then visits one after the other. */
export async function lookAt(
  { config }: Pick<Context, 'config'>,
  wanted: readonly Wanted[],
  seconds: number,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<LanReport> {
  const ids = new Set(wanted.map(({ id }) => id))
  const ports = new Map(wanted.map(({ id, port }) => [id, port]))
  const waitedFor = wanted.filter(({ isBehindGateway }) => !isBehindGateway)
  const isComplete = () => waitedFor.every(({ id }) => discovery.heard(id))
  const discovery = new Discovery({
    clock,
    random: systemRandom,
    log: { warn: () => {}, info: () => {} },
    settings: lanDiscoverySettings(config),
    wanted: () => true,
    missing: () => true,
    portOf: (id) => ports.get(id),
    propose: () => {},
  })
  const listens = config.lan.discovery
  let listened = 0
  try {
    if (listens) discovery.start()
    for (; listens && listened < seconds && !isComplete(); listened++) {
      progress(`listening for devices … ${seconds - listened} s`)
      await sleep(clock, 1_000, signal)
    }
    const visits: Visit[] = []
    for (const [i, device] of wanted.entries()) {
      progress(`looking at device ${i + 1} of ${wanted.length} …`)
      if (i > 0 && !device.isBehindGateway) await sleep(clock, betweenMs, signal)
      const heard = discovery.heard(device.id)
      const patient = patientOf(device, heard?.host, heard?.version ?? null)
      visits.push({
        device,
        heard,
        examination: await examine({ clock, random: systemRandom, dial: tcpDial }, patient, signal),
      })
    }
    const strangers = [...discovery.everythingHeard].filter(([id]) => !ids.has(id))
    return { discovery: listens ? discovery.status : null, listenedSeconds: listened, visits, strangers }
  } finally {
    progress('')
    await discovery[Symbol.asyncDispose]()
  }
}

/** What it says of itself now is newer than what somebody wrote down. */
function patientOf(device: Wanted, host: string | undefined, said: string | null): Patient {
  const heard = host === undefined ? [] : [{ host, port: device.port }]
  const configured = device.address && device.address.host !== host ? [device.address] : []
  return {
    id: device.id,
    localKey: device.localKey,
    places: [...heard, ...configured],
    version: lanVersion(said) ?? device.version,
    isAnnounced: lanVersion(said) !== undefined,
    pointIds: device.points.flatMap(({ dpId }) => dpId ?? []),
    isBehindGateway: device.isBehindGateway,
  }
}

function summary({ discovery, visits, listenedSeconds }: LanReport): string {
  const well = visits.filter(({ examination }) => examination.finding === 'ok').length
  const heard = visits.filter((visit) => visit.heard).length
  const count = `${well} of ${visits.length} devices answer, ${heard} were heard within ${listenedSeconds} s.`
  const closed = (discovery?.ports ?? []).filter(({ trouble }) => trouble !== null)
  return [
    count,
    ...closed.map(({ port, trouble }) => `UDP port ${port} could not be opened: ${trouble}.`),
    ...(discovery !== null && heard === 0 && listenedSeconds > 0
      ? [
          'Nothing was heard: broadcasts do not reach containers with a network of their own, nor other subnets.',
        ]
      : []),
  ].join('\n')
}
