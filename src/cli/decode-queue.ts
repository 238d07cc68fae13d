import { createDecoder } from '../codec/queue/decode.ts'
import { readEnvelope } from '../codec/queue/envelope.ts'
import { decodeFrame, type Frame } from '../codec/queue/frame.ts'
import { disclosed } from '../codec/queue/message/told.ts'
import { QueueError } from '../codec/queue/queue-error.ts'
import { systemClock } from '../util/clock.ts'
import { BridgeError } from '../util/error.ts'
import { type GlobalOptions, openContext } from './context.ts'
import { noProject } from './direct.ts'
import { CommandFailed, exit } from './exit.ts'

/** More than any message of the queue has. */
const largestInput = 2 * 1024 * 1024

/** What a message of the queue says, decrypted with the configured access secret. */
export async function decodeQueue(
  text: string,
  [em = '']: readonly string[],
  options: GlobalOptions,
): Promise<string> {
  const { config, redactor } = openContext(options, { quiet: true })
  const accessKey = config.tuya?.accessSecret?.reveal()
  if (accessKey === undefined) throw new CommandFailed(exit.configuration, noProject)
  const found = explainMessage(text === '-' ? await standardInput() : text, em, accessKey)
  return JSON.stringify(redactor.redactJson(found), null, 2)
}

/** A frame or an envelope as it was seen, taken apart; ids of accounts are left out. Throws CommandFailed. */
export function explainMessage(text: string, em: string, accessKey: string): object {
  try {
    const frame = frameOf(text.trim(), em)
    const { message, body, envelope, signOk } = createDecoder({ accessKey }).decode(frame, systemClock.now())
    const { messageId, publishTimeMs, properties } = frame
    return {
      ...(messageId === '' ? {} : { messageId, publishTimeMs }),
      em: properties['em'] || 'aes_ecb',
      protocol: envelope.protocol,
      t: envelope.t,
      signOk,
      body: disclosed(body),
      message,
    }
  } catch (thrown) {
    throw asFailure(thrown)
  }
}

/** A whole frame, or an envelope as it is or in base64, which does not say its cipher. */
function frameOf(text: string, em: string): Frame {
  const bare = { messageId: '', properties: { em }, publishTimeMs: null, key: null, redeliveryCount: 0 }
  if (!text.startsWith('{')) return { ...bare, payload: text }
  try {
    return decodeFrame(text)
  } catch (thrown) {
    if (!isEnvelope(text)) throw thrown
    return { ...bare, payload: Buffer.from(text).toString('base64') }
  }
}

function isEnvelope(text: string): boolean {
  try {
    readEnvelope(text)
    return true
  } catch {
    return false
  }
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of process.stdin) {
    const piece = Buffer.from(chunk as Uint8Array)
    bytes += piece.length
    if (bytes > largestInput) throw new CommandFailed(exit.usage, 'No message of the queue is that large.')
    chunks.push(piece)
  }
  return Buffer.concat(chunks).toString()
}

function asFailure(thrown: unknown): unknown {
  if (thrown instanceof QueueError) {
    const code = thrown.keySuspect ? exit.configuration : exit.usage
    return new CommandFailed(code, `${thrown.reason}: ${thrown.message}`)
  }
  if (thrown instanceof BridgeError)
    return new CommandFailed(exit.configuration, `${thrown.code}: ${thrown.message}`)
  return thrown
}
