/** The versions of the LAN protocol. */
export const lanVersions = ['3.1', '3.2', '3.3', '3.4', '3.5'] as const
export type LanVersion = (typeof lanVersions)[number]

/** What a device calls its version, as one that is spoken here: newer ones speak the newest. */
export function lanVersion(text: unknown): LanVersion | undefined {
  if (typeof text !== 'string' && typeof text !== 'number') return undefined
  const number = Number(text)
  if (!Number.isFinite(number) || number < 3.1 || number >= 4) return undefined
  return lanVersions.findLast((version) => Number(version) <= number)
}

/** Whether a key is negotiated for each connection. */
export function hasSession(version: LanVersion): boolean {
  return version === '3.4' || version === '3.5'
}
