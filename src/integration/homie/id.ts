import { createHash } from 'node:crypto'

const plain = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/

/** Text as an id of Homie: lower case, digits and hyphens; with a digest where two texts could become the same id. */
export function homieId(text: string): string {
  const id = text.replaceAll('_', '-')
  if (plain.test(id)) return id
  const kept = id
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return `${kept === '' ? 'x' : kept}-${digest(text)}`
}

/** Ids of several texts of one place, each with a digest that would stand twice. */
export function homieIds(texts: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>()
  return new Map(
    texts.map((text) => {
      const id = homieId(text)
      const own = taken.has(id) ? `${id}-${digest(text)}` : id
      taken.add(own)
      return [text, own]
    }),
  )
}

/** Six hexadecimal digits that tell texts apart. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 6)
}
