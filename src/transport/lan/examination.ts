import { LanError } from '../../codec/lan/lan-error.ts'
import type { LanVersion } from '../../codec/lan/version.ts'
import { type Clock, sleep } from '../../util/clock.ts'
import { deferred } from '../../util/deferred.ts'
import type { Random } from '../../util/random.ts'
import type { Secret } from '../../util/secret.ts'
import { Children } from './children.ts'
import { LanCounts } from './counts.ts'
import type { LanAddress, LanDevice } from './device.ts'
import type { Finding } from './diagnosis.ts'
import type { Dial } from './dial.ts'
import { LanLinkError } from './link-error.ts'
import { localKeyBytes } from './local-key.ts'
import { openLink } from './opener.ts'

/** Somebody whose way is looked into. */
export interface Patient {
  readonly id: string
  readonly localKey: Secret | null
  /** Where it may be; the first that takes connections is the last that is tried. */
  readonly places: readonly LanAddress[]
  /** What it announces, else what is configured. */
  readonly version: LanVersion | null
  /** It said so itself just now: others are not tried, as devices that are asked in them too often fall silent. */
  readonly isAnnounced: boolean
  readonly pointIds: readonly number[]
  readonly isBehindGateway: boolean
}

/** One connection that was made, or not. */
export interface Tried {
  readonly address: LanAddress
  readonly version: LanVersion
  readonly finding: Finding
  readonly message: string
}

export interface Examination {
  readonly finding: Finding
  readonly tried: readonly Tried[]
  /** The version in which it answered. */
  readonly version: LanVersion | null
  readonly address: LanAddress | null
  /** How many data points it told; null when it answered none of our questions, as remotes do. */
  readonly points: number | null
}

export interface ExaminerParts {
  readonly clock: Clock
  readonly random: Random
  readonly dial: Dial
}

/** 3.2 differs from 3.3 in what it answers only. */
const order: readonly LanVersion[] = ['3.5', '3.4', '3.3', '3.1']
/** Two connections within moments lock some devices until they are taken off mains. */
const betweenMs = 1_000
const readingMs = 6_000

/**
 * Connects as the bridge would, one connection at a time and each left with a goodbye, until the device answers or it is
 * clear why it does not. Rejects only with the reason of the signal.
 */
export async function examine(
  parts: ExaminerParts,
  patient: Patient,
  signal: AbortSignal,
): Promise<Examination> {
  if (patient.isBehindGateway) return without('behind-gateway')
  const key = patient.localKey ? localKeyBytes(patient.localKey) : 'no key'
  if (typeof key === 'string') return without('no-key')
  const tried: Tried[] = []
  for (const address of patient.places) {
    const found = await tryPlace(parts, patient, address, key, tried, signal)
    if (found) return { finding: 'ok', tried, address, ...found }
    if (tried.at(-1) && !absences.has((tried.at(-1) as Tried).finding)) break
  }
  return { ...without(conclusion(tried, patient)), tried }
}

const absences: ReadonlySet<Finding> = new Set(['port-closed', 'no-route', 'no-answer'])
/** After these another version changes nothing. */
const final: ReadonlySet<Finding> = new Set([...absences, 'refused', 'key-mismatch'])

function without(finding: Finding): Examination {
  return { finding, tried: [], version: null, address: null, points: null }
}

/** A device that announces its version and does not understand it has another key. */
function conclusion(tried: readonly Tried[], { version }: Patient): Finding {
  const findings = tried.map(({ finding }) => finding)
  const last = findings.at(-1)
  if (last === undefined) return 'no-address'
  if (final.has(last)) return last
  if (findings.includes('key-mismatch')) return 'key-mismatch'
  if (findings.every((finding) => finding === 'timeout')) return 'timeout'
  if (findings.includes('key-or-version')) return version === null ? 'key-or-version' : 'key-mismatch'
  return last
}

type Answered = Pick<Examination, 'version' | 'points'>

async function tryPlace(
  parts: ExaminerParts,
  patient: Patient,
  address: LanAddress,
  key: Buffer,
  tried: Tried[],
  signal: AbortSignal,
): Promise<Answered | undefined> {
  for (const version of versionsOf(patient)) {
    if (tried.length > 0) await sleep(parts.clock, betweenMs, signal)
    try {
      const points = await talk(parts, patient, address, version, key, signal)
      tried.push({ address, version, finding: 'ok', message: 'It answers.' })
      return { version, points }
    } catch (thrown) {
      signal.throwIfAborted()
      if (!(thrown instanceof LanLinkError)) throw thrown
      const finding = findingOf(thrown)
      tried.push({ address, version, finding, message: thrown.message })
      if (final.has(finding)) return undefined
    }
  }
  return undefined
}

function versionsOf({ version: known, isAnnounced }: Patient): readonly LanVersion[] {
  if (known === null) return order
  return isAnnounced ? [known] : [known, ...order.filter((version) => version !== known)]
}

/** How many data points it tells; null when it answers no question. Rejects with LanLinkError. */
async function talk(
  { clock, random, dial }: ExaminerParts,
  patient: Patient,
  address: LanAddress,
  version: LanVersion,
  localKey: Buffer,
  signal: AbortSignal,
): Promise<number | null> {
  const points = new Set<number>()
  const read = deferred<void>()
  const counts = new LanCounts()
  const device = deviceOf(patient, address, version)
  const conversation = await openLink(
    { clock, random, dial, counts },
    {
      where: { address, version, isTrusted: true },
      version,
      localKey,
      isSearch: version !== patient.version,
      listens: true,
      onBad: () => {},
      signal,
      conversation: {
        device: () => device,
        children: new Children(() => device, { onPresence: () => {}, onUnknown: () => {} }),
        memory: { byIds: false },
        onValues: (cid, values) => {
          if (cid === null) for (const id of values.keys()) points.add(id)
          read.resolve()
        },
        onTrouble: () => read.resolve(),
      },
    },
  )
  const timer = clock.after(readingMs, () => read.resolve())
  await Promise.race([read.promise, conversation.connection.ended])
  timer.cancel()
  conversation.connection.leave(new LanLinkError('stopped', 'Only looking.'))
  return points.size > 0 ? points.size : null
}

function deviceOf({ id, localKey, pointIds }: Patient, address: LanAddress, version: LanVersion): LanDevice {
  return {
    id,
    localKey: localKey as Secret,
    address,
    version,
    children: new Map(),
    pointIds,
    refreshIds: [],
    sleeps: false,
  }
}

function findingOf(error: LanLinkError): Finding {
  switch (error.end) {
    case 'unreachable':
      return absenceOf(error.cause)
    case 'refused':
      return 'refused'
    case 'key':
      return error.cause instanceof LanError && error.cause.code === 'bad_session_hmac'
        ? 'key-mismatch'
        : 'key-or-version'
    case 'timeout':
      return 'timeout'
    // Who closes when he is spoken to did not understand.
    case 'closed':
      return 'key-or-version'
    case 'protocol':
    case 'changed':
    case 'stopped':
      return 'protocol'
  }
}

function absenceOf(cause: unknown): Finding {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'ECONNREFUSED') return 'port-closed'
  return code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EADDRNOTAVAIL'
    ? 'no-route'
    : 'no-answer'
}
