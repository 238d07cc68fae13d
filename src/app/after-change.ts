import type { AnyArguments, AnyOperation } from '../codec/cloud/operation.ts'
import type { Action } from '../domain/scene.ts'
import type { Area } from '../inventory/area.ts'
import type { Inventory } from '../inventory/inventory.ts'

type House = Pick<
  Inventory,
  'device' | 'scenes' | 'automations' | 'boundTo' | 'removeHome' | 'removeRoom' | 'removeDevice'
>

/**
 * After a change of ours that the cloud took: what is deleted goes at once, since two lists without it would be asked
 * for otherwise; gives what has to be read again.
 */
export function afterChange(operation: AnyOperation, params: AnyArguments, house: House): readonly Area[] {
  return (removes(operation.id) ? forget : touched)(operation, params, house)
}

function removes(id: string): boolean {
  return id.endsWith('-delete') || id === 'device-reset-factory'
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
  const sceneId = textOf(params['scene_id'])
  const automationId = textOf(params['automation_id'])
  const scenes: Area = { of: 'scenes', homeId }
  const gone = removes(id)
  switch (group) {
    case 'home':
      return [{ of: 'homes' }]
    case 'room':
      return [{ of: 'rooms', homeId }]
    case 'member':
      return [{ of: 'members', homeId }]
    case 'scene':
      if (id === 'scene-trigger') return actedOn(homeId, house.scenes.get(sceneId)?.actions)
      return [...(gone ? rulesOf(homeId) : [scenes]), ...keysOf(house.boundTo(sceneId))]
    case 'automation':
      if (id === 'automation-external-trigger')
        return actedOn(homeId, house.automations.get(automationId)?.actions)
      return gone ? rulesOf(homeId) : [{ of: 'automations', homeId }]
    case 'scene-binding':
      return [{ of: 'bindings', deviceId }]
    case 'device':
      return inHomeOf(house.device(deviceId)?.device.homeId ?? '', gone)
    default:
      return id === 'device-function-rename' || id === 'device-multiple-name-set'
        ? [{ of: 'device', deviceId }]
        : []
  }
}

/** What refers to something that is gone becomes invalid. */
function rulesOf(homeId: string): readonly Area[] {
  return [
    { of: 'scenes', homeId },
    { of: 'automations', homeId },
  ]
}

function inHomeOf(homeId: string, isGone: boolean): readonly Area[] {
  return [{ of: 'devices', homeId }, ...(isGone ? rulesOf(homeId) : [])]
}

/** Keys of scene switches tell the name of the scene that they run. */
function keysOf(deviceIds: readonly string[]): readonly Area[] {
  return deviceIds.map((deviceId) => ({ of: 'bindings', deviceId }))
}

/** What a scene or automation that ran may have changed. */
function actedOn(homeId: string, actions: readonly Action[] = []): readonly Area[] {
  const switches = actions.some(({ kind }) => kind === 'enable' || kind === 'disable')
  return [{ of: 'devices', homeId }, ...(switches ? [{ of: 'automations', homeId } as const] : [])]
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
