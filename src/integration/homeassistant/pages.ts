import { createHash } from 'node:crypto'

/** Below the largest message, so that what leaves a page can be named on it once more. */
const pageBytes = 96 * 1024
export const pagesAtMost = 256

/**
 * Things in as many documents as their size asks for, at least `least`, a power of two. A thing has its page by its id,
 * and where there are twice as many pages half of each stays: an entity that changed its document would be another one.
 */
export function paged<T extends { readonly id: string }, D extends object>(
  things: readonly T[],
  least: number,
  build: (page: readonly T[]) => D,
): readonly D[] {
  for (let count = least; ; count *= 2) {
    const documents = split(things, count).map(build)
    if (count >= pagesAtMost || documents.every(fits)) return documents
  }
}

function fits(document: object): boolean {
  return Buffer.byteLength(JSON.stringify(document)) <= pageBytes
}

function split<T extends { readonly id: string }>(things: readonly T[], count: number): readonly T[][] {
  const pages = Array.from({ length: count }, (): T[] => [])
  for (const thing of things) pages[count === 1 ? 0 : numberOf(thing.id) % count]?.push(thing)
  return pages
}

function numberOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE()
}
