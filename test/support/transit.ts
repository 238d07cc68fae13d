import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/**
 * What is under way between the two ends of connections inside this process. Loopback is quick but not instant: the
 * kernel holds back small packets for up to 40 ms, and a busy machine delivers when it comes to it. Whoever compresses
 * time lets that arrive first.
 */
const callers = new Set<Socket>()
const answerers = new Set<Socket>()

function watch(channel: string, ends: Set<Socket>): void {
  subscribe(channel, (message) => {
    const { socket } = message as { socket: Socket }
    ends.add(socket)
    socket.once('close', () => ends.delete(socket))
  })
}

watch('net.client.socket', callers)
watch('net.server.socket', answerers)

/** An end that does not read is not waited for again before it has read something. */
const idle = new WeakMap<Socket, number>()
const patienceMs = 60

/** Waits until nothing is under way any more, except towards those that do not read; false when nothing was. */
export async function arrival(): Promise<boolean> {
  let before: string | undefined
  for (let since = performance.now(); ; ) {
    const due = underWay()
    if (due.length === 0) return before !== undefined
    const now = due.map(({ bytesRead }) => bytesRead).join()
    if (now !== before) since = performance.now()
    else if (performance.now() - since > patienceMs) for (const end of due) idle.set(end, end.bytesRead)
    before = now
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** The ends that have not read yet what the other one wrote. */
function underWay(): Socket[] {
  const byPorts = new Map([...answerers].map((end) => [`${end.remotePort} ${end.localPort}`, end]))
  return [...callers].flatMap((caller) => {
    if (caller.connecting) return idle.get(caller) === caller.bytesRead ? [] : [caller]
    const answerer = byPorts.get(`${caller.localPort} ${caller.remotePort}`)
    return answerer ? [...owes(caller, answerer), ...owes(answerer, caller)] : []
  })
}

function owes(from: Socket, to: Socket): Socket[] {
  const isOwed = !from.destroyed && !to.destroyed && from.bytesWritten > to.bytesRead
  return isOwed && idle.get(to) !== to.bytesRead ? [to] : []
}
