import type { DataPoint, ValueCodec } from '../domain/data-point.ts'
import { isPortion } from '../domain/energy.ts'
import { isLive, type Report, type ReportedPoint, type SaidPoint } from '../domain/report.ts'
import { dpIdOfCode, pointByDpId, undescribedPoint } from '../domain/specification.ts'
import { DeviceState, futureToleranceMs, type PointFact, sameJson } from '../domain/state.ts'
import type { Clock } from '../util/clock.ts'
import type { Emitter } from '../util/emitter.ts'
import type { Settle, Settlement } from '../util/settlement.ts'
import { Delivery } from './delivery.ts'
import type { EnergyTotals } from './energy-totals.ts'
import type { DeviceRecord, InventoryEvents, Observation } from './events.ts'
import { HeldBack } from './held-back.ts'
import { type Saying, Twins } from './twins.ts'

/** A record as the inventory itself keeps it. */
export interface MutableRecord extends DeviceRecord {
  device: DeviceRecord['device']
  specification: DeviceRecord['specification']
  state: DeviceState
  lanUp: boolean
  waiting: WaitingReport[]
}

/** A report of a device whose specification is still on its way. */
export interface WaitingReport {
  readonly report: Report
  readonly settlement: Settlement | undefined
  /** Holds the settlement open. */
  readonly done: Settle | undefined
}

export interface ReportMergeParts {
  readonly codec: ValueCodec
  readonly energy: EnergyTotals
  readonly events: Emitter<InventoryEvents>
  readonly counts: { older: number; odd: number }
  /** The cloud's time is known: what is heard on the LAN is dated by it. */
  readonly isDated: () => boolean
  /** Runs later what has to wait; without it nothing waits. */
  readonly after?: Clock['after'] | undefined
}

/** Who waits until the report is with the broker: who brought it, or who will bring the same. */
interface Waiting {
  readonly settlement: Settlement | undefined
  readonly delivery: Delivery | undefined
}

/** R-Q2: so long what a device says on the LAN goes before what the cloud says of it. */
export const lanLeadMs = 2_000
/** Data points that a device may have; what it invents beyond them is not kept. */
const pointsAtMost = 1_000

/** Merges reports into the state of devices, point by point, in the units of their specifications. */
export class ReportMerge {
  readonly #parts: ReportMergeParts
  /** By device and code, the source time that an earlier run published. */
  readonly #floors = new Map<string, ReadonlyMap<string, number>>()
  readonly #twins = new Twins()
  readonly #heldBack: HeldBack | undefined

  constructor(parts: ReportMergeParts) {
    this.#parts = parts
    const { after } = parts
    if (after)
      this.#heldBack = new HeldBack(after, ({ record, report, settlement }) =>
        this.merge(record, report, settlement),
      )
  }

  newState(deviceId: string): DeviceState {
    return this.#bounded(deviceId, new DeviceState())
  }

  #bounded(deviceId: string, state: DeviceState): DeviceState {
    for (const [code, timeMs] of this.#floors.get(deviceId) ?? []) state.floor(code, timeMs)
    return state
  }

  /** Lower bounds of source time, for `state` when the device is known already. */
  setFloors(deviceId: string, floors: ReadonlyMap<string, number>, state: DeviceState | undefined): void {
    this.#floors.set(deviceId, floors)
    if (state) for (const [code, timeMs] of floors) state.floor(code, timeMs)
  }

  /** Takes in what has just come. */
  take(record: MutableRecord, report: Report, settlement?: Settlement): void {
    // What was on a disk came long ago.
    const latestMs = report.source === 'snapshot' ? undefined : report.receivedMs + futureToleranceMs
    const isOfNow = report.source === 'lan' && latestMs !== undefined
    this.merge(record, isOfNow ? ofNow(record, report, latestMs) : report, settlement, latestMs)
  }

  /** Takes in what may have waited for a while; what is known and dated after `latestMs` does not go before it. */
  merge(record: MutableRecord, report: Report, settlement?: Settlement, latestMs?: number): void {
    const { codec, counts, energy, events } = this.#parts
    const changed: string[] = []
    const observed: Observation[] = []
    const said: SaidPoint[] = []
    const delivery = report.source === 'lan' && !report.asked ? new Delivery() : undefined
    const waiting = { settlement, delivery }
    let isDoubted = false
    for (const reported of report.points) {
      const point = this.#pointOf(record, reported)
      if (point === undefined) continue
      const { value, odd } = codec.decode(point, reported.raw)
      const one = { point, raw: reported.raw, value, timeMs: reported.timeMs }
      const twin = this.#twinOf(record, report, one, waiting)
      if (!report.asked && (!twin || twin.delivery?.isLost)) said.push(one)
      if (point.momentary) continue
      if (this.#holdsBack(record, report, reported, one, settlement)) continue
      if (odd) counts.odd++
      const isLate = isOvershadowed(record, point.code, report, reported)
      isDoubted ||= isLate && report.source === 'queue' && isNewerAndOther(record, one)
      const verdict = isLate
        ? 'older'
        : record.state.apply(point.code, factOf(record, report, one, odd), latestMs)
      if (verdict === 'older') {
        counts.older++
        continue
      }
      if (isLive(report.source)) this.#heldBack?.overtaken(record.device.id, point.code)
      observed.push({ code: point.code, value, timeMs: reported.timeMs })
      // Equal portions are two: what they add up to has changed.
      const isMore = energy.observe(
        record.device.id,
        point,
        value,
        reported,
        heard(report, twin !== undefined),
      )
      if (verdict === 'changed' || isMore) changed.push(point.code)
    }
    if (isDoubted) events.emit('doubted', record)
    const { source, receivedMs } = report
    events.emit('report', {
      record,
      source,
      receivedMs,
      changed,
      observed,
      said,
      settlement,
      told: delivery?.settlement,
    })
    delivery?.settlement.seal()
  }

  forget(deviceId: string): void {
    this.#twins.forget(deviceId)
    this.#heldBack?.forget(deviceId)
  }

  stop(): void {
    this.#heldBack?.stop()
  }

  /** Whether a value waits, as nobody can tell whether it came before the one that was read meanwhile, or after it. */
  #holdsBack(
    record: MutableRecord,
    report: Report,
    reported: ReportedPoint,
    { point: { code }, value, timeMs }: SaidPoint,
    settlement: Settlement | undefined,
  ): boolean {
    // What has waited does not wait again.
    if (!this.#heldBack || report.source !== 'queue' || report.asked) return false
    if (!record.state.isInDoubt(code, value, timeMs)) return false
    const alone = { ...report, points: [reported], asked: true as const }
    const answeredMs = record.state.get(code)?.timeMs ?? timeMs
    return this.#heldBack.hold({ record, report: alone, code, settlement }, reported, answeredMs)
  }

  /** What a device said on both ways is told once: what of this the other way has told. Answers are no news at all. */
  #twinOf(
    { device, lanUp }: MutableRecord,
    { source, asked, receivedMs }: Report,
    { point, value, timeMs }: SaidPoint,
    { settlement, delivery }: Waiting,
  ): Pick<Saying, 'delivery'> | undefined {
    if (asked || !isLive(source)) return undefined
    // Without a LAN there is nobody who could have told it before.
    if (source === 'queue' && !lanUp) return undefined
    const saying = { code: point.code, value, timeMs, receivedMs, delivery }
    const twin = this.#twins.take(device.id, source, saying, this.#parts.isDated())
    // What was told on the LAN may still wait for the broker.
    if (twin && settlement) twin.delivery?.join(settlement, () => this.#twins.again(device.id, twin))
    return twin
  }

  /** Known raw values under a new specification. What was taken once is not held against any bound again. */
  redecode(record: MutableRecord): void {
    const old = [...record.state.entries()]
    const state = new DeviceState()
    for (const [code, fact] of old) {
      const point = describedPoint(record, code) ?? undescribedPoint(code, null)
      if (point.momentary) continue
      state.apply(point.code, { ...fact, ...this.#parts.codec.decode(point, fact.raw) })
    }
    record.state = this.#bounded(record.device.id, state)
  }

  /** A point that no source described joins the specification when it is first reported. */
  #pointOf(record: MutableRecord, { code, dpId }: ReportedPoint): DataPoint | undefined {
    const before = record.specification
    const named = before?.points.get(code)
    if (named && named.dpId === dpId) return named
    const described = (dpId === undefined ? undefined : pointByDpId(before, dpId)) ?? named
    if (described || before?.partial) return described
    if ((before?.points.size ?? 0) >= pointsAtMost) return undefined
    const point = undescribedPoint(code, dpId ?? null)
    const points = new Map([...(before?.points ?? []), [code, point] as const])
    record.specification = { source: before?.source ?? 'cloud', points }
    this.#parts.events.emit('specification', { record, before })
    return point
  }
}

/** By its name, or by its number where that was all that was known of it. */
function describedPoint({ specification }: DeviceRecord, code: string): DataPoint | undefined {
  const named = specification?.points.get(code)
  const dpId = named ? null : dpIdOfCode(code)
  return named ?? (dpId === null ? undefined : pointByDpId(specification, dpId))
}

function factOf(
  { state }: DeviceRecord,
  { source, receivedMs }: Report,
  { point, raw, value, timeMs }: SaidPoint,
  odd: boolean,
): PointFact {
  // Each portion counts, whether it came before the one that was read or after it.
  const isExact = source !== 'poll' || receivedMs <= timeMs || isPortion(point)
  if (isExact) return { raw, value, odd, timeMs, receivedMs, source }
  const known = state.get(point.code)
  // What was known already held all the time; anything else since some time between question and answer.
  const since = known && sameJson(known.value, value) ? { timeMs } : { timeMs: receivedMs, sinceMs: timeMs }
  return { raw, value, odd, ...since, receivedMs, source }
}

/** Answers repeat what was said last, as readings of the cloud do. */
function heard({ asked, source, receivedMs }: Report, isEcho: boolean) {
  return { source: asked ? ('poll' as const) : source, receivedMs, isEcho }
}

/** What a device itself says now is not older than what another clock has dated a little ahead of ours. */
function ofNow({ state }: DeviceRecord, report: Report, latestMs: number): Report {
  const points = report.points.map((point) => {
    const bound = state.bound(point.code, latestMs)
    return bound > point.timeMs ? { ...point, timeMs: bound } : point
  })
  return { ...report, points }
}

/** The cloud's word arrives late or is dated by another clock, and the device itself has spoken since. */
function isOvershadowed(
  { lanUp, state }: MutableRecord,
  code: string,
  { source }: Report,
  { timeMs }: ReportedPoint,
): boolean {
  if (!lanUp || (source !== 'queue' && source !== 'poll')) return false
  const known = state.get(code)
  return known?.source === 'lan' && timeMs < known.timeMs + lanLeadMs
}

/** What is overshadowed may be true all the same: not everything that changes is told on the LAN. */
function isNewerAndOther({ state }: MutableRecord, { point, value, timeMs }: SaidPoint): boolean {
  const known = state.get(point.code)
  return known !== undefined && timeMs > known.timeMs && !sameJson(known.value, value)
}
