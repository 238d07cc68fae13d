import { describe, expect, it } from 'vitest'
import { CloudError } from '../../../src/transport/cloud/layer.ts'
import { allPages, numberedPages } from '../../../src/transport/cloud/pages.ts'

const refused = new CloudError('refused', 'refused', 'No.')
const rows = (count: number) => Array.from({ length: count }, (_, i) => `row${i}`)

/** A list that is asked for by number; `most` is the largest page that it gives. */
function numbered(count: number, most = 100) {
  const asked: number[] = []
  const read = () =>
    numberedPages(
      'things',
      (row: string) => row,
      async ({ page_no, page_size }) => {
        asked.push(page_no)
        const size = Math.min(page_size, most)
        return rows(count).slice((page_no - 1) * size, page_no * size)
      },
    )
  return { asked, read }
}

describe('pages by number', () => {
  it.each([
    [0, 1],
    [1, 1],
    [99, 1],
    [100, 2],
    [101, 2],
    [250, 3],
    [7_301, 74],
  ])('%i entries are all read, with %i calls', async (count, calls) => {
    const { asked, read } = numbered(count)
    expect(await read()).toEqual(rows(count))
    expect(asked).toHaveLength(calls)
  })

  it.each([20, 50])('all are read also where a page holds %i at most', async (most) => {
    expect(await numbered(333, most).read()).toEqual(rows(333))
  })

  it('where numbers are not understood the first answer is taken, whatever its size', async () => {
    for (const count of [20, 100, 340]) {
      const read = numberedPages(
        'things',
        (row: string) => row,
        async () => rows(count),
      )
      expect(await read).toEqual(rows(count))
    }
  })
})

describe('pages by key', () => {
  it('a list that turns in circles, or never ends, is an error that says what to do', async () => {
    let calls = 0
    const circle = allPages('things', async () => ({ rows: ['a'], next: 'same' }))
    await expect(circle).rejects.toMatchObject({ retry: 'never', message: expect.stringContaining('things') })
    const endless = allPages('things', async () => ({ rows: ['a'], next: ++calls }))
    await expect(endless).rejects.toMatchObject({
      retry: 'never',
      message: expect.stringContaining('does not end: 200 entries on 200 pages'),
    })
    expect(calls).toBe(200)
  })

  it('a refusal of the first page is told as it came, of a later one as trouble that may pass', async () => {
    await expect(allPages('things', () => Promise.reject(refused))).rejects.toBe(refused)
    const later = allPages('things', async (key: number | undefined) => {
      if (key !== undefined) throw refused
      return { rows: ['a'], next: 1 }
    })
    await expect(later).rejects.toMatchObject({ retry: 'later', message: expect.stringContaining('Page 2') })
  })
})
