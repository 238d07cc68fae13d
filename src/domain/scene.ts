import type { Json } from './data-point.ts'

/** Writes to one device, in raw values, all of them together. */
export interface DeviceAction {
  readonly kind: 'device'
  /** The id of a device, or of a group of devices. */
  readonly deviceId: string
  readonly group: boolean
  readonly values: { readonly [code: string]: Json }
}

/** Holds back everything that follows. */
export interface DelayAction {
  readonly kind: 'delay'
  readonly seconds: number
}

export interface SwitchAutomationAction {
  readonly kind: 'enable' | 'disable'
  readonly automationId: string
}

export interface TriggerSceneAction {
  readonly kind: 'trigger'
  readonly sceneId: string
}

/** Tells the world outside; `data` reaches the event queue as it stands here. */
export interface ExternalAction {
  readonly kind: 'external'
  readonly data: Json
}

/** Something that the platform can do and this bridge does not know: kept as it came. */
export interface OtherAction {
  readonly kind: 'other'
  readonly executor: string
  readonly entityId: string | null
  readonly property: Json
}

/** One step of a scene or automation; steps run in order. */
export type Action =
  | DeviceAction
  | DelayAction
  | SwitchAutomationAction
  | TriggerSceneAction
  | ExternalAction
  | OtherAction

export interface Scene {
  readonly id: string
  readonly name: string
  readonly homeId: string
  /** URL of a picture. */
  readonly background: string
  readonly enabled: boolean
  /** Everything that it refers to exists; only valid scenes run. */
  readonly valid: boolean
  readonly actions: readonly Action[]
}

/** What people decide of a scene; the rest is the platform's. */
export type SceneDefinition = Pick<Scene, 'name' | 'background' | 'actions'>

/** A key of a scene switch, and the scene that it runs. */
export interface SceneBinding {
  readonly code: string
  readonly value: string
  readonly sceneId: string
  readonly sceneName: string
}

/** What the platform's published limits are; the app refuses more. */
export const sceneLimits = { actions: 150, conditions: 10, perHome: 100 } as const
