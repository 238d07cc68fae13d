import type { Clock } from '../../util/clock.ts'
import {
  answers,
  CloudError,
  type CloudFaultKind,
  type CloudRequest,
  isCloudError,
  type Layer,
} from './layer.ts'

const hourMs = 3_600_000

/** R-C4: faults after which the whole cloud is left alone, and how long until one call asks again. */
const stops: Partial<Record<CloudFaultKind, { readonly word: string; readonly probeMs: number }>> = {
  config: { word: 'credentials', probeMs: 15 * 60_000 },
  quota: { word: 'quota', probeMs: hourMs },
}

export interface Stop {
  /** A public word: `credentials` or `quota`. */
  readonly word: string
  readonly message: string
  readonly code: string
}

/** Stands before all other layers: while it is shut, calls fail at once and nothing is sent but the probe. */
export class CloudGate {
  readonly #clock: Clock
  #stop: (Stop & { readonly error: CloudError; readonly probeMs: number }) | undefined
  #probeAt = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get stop(): Stop | undefined {
    return this.#stop
  }

  layer(onChange: () => void): Layer {
    return (next) => async (request) => {
      const probe = this.#admit()
      try {
        const reply = await next(request)
        if (probe) this.#open(onChange)
        return reply
      } catch (thrown) {
        if (isCloudError(thrown) && this.#shut(thrown)) onChange()
        else if (probe && isCloudError(thrown, ...answers)) this.#open(onChange)
        else if (probe && isCloudError(thrown, 'blocked', 'budget')) this.reopen()
        throw thrown
      }
    }
  }

  /** Says whether this call is the probe; throws while the gate is shut. */
  #admit(): boolean {
    if (!this.#stop) return false
    if (this.#clock.monotonic() < this.#probeAt) {
      const { error } = this.#stop
      throw new CloudError('blocked', 'not-sent', error.message, {
        code: error.code,
        retry: error.retry,
        ...(error.tuya ? { tuya: error.tuya } : {}),
      })
    }
    // Whatever becomes of it: one probe an interval.
    this.#probeAt = this.#clock.monotonic() + this.#stop.probeMs
    return true
  }

  #open(onChange: () => void): void {
    this.#stop = undefined
    onChange()
  }

  #shut(error: CloudError): boolean {
    const rule = stops[error.kind]
    if (!rule) return false
    this.#probeAt = this.#clock.monotonic() + rule.probeMs
    this.#stop = { ...rule, message: error.message, code: error.code, error }
    return true
  }

  /** The user changed something in the console, or the probe never left: the next call may ask at once. */
  reopen(): void {
    this.#probeAt = Number.NEGATIVE_INFINITY
  }
}

const permissionPauseMs = 6 * hourMs
const pausesAtMost = 10_000

/** A device or feature that the project may not use is left alone for six hours; what people ask for is always tried. */
export class PermissionPause {
  readonly #clock: Clock
  readonly #until = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  layer(): Layer {
    return (next) => async (request) => {
      const key = subjectOf(request)
      const until = this.#until.get(key)
      if (until !== undefined && request.priority !== 'command' && !request.urgent) {
        if (this.#clock.monotonic() < until) {
          throw new CloudError(
            'blocked',
            'not-sent',
            `${request.operation.id} is not permitted for this project; it is tried again later.`,
            { code: 'cloud/permission', retry: 'never' },
          )
        }
        this.#until.delete(key)
      }
      try {
        return await next(request)
      } catch (thrown) {
        if (thrown instanceof CloudError && thrown.kind === 'permission' && this.#until.size < pausesAtMost) {
          this.#until.set(key, this.#clock.monotonic() + permissionPauseMs)
        }
        throw thrown
      }
    }
  }

  clear(): void {
    this.#until.clear()
  }
}

function subjectOf(request: CloudRequest): string {
  return `${request.operation.id} ${Object.values(request.args).slice(0, 2).map(String).join(' ')}`
}
