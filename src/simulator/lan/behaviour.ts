import type { LanVersion } from '../../codec/lan/version.ts'
import type { LanEntry } from '../world-file.ts'

/** How a device is on the LAN, with everything said that the world file leaves out. */
export interface Behaviour {
  readonly version: LanVersion
  readonly clients: number
  readonly idleMs: number
  readonly nullDpsOnly: boolean
  readonly metering: ReadonlySet<number>
  readonly pushFirst: boolean
  readonly oneDpPerPush: boolean
  readonly retcode: 'vendor' | 'zero'
  readonly strict: boolean
  readonly bootTime: boolean
}

const usualClients = 3
const usualIdleS = 30

export function behaviourOf(entry: LanEntry, version: LanVersion): Behaviour {
  return {
    version,
    clients: entry.clients ?? usualClients,
    idleMs: (entry.idle ?? usualIdleS) * 1_000,
    nullDpsOnly: version === '3.2' || (entry.nullDpsOnly ?? false),
    metering: new Set(entry.metering),
    pushFirst: entry.pushFirst ?? false,
    oneDpPerPush: entry.oneDpPerPush ?? false,
    retcode: entry.retcode ?? 'vendor',
    strict: entry.strict ?? false,
    bootTime: entry.bootTime ?? false,
  }
}
