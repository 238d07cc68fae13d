import assert from 'node:assert/strict'
import type { Court } from '../court.ts'
import { axeSource, holds, type launch, type Page, Visit } from './browser.ts'
import { PageRig } from './rig.ts'
import { demo, pageWorld } from './world.ts'

type Browser = Awaited<ReturnType<typeof launch>>

const views = ['devices', 'scenes', 'activity', 'charts', 'doctor', 'log', `devices/${demo.lamp}`]
const windows = [
  { name: 'light', width: 1280, height: 860, colorScheme: 'light' },
  { name: 'dark', width: 1280, height: 860, colorScheme: 'dark' },
  { name: 'phone', width: 390, height: 800, colorScheme: 'light' },
  { name: 'dark-phone', width: 390, height: 800, colorScheme: 'dark' },
] as const

/** axe-core looks at every view, in light and dark and on a phone; pictures are kept. */
export async function judgeLook(court: Court, browser: Browser, pictures: string): Promise<void> {
  await using rig = await PageRig.open(pageWorld())
  for (const { name, ...options } of windows) {
    await using visit = await Visit.open(browser, options)
    const { page } = visit
    await page.goto(rig.url)
    await page.locator(`[data-device="${demo.lamp}"]`).waitFor()
    await something(page)
    await court.check(`axe-core finds no serious fault: ${name}`, async () => {
      const found: string[] = []
      for (const view of views) {
        await page.goto(`${rig.url}/#${view}`)
        await page
          .locator(view.includes('/') ? 'dialog[open]' : 'main > *')
          .first()
          .waitFor()
        await page.evaluate('new Promise((done) => setTimeout(done, 300))')
        found.push(...(await faults(page)).map((fault) => `${view}: ${fault}`))
        await page.screenshot({ path: `${pictures}${name}-${view.replace('/', '-')}.png` })
      }
      assert.deepEqual(found, [])
      return `${views.length} views`
    })
    await court.check(`nothing is wider than the window: ${name}`, async () => {
      for (const view of views) {
        await page.goto(`${rig.url}/#${view}`)
        const over = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
        assert.ok(over <= 0, `${view} is ${over} px too wide`)
      }
    })
    await court.check(`no rule of the page was broken: ${name}`, async () => {
      assert.deepEqual(visit.complaints, [])
    })
  }
}

/** So that charts and lists have something to show. */
async function something(page: Page): Promise<void> {
  const lamp = page.getByRole('switch', { name: 'Desk lamp, Light' })
  for (let i = 0; i < 2; i++) {
    await lamp.click()
    await holds(
      page,
      `document.querySelector('[aria-label="Desk lamp, Light"]').getAttribute('aria-busy') === 'false'`,
    )
  }
}

interface Violation {
  readonly id: string
  readonly impact: string | null
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[]
}

/** What axe-core calls serious or critical. Evaluated from outside, so that no rule has to be loosened for it. */
export async function faults(page: Page): Promise<string[]> {
  const isThere = await page.evaluate<boolean>('typeof window.axe === "object"')
  if (!isThere) await page.evaluate(`${axeSource()}; undefined`)
  const { violations } = await page.evaluate<{ violations: readonly Violation[] }>(
    `axe.run(document, { resultTypes: ['violations'] })`,
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes
        .slice(0, 3)
        .map(({ target, failureSummary = '' }) => `${id} at ${target.join(' ')} ${failureSummary}`),
    )
}
