import type { Schema } from '../schema.ts'
import { idText, listOf, text, type WireText } from '../shape.ts'

export interface WireFactoryInfo {
  readonly id: string
  readonly uuid?: WireText
  readonly sn?: WireText
  readonly mac?: WireText
}

export const factoryInfosSchema: Schema = listOf({
  type: 'object',
  required: ['id'],
  properties: { id: idText, uuid: text, sn: text, mac: text },
})

export interface FactoryInfo {
  readonly id: string
  readonly serialNumber: string | null
  /** Twelve hex digits in lower case; null when it is no such address (a Zigbee device gives its own id). */
  readonly mac: string | null
}

export const readFactoryInfos = (infos: readonly WireFactoryInfo[]): FactoryInfo[] =>
  infos.map(({ id, sn, mac }) => ({ id, serialNumber: sn || null, mac: macOf(mac) }))

/** With colons in the platform's example, without them in recorded answers. */
function macOf(mac: WireText): string | null {
  const digits = (mac ?? '').replaceAll(':', '').toLowerCase()
  return /^[0-9a-f]{12}$/.test(digits) ? digits : null
}
