export const firmwareStates = ['none', 'ready', 'running', 'done', 'failed'] as const

/** One of a device's processors and its firmware. */
export interface FirmwareModule {
  /** What an upgrade of it is asked with. */
  readonly type: number
  readonly name: string
  readonly current: string | null
  readonly latest: string | null
  readonly status: (typeof firmwareStates)[number]
  readonly notes: string | null
  readonly upgradedMs: number | null
}

export function isUpgrading({ status }: Pick<FirmwareModule, 'status'>): boolean {
  return status === 'running'
}

/** A newer version can be installed; what failed can be tried again. */
export function canUpgrade({ status, current, latest }: FirmwareModule): boolean {
  return (status === 'ready' || status === 'failed') && latest !== null && latest !== current
}

/** The module that speaks for the device: the one that is upgraded, else the first one that could be, else the first. */
export function leadingModule(modules: readonly FirmwareModule[]): FirmwareModule | undefined {
  return modules.find(isUpgrading) ?? modules.find(canUpgrade) ?? modules[0]
}
