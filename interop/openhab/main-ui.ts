import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type { OpenHab, OpenHabHouse, OpenHabThing } from './program.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
}

/**
 * openHAB's Main UI as it was built, over an openHAB that has no web server: what it asks for is answered here, from all
 * that openHAB says of itself, as far as its lists of things and of the inbox need it.
 */
export class MainUi implements AsyncDisposable {
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  readonly #folder: string
  readonly #house: Pick<OpenHab, 'all'>

  private constructor(folder: string, house: Pick<OpenHab, 'all'>) {
    this.#folder = folder
    this.#house = house
  }

  static async start(folder: string, house: Pick<OpenHab, 'all'>): Promise<MainUi> {
    const ui = new MainUi(folder, house)
    await new Promise<void>((resolve) => ui.#server.listen(0, '127.0.0.1', resolve))
    return ui
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer({ url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(url, this.url)
    if (pathname.startsWith('/rest/events')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('\n')
      return
    }
    if (pathname.startsWith('/rest')) {
      const said = JSON.stringify(this.#said(pathname, await this.#house.all()))
      response.writeHead(200, { 'content-type': 'application/json' }).end(said)
      return
    }
    const wanted = join(this.#folder, normalize(pathname))
    const isThere = existsSync(wanted) && statSync(wanted).isFile()
    // Its pages are places in one document.
    const file = isThere ? wanted : join(this.#folder, 'index.html')
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' })
    createReadStream(file).pipe(response)
  }

  #said(path: string, house: OpenHabHouse): unknown {
    switch (path.replace(/\/$/, '')) {
      case '/rest':
        return root(house)
      case '/rest/auth/token':
        return {
          access_token: 'any',
          refresh_token: 'any',
          expires_in: 3_600,
          user: { name: 'admin', roles: ['administrator'] },
        }
      case '/rest/things':
        return house.things.map(thing)
      case '/rest/inbox':
        return house.inbox.map(found)
      default:
        return []
    }
  }
}

function root({ version }: OpenHabHouse): object {
  const links = ['auth', 'things', 'inbox', 'items', 'ui'].map((type) => ({ type, url: `/rest/${type}` }))
  return { version: '8', locale: 'en', runtimeInfo: { version, buildString: 'Release Build' }, links }
}

function thing({ uid, label, status, detail }: OpenHabThing): object {
  const [binding, type] = uid.split(':')
  const [statusDetail] = detail.split(' ')
  return {
    UID: uid,
    label,
    thingTypeUID: `${binding}:${type}`,
    statusInfo: { status, statusDetail },
    // Those of files are not.
    editable: binding === 'homie',
  }
}

function found({ uid, label, bridge }: OpenHabHouse['inbox'][number]): object {
  const [binding, type] = uid.split(':')
  return {
    thingUID: uid,
    thingTypeUID: `${binding}:${type}`,
    label,
    bridgeUID: bridge,
    flag: 'NEW',
    properties: {},
  }
}
