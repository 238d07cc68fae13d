import { beforeEach, describe, expect, it } from 'vitest'
import { afterChange } from '../../src/app/after-change.ts'
import { operationById, operations } from '../../src/codec/cloud/operation/index.ts'
import type { AnyArguments } from '../../src/codec/cloud/operation.ts'
import { valueCodec } from '../../src/codec/data-point/codec.ts'
import { Inventory } from '../../src/inventory/inventory.ts'
import { deviceOf, homeOf, roomOf } from '../support/device.ts'
import { automationOf, sceneOf } from '../support/rule.ts'

let inventory: Inventory

/** A home with a room, a lamp, a scene switch whose key runs a scene, and an automation. */
beforeEach(() => {
  inventory = new Inventory({ codec: valueCodec, now: () => 0 })
  inventory.setHome(homeOf('h1'))
  inventory.setRoom(roomOf('r1'))
  inventory.setDevices([deviceOf('lamp'), deviceOf('keys')])
  inventory.scenes.set([sceneOf('s1'), sceneOf('s2', { actions: [{ kind: 'enable', automationId: 'a1' }] })])
  inventory.automations.set([automationOf('a1')])
  inventory.bindings.set('keys', [{ code: 'k1', value: 'click', sceneId: 's1', sceneName: 'Scene s1' }])
})

function after(id: string, params: AnyArguments) {
  const operation = operationById(id)
  if (!operation) throw new Error(`no operation ${id}`)
  return afterChange(operation, params, inventory)
}

const home = { home_id: 'h1' }
const devices = { of: 'devices', homeId: 'h1' }
const rooms = { of: 'rooms', homeId: 'h1' }
const scenes = { of: 'scenes', homeId: 'h1' }
const automations = { of: 'automations', homeId: 'h1' }
const members = { of: 'members', homeId: 'h1' }
const keys = { of: 'bindings', deviceId: 'keys' }

describe('what is read again', () => {
  it.each([
    ['home-create', {}, [{ of: 'homes' }]],
    ['home-update', home, [{ of: 'homes' }]],
    ['home-delete', home, [{ of: 'homes' }]],
    ['room-create', home, [rooms]],
    ['room-update', { ...home, room_id: 'r1' }, [rooms]],
    ['room-delete', { ...home, room_id: 'r1' }, [rooms]],
    ['room-devices-add', { ...home, room_id: 'r1' }, [rooms]],
    ['room-devices-set', { ...home, room_id: 'r1' }, [rooms]],
    ['room-devices-remove', { ...home, room_id: 'r1' }, [rooms]],
    ['member-add', home, [members]],
    ['member-update', home, [members]],
    ['member-delete', home, [members]],
    ['device-rename', { device_id: 'lamp' }, [devices]],
    ['scene-create', home, [scenes]],
    ['scene-enable', { ...home, scene_id: 's2' }, [scenes]],
    ['scene-disable', { ...home, scene_id: 's2' }, [scenes]],
    ['automation-create', home, [automations]],
    ['automation-update', { ...home, automation_id: 'a1' }, [automations]],
    ['automation-enable', { ...home, automation_id: 'a1' }, [automations]],
    ['automation-disable', { ...home, automation_id: 'a1' }, [automations]],
    ['device-scene-bind', { device_id: 'keys', scene_id: 's1' }, [keys]],
    ['device-scene-unbind', { device_id: 'keys', scene_id: 's1' }, [keys]],
    ['device-function-rename', { device_id: 'lamp' }, [{ of: 'device', deviceId: 'lamp' }]],
    ['device-multiple-name-set', { device_id: 'lamp' }, [{ of: 'device', deviceId: 'lamp' }]],
    ['device-user-add', { device_id: 'lamp' }, []],
  ])('after %s', (id, params, areas) => {
    expect(after(id, params)).toEqual(areas)
  })

  it('an id may come as a number', () => {
    expect(after('room-create', { home_id: 3182004 })).toEqual([{ of: 'rooms', homeId: '3182004' }])
  })

  it('keys show the name of their scene, so they follow its changes', () => {
    expect(after('scene-update', { ...home, scene_id: 's1' })).toEqual([scenes, keys])
    expect(after('scene-delete', { ...home, scene_id: 's1' })).toContainEqual(keys)
  })

  it('what may have become invalid, when something is gone that scenes and automations speak of', () => {
    expect(after('scene-delete', { ...home, scene_id: 's2' })).toEqual([scenes, automations])
    expect(after('automation-delete', { ...home, automation_id: 'a1' })).toEqual([scenes, automations])
    for (const id of ['device-delete', 'device-reset-factory'])
      expect(after(id, { device_id: id === 'device-delete' ? 'lamp' : 'keys' })).toEqual([
        devices,
        scenes,
        automations,
      ])
  })

  it('what a scene or an automation that ran may have changed', () => {
    expect(after('scene-trigger', { ...home, scene_id: 's1' })).toEqual([devices])
    expect(after('scene-trigger', { ...home, scene_id: 's2' })).toEqual([devices, automations])
    expect(after('automation-external-trigger', { ...home, automation_id: 'a1' })).toEqual([devices])
  })
})

describe('what is gone', () => {
  it('goes at once: the last word is ours', () => {
    after('scene-delete', { ...home, scene_id: 's1' })
    after('automation-delete', { ...home, automation_id: 'a1' })
    after('device-delete', { device_id: 'lamp' })
    after('room-delete', { ...home, room_id: 'r1' })
    expect([...inventory.scenes.all.keys()]).toEqual(['s2'])
    expect(inventory.automations.all.size).toBe(0)
    expect([...inventory.devices.keys()]).toEqual(['keys'])
    expect(inventory.rooms.size).toBe(0)
    after('home-delete', home)
    expect([inventory.homes.size, inventory.devices.size, inventory.scenes.all.size]).toEqual([0, 0, 0])
  })

  it('a member, a user of a device or a key takes nothing else along', () => {
    after('member-delete', { ...home, uid: 'u1' })
    after('device-user-delete', { device_id: 'lamp', user_id: 'x' })
    after('device-scene-unbind', { device_id: 'keys', scene_id: 's1' })
    expect([inventory.homes.size, inventory.devices.size, inventory.scenes.all.size]).toEqual([1, 2, 2])
  })
})

it('every operation that changes something has an answer, known things or not', () => {
  for (const operation of operations) {
    if (operation.method === 'GET') continue
    expect(Array.isArray(afterChange(operation, {}, inventory))).toBe(true)
  }
})
