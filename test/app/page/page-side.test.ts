import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { closeCodes } from '../../../src/app/page/watchers.ts'
import { Secret } from '../../../src/util/secret.ts'
import { canaries, expectNoCanary } from '../../support/canary.ts'
import { House } from '../../support/house.ts'
import { askPage, PageGuest } from '../../support/page-guest.ts'
import { until } from '../../support/until.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const password = 'canary-page-password-5d1e'

/** Listens off loopback; asked by loopback all the same. */
const offLoopback = { http: { port: 0, host: '0.0.0.0' } }

function guarded(): Promise<House> {
  return House.open({
    config: { http: { port: 0, host: '0.0.0.0', password: new Secret(password) } } as never,
  })
}

async function signIn(
  house: House,
  word = password,
): Promise<{ status: number; cookie: string; full: string }> {
  const { status, headers } = await askPage(house.httpUrl, '/login', {
    method: 'POST',
    body: JSON.stringify({ password: word }),
  })
  const full = String(headers['set-cookie'] ?? '')
  return { status, cookie: full.split(';')[0] ?? '', full }
}

it('shows the house live, and commands it by the road that every command takes', async () => {
  await using house = await (await House.open()).ready()
  await house.observe('tuya/result/#')
  await using guest = new PageGuest(house.httpUrl)
  const all = await guest.all()
  expect(all.devices).toHaveLength(house.bridge.inventory.devices.size)
  expect(all.homes).toHaveLength(2)
  expect(all.health?.links.cloud.state).toBe('up')
  expect(all.health?.budget?.limit).toBe(100_000)
  expect(all.info?.insecure).toContain('broker-anonymous')
  const shown = all.devices?.find(({ id }) => id === lamp)
  expect(shown?.ways.cloud.state).toBe('up')
  expect(all.models?.[shown?.model ?? '']?.some(({ code }) => code === 'bright_value_v2')).toBe(true)

  guest.ask({ id: 'page-1', do: 'write', device: lamp, dp: { bright_value_v2: 321 } })
  expect(await guest.receipt('page-1')).toMatchObject({
    state: 'confirmed',
    target: `device/${lamp}`,
    sent: { bright_value_v2: 321 },
  })
  await guest.find(
    ({ devices, all: isAll }) =>
      devices?.find(({ id, dp }) => !isAll && id === lamp && dp['bright_value_v2']?.[0] === 321),
    'the new value',
  )
  expect(house.simulator.world.devices.get(lamp)?.status.get('bright_value_v2')).toBe(321)
  // The same answer stands on MQTT.
  await until(() => house.on(`result/device/${lamp}`).length === 1)
  expect(house.last(`result/device/${lamp}`)).toMatchObject({ id: 'page-1', state: 'confirmed' })

  guest.ask({ id: 'page-2', do: 'write', device: lamp, dp: { bright_value_v2: 5_000 } })
  expect(await guest.receipt('page-2')).toMatchObject({
    state: 'rejected',
    reason: 'command/out-of-range',
    message: 'bright_value_v2 must be between 10 and 1000, got 5000.',
  })
  guest.ask({ id: 'page-3', do: 'write', device: 'nobody', dp: { switch: true } })
  expect((await guest.receipt('page-3')).reason).toBe('command/unknown-device')

  const scene = all.scenes?.find(({ valid }) => valid)
  guest.ask({ id: 'page-4', do: 'trigger', kind: 'scene', thing: scene?.id ?? '' })
  expect(await guest.receipt('page-4')).toMatchObject({ state: 'confirmed', by: 'cloud' })
  const automation = all.automations?.find(({ enabled }) => enabled)
  guest.ask({ id: 'page-5', do: 'enable', kind: 'automation', thing: automation?.id ?? '', on: false })
  expect(await guest.receipt('page-5')).toMatchObject({ state: 'confirmed' })
  await guest.find(
    ({ automations, all: isAll }) =>
      automations?.find(({ id, enabled }) => !isAll && id === automation?.id && !enabled),
    'the automation switched off',
  )
})

it('what was commanded over MQTT is seen on the page too', async () => {
  await using house = await (await House.open()).ready()
  await using guest = new PageGuest(house.httpUrl)
  await guest.all()
  const client = await house.client()
  await house.publish(client, `cmd/device/${lamp}/dp/bright_value_v2`, '555')
  const receipt = await guest.find(
    ({ receipts }) => receipts?.find(({ target }) => target === `device/${lamp}`),
    'the receipt',
  )
  expect(receipt).toMatchObject({ state: 'confirmed', id: null })
})

it('a correction that a reload brings shows on a page that is open: another name, another control, and no trace', async () => {
  await using house = await (await House.open()).ready()
  await using guest = new PageGuest(house.httpUrl)
  const all = await guest.all()
  const shown = all.devices?.find(({ id }) => id === lamp)
  const before = all.models?.[shown?.model ?? ''] ?? []
  expect(before.find(({ code }) => code === 'bright_value_v2')?.use).toMatchObject({ part: 'brightness' })
  const product = house.bridge.inventory.device(lamp)?.device.product.id ?? ''
  await house.reload({
    overrides: {
      [product]: {
        switch_led: { name: 'Glow' },
        do_not_disturb: { ability: 'button' },
        bright_value_v2: { hide: true },
      },
    },
  } as never)
  const after = await guest.find(({ models, devices, all: isAll }) => {
    const now = devices?.find(({ id }) => !isAll && id === lamp)
    const points = models?.[now?.model ?? '']
    return now && points ? { now, points } : undefined
  }, 'the corrected lamp')
  const of = (code: string) => after.points.find((point) => point.code === code)
  expect(of('switch_led')).toMatchObject({ name: 'Glow', use: { ability: 'light', part: 'power' } })
  expect(of('do_not_disturb')?.use).toMatchObject({ ability: 'button' })
  expect(of('bright_value_v2')).toBeUndefined()
  expect(after.now.dp['bright_value_v2']).toBeUndefined()
  expect(after.now.dp['switch_led']).toBeDefined()
})

it('the page itself comes with its headers, compressed, and is not sent twice', async () => {
  await using house = await (await House.open()).ready()
  const { status, headers, body } = await askPage(house.httpUrl, '/')
  expect(status).toBe(200)
  expect(body).toContain('<title>')
  const policy = String(headers['content-security-policy'])
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('unsafe')
  expect(policy).toContain("frame-ancestors 'none'")
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['referrer-policy']).toBe('no-referrer')
  // Nothing that a browser would have to fetch elsewhere, and nothing inline.
  expect(body).not.toMatch(/https?:\/\//)
  expect(body).not.toMatch(/<style|style="|<script>|onclick/)
  const again = await askPage(house.httpUrl, '/', { headers: { 'if-none-match': String(headers['etag']) } })
  expect(again).toMatchObject({ status: 304, body: '' })
  const zipped = await askPage(house.httpUrl, '/main.js', { headers: { 'accept-encoding': 'gzip, br' } })
  expect(zipped.headers['content-encoding']).toBe('gzip')
  for (const path of ['/../package.json', '/%2e%2e/package.json', '/page', '/constructor', '/main.js.map'])
    expect((await askPage(house.httpUrl, path)).status, path).toBe(404)
})

it('CSRF: what another site’s page sends is refused, live connection and login alike', async () => {
  await using house = await (await House.open()).ready()
  const strangers: Record<string, string>[] = [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: '' },
    { origin: house.httpUrl, 'sec-fetch-site': 'cross-site' },
    { origin: 'http://127.0.0.1:1' },
  ]
  for (const headers of strangers) {
    await using guest = new PageGuest(house.httpUrl, headers)
    await until(() => guest.refused, 20_000, 'the refusal')
    expect(guest.refused, JSON.stringify(headers)).toBe(403)
    for (const path of ['/login', '/logout'])
      expect((await askPage(house.httpUrl, path, { method: 'POST', headers, body: '{}' })).status).toBe(403)
  }
  // A name that was made to lead here (DNS rebinding) has the same origin, and is no name of ours.
  await using rebound = new PageGuest(house.httpUrl, { host: 'evil.example', origin: 'http://evil.example' })
  await until(() => rebound.refused === 421)
  await using elsewhere = new PageGuest(house.httpUrl.replace(/$/, '/x'))
  await until(() => elsewhere.refused === 404 || elsewhere.refused === 403)
})

it('behind a proxy, or by another name, nobody is let in without a password', async () => {
  await using house = await (
    await House.open({ config: { http: { port: 0, allowedHosts: ['house'] } } as never })
  ).ready()
  const local = await askPage(house.httpUrl, '/session')
  expect(JSON.parse(local.body)).toEqual({ needed: false, signedIn: true, shut: null })
  const handedOn: Record<string, string>[] = [
    { 'x-forwarded-for': '10.0.0.9' },
    { via: '1.1 proxy' },
    { host: 'house' },
    { host: '192.168.1.9:8080' },
  ]
  for (const headers of handedOn) {
    const session = await askPage(house.httpUrl, '/session', { headers })
    expect(JSON.parse(session.body), JSON.stringify(headers)).toMatchObject({
      signedIn: false,
      shut: 'no-password',
    })
    const origin = `http://${headers['host'] ?? new URL(house.httpUrl).host}`
    await using guest = new PageGuest(house.httpUrl, { ...headers, origin })
    await until(() => guest.refused === 401)
  }
})

it('off loopback and without a password the page shows nothing, and health and metrics stay', async () => {
  await using house = await (await House.open({ config: offLoopback as never })).ready()
  await using guest = new PageGuest(house.httpUrl)
  await until(() => guest.refused === 401)
  const session = await askPage(house.httpUrl, '/session')
  expect(JSON.parse(session.body)).toEqual({ needed: true, signedIn: false, shut: 'no-password' })
  expect((await askPage(house.httpUrl, '/login', { method: 'POST', body: '{"password":""}' })).status).toBe(
    400,
  )
  for (const path of ['/livez', '/readyz', '/metrics'])
    expect((await askPage(house.httpUrl, path)).status, path).toBe(200)
})

it('with a password a session is needed, whose cookie no script and no other site gets', async () => {
  await using house = await (await guarded()).ready()
  await using stranger = new PageGuest(house.httpUrl)
  await until(() => stranger.refused === 401)
  expect(house.bridge.health).toBeDefined()
  for (const body of ['', '{', '[]', '{"password":5}', `{"password":"${'x'.repeat(5_000)}"}`])
    expect((await askPage(house.httpUrl, '/login', { method: 'POST', body })).status, body.slice(0, 20)).toBe(
      400,
    )

  const { status, cookie, full } = await signIn(house)
  expect(status).toBe(200)
  expect(full).toMatch(/HttpOnly/)
  expect(full).toMatch(/SameSite=Strict/)
  expect(full).not.toMatch(/Secure/)
  await using guest = new PageGuest(house.httpUrl, { cookie })
  const all = await guest.all()
  expect(all.devices?.length).toBeGreaterThan(0)
  expect(all.info?.insecure).toContain('page-plaintext')

  // Signing out ends what is open in that session.
  await askPage(house.httpUrl, '/logout', { method: 'POST', headers: { cookie } })
  await until(() => guest.closed === closeCodes.signedOut)
  await using late = new PageGuest(house.httpUrl, { cookie })
  await until(() => late.refused === 401)
})

it('R-E6: who guesses is refused for a minute, with the right password too', async () => {
  await using house = await (await guarded()).ready()
  const statuses: number[] = []
  for (let i = 0; i < 6; i++) statuses.push((await signIn(house, `guess ${i}`)).status)
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
  expect((await signIn(house)).status).toBe(429)
})

it('another password, taken by a reload, shows everybody out', async () => {
  await using house = await (await guarded()).ready()
  const { cookie } = await signIn(house)
  await using guest = new PageGuest(house.httpUrl, { cookie })
  await guest.all()
  const taken = await house.reload({ http: { password: new Secret('another one') } } as never)
  expect(taken.live).toContain('http.password')
  await until(() => guest.closed === closeCodes.signedOut)
  expect((await signIn(house)).status).toBe(401)
  expect((await signIn(house, 'another one')).status).toBe(200)
})

it('I-10: no secret reaches the page, whatever happened before', async () => {
  await using house = await (await guarded()).ready()
  const { cookie } = await signIn(house)
  await signIn(house, 'a wrong one')
  await using guest = new PageGuest(house.httpUrl, { cookie })
  await guest.all()
  guest.ask({ id: 'p1', do: 'read', device: lamp })
  guest.ask({ id: 'p2', do: 'write', device: lamp, dp: { switch_led: true } })
  guest.ask({ id: 'p3', do: 'resync' })
  guest.socket.send('{"do":"nonsense"}')
  for (const id of ['p1', 'p2', 'p3']) await guest.receipt(id)
  const client = await house.client()
  await house.publish(client, 'cmd/op/device-detail', JSON.stringify({ params: { device_id: lamp } }))
  await guest.find(
    ({ receipts }) => receipts?.find(({ target }) => target.startsWith('op/')),
    'the receipt of the operation',
  )
  await until(() => guest.texts.some((text) => text.includes('This is no request of the page.')))
  expectNoCanary(guest.texts, 'the page', [...Object.values(canaries), password])
  expect(guest.texts.join()).not.toMatch(/local_?key/i)
})

it('http.page: false leaves health and metrics alone on the port', async () => {
  await using house = await (
    await House.open({ config: { http: { port: 0, page: false } } as never })
  ).ready()
  for (const path of ['/', '/session', '/main.js'])
    expect((await askPage(house.httpUrl, path)).status).toBe(404)
  await using guest = new PageGuest(house.httpUrl)
  await until(() => guest.refused === 404 || guest.closed !== undefined)
  expect((await askPage(house.httpUrl, '/livez')).status).toBe(200)
})

it('I-7: who is refused the live connection is disconnected, whether or not he closes it', async () => {
  await using house = await (await House.open()).ready()
  const { port, host } = new URL(house.httpUrl)
  let isClosed = false
  let heard = ''
  const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true })
  socket.on('data', (chunk) => {
    heard += chunk
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    isClosed = true
  })
  socket.write(
    `GET /live HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  )
  await until(() => heard.startsWith('HTTP/1.1 403'))
  // What he says now finds nobody.
  await until(() => {
    socket.write('x')
    return isClosed
  })
})
