/** From here on a number counts milliseconds; below, seconds. */
const secondsBelow = 1e11
/** 9 September 2001 and 20 November 2286: no device was online before, and 13 digits end there. */
const earliestMs = 1e12
const beyondMs = 1e13

/** A time as the platform writes it: seconds or milliseconds, a number or its decimal text. */
export function readTime(given: unknown): number | undefined {
  const number = typeof given === 'string' ? readDecimal(given) : given
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined
  const timeMs = Math.round(number < secondsBelow ? number * 1000 : number)
  return timeMs >= earliestMs && timeMs < beyondMs ? timeMs : undefined
}

function readDecimal(text: string): number | undefined {
  return text.length <= 32 && /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined
}

/** As nearly all of them are written. */
const usualPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const isoPattern = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,3})\d{0,9})?(Z|[+-]\d\d(?::?\d\d)?)?$/

/** ISO 8601 with any offset; without one, and with a blank in the middle as very old proxies wrote it, UTC. */
export function readIsoTime(text: string): number | undefined {
  if (text.length > 64) return undefined
  if (usualPattern.test(text)) return timeOf(text)
  const [, date, time, fraction = '0', offset = 'Z'] = isoPattern.exec(text) ?? []
  if (date === undefined) return undefined
  const zone = offset === 'Z' ? 'Z' : `${offset.slice(0, 3)}:${offset.slice(-2).padStart(2, '0')}`
  const full = offset.length === 3 ? `${offset}:00` : zone
  return timeOf(`${date}T${time}.${fraction.padEnd(3, '0')}${full}`)
}

function timeOf(text: string): number | undefined {
  const timeMs = Date.parse(text)
  return Number.isNaN(timeMs) ? undefined : timeMs
}
