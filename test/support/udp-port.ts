import { createSocket, type Socket } from 'node:dgram'

/** UDP ports that are free at this moment, each another one. */
export async function freeUdpPorts(count: number): Promise<number[]> {
  const sockets = await Promise.all(Array.from({ length: count }, () => boundUdp(0)))
  const ports = sockets.map((socket) => socket.address().port)
  for (const socket of sockets) socket.close()
  return ports
}

export async function boundUdp(port: number, host = '127.0.0.1', shared = false): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: shared })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, host, resolve)
  })
  return socket
}
