import type { FirmwareModule } from '../../src/domain/firmware.ts'

/** A module with nothing to install, with what the test wants said of it. */
export function firmwareModule(type: number, changes: Partial<FirmwareModule> = {}): FirmwareModule {
  return {
    type,
    name: `Module ${type}`,
    current: '1.0.0',
    latest: '1.0.0',
    status: 'none',
    notes: null,
    upgradedMs: null,
    ...changes,
  }
}
