import type { DataPoint, Specification } from '../../domain/data-point.ts'
import type { Device } from '../../domain/device.ts'
import type { DeviceState } from '../../domain/state.ts'

/** All that is known of one device. */
export interface Thing {
  readonly device: Device
  readonly specification: Specification | undefined
  readonly state: DeviceState
  /** The device itself answers on the LAN. */
  readonly lanUp?: boolean
}

/** How that bridge writes a name: lower case; blanks, `+`, `#` and `/` as `_`. */
export function levelOf(name: string): string {
  return name.toLowerCase().replace(/[\s+#/]/g, '_')
}

/** The point that its `state` and `command` are about: number 1, as with sockets, else 20, as with lamps, else the first. */
export function powerOf(specification: Specification | undefined): DataPoint | undefined {
  const switches = [...(specification?.points.values() ?? [])].filter(
    ({ type, access, dpId }) => type === 'boolean' && access === 'rw' && dpId !== null,
  )
  const numbered = (number: number) => switches.find(({ dpId }) => dpId === number)
  return numbered(1) ?? numbered(20) ?? switches[0]
}

export function pointOf(specification: Specification | undefined, number: string): DataPoint | undefined {
  return [...(specification?.points.values() ?? [])].find(({ dpId }) => String(dpId) === number)
}
