import { lanVersion } from '../../codec/lan/version.ts'
import { every, type Timer } from '../../util/clock.ts'
import { randomText } from '../../util/random.ts'
import type { FaultName, NarrowableName } from '../fault.ts'
import type { Addresses } from './addresses.ts'
import { numberOr } from './firmware.ts'
import type { Unit } from './unit.ts'

const keyLength = 16
const usualRebootMs = 60_000
const usualAbsentMs = 5_000
const usualAwakeMs = 3_000
const usualFlood = 1_000
const floodTickMs = 10

/** What happens to a device by the clock while a fault is on. */
export class Mishaps {
  readonly #unit: Unit
  readonly #addresses: Addresses
  readonly #timers = new Map<NarrowableName, Timer>()
  readonly #later = new Set<Timer>()

  constructor(unit: Unit, addresses: Addresses) {
    this.#unit = unit
    this.#addresses = addresses
  }

  stop(): void {
    for (const timer of [...this.#timers.values(), ...this.#later]) timer.cancel()
    this.#timers.clear()
    this.#later.clear()
  }

  /** Runs once, unless the device is taken down before. */
  after(ms: number, run: () => void): void {
    const timer = this.#clock.after(ms, () => {
      this.#later.delete(timer)
      run()
    })
    this.#later.add(timer)
  }

  changed(name: FaultName): void {
    const begin = this.#beginnings[name]
    if (!begin) return
    this.#timers.get(name as NarrowableName)?.cancel()
    this.#timers.delete(name as NarrowableName)
    const value = this.#unit.firmware.fault(name as NarrowableName)
    if (value !== undefined) begin(value)
    else if (name === 'lan-sleep') this.#unit.setAsleep(false)
  }

  readonly #beginnings: Partial<Record<FaultName, (value: string) => void>> = {
    'lan-reboot': (value) => {
      const [everyMs, absentMs, forget] = value.split(':')
      this.#repeat('lan-reboot', numberOr(everyMs, usualRebootMs), () =>
        this.#unit.reboot(numberOr(absentMs, usualAbsentMs), forget === 'reset'),
      )
    },
    'lan-rotate-key': (value) =>
      this.#nowOrRepeated('lan-rotate-key', value, () => {
        const { world, random } = this.#parts
        world.changeKey(this.#unit.device.id, randomText(random, keyLength))
      }),
    'lan-move': (value) =>
      this.#nowOrRepeated('lan-move', value, () => {
        this.#parts.world.changeLan(this.#unit.device.id, { ip: this.#addresses.take() })
      }),
    'lan-version': (value) => {
      const [text, afterMs] = value.split(':')
      const version = lanVersion(text)
      const change = () => version && this.#parts.world.changeLan(this.#unit.device.id, { version })
      if (afterMs === undefined) change()
      else this.#timers.set('lan-version', this.#clock.after(numberOr(afterMs, 0), change))
    },
    'lan-sleep': (value) => {
      const [awakeMs, ofMs] = value.split(':')
      const awake = numberOr(awakeMs, usualAwakeMs)
      const sleepMs = Math.max(1, numberOr(ofMs, usualRebootMs) - awake)
      this.#nap(awake, sleepMs)
    },
    'lan-flood': (value) => {
      const aTick = (numberOr(value, usualFlood) * floodTickMs) / 1_000
      let owed = 0
      this.#repeat('lan-flood', floodTickMs, () => {
        owed += aTick
        const { firmware, device } = this.#unit
        for (; owed >= 1; owed--)
          firmware.tell(Object.fromEntries(Object.entries(firmware.values(device)).slice(0, 1)), null)
      })
    },
  }

  get #parts() {
    return this.#unit.firmware.parts
  }

  get #clock() {
    return this.#parts.clock
  }

  #nap(awakeMs: number, sleepMs: number): void {
    this.#unit.setAsleep(true)
    const wake = () => {
      this.#unit.setAsleep(false)
      this.#timers.set(
        'lan-sleep',
        this.#clock.after(awakeMs, () => this.#nap(awakeMs, sleepMs)),
      )
    }
    this.#timers.set('lan-sleep', this.#clock.after(sleepMs, wake))
  }

  #nowOrRepeated(name: NarrowableName, value: string, run: () => void): void {
    if (value === '') run()
    else this.#repeat(name, numberOr(value, usualRebootMs), run)
  }

  #repeat(name: NarrowableName, ms: number, run: () => void): void {
    this.#timers.set(name, every(this.#clock, ms, run))
  }
}
