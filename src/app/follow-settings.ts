import type { BrokerSide } from './broker-side.ts'
import type { CloudSide } from './cloud-side.ts'
import { sameValue } from './config-diff.ts'
import type { Config } from './config-types.ts'
import type { LanSide } from './lan-side.ts'
import type { Log } from './log.ts'
import type { PageSide } from './page/page-side.ts'
import type { QueueSide } from './queue-side.ts'
import type { Settings } from './settings.ts'
import type { Voice } from './voice.ts'

export interface FollowingParts {
  readonly settings: Settings
  readonly log: Log
  readonly broker: BrokerSide
  readonly voice: Voice
  readonly cloud: CloudSide | undefined
  readonly lan: LanSide | undefined
  readonly queue: () => QueueSide | undefined
  /** What operations may be called has changed. */
  readonly onOperations: () => void
  readonly page?: PageSide | undefined
}

/**
 * Which part is nudged when which settings change. Only what acts on a change by itself stands here: whatever reads its
 * settings when it needs them finds the new ones.
 */
export function followSettings(parts: FollowingParts): void {
  const { settings, log, broker, voice, cloud, lan, onOperations, page } = parts
  const { config } = settings
  settings.whenChanged(['log.level'], () => {
    log.level = config.log.level
  })
  settings.whenChanged(['log.format'], () => {
    log.format = config.log.format
  })
  settings.whenChanged(['publish', 'names', 'expose', 'events', 'members'], () => voice.settingsChanged())
  settings.whenChanged(['operations'], () => {
    onOperations()
    voice.derivedChanged()
    page?.settingsChanged()
  })
  settings.whenChanged(['http.password', 'http.passwordFile', 'http.passwordHash'], () =>
    page?.renewPassword(),
  )
  settings.whenChanged(['mqtt'], () => {
    const next = broker.turn()
    if (next !== 'same') voice.renew(next)
  })
  settings.whenChanged(['broker.users'], () => broker.admit())
  settings.whenChanged(['queue'], () => parts.queue()?.renew())
  if (lan) settings.whenChanged(['lan'], () => lan.renew())
  if (cloud) followWithCloud(settings, cloud, parts.queue)
}

function followWithCloud(settings: Settings, cloud: CloudSide, queue: () => QueueSide | undefined): void {
  const { config } = settings
  settings.whenChanged(['budget', 'poll'], () => cloud.replan())
  settings.whenChanged(['overrides'], () => cloud.book.correct())
  settings.whenChanged(['ota'], () => cloud.firmware.review())
  settings.whenChanged(['members'], () => {
    if (config.members !== 'off') cloud.sync.readMembers()
  })
  let before = access(config)
  settings.whenChanged(['tuya'], () => {
    const now = access(config)
    if (!sameValue(before.credentials, now.credentials)) cloud.renew('client')
    else if (!sameValue(before.shown, now.shown)) cloud.renew('inventory')
    if (!sameValue(before.told, now.told)) queue()?.renew()
    before = now
  })
}

interface Access {
  readonly credentials: unknown
  readonly shown: unknown
  readonly told: unknown
}

/** As whom the cloud is asked, what it shows of what it has, and for whom the queue tells what happens. */
function access({ tuya, queue }: Config): Access {
  const { region, endpoint, accessId, accessSecret, uid, homes } = tuya ?? {}
  const credentials = [region, endpoint, accessId, accessSecret]
  const told = queue.channel === 'openhub' ? [credentials, uid] : credentials
  return { credentials, shown: [uid, homes], told }
}
