import { BridgeError } from '../../util/error.ts'
import { nearest } from '../../util/nearest.ts'
import type { CommandHouse, OperationPort } from './ports.ts'

/** Throws `command/forbidden` unless the owner allowed the operation. */
export function mustBeAllowed(operations: Pick<OperationPort, 'describe'>, id: string): void {
  const described = operations.describe(id)
  if (!described?.allowed) throw forbidden(id, described?.class ?? 'never')
}

export function forbidden(id: string, kind: string): BridgeError {
  return new BridgeError('command/forbidden', whyForbidden(id, kind), {
    details: [{ operation: id, class: kind }],
  })
}

function whyForbidden(id: string, kind: string): string {
  switch (kind) {
    case 'never':
      return `Operation ${id} is for the bridge itself and is never called over MQTT.`
    case 'raw':
      return `Operation ${id} is off: list the paths that it may ask in the setting operations.raw.`
    default:
      return `Operation ${id} is in class "${kind}", which is not allowed here: put ${id} or ${kind} into the setting operations.allow.`
  }
}

export function unknownDevice(id: string, house: Pick<CommandHouse, 'ids'>): BridgeError {
  return new BridgeError('command/unknown-device', `No device has the id ${id}.`, {
    details: nearest(id, house.ids('device'), 5).map((device) => ({ device })),
  })
}
