import { body, required } from '../operation.ts'
import type { Schema } from '../schema.ts'
import {
  flag,
  idText,
  listOf,
  listOrNull,
  number,
  text,
  type WireFlag,
  type WireNumber,
  type WireText,
} from '../shape.ts'

/** What a scene or an automation does, one after the other, in the platform's own words: so it can be sent back. */
export interface WireAction {
  readonly action_executor: string
  readonly entity_id?: WireText
  readonly executor_property?: object | null
}

export const actionSchema: Schema = {
  type: 'object',
  required: ['action_executor'],
  properties: {
    action_executor: { type: 'string', minLength: 1, maxLength: 64 },
    entity_id: text,
    executor_property: { type: ['object', 'null'] },
  },
}

export interface WireScene {
  readonly scene_id: string
  readonly name?: WireText
  readonly background?: WireText
  readonly enabled?: WireFlag
  readonly status?: WireNumber
  readonly actions?: readonly WireAction[] | null
}

export const sceneListSchema: Schema = listOf({
  type: 'object',
  required: ['scene_id'],
  properties: {
    scene_id: idText,
    name: text,
    background: text,
    enabled: flag,
    status: number,
    actions: listOrNull(actionSchema),
  },
})

export interface ListedScene {
  readonly id: string
  readonly name: string
  readonly background: string | null
  readonly enabled: boolean
  /** Everything that it refers to exists. */
  readonly valid: boolean
  readonly actions: readonly WireAction[]
}

export const readScenes = (scenes: readonly WireScene[]): ListedScene[] =>
  scenes.map((scene) => ({
    id: scene.scene_id,
    name: scene.name ?? '',
    background: scene.background || null,
    ...readStanding(scene),
    actions: scene.actions ?? [],
  }))

/** Absent counts as enabled and as valid: the platform's own examples leave both out. */
export function readStanding(wire: { readonly enabled?: WireFlag; readonly status?: WireNumber }) {
  return { enabled: wire.enabled ?? true, valid: String(wire.status ?? '1') !== '2' }
}

/** What a scene is made of and changed with. */
export const sceneBody = {
  name: required(body('string', 'what people call it')),
  background: required(body('string', 'URL of its picture')),
  actions: required(
    body('array<object>', '[{action_executor, entity_id, executor_property}], in their order', {
      least: 1,
      most: 150,
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

/** The table calls `device_id` a Boolean; it is the id. */
export const bindingsSchema: Schema = {
  type: 'object',
  properties: {
    device_id: text,
    scenes: listOrNull({
      type: 'object',
      required: ['scene_id', 'code'],
      properties: { scene_id: idText, name: text, code: { type: 'string', minLength: 1, maxLength: 128 } },
    }),
  },
}

/** A key of a scene switch and the scene that it runs. */
export interface SceneBinding {
  readonly code: string
  readonly value: unknown
  readonly sceneId: string
  readonly sceneName: string
}

export const readBindings = ({ scenes }: WireBindings): SceneBinding[] =>
  (scenes ?? []).map(({ code, value, scene_id, name }) => ({
    code,
    value: value ?? null,
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
