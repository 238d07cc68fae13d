import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../test/support/process.ts'
import { until } from '../../test/support/until.ts'
import { Child } from '../child.ts'
import { Demo } from '../home-assistant/demo.ts'
import { launch, type Page, Visit } from '../page/browser.ts'
import { soon } from '../soon.ts'

/**
 * The picture of docs/homie.md: the tree of the demo in MQTT Explorer, which stands built in a folder:
 * `INTEROP_MQTT_EXPLORER=/path npx tsx interop/homie/picture.ts`.
 */

const explorer = process.env['INTEROP_MQTT_EXPLORER']
const picture = fileURLToPath(new URL('../../docs/picture/homie.png', import.meta.url))
const lamp = 'tuya-main--bf3c9a7d41e0b2f6aaw1vn'
const colour = `homie/5/${lamp}/light/colour-data-v2`

/** MQTT Explorer as a server for browsers. */
async function serve(folder: string, place: string): Promise<{ child: Child; url: string }> {
  const port = await freePort()
  const child = new Child(process.execPath, [join(folder, 'dist/src/server.js')], {
    cwd: place,
    env: {
      PORT: String(port),
      MQTT_EXPLORER_SKIP_AUTH: 'true',
    },
  })
  const url = `http://127.0.0.1:${port}`
  await soon(async () => void (await fetch(url)))
  return { child, url }
}

async function look(page: Page, url: string, brokerPort: number): Promise<void> {
  await page.goto(url)
  await page.getByLabel('Host').fill('127.0.0.1')
  await page.getByLabel('Port').fill(String(brokerPort))
  await page.locator('[data-testid="connect-button"]').click()
  // It tells nobody when it has drawn what it heard.
  await sleep(8_000)
  for (const level of ['homie', '5', lamp, 'light']) await open(page, level)
}

async function open(page: Page, level: string): Promise<void> {
  await page.locator(`span[data-test-topic='${level}']`).first().click()
  await sleep(2_000)
}

if (!explorer) throw new Error('INTEROP_MQTT_EXPLORER names no folder with a built MQTT Explorer')
const place = await mkdtemp(join(tmpdir(), 'dp2mqtt-pictures-'))
try {
  await using demo = await Demo.start(place, { homie5: true })
  await until(() => demo.retained.has(colour), 30_000, 'the tree of Homie')
  const { child, url } = await serve(explorer, place)
  await using _ = child
  const browser = await launch()
  try {
    await using visit = await Visit.open(browser, { width: 1100, height: 760 })
    await look(visit.page, url, demo.port)
    await demo.say(`${colour}/set`, 'rgb,255,0,0')
    await until(() => demo.retained.get(colour) === 'hsv,0,100,100', 10_000, 'the colour')
    await open(visit.page, 'colour-data-v2')
    await sleep(2_000)
    await visit.page.screenshot({ path: picture })
    console.log('docs/picture/homie.png')
  } finally {
    await browser.close()
  }
} finally {
  await rm(place, { recursive: true, force: true })
}
