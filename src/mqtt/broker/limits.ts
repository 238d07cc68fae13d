/** R-E2 to R-E5 in figures; a broker may be started with others. */
export interface BrokerLimits {
  readonly connections: number
  readonly connectionsPerAddress: number
  /** From the first byte of a connection to its CONNECT. */
  readonly connectTimeoutMs: number
  /** A subscriber that takes nothing for so long is cut off. */
  readonly drainTimeoutMs: number
  /** A client that says nothing for so long is cut off, whatever keepalive it promised. */
  readonly silentMs: number
  readonly topicLevels: number
  readonly packetBytesBeforeConnect: number
  readonly packetBytes: number
  readonly publishBurst: number
  /** QoS 2 messages of one client between PUBLISH and PUBREL. */
  readonly inflightInbound: number
  /** A reader of Homie 4 has some sixty for each device. */
  readonly filtersPerClient: number
  readonly deniedAMinute: number
  readonly bannedMs: number
  readonly retainedTopics: number
  readonly retainedBytes: number
}

export const brokerLimits: BrokerLimits = {
  connections: 256,
  connectionsPerAddress: 32,
  connectTimeoutMs: 5_000,
  drainTimeoutMs: 5_000,
  silentMs: 300_000,
  topicLevels: 16,
  packetBytesBeforeConnect: 4 * 1024,
  packetBytes: 256 * 1024,
  publishBurst: 200,
  inflightInbound: 100,
  filtersPerClient: 10_000,
  deniedAMinute: 10,
  bannedMs: 60_000,
  retainedTopics: 20_000,
  retainedBytes: 64 * 1024 * 1024,
}
