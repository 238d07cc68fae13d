import type { AnyArguments, AnyOperation } from '../codec/cloud/operation.ts'
import type { Action } from '../domain/scene.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { Area } from '../inventory/reading.ts'

type House = Pick<
  Inventory,
  'device' | 'scenes' | 'automations' | 'removeHome' | 'removeRoom' | 'removeDevice'
>

/**
 * After a change of ours that the cloud took: what is deleted goes at once, since two lists without it would be asked
 * for otherwise; gives what has to be read again.
 */
export function afterChange(operation: AnyOperation, params: AnyArguments, house: House): readonly Area[] {
  if (operation.id.endsWith('-delete') || operation.id === 'device-reset-factory') {
    return forget(operation, params, house)
  }
  return touched(operation, params, house)
}

function forget(operation: AnyOperation, params: AnyArguments, house: House): readonly Area[] {
  const areas = touched(operation, params, house)
  switch (operation.group) {
    case 'home':
      house.removeHome(textOf(params['home_id']))
      break
    case 'room':
      house.removeRoom(textOf(params['room_id']))
      break
    case 'scene':
      house.scenes.remove(textOf(params['scene_id']))
      break
    case 'automation':
      house.automations.remove(textOf(params['automation_id']))
      break
    case 'device':
      house.removeDevice(textOf(params['device_id']))
      break
  }
  return areas
}

function touched({ id, group }: AnyOperation, params: AnyArguments, house: House): readonly Area[] {
  const homeId = textOf(params['home_id'])
  const deviceId = textOf(params['device_id'])
  switch (group) {
    case 'home':
      return [{ of: 'homes' }]
    case 'room':
      return [{ of: 'rooms', homeId }]
    case 'member':
      return [{ of: 'members', homeId }]
    case 'scene':
      return id === 'scene-trigger'
        ? actedOn(homeId, house.scenes.get(textOf(params['scene_id']))?.actions)
        : [{ of: 'scenes', homeId }]
    case 'automation':
      return id === 'automation-external-trigger'
        ? actedOn(homeId, house.automations.get(textOf(params['automation_id']))?.actions)
        : [{ of: 'automations', homeId }]
    case 'scene-binding':
      return [{ of: 'bindings', deviceId }]
    case 'device':
      return [{ of: 'devices', homeId: house.device(deviceId)?.device.homeId ?? '' }]
    default:
      return id === 'device-function-rename' || id === 'device-multiple-name-set'
        ? [{ of: 'device', deviceId }]
        : []
  }
}

/** What a scene or automation that ran may have changed. */
function actedOn(homeId: string, actions: readonly Action[] = []): readonly Area[] {
  const switches = actions.some(({ kind }) => kind === 'enable' || kind === 'disable')
  return [{ of: 'devices', homeId }, ...(switches ? [{ of: 'automations', homeId } as const] : [])]
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
