import type { Aedes, AedesPublishPacket } from 'aedes'

/** Everything private of aedes that we rely on. Its version is pinned, and tests watch each of these. */
export interface AedesClient {
  readonly id: string | null
  /** It said CONNECT, and is looked up. */
  readonly connecting: boolean
  readonly connected: boolean
  readonly closed: boolean
  readonly conn: { destroy(error?: Error): void }
  readonly _authorized: boolean
  readonly _parser: {
    readonly packet: { readonly length: number }
    _parseLength(): boolean
  }
}

interface AedesInside {
  readonly clients: Readonly<Record<string, AedesClient | undefined>>
  readonly _clearWillInterval: NodeJS.Timeout
  counter: number
  readonly mq: {
    emit(packet: object, done?: () => void): unknown
  }
}

function inside(aedes: Aedes): AedesInside {
  return aedes as unknown as AedesInside
}

/** Who holds a client id at this moment. */
export function holderOf(aedes: Aedes, clientId: string): AedesClient | undefined {
  return inside(aedes).clients[clientId]
}

/**
 * The announced length of every packet decides, before a byte of it is kept (R-E2). `fits` is asked at each packet's
 * beginning; what does not fit ends the connection.
 */
export function watchPackets(client: AedesClient, fits: (bytes: number) => boolean): void {
  const parser = client._parser
  const parseLength = parser._parseLength.bind(parser)
  parser._parseLength = () => {
    if (!parseLength()) return false
    if (fits(parser.packet.length)) return true
    client.conn.destroy()
    return false
  }
}

/**
 * aedes numbers a message when it is published and lets each client take rising numbers only; a message that waited
 * for the store would be overtaken and dropped. Numbered when it is dispatched, none is.
 */
export function keepDeliveryOrder(aedes: Aedes): void {
  const { mq } = inside(aedes)
  const emit = mq.emit.bind(mq)
  mq.emit = (packet, done) => {
    ;(packet as { brokerCounter: number }).brokerCounter = ++inside(aedes).counter
    return emit(packet, done)
  }
}

/** Straight to the dispatcher: what aedes would do besides, storing and queueing for sleepers, is done or not wanted. */
export function dispatch(aedes: Aedes, packet: Omit<AedesPublishPacket, 'brokerId' | 'brokerCounter'>): void {
  if (!aedes.closed) inside(aedes).mq.emit({ ...packet, brokerId: aedes.id, messageId: undefined }, () => {})
}

/**
 * aedes looks for fellow brokers that died and publishes the wills of their clients. There are none; but after a jump
 * of the wall clock it would take itself for dead, and everyone's will would be told while they are connected.
 */
export function ignoreFellowBrokers(aedes: Aedes): void {
  clearInterval(inside(aedes)._clearWillInterval)
}
