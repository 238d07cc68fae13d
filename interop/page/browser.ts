import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { which } from '../child.ts'

/** As far as this judge uses Playwright; its own types are there only when it is installed. */
export interface Page {
  goto(url: string): Promise<unknown>
  /** What the expression gives inside the page, which has another world of types. */
  evaluate<T>(expression: string): Promise<T>
  locator(selector: string): Locator
  getByRole(role: string, options?: { name?: string | RegExp; exact?: boolean }): Locator
  getByLabel(text: string | RegExp, options?: { exact?: boolean }): Locator
  getByText(text: string | RegExp, options?: { exact?: boolean }): Locator
  readonly keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> }
  screenshot(options: { path: string; fullPage?: boolean }): Promise<unknown>
  setViewportSize(size: { width: number; height: number }): Promise<void>
  emulateMedia(media: { colorScheme: 'light' | 'dark' }): Promise<void>
  on(event: 'websocket', listen: (socket: LiveSocket) => void): void
  context(): { newCDPSession(page: Page): Promise<Inspector> }
  close(): Promise<void>
}

interface Inspector {
  send(method: 'Performance.enable', given: { timeDomain: 'threadTicks' }): Promise<unknown>
  send(
    method: 'Performance.getMetrics',
  ): Promise<{ metrics: readonly { readonly name: string; readonly value: number }[] }>
}

export interface LiveSocket {
  url(): string
  on(event: 'framereceived', listen: (frame: { payload: string | Buffer }) => void): void
}

export interface Locator {
  click(): Promise<void>
  fill(text: string): Promise<void>
  press(key: string): Promise<void>
  focus(): Promise<void>
  waitFor(options?: { state?: 'visible' | 'hidden' | 'detached'; timeout?: number }): Promise<void>
  textContent(): Promise<string | null>
  getAttribute(name: string): Promise<string | null>
  selectOption(value: string): Promise<unknown>
  count(): Promise<number>
  first(): Locator
  locator(selector: string): Locator
  getByRole(role: string, options?: { name?: string | RegExp; exact?: boolean }): Locator
}

interface Context {
  newPage(): Promise<Page>
  addInitScript(script: { content: string }): Promise<void>
  on(event: 'request', listen: (request: { url(): string }) => void): void
  on(event: 'console', listen: (message: { type(): string; text(): string }) => void): void
  on(event: 'weberror', listen: (error: { error(): Error }) => void): void
  cookies(): Promise<
    readonly { readonly name: string; readonly httpOnly: boolean; readonly sameSite: string }[]
  >
  close(): Promise<void>
}

interface Chromium {
  newContext(options: object): Promise<Context>
  version(): string
  close(): Promise<void>
}

/** The browser that the machine has; undefined where it has none. */
export function chromiumPath(): string | undefined {
  return ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
    .map(which)
    .find((path) => path !== undefined)
}

const require = createRequire(new URL('../package.json', import.meta.url))

export async function launch(): Promise<Chromium> {
  const { chromium } = require('playwright-core') as {
    chromium: { launch(options: object): Promise<Chromium> }
  }
  return chromium.launch({
    executablePath: chromiumPath(),
    // Root has no sandbox, and all pages here are ours.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
}

/** The source of axe-core, to be run inside a page. */
export function axeSource(): string {
  return (require('axe-core') as { source: string }).source
}

/**
 * Waits until an expression is true inside the page. Asked from outside each time: the page’s own rules forbid a waiter
 * that evaluates texts inside of it.
 */
export async function holds(page: Page, expression: string, withinMs = 30_000): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await page.evaluate<boolean>(`Boolean(${expression})`))) {
    if (performance.now() > end) throw new Error(`does not come true: ${expression}`)
    await sleep(10)
  }
}

const confesses = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  console.error('violates ' + violatedDirective + ': ' + blockedURI))`

export interface VisitOptions {
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
}

/** Milliseconds of processor time that the page took so far; call once before the page is opened, and once after. */
export async function processorTime(page: Page): Promise<() => Promise<number>> {
  const inspector = await page.context().newCDPSession(page)
  await inspector.send('Performance.enable', { timeDomain: 'threadTicks' })
  return async () => {
    const { metrics } = await inspector.send('Performance.getMetrics')
    return Math.round((metrics.find(({ name }) => name === 'ThreadTime')?.value ?? Number.NaN) * 1_000)
  }
}

/** One user's browser window, and everything that it complained about or asked for. */
export class Visit implements AsyncDisposable {
  readonly page: Page
  readonly requests: string[] = []
  readonly complaints: string[] = []
  readonly frames: string[] = []
  readonly #context: Context

  private constructor(context: Context, page: Page) {
    this.#context = context
    this.page = page
    page.on('websocket', (socket) => {
      this.requests.push(socket.url())
      socket.on('framereceived', ({ payload }) => this.frames.push(String(payload)))
    })
  }

  static async open(browser: Chromium, options: VisitOptions = {}): Promise<Visit> {
    const { width = 1280, height = 860, colorScheme = 'light' } = options
    const context = await browser.newContext({ viewport: { width, height }, colorScheme })
    await context.addInitScript({ content: confesses })
    const visit = new Visit(context, await context.newPage())
    context.on('request', (request) => visit.requests.push(request.url()))
    context.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') visit.complaints.push(message.text())
    })
    context.on('weberror', (error) => visit.complaints.push(String(error.error().stack)))
    return visit
  }

  cookies(): ReturnType<Context['cookies']> {
    return this.#context.cookies()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close()
  }
}
