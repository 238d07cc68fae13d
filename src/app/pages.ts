import type { Registry } from 'prom-client'
import type { Config } from './config-types.ts'
import { type HttpGuest, HttpServer, jsonPage, type PageMaker, text } from './http-server.ts'

export interface PagesParts {
  readonly alive: () => boolean
  readonly readiness: () => { readonly ready: boolean } & object
  readonly registry: Registry
  /** The page for people; undefined where it is not wanted. */
  readonly guest?: HttpGuest | undefined
}

/** Listens; rejects with the system's error. Who may ask is looked up at each request. */
export async function openPages(
  http: Config['http'],
  parts: PagesParts,
): Promise<{ readonly server: HttpServer; readonly port: number }> {
  const { host, port } = http
  const server = new HttpServer({
    host,
    port,
    get allowedHosts() {
      return http.allowedHosts
    },
    pages: bridgePages(parts),
    guest: parts.guest,
  })
  return { server, port: await server.listen() }
}

/** What the HTTP port shows: whether the process lives, whether it is of use, and its figures. */
export function bridgePages({ alive, readiness, registry }: PagesParts): Readonly<Record<string, PageMaker>> {
  return {
    '/livez': () => (alive() ? text(200, 'alive') : text(503, 'stuck')),
    '/readyz': () => {
      const page = readiness()
      return jsonPage(page.ready ? 200 : 503, page)
    },
    '/metrics': async () => ({
      status: 200,
      contentType: registry.contentType,
      body: await registry.metrics(),
    }),
  }
}
