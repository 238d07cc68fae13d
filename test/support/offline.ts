import { Socket } from 'node:net'
import { isLoopback } from '../../src/util/address.ts'

/** No test may speak with another machine: whoever tries fails loudly. */
const { connect } = Socket.prototype

function guarded(this: Socket, ...args: unknown[]): Socket {
  const first = Array.isArray(args[0]) ? args[0][0] : args[0]
  const host =
    typeof first === 'object' && first !== null && 'host' in first
      ? String(first.host)
      : typeof args[1] === 'string'
        ? args[1]
        : 'localhost'
  if (!isLoopback(host)) throw new Error(`a test tried to reach ${host}`)
  return connect.apply(this, args as never)
}

// One process may take several files, each of which comes by here.
if (connect.name !== guarded.name) Socket.prototype.connect = guarded as typeof connect
