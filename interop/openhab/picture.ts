import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Demo } from '../home-assistant/demo.ts'
import { launch, type Page, Visit } from '../page/browser.ts'
import { soon } from '../soon.ts'
import { MainUi } from './main-ui.ts'
import { OpenHab, openHabLacks } from './program.ts'

/**
 * The picture of docs/openhab.md: what openHAB finds of the demo by Homie 4, accepted under the names of the devices, in its
 * Main UI: `INTEROP_OPENHAB=/jars INTEROP_OPENHAB_UI=/www npx tsx interop/openhab/picture.ts`.
 */

const pages = process.env['INTEROP_OPENHAB_UI']
const picture = fileURLToPath(new URL('../../docs/picture/openhab.png', import.meta.url))
const found = 22

async function accept(demo: Demo, house: OpenHab): Promise<void> {
  await soon(async () => {
    const { inbox } = await house.all()
    if (inbox.length < found) throw new Error(`openHAB has found ${inbox.length} of ${found}`)
  }, 90_000)
  for (const { uid } of (await house.all()).inbox)
    await house.approve(uid, demo.retained.get(`homie/${uid.replace(/.*:/, '')}/$name`))
  await soon(async () => {
    const { things } = await house.all()
    const waiting = things.filter(({ detail }) => /PENDING|INITIALIZING/.test(detail))
    if (waiting.length > 0) throw new Error(`openHAB still reads ${waiting.map(({ label }) => label)}`)
  }, 90_000)
}

/** As its own page leaves a browser in which the administrator has signed in, and who has seen its tour. */
async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/manifest.json`)
  await page.evaluate(`localStorage.setItem('openhab.ui:refreshToken', 'any')`)
}

const lacks = openHabLacks()
if (lacks !== undefined) throw new Error(lacks)
if (!pages) throw new Error('INTEROP_OPENHAB_UI names no folder with openHAB’s built Main UI')
const place = await mkdtemp(join(tmpdir(), 'dp2mqtt-pictures-'))
try {
  await using demo = await Demo.start(place, { homie4: true })
  const broker = `Bridge mqtt:broker:home "The broker" [ host="127.0.0.1", port=${demo.port}, secure=false, qos=1 ]`
  await using house = await OpenHab.start(place, { 'things/broker.things': `${broker}\n` })
  await accept(demo, house)
  await using ui = await MainUi.start(pages, house)
  const browser = await launch()
  try {
    await using visit = await Visit.open(browser, { width: 1100, height: 760 })
    await signIn(visit.page, ui.url)
    await visit.page.goto(`${ui.url}/settings/things/inbox`)
    await sleep(8_000)
    await visit.page.goto(`${ui.url}/settings/things/`)
    // It has no sign of being complete.
    await sleep(8_000)
    await visit.page.screenshot({ path: picture })
    console.log('docs/picture/openhab.png')
  } finally {
    await browser.close()
  }
} finally {
  await rm(place, { recursive: true, force: true })
}
