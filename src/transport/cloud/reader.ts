import { deviceStatus } from '../../codec/cloud/operation/device-status.ts'
import { devicesStatusBatch } from '../../codec/cloud/operation/devices-status-batch.ts'
import { thingProperties } from '../../codec/cloud/operation/thing-properties.ts'
import type { WireStatus } from '../../codec/cloud/shape.ts'
import type { ShadowPoint } from '../../codec/cloud/specification.ts'
import type { Specification } from '../../domain/data-point.ts'
import type { Reader, Waiting } from '../../domain/link.ts'
import type { Report } from '../../domain/report.ts'
import type { Clock, Timer } from '../../util/clock.ts'
import { type Deferred, deferred } from '../../util/deferred.ts'
import { abortReason, orAborted } from '../../util/signal.ts'
import type { CloudClient } from './client.ts'
import type { Priority } from './layer.ts'

export interface CloudReaderParts {
  readonly client: Pick<CloudClient, 'call' | 'now'>
  readonly clock: Clock
  readonly specification: (deviceId: string) => Specification | undefined
  readonly deliver: (report: Report) => void
  readonly priority: Priority
}

/** The batch call takes this many devices. */
export const devicesPerBatch = 20
/** Read requests this close together go out as one call. */
const gatherMs = 15

/**
 * Reads values from the cloud on request and delivers them as reports, dated with the moment at which the request
 * began. Devices that are asked for at the same time share a call.
 */
export class CloudReader implements Reader {
  readonly path = 'cloud'
  readonly #parts: CloudReaderParts
  #waiting = new Map<string, Deferred<void>>()
  #timer: Timer | undefined
  readonly #life = new AbortController()

  constructor(parts: CloudReaderParts) {
    this.#parts = parts
  }

  /** Resolves when the device's values were delivered. */
  read(deviceId: string, { signal }: Waiting): Promise<void> {
    const waiting = this.#waiting.get(deviceId) ?? deferred<void>()
    this.#waiting.set(deviceId, waiting)
    // Nobody may be listening any more when the call fails.
    waiting.promise.catch(() => {})
    this.#timer ??= this.#parts.clock.after(gatherMs, () => this.#flush())
    return orAborted(waiting.promise, signal)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#life.abort()
    for (const waiting of this.#waiting.values()) waiting.reject(abortReason(this.#life.signal))
    this.#waiting.clear()
  }

  #flush(): void {
    this.#timer = undefined
    const asked = [...this.#waiting]
    this.#waiting = new Map()
    const deep = asked.filter(([deviceId]) => this.#needsShadow(deviceId))
    const plain = asked.filter(([deviceId]) => !this.#needsShadow(deviceId))
    for (const one of deep) settle([one], this.#readShadow(one[0]))
    for (let i = 0; i < plain.length; i += devicesPerBatch) {
      const batch = plain.slice(i, i + devicesPerBatch)
      settle(
        batch,
        this.readMany(
          batch.map(([deviceId]) => deviceId),
          this.#life.signal,
        ),
      )
    }
  }

  /** Some points of the device are outside the standard set, which is all that the status calls tell. */
  #needsShadow(deviceId: string): boolean {
    const points = this.#parts.specification(deviceId)?.points
    return points !== undefined && [...points.values()].some((point) => !point.standard)
  }

  /** At most `devicesPerBatch` devices with one call. */
  async readMany(deviceIds: readonly string[], signal: AbortSignal): Promise<void> {
    const { client, priority } = this.#parts
    const timeMs = client.now()
    const [only] = deviceIds
    if (deviceIds.length === 1 && only !== undefined) {
      this.#deliver(only, await client.call(deviceStatus, { device_id: only }, { priority, signal }), timeMs)
      return
    }
    const answer = await client.call(
      devicesStatusBatch,
      { device_ids: deviceIds.join(',') },
      { priority, signal },
    )
    for (const { id, status } of answer) this.#deliver(id, status, timeMs)
  }

  async #readShadow(deviceId: string): Promise<void> {
    const { client, priority } = this.#parts
    const startedMs = client.now()
    const shadow = await client.call(
      thingProperties,
      { device_id: deviceId },
      { priority, signal: this.#life.signal },
    )
    const points = this.#parts.specification(deviceId)?.points
    const codeOf = new Map([...(points?.values() ?? [])].map((point) => [point.dpId, point.code]))
    this.#parts.deliver(shadowReport(deviceId, shadow, startedMs, client.now(), (dpId) => codeOf.get(dpId)))
  }

  #deliver(deviceId: string, status: readonly WireStatus[], timeMs: number): void {
    this.#parts.deliver(reportOf(deviceId, status, timeMs, this.#parts.client.now()))
  }
}

/** The values of one device out of a cloud answer. */
export function reportOf(
  deviceId: string,
  status: readonly WireStatus[],
  timeMs: number,
  receivedMs: number,
): Report {
  const points = status.map(({ code, value }) => ({ code, raw: value, timeMs }))
  return { deviceId, source: 'poll', receivedMs, points }
}

/** The same out of the shadow; `codeOf` gives the standard code of a DP where there is one. */
export function shadowReport(
  deviceId: string,
  shadow: readonly ShadowPoint[],
  timeMs: number,
  receivedMs: number,
  codeOf: (dpId: number) => string | undefined,
): Report {
  const points = shadow.map(({ source, raw, timeMs: saidMs }) => ({
    code: (source.dpId === undefined ? undefined : codeOf(source.dpId)) ?? source.code,
    ...(source.dpId === undefined ? {} : { dpId: source.dpId }),
    raw,
    timeMs,
    ...(saidMs === undefined ? {} : { saidMs }),
  }))
  return { deviceId, source: 'poll', receivedMs, points }
}

function settle(asked: readonly (readonly [string, Deferred<void>])[], work: Promise<void>): void {
  work.then(
    () => {
      for (const [, waiting] of asked) waiting.resolve()
    },
    (thrown) => {
      for (const [, waiting] of asked) waiting.reject(thrown)
    },
  )
}
