import type { DataPoint, Json, ValueCodec } from '../../domain/data-point.ts'
import { limits, parseJson } from '../../util/json.ts'
import { decode } from './decode.ts'
import { encode, encodeRaw } from './encode.ts'
import { viewNames, views, writeView } from './view.ts'

/** All conversions behind the domain's port. */
export const valueCodec: ValueCodec = { decode, encode, encodeRaw, readText, viewNames, views, writeView }

/**
 * A bare payload as the value that encode() takes. Numbers and booleans stay words; text that is JSON by its type,
 * or because the sender says so, is parsed; a point that nobody described takes the type it reported last.
 */
export function readText(point: DataPoint, text: string, json: boolean, last: Json | undefined): unknown {
  switch (point.type) {
    case 'boolean':
    case 'integer':
      return text.trim()
    case 'enum':
      return text.startsWith('"') && text.endsWith('"') ? parsed(text) : text
    case 'string':
    case 'raw':
      return json ? parsed(text) : text
    case 'json':
    case 'bitmap':
      return parsed(text)
    case 'unknown':
      return likeLast(parsed(text), text, last)
  }
}

/** What the JSON says; the text itself when it is none. */
function parsed(text: string): unknown {
  try {
    return parseJson(text, limits.command)
  } catch {
    return text
  }
}

function likeLast(value: unknown, text: string, last: Json | undefined): unknown {
  if (typeof last === 'string') return typeof value === 'string' ? value : text
  if (typeof last === 'number' && typeof value === 'string' && value.trim() !== '') {
    const number = Number(value)
    return Number.isFinite(number) ? number : value
  }
  return value
}
