/** From here on a number counts milliseconds; below, seconds. */
const secondsBelow = 1e11
/** 9 September 2001 and 20 November 2286: no device was online before, and 13 digits end there. */
const earliestMs = 1e12
const beyondMs = 1e13

/** The first of the given times that can be one, in milliseconds. What is no time at all is passed over. */
export function firstTime(...given: readonly unknown[]): number | undefined {
  for (const one of given) {
    const timeMs = readTime(one)
    if (timeMs !== undefined) return timeMs
  }
  return undefined
}

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

const isoPattern = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,3})\d{0,9})?(Z|[+-]\d\d(?::?\d\d)?)?$/

/** ISO 8601 with any offset; without one, and with a blank in the middle as very old proxies wrote it, UTC. */
export function readIsoTime(text: string): number | undefined {
  if (text.length > 64) return undefined
  const [, date, time, fraction = '0', offset = 'Z'] = isoPattern.exec(text) ?? []
  if (date === undefined) return undefined
  const zone = offset === 'Z' ? 'Z' : `${offset.slice(0, 3)}:${offset.slice(-2).padStart(2, '0')}`
  const full = offset.length === 3 ? `${offset}:00` : zone
  const timeMs = Date.parse(`${date}T${time}.${fraction.padEnd(3, '0')}${full}`)
  return Number.isNaN(timeMs) ? undefined : timeMs
}
