import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Court, Judge } from '../court.ts'
import { installNodePackages } from '../install.ts'
import { judgeAccess } from '../page/access.ts'
import { chromiumPath, launch } from '../page/browser.ts'
import { judgeControls } from '../page/controls.ts'
import { judgeLook } from '../page/look.ts'
import { judgeSpeed } from '../page/speed.ts'

/** Where the pictures of a run are kept, for whoever wants to look at them. */
const pictures = fileURLToPath(new URL('../picture/', import.meta.url))

export const page: Judge = {
  name: 'page',
  about: 'Chromium and axe-core use the page of the built bridge',
  lacks: () => (chromiumPath() === undefined ? 'there is no Chromium (Debian: chromium)' : undefined),
  prepare: installNodePackages,
  hear: async (court: Court) => {
    mkdirSync(pictures, { recursive: true })
    const browser = await launch()
    try {
      console.log(`  Chromium ${browser.version()}`)
      await judgeControls(court, browser)
      await judgeLook(court, browser, pictures)
      await judgeAccess(court, browser, pictures)
      await judgeSpeed(court, browser)
    } finally {
      await browser.close()
    }
  },
}
