import { isId } from '../domain/id.ts'
import type { ResyncScope } from '../inventory/sync.ts'
import type { BridgeVerb } from '../mqtt/command/ports.ts'
import type { Publisher } from '../mqtt/publisher.ts'
import type { Clock, Timer } from '../util/clock.ts'
import { BridgeError } from '../util/error.ts'

export interface VerbParts {
  readonly clock: Clock
  readonly publisher: Publisher
  readonly resync: (scope: ResyncScope) => Promise<void>
  /** Lets a gateway pair for so long; 0 ends it. Rejects with BridgeError. */
  readonly permitPairing: (gateway: string, seconds: number, signal: AbortSignal) => Promise<void>
  readonly log: { level: string }
  readonly remoteAdmin: boolean
  /** Ends this bridge and starts it anew. */
  readonly restart: () => void
}

const restartAfterMs = 200
const levels = new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])

/** The words that the bridge itself obeys on `cmd/bridge/<verb>`. */
export function bridgeVerbs(parts: VerbParts): ReadonlyMap<string, BridgeVerb> {
  const { clock, publisher } = parts
  const verbs = new Map<string, BridgeVerb>([
    ['ping', async () => ({ pong: true, timeMs: clock.now() })],
    [
      'resync',
      async (options) => {
        await parts.resync(scopeOf(options))
        return {}
      },
    ],
    [
      'republish',
      async () => {
        publisher.republish()
        return { topics: publisher.owned.size }
      },
    ],
    ['permit_pairing', pairing(parts)],
    ['log_level', logLevel(parts)],
  ])
  if (!parts.remoteAdmin) return verbs
  verbs.set('restart', async () => {
    clock.after(restartAfterMs, () => parts.restart())
    return {}
  })
  verbs.set('clear_retained', async ({ dryRun = false }) => {
    if (typeof dryRun !== 'boolean')
      throw new BridgeError('command/bad-value', '"dryRun" must be true or false.')
    const topics = publisher.owned.size
    if (!dryRun) for (const { topic } of [...publisher.owned.messages()]) publisher.clearTopic(topic)
    return { topics, dryRun }
  })
  return verbs
}

const usualPairingSeconds = 60
const longestPairingSeconds = 3_600

function pairing({ clock, permitPairing }: VerbParts): BridgeVerb {
  return async ({ device, seconds = usualPairingSeconds }, signal) => {
    if (typeof device !== 'string' || !isId(device))
      throw new BridgeError('command/bad-value', '"device" must be the id of a gateway.')
    if (!Number.isInteger(seconds) || Number(seconds) < 0 || Number(seconds) > longestPairingSeconds) {
      const message = `"seconds" must be a whole number up to ${longestPairingSeconds}; 0 ends the pairing.`
      throw new BridgeError('command/bad-value', message)
    }
    await permitPairing(device, Number(seconds), signal)
    return { device, seconds, untilMs: clock.now() + Number(seconds) * 1_000 }
  }
}

function scopeOf(options: Readonly<Record<string, unknown>>): ResyncScope {
  const { scope = 'all', id } = options
  if (scope === 'all') return { kind: 'all' }
  if ((scope === 'home' || scope === 'device') && typeof id === 'string') return { kind: scope, id }
  throw new BridgeError(
    'command/bad-value',
    'resync takes {"scope":"all"}, or {"scope":"home" or "device","id":…}.',
  )
}

/** For some minutes, then as before. */
function logLevel({ clock, log }: VerbParts): BridgeVerb {
  let back: Timer | undefined
  let before = log.level
  return async ({ level, minutes = 10 }) => {
    if (typeof level !== 'string' || !levels.has(level)) {
      throw new BridgeError('command/bad-value', `"level" must be one of ${[...levels].join(', ')}.`)
    }
    if (typeof minutes !== 'number' || !(minutes > 0 && minutes <= 1_440)) {
      throw new BridgeError('command/bad-value', '"minutes" must be a number up to 1440.')
    }
    if (back) back.cancel()
    else before = log.level
    log.level = level
    back = clock.after(minutes * 60_000, () => {
      log.level = before
      back = undefined
    })
    return { level, minutes }
  }
}
