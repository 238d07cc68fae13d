import type { Clock } from '../util/clock.ts'
import { isRecord, own } from '../util/json.ts'
import type { Random } from '../util/random.ts'
import { accepts, stored } from './cloud/accept.ts'
import { Refusal } from './cloud/refusal.ts'
import type { Faults } from './fault.ts'
import type { Journal } from './journal.ts'
import { pointOf, type SimDevice } from './world/device.ts'
import type { Origin } from './world/event.ts'
import type { World } from './world.ts'
import type { DpEntry } from './world-file.ts'

export interface DeliveryParts {
  readonly world: World
  readonly faults: Faults
  readonly journal: Journal
  readonly clock: Clock
  readonly random: Random
}

export interface CommandRow {
  readonly code: string
  readonly value: unknown
}

/** All or nothing: a code or value that the device does not take refuses them all. */
export function checkedValues(
  rows: readonly CommandRow[],
  find: (code: string) => DpEntry | undefined,
): Record<string, unknown> {
  return Object.fromEntries(
    rows.map(({ code, value }) => {
      const dp = find(code)
      if (!dp || dp.access === 'ro' || !accepts(dp, value))
        throw new Refusal(2008, 'command or value not support')
      return [dp.code, stored(dp, value)]
    }),
  )
}

/** The rows of a list of commands; throws Refusal when it is none. */
export function commandRows(list: unknown): readonly CommandRow[] {
  if (!Array.isArray(list) || list.length === 0) throw new Refusal(1109, 'param is illegal, please check it')
  return list.map((row: unknown) => {
    const code = isRecord(row) ? own(row, 'code') : undefined
    if (typeof code !== 'string') throw new Refusal(1109, 'param is illegal, please check it')
    return { code, value: own(row as object, 'value') }
  })
}

/** What a device takes of its standard set. */
export function standardValues(device: SimDevice, rows: readonly CommandRow[]): Record<string, unknown> {
  return checkedValues(rows, (code) => pointOf(device, code))
}

/** The way of accepted values from the cloud to the device. */
export class Delivery {
  readonly #parts: DeliveryParts

  constructor(parts: DeliveryParts) {
    this.#parts = parts
  }

  /**
   * The cloud has said yes; the device hears of it a moment later, or never. `around` wraps the moment at which it
   * arrives.
   */
  send(
    device: SimDevice,
    values: Readonly<Record<string, unknown>>,
    by: Origin,
    around: (arrive: () => void) => void = (arrive) => arrive(),
  ): void {
    const { world, faults, journal, clock, random } = this.#parts
    journal.note('command', device.id, { values })
    world.noteCommand(device, values, by)
    if (random() < (faults.number('lost-commands') ?? 0)) return
    const arrive = () => {
      if (world.devices.has(device.id)) around(() => world.command(device.id, values))
    }
    const delayMs = faults.milliseconds('device-latency', random)
    if (delayMs === 0) arrive()
    else clock.after(delayMs, arrive)
  }
}
