import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'

const folder = new URL('../../dist/page/', import.meta.url)
const files = readdirSync(folder).map((name) => ({ name, bytes: readFileSync(new URL(name, folder)) }))

it('the page is four files, and all together stay below 120 kB when they are sent', () => {
  expect(files.map(({ name }) => name).sort()).toEqual(['icon.svg', 'index.html', 'main.css', 'main.js'])
  const sent = files.reduce((sum, { bytes }) => sum + gzipSync(bytes, { level: 9 }).length, 0)
  expect(sent).toBeLessThan(120_000)
})

it('nothing in it names another place, but for the names of XML', () => {
  for (const { name, bytes } of files) {
    const places = bytes.toString().match(/(https?:)?\/\/[\w.-]+\.[a-z]{2,}[^\s"'`)]*/g) ?? []
    expect(
      places.filter((place) => !place.startsWith('http://www.w3.org/')),
      name,
    ).toEqual([])
  }
})

it('no script and no style stands in the document itself', () => {
  const html = files.find(({ name }) => name === 'index.html')?.bytes.toString() ?? ''
  expect(html).toContain('<script type="module" src="/main.js">')
  expect(html.match(/<script(?![^>]*src=)[^>]*>|<style|\sstyle=|\son\w+=/g)).toBeNull()
})
