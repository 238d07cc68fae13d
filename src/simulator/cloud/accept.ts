import { isRecord } from '../../util/json.ts'
import type { DpEntry } from '../world-file.ts'

/** Whether the cloud would take a value for a data point: by type, range and length. */
export function accepts(dp: DpEntry, value: unknown): boolean {
  switch (dp.type) {
    case 'Boolean':
      return typeof value === 'boolean'
    case 'Integer':
      return acceptsInteger(dp, value)
    case 'Enum':
      return typeof value === 'string' && (dp.values['range'] as readonly string[]).includes(value)
    case 'String':
      return typeof value === 'string' && value.length <= Number(dp.values['maxlen'] ?? 255)
    case 'Raw':
      return (
        typeof value === 'string' && Buffer.byteLength(value, 'base64') <= Number(dp.values['maxlen'] ?? 128)
      )
    case 'Bitmap':
      return typeof value === 'number' && Number.isInteger(value) && value >= 0
    case 'Json':
      return acceptsJson(dp, value)
  }
}

function acceptsInteger(dp: DpEntry, value: unknown): boolean {
  if (typeof value !== 'number' || !Number.isInteger(value)) return false
  const { min, max } = dp.values as { min?: number; max?: number }
  return value >= (min ?? Number.NEGATIVE_INFINITY) && value <= (max ?? Number.POSITIVE_INFINITY)
}

/** An object, or the same as text; members with a range must be inside it. */
function acceptsJson(dp: DpEntry, value: unknown): boolean {
  const object = typeof value === 'string' ? parsed(value) : value
  if (typeof object !== 'object' || object === null) return false
  return Object.entries(dp.values).every(([member, range]) => {
    if (!isRecord(range) || !isRecord(object)) return true
    const number = object[member]
    return typeof number === 'number' && number >= Number(range['min']) && number <= Number(range['max'])
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** How the device stores what it took: objects become text again. */
export function stored(dp: DpEntry, value: unknown): unknown {
  return dp.type === 'Json' && typeof value !== 'string' ? JSON.stringify(value) : value
}
