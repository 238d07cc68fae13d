import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { gzipSync } from 'node:zlib'

/** A file of the built page. */
export interface Asset {
  readonly contentType: string
  readonly plain: Buffer
  readonly gzip: Buffer
  readonly etag: string
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** What `npm run build` made of `page/`; the same place seen from src and from dist. */
const folder = new URL('../../../dist/page/', import.meta.url)

/** By path, all files of the page, held in memory: they are few and small. Empty when the page was not built. */
export function readAssets(): ReadonlyMap<string, Asset> {
  const assets = new Map<string, Asset>()
  for (const name of namesOf(folder)) {
    const contentType = types[extname(name)]
    if (contentType === undefined) continue
    const plain = readFileSync(new URL(name, folder))
    const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`
    assets.set(`/${name}`, { contentType, plain, gzip: gzipSync(plain, { level: 9 }), etag })
  }
  const index = assets.get('/index.html')
  if (index) assets.set('/', index)
  return assets
}

function namesOf(url: URL): string[] {
  try {
    return readdirSync(url)
  } catch {
    return []
  }
}
