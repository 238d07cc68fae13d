import type { LanError } from '../../codec/lan/lan-error.ts'
import { hasSession, type LanVersion } from '../../codec/lan/version.ts'
import { wireOf } from '../../codec/lan/wire.ts'
import { type Clock, deadline, type Timer } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import { anySignal } from '../../util/signal.ts'
import { Connection } from './connection.ts'
import { Conversation, type ConversationParts } from './conversation.ts'
import type { LanCounts } from './counts.ts'
import type { Dial } from './dial.ts'
import { shakeHands } from './handshake.ts'
import { LanLinkError, toLinkError } from './link-error.ts'
import type { Whereabouts } from './whereabouts.ts'

const connectMs = 5_000
const answerMs = 5_000
/** Whoever is asked in versions that may be wrong is not waited for as long. */
const searchMs = 3_000
/** Who has no room closes within this time; who closes later did so because of what we said. */
const listenMs = 250

export interface OpenerParts {
  readonly clock: Clock
  readonly random: Random
  readonly dial: Dial
  readonly counts: LanCounts
}

export interface Attempt {
  readonly where: Whereabouts
  readonly version: LanVersion
  readonly localKey: Uint8Array
  /** It may be the wrong version. */
  readonly isSearch: boolean
  /** Says nothing at first, to see who closes unasked. */
  readonly listens: boolean
  readonly onBad: (error: LanError) => void
  readonly signal: AbortSignal
  readonly conversation: Omit<ConversationParts, 'connection' | 'clock' | 'counts' | 'isTrusted'>
}

/** Connects to a device until it has proved itself. Rejects with LanLinkError; no socket is left then. */
export async function openLink(parts: OpenerParts, attempt: Attempt): Promise<Conversation> {
  const { clock, random, counts } = parts
  const { version, localKey, signal, onBad } = attempt
  const connection = new Connection({
    clock,
    random,
    counts,
    version,
    wire: wireOf(version, localKey),
    onBad,
  })
  const onAbort = () => connection.fail(toLinkError(signal.reason))
  signal.addEventListener('abort', onAbort, { once: true })
  counts.opens++
  counts.opening++
  try {
    connection.attach(await dialIn(parts, attempt, connection))
    if (attempt.listens) await listen(clock, connection)
    if (connection.isOver) throw await connection.ended
    const waitMs = attempt.isSearch ? searchMs : answerMs
    if (hasSession(version)) await shakeHands({ connection, localKey, clock, random, answerMs: waitMs })
    return await converse(parts, attempt, connection, waitMs)
  } catch (thrown) {
    const error = toLinkError(thrown)
    connection.fail(error)
    // Why the connection ended says more than what came of it.
    throw await connection.ended
  } finally {
    counts.opening--
    signal.removeEventListener('abort', onAbort)
  }
}

async function dialIn({ clock, dial }: OpenerParts, { where, signal }: Attempt, connection: Connection) {
  const due = deadline(clock, connectMs, () => new LanLinkError('unreachable', 'The device does not answer.'))
  try {
    return await dial(where.address, connection, anySignal(signal, due.signal))
  } finally {
    due.cancel()
  }
}

async function listen(clock: Clock, connection: Connection): Promise<void> {
  let timer: Timer | undefined
  const silence = new Promise<void>((resolve) => {
    timer = clock.after(listenMs, resolve)
  })
  await Promise.race([silence, connection.ended])
  timer?.cancel()
}

/** Versions without a handshake prove themselves by their first answer. */
async function converse(
  { clock, counts }: OpenerParts,
  attempt: Attempt,
  connection: Connection,
  waitMs: number,
): Promise<Conversation> {
  const { isTrusted } = attempt.where
  const conversation = new Conversation({ ...attempt.conversation, connection, clock, counts, isTrusted })
  conversation.start()
  if (connection.isProved) return conversation
  const timer = clock.after(waitMs, () => {
    // Some devices answer no question; at the usual place a sign of life will do.
    if (isTrusted && !attempt.isSearch && connection.hasHeard) conversation.trust()
    else connection.fail(new LanLinkError('timeout', 'The device does not answer.'))
  })
  const end = await Promise.race([conversation.proved(), connection.ended])
  timer.cancel()
  if (end) throw end
  return conversation
}
