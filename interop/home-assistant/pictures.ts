import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { launch, type Page, Visit } from '../page/browser.ts'
import type { HomeAssistantClient } from './client.ts'
import { Demo } from './demo.ts'
import { fillDashboard } from './energy.ts'
import { hass, installHomeAssistant } from './install.ts'
import { HomeAssistant } from './program.ts'

/** The pictures of docs/home-assistant.md, made from the demo: `npx tsx interop/home-assistant/pictures.ts`. */

const pictures = fileURLToPath(new URL('../../docs/picture/', import.meta.url))
const plug = 'bf5b8310dfe2a947c3jy2h'
const cabinPlug = 'bf70e6b1a9d4c2f853vf9y'
const meter = 'bfd9c05b3e81f7a246nx4q'
/** Plugs tell of what they used about once a minute. */
const usesMs = 4 * 60_000

async function take(client: HomeAssistantClient): Promise<void> {
  const entity = async (uniqueId: string) => {
    const found = (await client.entities()).find(({ unique_id }) => unique_id === `tuya_${uniqueId}`)
    if (!found) throw new Error(`Home Assistant has no ${uniqueId}`)
    return found.entity_id
  }
  await fillDashboard(client, {
    grid: await entity(`${meter}_total_forward_energy`),
    devices: [await entity(`${plug}_add_ele`), await entity(`${cabinPlug}_add_ele`)],
  })
  const device = (await client.devices()).find(({ identifiers }) =>
    identifiers.some((pair) => pair[1] === `tuya_${plug}`),
  )
  const browser = await launch()
  try {
    await using visit = await Visit.open(browser, { width: 1100, height: 760 })
    const { page } = visit
    await signIn(page, client)
    await picture(page, `${client.url}/config/devices/device/${device?.id}`, 'home-assistant-device')
    await sleep(usesMs)
    await client.call('judge.compile_statistics', { hour: true })
    await picture(page, `${client.url}/energy`, 'home-assistant-energy')
  } finally {
    await browser.close()
  }
}

/** As its own page leaves a browser in which somebody has signed in. */
async function signIn(page: Page, { url, token }: HomeAssistantClient): Promise<void> {
  const tokens = {
    hassUrl: url,
    clientId: `${url}/`,
    access_token: token,
    refresh_token: '',
    token_type: 'Bearer',
    expires_in: 86_400,
    expires: Date.now() + 86_400_000,
  }
  await page.goto(`${url}/manifest.json`)
  await page.evaluate(`localStorage.setItem('hassTokens', ${JSON.stringify(JSON.stringify(tokens))})`)
}

async function picture(page: Page, url: string, name: string): Promise<void> {
  await page.goto(url)
  // Its page has no sign of being complete: what is drawn last is drawn by then.
  await sleep(15_000)
  await page.screenshot({ path: `${pictures}${name}.png` })
  console.log(`docs/picture/${name}.png`)
}

if (new Date().getMinutes() >= 50)
  throw new Error('The bars are those of an hour: please try again when the next one began.')
await installHomeAssistant()
const place = await mkdtemp(join(tmpdir(), 'dp2mqtt-pictures-'))
try {
  await using demo = await Demo.start(place, { homeassistant: true })
  await using program = await HomeAssistant.start({ command: hass, brokerPort: demo.port })
  await sleep(10_000)
  await take(program.client)
} finally {
  await rm(place, { recursive: true, force: true })
}
