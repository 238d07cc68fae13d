/** Numbers of the commands, by the vendor's names; the last four travel over UDP. */
export const lanCommand = {
  sessionStart: 0x03,
  sessionResponse: 0x04,
  sessionFinish: 0x05,
  control: 0x07,
  status: 0x08,
  heartbeat: 0x09,
  query: 0x0a,
  controlNew: 0x0d,
  queryNew: 0x10,
  refresh: 0x12,
  subDevices: 0x40,
  udp: 0x00,
  udpNew: 0x13,
  udp34: 0x23,
  udpRequest: 0x25,
} as const

export const sessionCommands: ReadonlySet<number> = new Set([
  lanCommand.sessionStart,
  lanCommand.sessionResponse,
  lanCommand.sessionFinish,
])

/** Commands of a client that carry no version header. */
export const headerlessCommands: ReadonlySet<number> = new Set([
  ...sessionCommands,
  lanCommand.heartbeat,
  lanCommand.query,
  lanCommand.queryNew,
  lanCommand.refresh,
  lanCommand.subDevices,
])
