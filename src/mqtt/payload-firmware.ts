import { type FirmwareModule, isUpgrading, leadingModule } from '../domain/firmware.ts'
import { json, type Payload } from './payload.ts'

/** The firmware of a device; the versions are those of the module that speaks for it. */
export function firmwareDocument(modules: readonly FirmwareModule[]): object {
  const leading = leadingModule(modules)
  return {
    installed_version: leading?.current ?? null,
    latest_version: leading?.latest ?? null,
    in_progress: modules.some(isUpgrading),
    // The platform's answers tell no percentage.
    update_percentage: null,
    title: leading?.name ?? null,
    modules: modules.map(({ type, name, current, latest, status }) => ({
      type,
      name,
      current,
      latest,
      status,
    })),
  }
}

export function firmwareState(modules: readonly FirmwareModule[]): Payload {
  return json(firmwareDocument(modules))
}
