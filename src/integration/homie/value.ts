import type { Json } from '../../domain/data-point.ts'
import type { Property, Shape } from './property.ts'

/** What a written property becomes among the bridge's own commands. */
export interface Setting {
  readonly code: string
  /** null = the point itself. */
  readonly view: string | null
  readonly payload: string
}

/** What the versions of Homie write each in their own way. */
export interface Dialect {
  /** `h,s,v` as the payload of a colour. */
  colour(hsv: string): string
  /** The form of a colour, and its three numbers. */
  readColour(payload: string): { readonly view: string; readonly numbers: string } | undefined
  /** The payload of the empty text. */
  readonly emptyText: string
}

const three = String.raw`\d{1,3}(?:\.\d+)?(?:,\d{1,3}(?:\.\d+)?){2}`
const prefixed = new RegExp(`^(hsv|rgb),(${three})$`)
const bare = new RegExp(`^${three}$`)

/** Colours say which they are, and an empty payload, which would delete the topic, is a single zero byte. */
export const dialect5: Dialect = {
  colour: (hsv) => `hsv,${hsv}`,
  readColour: (payload) => {
    const [, view, numbers] = prefixed.exec(payload) ?? []
    return view === undefined || numbers === undefined ? undefined : { view, numbers }
  },
  emptyText: '\u0000',
}

/** Colours are what the format of their property says, and an empty text is an empty payload, which nothing keeps. */
export const dialect4: Dialect = {
  colour: (hsv) => hsv,
  readColour: (payload) => (bare.test(payload) ? { view: 'hsv', numbers: payload } : undefined),
  emptyText: '',
}

/** The value as Homie writes it; undefined for what its shape has no word for. */
export function encode({ kind }: Shape, value: Json, dialect: Dialect): string | undefined {
  switch (kind) {
    case 'boolean':
      return typeof value === 'boolean' ? String(value) : undefined
    case 'integer':
    case 'float':
      return typeof value === 'number' ? String(value) : undefined
    case 'colour':
      return typeof value === 'string' ? dialect.colour(value) : undefined
    case 'json':
      return typeof value === 'object' && value !== null ? JSON.stringify(value) : undefined
    case 'enum':
      return typeof value === 'string' && value !== '' ? value : undefined
    case 'text': {
      if (value === null) return undefined
      const said = typeof value === 'string' ? value : JSON.stringify(value)
      return said === '' ? dialect.emptyText : said
    }
  }
}

/** Undefined for a payload that the shape of the property does not have, and for what cannot be set. */
export function decode(
  { code, shape, isSettable }: Property,
  payload: string,
  dialect: Dialect,
): Setting | undefined {
  if (!isSettable) return undefined
  const value = (given: string): Setting => ({ code, view: null, payload: given })
  switch (shape.kind) {
    case 'boolean':
      return payload === 'true' || payload === 'false' ? value(payload) : undefined
    case 'integer':
      return /^-?\d+$/.test(payload) ? value(payload) : undefined
    case 'float':
      return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(payload) ? value(payload) : undefined
    case 'enum':
      return shape.words.includes(payload) ? value(payload) : undefined
    case 'colour': {
      const colour = dialect.readColour(payload)
      const whole = colour?.numbers.split(',').map((part) => Math.round(Number(part)))
      return colour && whole ? { code, view: colour.view, payload: whole.join(',') } : undefined
    }
    case 'json':
      return /^\s*[[{]/.test(payload) ? value(payload) : undefined
    case 'text':
      return value(payload === '\u0000' ? '' : payload)
  }
}
