import { BridgeError, toBridgeError } from '../../util/error.ts'
import { CloudError } from './layer.ts'

/** A list that has not ended after so many pages is not read further. */
const pagesAtMost = 200

/** So many entries are asked for on a page, the most that the platform gives. */
export const pageSize = 100
/** A page that was asked for with more entries may end here all the same, and the list goes on. */
const smallerPages = [20, 50]

export interface Page<Row, Key> {
  readonly rows: readonly Row[]
  /** What the next page is asked for with; undefined on the last one. */
  readonly next: Key | undefined
}

/**
 * All pages of a list, or an error: half a list is none. A refusal of the first page is thrown as it came; of a later
 * one, it is trouble. `name` is what the list is called where people
 * read it.
 */
export async function allPages<Row, Key>(
  name: string,
  read: (key: Key | undefined) => Promise<Page<Row, Key>>,
): Promise<Row[]> {
  const rows: Row[] = []
  const keys = new Set<Key>()
  let key: Key | undefined
  for (let page = 1; page <= pagesAtMost; page++) {
    const answer = await read(key).catch((thrown) => {
      throw page === 1 ? thrown : incomplete(name, page, thrown)
    })
    rows.push(...answer.rows)
    key = answer.next
    if (key === undefined) return rows
    if (keys.has(key)) break
    keys.add(key)
  }
  throw new BridgeError(
    'cloud/refused',
    `The list of ${name} does not end: ${rows.length} entries on ${keys.size} pages were read, and no further. ` +
      'Link fewer devices to the cloud project, or give this one a project of its own.',
    { retry: 'never' },
  )
}

/** Reads a list that is asked for by the number of its page and does not say where it ends. */
export function numberedPages<Row>(
  name: string,
  idOf: (row: Row) => string,
  read: (page: { readonly page_no: number; readonly page_size: number }) => Promise<readonly Row[]>,
): Promise<Row[]> {
  const seen = new Set<string>()
  let full = pageSize
  return allPages<Row, number>(name, async (page_no = 1) => {
    const rows = await read({ page_no, page_size: pageSize })
    const fresh = rows.filter((row) => !seen.has(idOf(row)))
    for (const row of fresh) seen.add(idOf(row))
    if (page_no === 1 && smallerPages.includes(rows.length)) full = rows.length
    // Where numbers of pages are not understood, the first answer holds everything, and the second nothing new.
    const isLast = rows.length !== full || fresh.length === 0
    return { rows: fresh, next: isLast ? undefined : page_no + 1 }
  })
}

/** A later page that is refused makes the whole list fail for now. */
function incomplete(name: string, page: number, thrown: unknown): unknown {
  if (!(thrown instanceof CloudError) || thrown.retry !== 'never') return thrown
  const { message, code, tuya } = toBridgeError(thrown)
  return new BridgeError(code, `Page ${page} of the list of ${name} was refused: ${message}`, {
    retry: 'later',
    cause: thrown,
    ...(tuya ? { tuya } : {}),
  })
}
