import type { Json } from '../../../domain/data-point.ts'
import type { Action } from '../../../domain/scene.ts'
import { checkAutomation, checkDevice, checkScene } from './check-reference.ts'
import { checkWrites } from './check-value.ts'
import { quote } from './quote.ts'
import { readAction } from './read.ts'
import type { Checking } from './report.ts'

/** An action whose shape is right already; undefined after a fault. */
export function checkAction(checking: Checking, wire: unknown, path: string): Action | undefined {
  const [action] = readAction(wire)
  switch (action?.kind) {
    case 'device':
      return action.group ? action : checkWrite(checking, action, path)
    case 'delay':
      if (action.seconds > 0) return action
      checking.report({ path: `${path}/executor_property`, message: 'A delay must be longer than nothing.' })
      return undefined
    case 'enable':
    case 'disable':
      return checkAutomation(checking, action.automationId, `${path}/entity_id`) && action
    case 'trigger':
      return checkScene(checking, action.sceneId, `${path}/entity_id`) && action
    case 'external':
      return action
    default:
      return undefined
  }
}

function checkWrite(
  checking: Checking,
  action: Extract<Action, { kind: 'device' }>,
  path: string,
): Action | undefined {
  const device = checkDevice(checking, action.deviceId, `${path}/entity_id`)
  if (device === undefined) return undefined
  if (device.locked) {
    const message = `${device.name} (${quote(device.id)}) is a lock; writing to locks needs class "lock" (setting operations.allow).`
    checking.report({ path: `${path}/entity_id`, message })
    return undefined
  }
  const values: { readonly [code: string]: Json } | undefined = checkWrites(
    checking,
    device,
    action.values,
    `${path}/executor_property`,
  )
  return values && { ...action, values }
}
