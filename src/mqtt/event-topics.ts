import type { Json } from '../domain/data-point.ts'
import { isId } from '../domain/id.ts'
import type {
  BindingMessage,
  DeviceEventMessage,
  DeviceRenamedMessage,
  ExternalActionMessage,
  HomeMessage,
  PresenceMessage,
  SceneRunMessage,
  SharedMessage,
  StatusMessage,
  UnknownMessage,
  UpgradeMessage,
} from '../domain/message.ts'
import { deviceEventKind } from '../domain/momentary.ts'
import { isLive } from '../domain/report.ts'
import { isRecord } from '../util/json.ts'
import { type Settle, Settlement } from '../util/settlement.ts'
import { momentaryHappening, momentaryTelling, reportTelling, type SaidReport } from './event-report.ts'
import type { Happening } from './event-table.ts'
import { EventTeller, type EventTellerParts, type Place, type Telling } from './event-teller.ts'
import { actionName } from './payload-scene.ts'

export interface EventTopicsParts extends EventTellerParts {
  /** External actions may name the bridge that they are for. */
  readonly instance: string
  readonly settings: EventTellerParts['settings'] & {
    /** Whether each report is an event of its own. */
    readonly reports: boolean
    /** Members of an external action's object that name it. */
    readonly actionKeys: readonly string[]
  }
}

/** What any message has that is told by the platform's word for it. */
type Stray = Pick<UnknownMessage, 'protocol' | 'bizCode' | 'timeMs' | 'data'> & {
  readonly deviceId?: string | null
  readonly lastData?: Json
}

type OfDevice = Stray & { readonly deviceId: string }

/**
 * What happens, as events and as copies of the last ones. Each method tells what one kind of message says; `settle`
 * is called once, when the broker has it all. A method that gives false found no room: `settle` is not called, and the
 * message has to be brought again; what of it was told by then is not told twice.
 */
export class EventTopics {
  readonly #parts: EventTopicsParts
  readonly #teller: EventTeller

  constructor(parts: EventTopicsParts) {
    this.#parts = parts
    this.#teller = new EventTeller(parts)
  }

  get counts(): EventTeller['counts'] {
    return this.#teller.counts
  }

  /** Copies that the broker holds from an earlier run, and after a reconnect those that it still holds. */
  get found(): Pick<EventTeller, 'adopt' | 'restore'> {
    return this.#teller
  }

  /** What is to be said has changed. */
  settingsChanged(): void {
    this.#teller.settingsChanged()
  }

  stop(): void {
    this.#teller.stop()
  }

  /** A report of a device, and each press, ring and unlock in it; nothing of sources that only read again. */
  reported(report: SaidReport, settle?: Settle): boolean {
    const tellings: Telling[] = []
    if (isLive(report.source) && report.said.length > 0) {
      if (this.#parts.settings.reports) {
        const whole = reportTelling(report, report.source)
        if (this.#teller.isFresh(whole)) tellings.push(whole)
      }
      for (const one of report.said)
        if (one.point.momentary) tellings.push(momentaryTelling(report, one, report.source))
    }
    return this.#all(tellings, settle)
  }

  /** The platform says that a device came online or went offline. */
  presence(message: PresenceMessage, receivedMs: number, settle?: Settle): boolean {
    const kind = message.online ? 'online' : 'offline'
    return this.#device(message, message.online ? 'Online' : 'Offline', kind, {}, receivedMs, settle)
  }

  renamed(message: DeviceRenamedMessage, receivedMs: number, settle?: Settle): boolean {
    return this.#device(message, 'Renamed', 'renamed', { name: message.name }, receivedMs, settle)
  }

  bound(message: BindingMessage, receivedMs: number, settle?: Settle): boolean {
    const happening = message.kind === 'bound' ? 'Bound' : 'Unbound'
    return this.#device(message, happening, message.kind, { home: message.homeId }, receivedMs, settle)
  }

  upgrade(message: UpgradeMessage, receivedMs: number, settle?: Settle): boolean {
    const { module, status, percent } = message
    return this.#device(message, 'Ota', 'ota', { module, status, percent }, receivedMs, settle)
  }

  /** Something that a device says besides its points. */
  deviceEvent(message: DeviceEventMessage, receivedMs: number, settle?: Settle): boolean {
    const { deviceId, code, timeMs, data } = message
    if (!isId(deviceId)) return this.other(message, receivedMs, settle)
    const kind = deviceEventKind(code)
    return this.#teller.tell(
      {
        kind,
        object: { device: deviceId },
        data: { code, value: data },
        // Whatever it is, it may lead to pictures.
        lastData: { code, value: null },
        places: [{ happening: momentaryHappening[kind], params: { device: deviceId, code } }],
        source: 'queue',
        timeMs,
        receivedMs,
      },
      settle,
    )
  }

  /** One event for each of the devices. */
  shared(message: SharedMessage, receivedMs: number, settle?: Settle): boolean {
    const { deviceIds, timeMs, data } = message
    const known = deviceIds.filter(isId)
    if (known.length === 0) return this.other(message, receivedMs, settle)
    const tellings = known.map((device) => ofDevice(device, 'Shared', 'shared', data, timeMs, receivedMs))
    return this.#all(tellings, settle)
  }

  home(message: HomeMessage, receivedMs: number, settle?: Settle): boolean {
    const { homeId, change, timeMs, data } = message
    if (!isId(homeId)) return this.other(message, receivedMs, settle)
    return this.#teller.tell(
      {
        kind: change,
        object: { home: homeId },
        data,
        places: [{ happening: 'Home', params: { home: homeId, kind: change } }],
        source: 'queue',
        timeMs,
        receivedMs,
      },
      settle,
    )
  }

  sceneRun(message: SceneRunMessage, receivedMs: number, settle?: Settle): boolean {
    const { sceneId, homeId, actions, timeMs } = message
    if (!isId(sceneId)) return this.other(message, receivedMs, settle)
    return this.#teller.tell(
      {
        kind: 'run',
        object: { ...inHome(homeId), scene: sceneId },
        data: { actions: actions.map(({ device, ok, timeMs: atMs }) => ({ device, ok, timeMs: atMs })) },
        places: [{ happening: 'SceneRun', params: { scene: sceneId } }],
        source: 'queue',
        timeMs,
        receivedMs,
      },
      settle,
    )
  }

  /** Below its automation, and once more below the name that it gives itself, unless it is meant for another bridge. */
  externalAction(message: ExternalActionMessage, receivedMs: number, settle?: Settle): boolean {
    const { automationId, homeId, payload, timeMs } = message
    if (!isId(automationId)) return this.other(message, receivedMs, settle)
    const action = this.#actionFor(payload)
    const places: Place[] = [{ happening: 'ExternalAction', params: { automation: automationId } }]
    if (action !== undefined) places.push({ happening: 'Action', params: { action } })
    return this.#teller.tell(
      {
        kind: 'external_action',
        object: { ...inHome(homeId), automation: automationId, ...(action === undefined ? {} : { action }) },
        data: payload,
        places,
        source: 'queue',
        timeMs,
        receivedMs,
      },
      settle,
    )
  }

  /** A report of a device that nothing is known of: nobody can say which of its points are values and which presses. */
  undescribed(message: StatusMessage, receivedMs: number, settle?: Settle): boolean {
    const points = message.points.map(({ code, dpId, value, timeMs }) => ({ code, dpId, value, timeMs }))
    // What it says may be what no copy says: who opened a lock, where a picture lies.
    return this.other({ ...message, data: { points }, lastData: { points: null } }, receivedMs, settle)
  }

  /** Everything without a kind of its own, by the platform's word for it. */
  other(message: Stray, receivedMs: number, settle?: Settle): boolean {
    const { protocol, timeMs, data, lastData, deviceId: device = null } = message
    const bizCode = message.bizCode || `protocol_${protocol}`
    return this.#teller.tell(
      {
        kind: bizCode,
        object: device !== null && isId(device) ? { device } : {},
        data,
        ...(lastData === undefined ? {} : { lastData }),
        places: [{ happening: 'Queue', params: { bizCode } }],
        source: 'queue',
        timeMs,
        receivedMs,
      },
      settle,
    )
  }

  #device(
    message: OfDevice,
    happening: Happening,
    kind: string,
    data: Json,
    receivedMs: number,
    settle: Settle | undefined,
  ): boolean {
    const { deviceId, timeMs } = message
    if (!isId(deviceId)) return this.other(message, receivedMs, settle)
    return this.#teller.tell(ofDevice(deviceId, happening, kind, data, timeMs, receivedMs), settle)
  }

  #all(tellings: readonly Telling[], settle: Settle | undefined): boolean {
    let hasRoom = true
    const settlement = new Settlement(settle ?? (() => {}), () => {
      hasRoom = false
    })
    for (const telling of tellings) settlement.join((part) => this.#teller.tell(telling, part))
    settlement.seal()
    return hasRoom
  }

  #actionFor(payload: Json): string | undefined {
    if (isRecord(payload) && Object.hasOwn(payload, 'bridge') && payload['bridge'] !== this.#parts.instance)
      return undefined
    return actionName(payload, this.#parts.settings.actionKeys)
  }
}

function ofDevice(
  device: string,
  happening: Happening,
  kind: string,
  data: Json,
  timeMs: number,
  receivedMs: number,
): Telling {
  const places = [{ happening, params: { device } }]
  return { kind, object: { device }, data, places, source: 'queue', timeMs, receivedMs }
}

function inHome(homeId: string | null): { readonly home?: string } {
  return homeId !== null && isId(homeId) ? { home: homeId } : {}
}
