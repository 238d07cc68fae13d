import { type Scene, type SceneBinding, sceneLimits } from '../../../domain/scene.ts'
import { readScene, readStanding } from '../automation/read.ts'
import { body, path, required } from '../operation.ts'
import type { Schema } from '../schema.ts'
import { flag, idText, listOf, listOrNull, number, text, type WireNumber, type WireText } from '../shape.ts'

export interface WireScene {
  readonly scene_id: string
}

/** Steps are read one by one, so that an odd one is kept as it came. */
export const steps: Schema = listOrNull({ type: 'object' })

export const sceneListSchema: Schema = listOf({
  type: 'object',
  required: ['scene_id'],
  properties: {
    scene_id: idText,
    name: text,
    background: text,
    enabled: flag,
    status: number,
    actions: steps,
  },
})

/** A scene of a list, which does not say of which home. */
export type ListedScene = Omit<Scene, 'homeId'>

export const readScenes = (scenes: readonly WireScene[]): ListedScene[] =>
  scenes.map((scene) => ({ id: scene.scene_id, ...readScene(scene), ...readStanding(scene) }))

/** What a scene is made of and changed with. */
export const sceneBody = {
  name: required(body('string', 'what people call it')),
  background: required(body('string', 'URL of its picture')),
  actions: required(
    body('array<object>', '[{action_executor, entity_id, executor_property}], in their order', {
      least: 1,
      most: sceneLimits.actions,
      made: {
        type: 'object',
        required: ['action_executor'],
        properties: { action_executor: { type: 'string' }, executor_property: { type: 'object' } },
      },
    }),
  ),
}

export interface WireLinkDevice {
  readonly id?: WireText
  /** So the tables call it. */
  readonly device_id?: WireText
  readonly name?: WireText
  readonly home_id?: WireNumber
  readonly product_id?: WireText
}

export const linkDevicesSchema: Schema = listOf({
  type: 'object',
  anyOf: [{ required: ['id'] }, { required: ['device_id'] }],
  properties: { id: idText, device_id: idText, uuid: text, name: text, home_id: number, product_id: text },
})

export const readLinkDevices = (devices: readonly WireLinkDevice[]) =>
  devices.map((device) => ({
    id: device.id ?? device.device_id ?? '',
    name: device.name ?? '',
    homeId: String(device.home_id ?? ''),
    productId: device.product_id ?? '',
  }))

export interface WireBindings {
  readonly scenes?:
    | readonly {
        readonly scene_id: string
        readonly name?: WireText
        readonly code: string
        readonly value?: unknown
      }[]
    | null
}

/** The platform's table and its example do not agree on what `device_id` is; nobody needs it. */
export const bindingsSchema: Schema = {
  type: 'object',
  properties: {
    scenes: listOrNull({
      type: 'object',
      required: ['scene_id', 'code'],
      properties: { scene_id: idText, name: text, code: { type: 'string', minLength: 1, maxLength: 128 } },
    }),
  },
}

export const readBindings = ({ scenes }: WireBindings): SceneBinding[] =>
  (scenes ?? []).map(({ code, value, scene_id, name }) => ({
    code,
    value: typeof value === 'string' ? value : JSON.stringify(value ?? ''),
    sceneId: scene_id,
    sceneName: name ?? '',
  }))

/** The table promises the id of a room; what comes is `{"success":true}`. */
export const bindingDoneSchema: Schema = {
  anyOf: [
    { type: 'boolean' },
    { type: 'object', required: ['success'], properties: { success: { type: 'boolean' } } },
  ],
}

export const readBindingDone = (done: boolean | { readonly success: boolean }): boolean =>
  typeof done === 'boolean' ? done : done.success

/** What names a scene. */
export const oneScene = {
  home_id: path('long'),
  scene_id: path('string'),
}
