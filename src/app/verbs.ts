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
  /** What the log goes back to. */
  readonly usualLevel: () => string
  /** Reads the configuration anew; gives what became of it. Rejects with BridgeError. */
  readonly reload: () => Promise<unknown>
  /** Ends this bridge and starts it anew. */
  readonly restart: () => void
}

const restartAfterMs = 200
const levels = new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])

export type Verbs = ReadonlyMap<string, BridgeVerb>

/** The words that the bridge itself obeys on `cmd/bridge/<verb>`: everybody's, and those with which it is administered. */
export function bridgeVerbs(parts: VerbParts): { readonly usual: Verbs; readonly all: Verbs } {
  const { clock, publisher } = parts
  const usual = new Map<string, BridgeVerb>([
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
  return { usual, all: new Map([...usual, ...administration(parts)]) }
}

function administration({ clock, publisher, reload, restart }: VerbParts): Map<string, BridgeVerb> {
  const verbs = new Map<string, BridgeVerb>()
  verbs.set('reload', () => reload())
  verbs.set('restart', async () => {
    clock.after(restartAfterMs, () => restart())
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

/** For some minutes, then as the configuration has it. */
function logLevel({ clock, log, usualLevel }: VerbParts): BridgeVerb {
  let back: Timer | undefined
  return async ({ level, minutes = 10 }) => {
    if (typeof level !== 'string' || !levels.has(level)) {
      throw new BridgeError('command/bad-value', `"level" must be one of ${[...levels].join(', ')}.`)
    }
    if (typeof minutes !== 'number' || !(minutes > 0 && minutes <= 1_440)) {
      throw new BridgeError('command/bad-value', '"minutes" must be a number up to 1440.')
    }
    back?.cancel()
    log.level = level
    back = clock.after(minutes * 60_000, () => {
      log.level = usualLevel()
    })
    return { level, minutes }
  }
}
