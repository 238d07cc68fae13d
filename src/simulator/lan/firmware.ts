import { lanVersion } from '../../codec/lan/version.ts'
import type { Clock } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import type { FaultName, Faults, NarrowableName } from '../fault.ts'
import type { Journal } from '../journal.ts'
import type { SimDevice } from '../world/device.ts'
import type { ChangedPoint } from '../world/event.ts'
import type { World } from '../world.ts'
import type { LanEntry } from '../world-file.ts'
import { type Behaviour, behaviourOf } from './behaviour.ts'
import { childrenBodies, type Dps } from './body.ts'
import { fromLan, toLan } from './point.ts'

export interface LanParts {
  readonly world: World
  readonly faults: Faults
  readonly journal: Journal
  readonly clock: Clock
  readonly random: Random
}

/** What a firmware has its hardware do. */
export interface Hardware {
  /** Values go to everybody who is connected; `cid` is null for its own. */
  tell(dps: Dps, cid: string | null): void
  crash(): void
}

const usualFastMs = 100
/** Stands for a byte that no text has. */
const spoilt = '\ue000'

/** What a device knows and does, whoever is connected: its values, those behind it, its clock. */
export class Firmware {
  readonly device: SimDevice
  readonly parts: LanParts
  readonly #hardware: Hardware
  #bootedAt: number
  #reports = 0
  #setAt = Number.NEGATIVE_INFINITY
  /** Nobody has asked for a measurement since it was switched on. */
  #asleep = true
  #known: { readonly entry: LanEntry; readonly behaviour: Behaviour } | undefined
  /** What it last measured, of the points that it measures only when asked. */
  readonly #measured = new Map<number, unknown>()
  /** What a gateway remembers of those behind it, while it does not listen to them. */
  readonly #remembered = new Map<string, Dps>()

  constructor(device: SimDevice, parts: LanParts, hardware: Hardware) {
    this.device = device
    this.parts = parts
    this.#hardware = hardware
    this.#bootedAt = parts.clock.monotonic()
    this.#measure(this.behaviour.metering)
  }

  get behaviour(): Behaviour {
    const { lan } = this.device
    if (!lan) throw new Error(`${this.device.id} is not on the LAN`)
    const version = lanVersion(this.fault('lan-other-version')) ?? lan.version
    if (this.#known?.entry !== lan || this.#known.behaviour.version !== version)
      this.#known = { entry: lan, behaviour: behaviourOf(lan, version) }
    return this.#known.behaviour
  }

  /** The key that it uses, 16 bytes. */
  get localKey(): Buffer {
    const key = Buffer.from(this.device.localKey, 'latin1')
    return this.fault('lan-other-key') === undefined
      ? key
      : Buffer.from(key.map((byte) => byte ^ 1).reverse())
  }

  /** The value of a fault that concerns this device. */
  fault(name: NarrowableName, command?: number): string | undefined {
    return this.parts.faults.at(
      name,
      command === undefined ? { device: this.device.id } : { device: this.device.id, command },
    )
  }

  /** As `fault`, when it strikes this time. */
  struck(name: NarrowableName, command?: number): string | undefined {
    const place = command === undefined ? { device: this.device.id } : { device: this.device.id, command }
    return this.parts.faults.strikes(name, place, this.parts.random)
  }

  note(what: string, detail: Readonly<Record<string, unknown>> = {}): void {
    this.parts.journal.note('lan', this.device.id, { what, ...detail })
  }

  /** Seconds, since 1970 or since it was switched on. */
  get timeS(): number {
    const { clock } = this.parts
    const ms = this.behaviour.bootTime ? clock.monotonic() - this.#bootedAt : clock.now()
    return Math.floor(ms / 1000)
  }

  tell(dps: Dps, cid: string | null): void {
    this.#hardware.tell(dps, cid)
  }

  crash(): void {
    this.note('crash')
    this.#hardware.crash()
  }

  /** JSON, without blanks; with a byte that is no text, where a fault wants it. */
  encode(body: object): Buffer {
    const text = JSON.stringify(body)
    if (this.struck('lan-bad-text') === undefined) return Buffer.from(text)
    const marked = JSON.stringify(body, (name, value) =>
      typeof value === 'string' && /^\d+$/.test(name) ? value + spoilt : value,
    )
    const parts = marked.split(spoilt).map((part) => Buffer.from(part))
    return Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [Buffer.from([0xff]), part])))
  }

  /** Which of those behind it are there. */
  childrenBodies(): readonly object[] {
    const all = [...this.children]
    const isThere = (child: SimDevice) => child.online && this.fault('lan-child-offline') === undefined
    const cids = (there: boolean) => all.filter(([, child]) => isThere(child) === there).map(([cid]) => cid)
    return childrenBodies(cids(true), cids(false))
  }

  /** The number of its next report. */
  nextReport(): number {
    return ++this.#reports
  }

  /** Those behind it, by what it calls them. */
  get children(): ReadonlyMap<string, SimDevice> {
    return new Map(this.parts.world.subDevicesOf(this.device.id).map((child) => [cidOf(child), child]))
  }

  /** The values that it has, of itself or of one behind it; of these points alone when they are given. */
  values(of: SimDevice, ids?: readonly string[]): Dps {
    if (this.#isSilent) return {}
    if (of !== this.device && this.fault('lan-cached-values') !== undefined)
      return chosen(this.#remembered.get(of.id) ?? {}, ids)
    return chosen(this.#current(of), ids)
  }

  /** Takes what a client sets; gives whether anything of it was taken. */
  set(of: SimDevice, dps: Dps): boolean {
    const { world, journal, clock } = this.parts
    const sinceMs = clock.monotonic() - this.#setAt
    this.#setAt = clock.monotonic()
    const fast = this.struck('lan-fast-sets')
    if (fast !== undefined && sinceMs < numberOr(fast, usualFastMs)) return false
    const entries = Object.entries(dps).slice(0, this.struck('lan-first-point') === undefined ? undefined : 1)
    const values = Object.fromEntries(
      entries.flatMap(([id, raw]) => {
        const dp = of.model.dps.find((each) => String(each.id) === id)
        const value = dp && fromLan(dp, raw)
        return dp && value !== undefined ? [[dp.code, value]] : []
      }),
    )
    if (Object.keys(values).length === 0 || !of.online) return false
    journal.note('command', of.id, { values, path: 'lan' })
    world.command(of.id, values)
    return true
  }

  /** Measures these points again; gives those that have changed. */
  refresh(ids: readonly number[]): Dps {
    this.#asleep = false
    return this.#measure(new Set(ids))
  }

  /** What of a report of the world goes out on the LAN: nothing that is the same, nor what is only measured on demand. */
  pushed(of: SimDevice, points: readonly ChangedPoint[]): { now: Dps; before: Dps } {
    const { metering } = this.behaviour
    const told = this.#isSilent
      ? []
      : points.filter(({ dp, value, before }) => {
          if (dp.access === 'wo' || (of === this.device && metering.has(dp.id))) return false
          // Buttons say the same again.
          return dp.access === 'ro' || value !== before
        })
    return {
      now: Object.fromEntries(told.map(({ dp, value }) => [dp.id, toLan(dp, value)])),
      before: Object.fromEntries(told.map(({ dp, before }) => [dp.id, toLan(dp, before)])),
    }
  }

  /** As after a loss of power; `forget` gives every point its first value again. */
  reboot(forget: boolean): void {
    const { world, clock } = this.parts
    this.#bootedAt = clock.monotonic()
    this.#reports = 0
    this.#asleep = true
    if (!forget) return
    const first = this.device.model.dps.filter(({ access }) => access !== 'wo')
    world.report(this.device.id, Object.fromEntries(first.map(({ code, initial }) => [code, initial])))
  }

  /** A fault was switched: a gateway that stops listening keeps what it has heard. */
  faultChanged(name: FaultName): void {
    if (name !== 'lan-cached-values') return
    this.#remembered.clear()
    for (const child of this.children.values()) this.#remembered.set(child.id, this.#current(child))
  }

  get #isSilent(): boolean {
    return this.#asleep && this.fault('lan-zombie') !== undefined
  }

  #current(of: SimDevice): Dps {
    const { metering } = this.behaviour
    return Object.fromEntries(
      of.model.dps
        .filter(({ access }) => access !== 'wo')
        .map((dp) => {
          const stale = of === this.device && metering.has(dp.id)
          return [dp.id, toLan(dp, stale ? this.#measured.get(dp.id) : of.status.get(dp.code))]
        }),
    )
  }

  #measure(ids: ReadonlySet<number>): Dps {
    const changed: Record<string, unknown> = {}
    const { metering } = this.behaviour
    for (const dp of this.device.model.dps) {
      if (!ids.has(dp.id) || !metering.has(dp.id)) continue
      const value = this.device.status.get(dp.code)
      if (this.#measured.get(dp.id) !== value) changed[dp.id] = toLan(dp, value)
      this.#measured.set(dp.id, value)
    }
    return changed
  }
}

/** What a gateway calls a device behind it; the cloud calls it `node_id`. */
export function cidOf(child: SimDevice): string {
  return child.uuid
}

/** The number that a value of a fault is, or the usual one where it is none. */
export function numberOr(text: string | undefined, usual: number): number {
  const number = Number(text)
  return text === undefined || text === '' || !Number.isFinite(number) ? usual : number
}

function chosen(dps: Dps, ids: readonly string[] | undefined): Dps {
  return ids ? Object.fromEntries(Object.entries(dps).filter(([id]) => ids.includes(id))) : dps
}
