import type { QueueMessage, Sink, StatusMessage } from '../domain/message.ts'
import type { Report, ReportedPoint } from '../domain/report.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { EventTopics } from '../mqtt/event-topics.ts'
import type { Mirror } from '../mqtt/mirror.ts'
import type { Clock } from '../util/clock.ts'
import type { Settlement } from '../util/settlement.ts'
import { Unready } from './unready.ts'

export interface QueueEffectsParts {
  readonly inventory: Inventory
  readonly events: EventTopics
  readonly mirror: Pick<Mirror, 'confirm'>
  readonly clock: Clock
  /** What exists may have changed: that is looked at. */
  readonly told: (message: QueueMessage) => void
}

/** What the platform's queue tells, brought to where it belongs: state to the inventory, what happened to the events. */
export class QueueEffects {
  readonly #parts: QueueEffectsParts
  readonly #unready: Unready

  constructor(parts: QueueEffectsParts) {
    this.#parts = parts
    this.#unready = new Unready({
      ...parts,
      take: (message, receivedMs, settlement) => this.#report(message, receivedMs, settlement),
      tellAsSent: (message, receivedMs, settlement) =>
        settlement.join((settle) => parts.events.undescribed(message, receivedMs, settle)),
    })
  }

  /** Reports of devices that are not known wait a moment; everything else is judged at once. */
  readonly take: Sink = ({ message, receivedMs }, settlement) => {
    const { events, inventory, mirror, told } = this.#parts
    told(message)
    if (message.kind === 'status') {
      if (this.#unready.has(message.deviceId)) this.#unready.hold(message, receivedMs, settlement)
      else this.#report(message, receivedMs, settlement)
      return
    }
    if (this.#isOfOthers(message)) {
      inventory.counts.unknownDevice++
      settlement.part()(false)
      return
    }
    const tell = (take: (settle: (delivered: boolean) => void) => boolean) => settlement.join(take)
    switch (message.kind) {
      case 'presence':
        inventory.setOnline(message.deviceId, message.online, message.timeMs)
        tell((settle) => events.presence(message, receivedMs, settle))
        if (inventory.device(message.deviceId))
          mirror.confirm(message.deviceId, 'stateAvailability', settlement.part())
        break
      case 'deviceRenamed':
        tell((settle) => events.renamed(message, receivedMs, settle))
        break
      case 'bound':
      case 'unbound':
        tell((settle) => events.bound(message, receivedMs, settle))
        break
      case 'upgrade':
        tell((settle) => events.upgrade(message, receivedMs, settle))
        break
      case 'deviceEvent':
        tell((settle) => events.deviceEvent(message, receivedMs, settle))
        break
      case 'shared':
        tell((settle) => events.shared(message, receivedMs, settle))
        break
      case 'home':
        tell((settle) => events.home(message, receivedMs, settle))
        break
      case 'sceneRun':
        tell((settle) => events.sceneRun(message, receivedMs, settle))
        break
      case 'externalAction':
        tell((settle) => events.externalAction(message, receivedMs, settle))
        break
      case 'pointRenamed':
      case 'deviceChanged':
      case 'unknown':
        tell((settle) => events.other(message, receivedMs, settle))
        break
      case 'ignored':
        break
    }
  }

  stop(): void {
    this.#unready.stop()
  }

  /** What is not mirrored is nobody's business: devices that are not listed here, homes that are left out. */
  #isOfOthers(message: QueueMessage): boolean {
    const { homes, devices } = this.#parts.inventory
    switch (message.kind) {
      case 'presence':
      case 'deviceRenamed':
      case 'pointRenamed':
      case 'unbound':
      case 'upgrade':
      case 'deviceEvent':
      case 'deviceChanged':
        return !devices.has(message.deviceId)
      case 'bound':
        return !devices.has(message.deviceId) && message.homeId !== null && !homes.has(message.homeId)
      case 'shared':
        return !message.deviceIds.some((id) => devices.has(id))
      case 'home':
        return message.change !== 'created' && !homes.has(message.homeId)
      case 'sceneRun':
      case 'externalAction':
        return message.homeId !== null && !homes.has(message.homeId)
      case 'unknown':
        return message.deviceId !== null && !devices.has(message.deviceId)
      // These wait a moment for their device.
      case 'status':
      case 'ignored':
        return false
    }
  }

  #report(message: StatusMessage, receivedMs: number, settlement?: Settlement): void {
    this.#parts.inventory.apply(reportOf(message, receivedMs), settlement)
  }
}

/** The report in a status message; points that have neither a code nor a number cannot be told apart. */
export function reportOf({ deviceId, points }: StatusMessage, receivedMs: number): Report {
  const reported: ReportedPoint[] = []
  for (const { code, dpId, value, timeMs } of points) {
    if (dpId !== null) reported.push({ code: code ?? `dp_${dpId}`, dpId, raw: value, timeMs })
    else if (code !== null) reported.push({ code, raw: value, timeMs })
  }
  return { deviceId, source: 'queue', receivedMs, points: reported }
}
