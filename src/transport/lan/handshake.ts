import { lanCommand } from '../../codec/lan/command.ts'
import { LanError } from '../../codec/lan/lan-error.ts'
import { finishSession, type Session, sessionNonceBytes } from '../../codec/lan/session.ts'
import { type Message, wireOf } from '../../codec/lan/wire.ts'
import type { Clock } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import { chanceBytes } from './chance.ts'
import type { Connection } from './connection.ts'
import { keyEnd, LanLinkError } from './link-error.ts'

export interface HandshakeParts {
  readonly connection: Connection
  readonly localKey: Uint8Array
  readonly clock: Clock
  readonly random: Random
  /** How long the device may think about it. */
  readonly answerMs: number
}

/** One of 256 keys is of no use; so many in a row have nothing to do with chance. */
const triesAtMost = 8

/** 3.4 and 3.5: makes the key of this connection and proves both sides. Rejects with LanLinkError. */
export async function shakeHands(parts: HandshakeParts): Promise<void> {
  const { connection, localKey } = parts
  const version = connection.version === '3.5' ? '3.5' : '3.4'
  const timer = parts.clock.after(parts.answerMs, () =>
    connection.fail(new LanLinkError('timeout', 'The device does not answer the handshake.')),
  )
  try {
    for (let tries = 0; tries < triesAtMost; tries++) {
      const nonce = chanceBytes(parts.random, sessionNonceBytes)
      const session = check(connection, await answerTo(connection, nonce), (answer) =>
        finishSession(version, localKey, nonce, answer),
      )
      // A device takes a key that begins with zero for none; before we finish it may still be made anew.
      if (!session.usable) continue
      connection.sendBytes(lanCommand.sessionFinish, session.finish)
      connection.rekey(wireOf(version, session.key))
      connection.isProved = true
      return
    }
    throw end(connection, new LanLinkError('protocol', 'The device gives no usable key for the connection.'))
  } finally {
    timer.cancel()
  }
}

async function answerTo(connection: Connection, nonce: Buffer): Promise<Message> {
  const answer = new Promise<Message>((resolve) => {
    connection.hear = resolve
  })
  connection.sendBytes(lanCommand.sessionStart, nonce)
  const first = await Promise.race([answer, connection.ended])
  connection.hear = () => {}
  if (first instanceof LanLinkError) throw first
  return first
}

function check(connection: Connection, answer: Message, read: (answer: Message) => Session): Session {
  try {
    return read(answer)
  } catch (thrown) {
    if (!(thrown instanceof LanError)) throw thrown
    const isKey = thrown.keySuspect
    throw end(
      connection,
      isKey
        ? keyEnd(thrown.message, thrown)
        : new LanLinkError('protocol', thrown.message, { cause: thrown }),
    )
  }
}

function end(connection: Connection, error: LanLinkError): LanLinkError {
  connection.fail(error)
  return error
}
