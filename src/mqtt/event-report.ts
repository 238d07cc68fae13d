import type { Json } from '../domain/data-point.ts'
import { holdsMedia, type MomentaryKind, momentaryData, momentaryKind } from '../domain/momentary.ts'
import type { LiveSource, SaidPoint, Source } from '../domain/report.ts'
import { sameJson } from '../domain/state.ts'
import type { Happening } from './event-table.ts'
import type { Telling } from './event-teller.ts'

/** What a device said, as the inventory understood it. */
export interface SaidReport {
  readonly deviceId: string
  readonly source: Source
  readonly receivedMs: number
  readonly said: readonly SaidPoint[]
}

/** The report as one event, with everything in it; it happened when its newest point did. */
export function reportTelling({ deviceId, receivedMs, said }: SaidReport, source: LiveSource): Telling {
  // Codes come from outside: without a prototype none of them means anything.
  const dp: Record<string, Json> = Object.create(null)
  const raw: Record<string, Json> = Object.create(null)
  for (const one of said) {
    dp[one.point.code] = one.value
    if (!sameJson(one.value, one.raw)) raw[one.point.code] = one.raw as Json
  }
  return {
    kind: 'report',
    object: { device: deviceId },
    data: { dp, raw },
    places: [{ happening: 'Report', params: { device: deviceId } }],
    source,
    timeMs: Math.max(...said.map(({ timeMs }) => timeMs)),
    receivedMs,
  }
}

export const momentaryHappening: Readonly<Record<MomentaryKind, Happening>> = {
  button: 'Button',
  doorbell: 'Doorbell',
  unlock: 'Unlock',
  alarm: 'Alarm',
  momentary: 'Momentary',
}

/** One press, ring or unlock out of a report. */
export function momentaryTelling(
  { deviceId, receivedMs }: SaidReport,
  { point, value, timeMs }: SaidPoint,
  source: LiveSource,
): Telling {
  const { code } = point
  const kind = momentaryKind(code)
  return {
    kind,
    object: { device: deviceId },
    data: momentaryData(code, value),
    ...(holdsMedia(code) ? { lastData: { code, value: null } } : {}),
    places: [{ happening: momentaryHappening[kind], params: { device: deviceId, code } }],
    source,
    timeMs,
    receivedMs,
  }
}
