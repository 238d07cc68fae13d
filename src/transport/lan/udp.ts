import { createSocket, type Socket, type SocketOptions } from 'node:dgram'
import { BridgeError } from '../../util/error.ts'

/** A socket that is bound; closing it twice is fine. */
export interface UdpSocket {
  readonly port: number
  /** Rejects with BridgeError `lan/udp-…`. */
  send(datagram: Uint8Array, port: number, host: string): Promise<void>
  close(): Promise<void>
}

export interface UdpHandlers {
  readonly onDatagram: (datagram: Buffer, sender: string) => void
  /** The socket is of no use any more. */
  readonly onError: (error: BridgeError) => void
}

/** Binds a port of all interfaces, beside other programs that listen there. Rejects with BridgeError `lan/udp-…`. */
export type OpenUdp = (port: number, handlers: UdpHandlers) => Promise<UdpSocket>

/** Why a port cannot be had, in words that users see. */
export type UdpReason = 'in-use' | 'not-permitted' | 'no-network' | 'failed'

export class UdpError extends BridgeError {
  readonly reason: UdpReason

  constructor(reason: UdpReason, message: string, cause?: unknown) {
    super(`lan/udp-${reason}`, message, { retry: 'later', cause })
    this.name = 'UdpError'
    this.reason = reason
  }
}

export function udpError(thrown: unknown, what: string): UdpError {
  if (thrown instanceof UdpError) return thrown
  const code = (thrown as NodeJS.ErrnoException).code ?? 'unknown'
  switch (code) {
    case 'EADDRINUSE':
      return new UdpError(
        'in-use',
        `${what}: another program holds it alone. Stop that one, or go without discovery: give the devices’ addresses in lan.devices.`,
        thrown,
      )
    case 'EACCES':
    case 'EPERM':
      return new UdpError(
        'not-permitted',
        `${what}: the system does not permit it. Check firewall and container.`,
        thrown,
      )
    case 'ENETUNREACH':
    case 'ENETDOWN':
    case 'EHOSTUNREACH':
    case 'EADDRNOTAVAIL':
      return new UdpError('no-network', `${what}: there is no network. Check the interfaces.`, thrown)
    default:
      return new UdpError('failed', `${what}: the system says ${code}.`, thrown)
  }
}

/**
 * Others keep these ports too. SO_REUSEADDR is enough beside programs that set it as well; beside one that sets
 * SO_REUSEPORT alone, both are needed. Node knows the second from 22.12 on; older ones pass the option over, and a
 * system that does not know it refuses the socket at once.
 */
export const openUdp: OpenUdp = async (port, handlers) => {
  try {
    return await bound({ reusePort: true }, port, handlers)
  } catch (thrown) {
    if (!mayBeOption(thrown)) throw udpError(thrown, `UDP port ${port} cannot be opened`)
  }
  try {
    return await bound({}, port, handlers)
  } catch (thrown) {
    throw udpError(thrown, `UDP port ${port} cannot be opened`)
  }
}

function mayBeOption(thrown: unknown): boolean {
  const { code } = thrown as NodeJS.ErrnoException
  return code === 'ENOTSUP' || code === 'EOPNOTSUPP' || code === 'EINVAL' || code === 'ENOPROTOOPT'
}

async function bound(
  more: { readonly reusePort?: boolean },
  port: number,
  { onDatagram, onError }: UdpHandlers,
): Promise<UdpSocket> {
  const options: SocketOptions & { reusePort?: boolean } = { type: 'udp4', reuseAddr: true, ...more }
  const socket = createSocket(options)
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind({ port, exclusive: true }, () => {
        socket.off('error', reject)
        resolve()
      })
    })
  } catch (thrown) {
    socket.close()
    throw thrown
  }
  socket.on('error', (error) => onError(udpError(error, `UDP port ${port} was lost`)))
  socket.on('message', (datagram, { address }) => onDatagram(datagram, address))
  socket.setBroadcast(true)
  return asUdpSocket(socket)
}

function asUdpSocket(socket: Socket): UdpSocket {
  const { port } = socket.address()
  let closed: Promise<void> | undefined
  return {
    port,
    send: (datagram, to, host) =>
      new Promise((resolve, reject) => {
        if (closed !== undefined) reject(new UdpError('failed', 'The port is closed.'))
        else
          socket.send(datagram, to, host, (error) =>
            error ? reject(udpError(error, `Nothing can be sent to ${host}`)) : resolve(),
          )
      }),
    close: () => {
      closed ??= new Promise((resolve) => {
        socket.removeAllListeners('message')
        socket.close(() => resolve())
      })
      return closed
    },
  }
}
