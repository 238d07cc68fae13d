import type { CloudVerdict, Retry } from '../util/error.ts'
import type { Json } from './data-point.ts'

export type Path = 'lan' | 'cloud'

/** One value of a write: what the sender meant and what goes out. */
export interface PointWrite {
  readonly code: string
  readonly shown: Json
  readonly raw: Json
}

/** A write to one device: all points together or none. */
export interface Write {
  readonly deviceId: string
  readonly points: readonly PointWrite[]
  /** Never merged, resent or moved to another path once a byte may have left (R-K4). */
  readonly once: boolean
  readonly path: 'auto' | Path
  /** How long it may wait before it is sent. */
  readonly ttlMs: number
}

export type ProgressState = 'accepted' | 'sent'
export type FinalState = 'confirmed' | 'rejected' | 'failed' | 'timeout' | 'superseded' | 'expired'
export type CommandState = 'received' | ProgressState | FinalState

export interface Attempt {
  readonly path: Path
  readonly reason: string
  readonly ms: number
}

/** What became of a command; the one final answer. */
export interface Outcome {
  readonly state: FinalState
  readonly by?: 'report' | 'ack' | 'cloud' | 'bridge'
  readonly path?: Path | null
  readonly sent?: { readonly [code: string]: Json }
  readonly result?: unknown
  readonly attempts?: readonly Attempt[]
  readonly warnings?: readonly string[]
  readonly reason?: string
  readonly message?: string
  readonly retry?: Retry
  readonly details?: readonly object[]
  readonly tuya?: CloudVerdict
}

const next: Readonly<Record<CommandState, readonly CommandState[]>> = {
  received: ['rejected', 'accepted'],
  // confirmed without sent: answered by the bridge itself (a repeated id, a verb)
  accepted: ['sent', 'superseded', 'expired', 'failed', 'confirmed'],
  sent: ['confirmed', 'failed', 'timeout'],
  confirmed: [],
  rejected: [],
  failed: [],
  timeout: [],
  superseded: [],
  expired: [],
}

/** I-4 as a state machine: only legal steps, and one end. */
export class CommandLife {
  #state: CommandState = 'received'

  get state(): CommandState {
    return this.#state
  }

  get ended(): boolean {
    return next[this.#state].length === 0
  }

  /** Takes the step if it is legal and says whether it was; an ended command takes none. */
  to(state: CommandState): boolean {
    if (!next[this.#state].includes(state)) return false
    this.#state = state
    return true
  }

  /** Ends it, over the steps that nobody told: a verb is answered at once. False when it cannot end so. */
  end(state: FinalState): boolean {
    if (state !== 'rejected') this.to('accepted')
    // Nobody knows what became of it only where it may have left.
    if (state === 'timeout') this.to('sent')
    return this.to(state)
  }
}
