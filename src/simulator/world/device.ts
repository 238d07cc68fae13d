import { createHash } from 'node:crypto'
import { isLock as opensDoors } from '../../domain/device.ts'
import type { DeviceEntry, DpEntry, LanEntry, ModelEntry } from '../world-file.ts'
import type { DeviceUser } from './device-user.ts'
import { type FirmwareModule, makeModules } from './firmware.ts'

/** Which scene a button of a scene switch runs, and at which value. */
export interface SceneBinding {
  readonly sceneId: string
  readonly value: string
}

export interface SimDevice {
  readonly id: string
  readonly uuid: string
  localKey: string
  readonly ip: string
  /** Null: it is reached through the cloud or a gateway alone. */
  lan: LanEntry | null
  readonly model: ModelEntry
  readonly still: boolean
  readonly createdMs: number
  /** The cloud takes its commands and nothing happens. */
  dead: boolean
  name: string
  homeId: string
  roomId: string | null
  readonly gatewayId: string | null
  online: boolean
  updatedMs: number
  /** Wire values by code. */
  readonly status: Map<string, unknown>
  /** Names that people gave its points, by code. */
  readonly pointNames: Map<string, string>
  readonly modules: readonly FirmwareModule[]
  readonly deviceUsers: Map<string, DeviceUser>
  /** By the code of the button. */
  readonly bindings: Map<string, SceneBinding>
}

const dayMs = 86_400_000

export function makeDevice(entry: DeviceEntry, model: ModelEntry, nowMs: number, fresh: boolean): SimDevice {
  const reported = model.dps.filter((dp) => dp.access !== 'wo')
  return {
    id: entry.id,
    uuid: entry.uuid ?? digest(entry.id).slice(0, 16),
    localKey: entry.localKey ?? digest(`key ${entry.id}`).slice(0, 16),
    ip: entry.ip ?? '203.0.113.7',
    lan: entry.lan ?? null,
    model,
    still: entry.still ?? false,
    createdMs: fresh ? nowMs : nowMs - dayMs,
    dead: false,
    name: entry.name,
    homeId: entry.home,
    roomId: entry.room ?? null,
    gatewayId: entry.gateway ?? null,
    online: entry.online ?? true,
    updatedMs: nowMs,
    status: new Map(reported.map((dp) => [dp.code, entry.status?.[dp.code] ?? dp.initial])),
    pointNames: new Map(Object.entries(entry.names ?? {})),
    modules: makeModules(entry.firmware, entry.gateway !== undefined),
    deviceUsers: new Map(),
    bindings: new Map(
      (entry.scenes ?? []).map(({ code, value, scene }) => [code, { sceneId: scene, value }]),
    ),
  }
}

export function isStandard(dp: DpEntry): boolean {
  return dp.standard !== false
}

/** What the platform's standard set shows of a device. */
export function standardPoints(model: ModelEntry): readonly DpEntry[] {
  return model.dps.filter(isStandard)
}

/** By its standard code. */
export function pointOf(device: SimDevice, code: string): DpEntry | undefined {
  return device.model.dps.find((dp) => dp.code === code && isStandard(dp))
}

export function isLock({ model }: SimDevice): boolean {
  return opensDoors(model)
}

/** Whether other devices can be joined to it. */
export function isGateway(device: SimDevice): boolean {
  return device.model.category.startsWith('wg') || device.model.category === 'wfcon'
}

export function consequences(
  model: ModelEntry,
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const caused: Record<string, unknown> = {}
  for (const [code, value] of Object.entries(values)) {
    for (const effect of model.dps.find((dp) => dp.code === code)?.effects ?? []) {
      if (effect.equals !== undefined && effect.equals !== value) continue
      Object.assign(caused, effect.set)
      if (effect.copy !== undefined) caused[effect.copy] = value
    }
  }
  return caused
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
