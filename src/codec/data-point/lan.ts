import type { DataPoint, Json } from '../../domain/data-point.ts'
import { buildColourHex, type Colour } from './colour.ts'

/** A value as the cloud takes it, in the form that the device itself takes: colours as hex digits, JSON as text. */
export function toLan({ colour, type }: DataPoint, raw: Json): Json {
  const value = type === 'json' && typeof raw === 'string' ? (parsed(raw) ?? raw) : raw
  if (colour && isColour(value)) return buildColourHex(value, colour)
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : raw
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function isColour(value: Json): value is Json & Colour {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const members = value as Readonly<Record<string, Json>>
  return ['h', 's', 'v'].every((name) => typeof members[name] === 'number')
}
