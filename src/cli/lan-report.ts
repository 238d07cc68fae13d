import { diagnoses, type Finding } from '../transport/lan/diagnosis.ts'
import type { DiscoveryStatus, Heard } from '../transport/lan/discovery.ts'
import type { Examination } from '../transport/lan/examination.ts'
import type { Wanted } from './lan-patients.ts'
import { table } from './table.ts'

/** What was found out about one device. */
export interface Visit {
  readonly device: Wanted
  readonly heard: Heard | undefined
  readonly examination: Examination
}

/** What was found out about all of them. */
export interface LanReport {
  readonly discovery: DiscoveryStatus | null
  readonly listenedSeconds: number
  readonly visits: readonly Visit[]
  /** Heard, and neither configured nor in the cloud's list. */
  readonly strangers: readonly (readonly [id: string, heard: Heard])[]
}

type Mark = 'ok' | 'note' | 'FAIL'

/** Whether every device that ought to can be used on the LAN. */
export function isWell({ visits }: LanReport): boolean {
  return visits.every((visit) => markOf(visit) !== 'FAIL')
}

/** Devices on batteries or radio are nowhere on the LAN: that is no fault where the cloud serves them. */
function markOf({ device, examination: { finding } }: Visit): Mark {
  if (finding === 'ok') return 'ok'
  if (finding === 'behind-gateway') return 'note'
  return finding === 'no-address' && !device.sources.includes('configuration') ? 'note' : 'FAIL'
}

/** For programs: the same words, nothing left out but keys. */
export function asJson({ discovery, listenedSeconds, visits, strangers }: LanReport): object {
  return {
    discovery,
    listenedSeconds,
    devices: visits.map(({ device, heard, examination }) => ({
      id: device.id,
      name: device.name,
      sources: device.sources,
      hasKey: device.localKey !== null,
      configured: { address: device.address, version: device.version },
      gateway: device.gatewayId,
      cid: device.cid,
      heard: heard ?? null,
      ...examination,
      mark: markOf({ device, heard, examination }).toLowerCase(),
      ...diagnoses[examination.finding],
      notes: notesOf({ device, heard, examination }),
    })),
    strangers: strangers.map(([id, heard]) => ({ id, ...heard })),
  }
}

/** For people: one row for each device, and below what to do. */
export function asText(report: LanReport): string {
  const head = ['', 'finding', 'id', 'heard', 'answers at', 'version', 'points', 'name']
  const parts = [
    table(head, report.visits.map(rowOf)),
    ...report.visits.flatMap(detailsOf),
    ...adviceFor(report),
    ...strangersOf(report),
  ]
  return parts.join('\n')
}

function rowOf(visit: Visit): string[] {
  const { device, heard, examination } = visit
  const { finding, address, version, points } = examination
  return [
    markOf(visit),
    finding,
    device.id,
    heard ? `${heard.host} (${heard.version ?? '?'})` : '-',
    address ? `${address.host}:${address.port}` : '-',
    version ?? '-',
    points === null ? '-' : String(points),
    device.name ?? '',
  ]
}

function detailsOf(visit: Visit): string[] {
  const { device, examination } = visit
  const tried = markOf(visit) === 'FAIL' ? examination.tried : []
  const notes = notesOf(visit)
  if (tried.length + notes.length === 0) return []
  return [
    `\n${device.name ?? device.id} (${device.id})`,
    ...tried.map(
      ({ address, version, finding, message }) =>
        `  tried ${address.host}:${address.port} as ${version}: ${finding}. ${message}`,
    ),
    ...notes.map((note) => `  ${note}`),
  ]
}

/** Once for each finding, however many devices share it. */
function adviceFor({ visits }: LanReport): string[] {
  const findings = new Set<Finding>(
    visits.filter((visit) => markOf(visit) !== 'ok').map(({ examination }) => examination.finding),
  )
  return [...findings].map((finding) => {
    const { meaning, advice } = diagnoses[finding]
    return `\n${finding}: ${meaning} ${advice}`
  })
}

/** What is odd although it may work. */
function notesOf({ device, heard, examination: { finding, version, points } }: Visit): string[] {
  const configured = device.address?.host
  const notes: string[] = []
  if (heard && configured !== undefined && configured !== heard.host)
    notes.push(`It is configured at ${configured} and was heard from ${heard.host}.`)
  if (heard?.ip) notes.push(`It calls itself ${heard.ip}; the address that it was heard from is used.`)
  if (heard?.active === 0) notes.push('It says that it is not paired with any account.')
  if (device.version !== null && version !== null && device.version !== version)
    notes.push(`It is configured as ${device.version} and answers as ${version}.`)
  if (finding === 'ok' && version === '3.1')
    notes.push('Devices of 3.1 answer whatever the key is: only a command shows whether it is right.')
  if (finding === 'ok' && points === null)
    notes.push('It answers no question about its state, as remote controls and some sensors do.')
  return notes
}

function strangersOf({ strangers }: LanReport): string[] {
  if (strangers.length === 0) return []
  const rows = strangers.map(([id, { host, version, productKey }]) => [
    id,
    host,
    version ?? '?',
    productKey ?? '',
  ])
  return [
    '\nheard, and neither configured nor in the cloud:',
    table(['id', 'address', 'version', 'product'], rows),
  ]
}
