import type { LanFault } from '../../codec/lan/lan-error.ts'
import type { LanEnd } from './link-error.ts'

/** What all links did since the start; for metrics. */
export class LanCounts {
  /** Connections on which a device has proved itself. */
  connects = 0
  /** Tries that were made, whatever came of them. */
  opens = 0
  /** Sockets that stand at this moment. */
  openSockets = 0
  /** Tries that go on at this moment. */
  opening = 0
  framesIn = 0
  framesOut = 0
  /** Answers that nobody was waiting for any more. */
  strays = 0
  /** Pushes that were told together with others, because too many came. */
  merged = 0
  /** How often a device that sends more than anybody reads was made to wait. */
  floods = 0
  /** Frames that were sealed with a nonce used before. */
  nonceReuses = 0
  /** Frames that had been heard before; each ends its connection. */
  replays = 0
  readonly endsByReason = new Map<LanEnd, number>()
  readonly badFramesByFault = new Map<LanFault, number>()

  ended(end: LanEnd): void {
    this.endsByReason.set(end, (this.endsByReason.get(end) ?? 0) + 1)
  }

  bad(fault: LanFault): void {
    this.badFramesByFault.set(fault, (this.badFramesByFault.get(fault) ?? 0) + 1)
  }
}
