import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Court } from '../court.ts'
import { type launch, Visit } from './browser.ts'
import { faults } from './look.ts'
import { PageRig } from './rig.ts'
import { demo, pageWorld } from './world.ts'

type Browser = Awaited<ReturnType<typeof launch>>

const password = 'canary-page-password-5d1e'

/** Who gets in, and what another site’s page can do. */
export async function judgeAccess(court: Court, browser: Browser, pictures: string): Promise<void> {
  await judgeLogin(court, browser, pictures)
  await judgeStrangers(court, browser)
  await court.check('off loopback without a password the page is shut, and says what to do', async () => {
    await using rig = await PageRig.open(pageWorld(), { DP2MQTT_HTTP_HOST: '0.0.0.0' })
    await using visit = await Visit.open(browser)
    await visit.page.goto(rig.url)
    await visit.page.getByText(/This page is closed/).waitFor()
    assert.deepEqual(visit.frames, [])
    assert.deepEqual(await faults(visit.page), [])
  })
}

async function judgeLogin(court: Court, browser: Browser, pictures: string): Promise<void> {
  await using rig = await PageRig.open(pageWorld(), {
    DP2MQTT_HTTP_HOST: '0.0.0.0',
    DP2MQTT_HTTP_PASSWORD: password,
  })
  await court.check('off loopback a password is demanded, and the cookie is nobody else’s', async () => {
    await using visit = await Visit.open(browser)
    const { page } = visit
    await page.goto(rig.url)
    await page.getByLabel('Password').waitFor()
    assert.deepEqual(await faults(page), [])
    await page.screenshot({ path: `${pictures}sign-in.png` })
    assert.deepEqual(visit.frames, [])
    await page.getByLabel('Password').fill('a guess')
    await page.getByLabel('Password').press('Enter')
    await page.getByText('That is not the password.').waitFor()
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator(`[data-device="${demo.lamp}"]`).waitFor()
    assert.equal(await page.evaluate<string>('document.cookie'), '')
    const [cookie] = await visit.cookies()
    assert.ok(cookie?.httpOnly && cookie.sameSite === 'Strict')
    // It stays over a reload, until one signs out.
    await page.goto(`${rig.url}/?again`)
    await page.locator(`[data-device="${demo.lamp}"]`).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Password').waitFor()
    await page.goto(`${rig.url}/?once-more`)
    await page.getByLabel('Password').waitFor()
    const complaints = visit.complaints.filter((text) => !text.includes('401'))
    assert.deepEqual(complaints, [])
  })
}

async function judgeStrangers(court: Court, browser: Browser): Promise<void> {
  await using rig = await PageRig.open(pageWorld())
  const stranger = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>elsewhere</title>')
  })
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
  const elsewhere = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`
  try {
    await using visit = await Visit.open(browser)
    const { page } = visit
    await page.goto(elsewhere)
    await court.check('another site’s page gets no live connection', async () => {
      const end = await page.evaluate<string>(`new Promise((done) => {
        const socket = new WebSocket('ws://127.0.0.1:${rig.port}/live')
        socket.onopen = () => done('open')
        socket.onmessage = () => done('message')
        socket.onerror = () => done('refused')
      })`)
      assert.equal(end, 'refused')
    })
    await court.check('another site’s page can post nothing and read nothing', async () => {
      for (const path of ['/login', '/logout']) {
        const read = await page.evaluate<string>(
          `fetch('${rig.url}${path}', { method: 'POST', body: '{}', credentials: 'include' }).then(() => 'read', () => 'refused')`,
        )
        assert.equal(read, 'refused')
        const before = visit.complaints.length
        await page.evaluate<string>(
          `fetch('${rig.url}${path}', { method: 'POST', mode: 'no-cors', body: '{}' }).then(() => '', () => '')`,
        )
        const said = visit.complaints.slice(before).join()
        assert.ok(said === '' || said.includes('403') || said.includes('NotSameOrigin'), said)
      }
      const session = await page.evaluate<string>(
        `fetch('${rig.url}/session').then((reply) => reply.text(), () => 'refused')`,
      )
      assert.equal(session, 'refused')
    })
    await court.check('another site’s page cannot put ours into a frame', async () => {
      await page.evaluate(`(() => {
        const frame = document.createElement('iframe')
        frame.src = '${rig.url}'
        document.body.append(frame)
      })()`)
      await page.evaluate('new Promise((done) => setTimeout(done, 500))')
      assert.ok(
        visit.complaints.some((text) => /frame-ancestors|X-Frame-Options|refused to connect/i.test(text)),
      )
      assert.deepEqual(visit.frames, [])
    })
  } finally {
    stranger.close()
  }
}
