import { type LinkEnd, LinkError } from './link.ts'

export const noConnack = new LinkError('timeout', 'the broker did not answer CONNECT')
const connackEnds: Readonly<Record<number, LinkEnd>> = {
  1: 'version',
  2: 'refused',
  3: 'unreachable',
  4: 'credentials',
  5: 'credentials',
  132: 'version',
  134: 'credentials',
  135: 'credentials',
  136: 'unreachable',
  138: 'credentials',
}

/** Why the broker did not take us. */
export function connectError(error: Error & { code?: unknown }, version: 4 | 5): LinkError {
  const { code, message } = error
  if (typeof code === 'number')
    return new LinkError(connackEnds[code] ?? 'refused', `the broker refused the connection (${code})`)
  if (typeof code === 'string') {
    // A peer that resets is there, but will not speak with us.
    const end = code === 'ETIMEDOUT' ? 'timeout' : code === 'ECONNRESET' ? 'closed' : 'unreachable'
    return new LinkError(end, `the broker cannot be reached (${code})`)
  }
  if (/connack timeout/i.test(message)) return noConnack
  // A 3.1.1 server answers CONNECT 5 with a packet that the library cannot read.
  return version === 5 && /connack|reason code|variable/i.test(message)
    ? new LinkError('version', 'the broker does not speak MQTT 5')
    : notMqtt
}

export const notMqtt = new LinkError('protocol', 'the broker sent what is not MQTT')

/** Why a connection that stood is over. */
export function connectionError(error: Error & { code?: unknown }): LinkError {
  if (typeof error.code === 'string')
    return new LinkError('closed', `the connection was lost (${error.code})`)
  return /keepalive/i.test(error.message) ? new LinkError('silent', 'the broker stopped answering') : notMqtt
}

export function disconnectError(code: number | undefined): LinkError {
  return code === 0x8e
    ? new LinkError('taken-over', 'another client with our id connected')
    : new LinkError('closed', `the broker disconnected us (${code ?? 'without a reason'})`)
}
