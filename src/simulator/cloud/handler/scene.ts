import { deviceSceneBind } from '../../../codec/cloud/operation/device-scene-bind.ts'
import { deviceSceneList } from '../../../codec/cloud/operation/device-scene-list.ts'
import { deviceSceneUnbind } from '../../../codec/cloud/operation/device-scene-unbind.ts'
import { sceneCreate } from '../../../codec/cloud/operation/scene-create.ts'
import { sceneDefaultPictures } from '../../../codec/cloud/operation/scene-default-pictures.ts'
import { sceneDelete } from '../../../codec/cloud/operation/scene-delete.ts'
import { sceneDevices } from '../../../codec/cloud/operation/scene-devices.ts'
import { sceneDisable } from '../../../codec/cloud/operation/scene-disable.ts'
import { sceneEnable } from '../../../codec/cloud/operation/scene-enable.ts'
import { sceneList } from '../../../codec/cloud/operation/scene-list.ts'
import { sceneListV10 } from '../../../codec/cloud/operation/scene-list-v1-0.ts'
import { sceneTrigger } from '../../../codec/cloud/operation/scene-trigger.ts'
import { sceneUpdate } from '../../../codec/cloud/operation/scene-update.ts'
import type { Random } from '../../../util/random.ts'
import { pointOf } from '../../world/device.ts'
import { limit } from '../../world/limit.ts'
import { deviceOf, homeOf, listed, ownDeviceOf, ownHomeOf, sceneOf } from '../access.ts'
import { illegal } from '../given.ts'
import { Refusal } from '../refusal.ts'
import { renderLinkDevice } from '../render/device.ts'
import { renderBindings, renderOldScene, renderScene } from '../render/rule.ts'
import { linkagePoints } from '../render/specification.ts'
import { checkedActions, tooMany } from '../rule-check.ts'
import { type Calling, serve } from '../serve.ts'

const pictures = ['starry', 'sport', 'bedroom', 'house6', 'sport2'].map(
  (name) => `https://images.tuyacn.com/smart/rule/cover/${name}.png`,
)

export const sceneHandlers = [
  serve(sceneList, (calling, { home_id }) => {
    const home = homeOf(calling, home_id)
    return [...home.scenes.values()].map((scene) => renderScene(calling.world, home, scene))
  }),
  serve(sceneListV10, (calling, { home_id }) =>
    [...homeOf(calling, home_id).scenes.values()].map(renderOldScene),
  ),
  serve(sceneDefaultPictures, () => pictures),
  serve(sceneTrigger, (calling, { home_id, scene_id }) => {
    const home = homeOf(calling, home_id)
    calling.engine.trigger(home, sceneOf(calling, home, scene_id))
    return true
  }),
  serve(sceneCreate, (calling, { home_id, name, background, actions }) => {
    const home = ownHomeOf(calling, home_id)
    const checked = checkedActions(calling, home, actions, 'scene')
    if (home.scenes.size >= limit.scenesOfHome) throw tooMany()
    const id = ruleId(calling.random)
    home.scenes.set(id, { id, name, background, enabled: true, actions: checked })
    return id
  }),
  serve(sceneUpdate, (calling, { home_id, scene_id, name, background, actions }) => {
    const home = ownHomeOf(calling, home_id)
    const scene = sceneOf(calling, home, scene_id)
    Object.assign(scene, { name, background, actions: checkedActions(calling, home, actions, 'scene') })
    return true
  }),
  serve(sceneDelete, (calling, { home_id, scene_id }) => {
    const home = ownHomeOf(calling, home_id)
    const { id } = sceneOf(calling, home, scene_id)
    home.scenes.delete(id)
    for (const { bindings } of calling.world.devicesOf(home.id))
      for (const [code, { sceneId }] of bindings) if (sceneId === id) bindings.delete(code)
    return true
  }),
  serve(sceneEnable, (calling, args) => switchScene(calling, args, true)),
  serve(sceneDisable, (calling, args) => switchScene(calling, args, false)),
  serve(sceneDevices, (calling, { home_id }) =>
    listed(calling, calling.world.devicesOf(homeOf(calling, home_id).id))
      .filter((device) => linkagePoints(device).functions.length > 0)
      .map(renderLinkDevice),
  ),
  serve(deviceSceneBind, (calling, { device_id, scene_id, code, value }) => {
    const device = ownDeviceOf(calling, device_id)
    const home = ownHomeOf(calling, device.homeId)
    const { id } = sceneOf(calling, home, scene_id)
    const dp = pointOf(device, code)
    if (dp?.type !== 'Enum' || !(dp.values['range'] as readonly unknown[]).includes(value)) throw illegal()
    device.bindings.delete(code)
    device.bindings.set(code, { sceneId: id, value })
    return { success: true }
  }),
  serve(deviceSceneUnbind, (calling, { device_id, scene_id, code }) => {
    const { bindings } = ownDeviceOf(calling, device_id)
    if (bindings.get(code)?.sceneId !== scene_id) throw new Refusal(2514, 'scene not bind')
    bindings.delete(code)
    return { success: true }
  }),
  serve(deviceSceneList, (calling, { device_id }) => {
    const device = deviceOf(calling, device_id)
    return renderBindings(device, calling.world.homes.get(device.homeId))
  }),
]

function switchScene(
  calling: Calling,
  { home_id, scene_id }: { readonly home_id: string; readonly scene_id: string },
  enabled: boolean,
): boolean {
  const home = homeOf(calling, home_id)
  sceneOf(calling, home, scene_id).enabled = enabled
  return true
}

const alphanumerics = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Sixteen letters and digits, as scenes and automations have them. */
export function ruleId(random: Random): string {
  return Array.from({ length: 16 }, () => alphanumerics[Math.floor(random() * alphanumerics.length)]).join('')
}
