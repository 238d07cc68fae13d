import type { Schema } from '../schema.ts'
import {
  deviceSchema,
  flag,
  type ListedDevice,
  listOrNull,
  number,
  readDevices,
  text,
  type WireDevice,
  type WireFlag,
  type WireText,
} from '../shape.ts'

/** The lists of whole accounts and projects come in pages, which call their devices `devices` here and `list` there. */
export interface WireDevicePage {
  readonly devices?: readonly WireDevice[] | null
  readonly list?: readonly WireDevice[] | null
  readonly has_more?: WireFlag
  readonly last_row_key?: WireText
}

export const devicePageSchema: Schema = {
  type: 'object',
  properties: {
    devices: listOrNull(deviceSchema),
    list: listOrNull(deviceSchema),
    total: number,
    has_more: flag,
    last_row_key: text,
    last_id: number,
  },
}

export interface DevicePage {
  readonly devices: readonly ListedDevice[]
  /** The row key of the next page; undefined on the last one. */
  readonly next: string | undefined
}

export function readDevicePage(page: WireDevicePage): DevicePage {
  return {
    devices: readDevices(page.devices ?? page.list ?? []),
    next: page.has_more && page.last_row_key ? page.last_row_key : undefined,
  }
}
