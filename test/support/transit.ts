import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/**
 * What is under way between the two ends of connections inside this process. Loopback is quick but not instant: the
 * kernel holds back small packets for up to 40 ms, and a busy machine delivers when it comes to it. Whoever compresses
 * time lets that arrive first.
 */
const callers = new Set<Socket>()
const answerers = new Set<Socket>()
const other = new WeakMap<Socket, Socket>()

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

/** The ends that something has not reached yet. */
function underWay(): Socket[] {
  introduce()
  return [...callers, ...answerers].filter((end) => {
    const from = other.get(end)
    const isDue = end.connecting || (from !== undefined && owes(from, end))
    return isDue && idle.get(end) !== end.bytesRead
  })
}

/** Finds the two ends of every connection, while both still know their ports. */
function introduce(): void {
  const byPorts = new Map([...answerers].map((end) => [`${end.remotePort} ${end.localPort}`, end]))
  for (const caller of callers) {
    const answerer = other.has(caller) ? undefined : byPorts.get(`${caller.localPort} ${caller.remotePort}`)
    if (!answerer) continue
    other.set(caller, answerer)
    other.set(answerer, caller)
  }
}

/** Whether bytes, or the end of them, are under way. */
function owes(from: Socket, to: Socket): boolean {
  if (to.destroyed) return false
  const hasEnded = from.destroyed || from.writableFinished
  return from.bytesWritten > to.bytesRead || (hasEnded && !to.readableEnded)
}
