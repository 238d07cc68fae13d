import type { Clock, Timer } from '../../util/clock.ts'
import type { Emitter } from '../../util/emitter.ts'
import type { FirmwareEntry } from '../world-file.ts'
import type { SimDevice } from './device.ts'
import type { WorldEvents } from './event.ts'

export const upgradeStatus = { none: 0, ready: 1, running: 2, done: 3, failed: 4 } as const

/** One part of a device that has software of its own. */
export interface FirmwareModule {
  readonly type: number
  version: string
  /** The version that waits, or the last one that was installed. */
  upgrade: string
  status: (typeof upgradeStatus)[keyof typeof upgradeStatus]
  percent: number
  upgradedMs: number
}

export const moduleWords: Readonly<Record<number, string>> = {
  0: 'wifi',
  1: 'ble',
  2: 'gprs',
  3: 'zigbee',
  4: 'ir',
  5: '433',
  6: 'nb',
  9: 'mcu',
}

/** Without an entry: Wi-Fi for what stands alone, Zigbee for what is behind a gateway; nothing to install. */
export function makeModules(entries: readonly FirmwareEntry[] | undefined, sub: boolean): FirmwareModule[] {
  return (entries ?? [{ module: sub ? 3 : 0, version: '1.0.2' }]).map(({ module, version, upgrade }) => ({
    type: module,
    version,
    upgrade: upgrade ?? '',
    status: upgrade === undefined ? upgradeStatus.none : upgradeStatus.ready,
    percent: 0,
    upgradedMs: 0,
  }))
}

const steps = 5
const stepMs = 6_000

/** Upgrades that run, one for each module at most. */
export class Upgrades {
  readonly #events: Emitter<WorldEvents>
  readonly #clock: Clock
  readonly #timers = new Map<FirmwareModule, Timer>()

  constructor(events: Emitter<WorldEvents>, clock: Clock) {
    this.#events = events
    this.#clock = clock
    events.on('removed', ({ device }) => {
      for (const module of device.modules) this.#stop(module)
    })
  }

  /** Ready becomes running; half a minute later it is done, or failed when the device was lost meanwhile. */
  start(device: SimDevice, module: FirmwareModule, fails = false): void {
    this.#enter(device, module, upgradeStatus.running)
    this.#next(device, module, 1, fails)
  }

  stop(): void {
    for (const module of [...this.#timers.keys()]) this.#stop(module)
  }

  #next(device: SimDevice, module: FirmwareModule, step: number, fails: boolean): void {
    const timer = this.#clock.after(stepMs, () => {
      this.#timers.delete(module)
      if (!device.online || (fails && step === steps)) {
        this.#enter(device, module, upgradeStatus.failed)
        return
      }
      module.percent = (step * 100) / steps
      this.#events.emit('upgradeProgress', { device, percent: module.percent })
      if (step < steps) this.#next(device, module, step + 1, fails)
      else this.#finish(device, module)
    })
    this.#timers.set(module, timer)
  }

  #finish(device: SimDevice, module: FirmwareModule): void {
    module.version = module.upgrade
    module.upgradedMs = this.#clock.now()
    this.#enter(device, module, upgradeStatus.done)
  }

  #enter(device: SimDevice, module: FirmwareModule, status: FirmwareModule['status']): void {
    module.status = status
    if (status === upgradeStatus.running) module.percent = 0
    this.#events.emit('upgrade', { device, module })
  }

  #stop(module: FirmwareModule): void {
    this.#timers.get(module)?.cancel()
    this.#timers.delete(module)
  }
}
